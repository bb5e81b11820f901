// Calls of functions between two of our nodes; erpc.nodejs.test.ts has real ones.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EncodeError } from "../errors.ts";
import { atom, charlist, Export, type Pid, type Term, text, type Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { sendRequest } from "./erpc.ts";
import type { NodeCounts } from "./bare-node.ts";
import { ErlangNode } from "./node.ts";
import type { NodeOptions } from "./node-options.ts";

const A = "a@memory";
const B = "b@memory";

let network: MemoryNetwork;
let a: ErlangNode;
let b: ErlangNode;
const started: ErlangNode[] = [];
let initial: [NodeCounts, NodeCounts];

async function start(name: string, options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const node = await ErlangNode.start({
    name,
    cookie: "secret",
    connect: network.connect,
    listen: network.listen,
    ...options,
  });
  started.push(node);
  return node;
}

beforeEach(async () => {
  network = memoryNetwork();
  a = await start(A);
  b = await start(B);
  b.expose("calc", {
    add(left: number, right: number) {
      return left + right;
    },
    later: async (value: Term) => {
      await Promise.resolve();
      return value;
    },
    nothing() {
      // `ok` in Erlang.
    },
    whoami() {
      return tuple(this.pid, this.groupLeader);
    },
    all: (...args: Term[]) => args,
    "one/1": () => atom("one"),
    never: () => new Promise(() => undefined),
  });
  b.expose("fails", {
    error() {
      throw new ErlangError("error", atom("badarith"));
    },
    withStack() {
      throw new ErlangError("error", atom("badarith"), [tuple(atom("deep"), atom("down"), 0, [])]);
    },
    exit() {
      throw new ErlangError("exit", atom("bye"));
    },
    throw() {
      throw new ErlangError("throw", 17);
    },
    type() {
      throw new TypeError("no such thing");
    },
    string: () => Promise.reject("just text"),
    noTerm: () => ({ a: 1 }),
    badReason() {
      throw new ErlangError("exit", { a: 1 } as unknown as Term);
    },
    die() {
      this.exit(atom("died"));
      return new Promise(() => undefined);
    },
  });
  await a.connect(B);
  initial = [a.counts, b.counts];
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
});

async function expectNothingLeft(): Promise<void> {
  await expect.poll(() => [a.counts, b.counts]).toEqual(initial);
}

function failureOf(call: Promise<unknown>): Promise<ErlangError> {
  return call.then(
    () => expect.unreachable("the call succeeded"),
    (error: unknown) => error as ErlangError,
  );
}

describe("erpc", () => {
  it("gives what the function returns, at once or later", async () => {
    expect(await a.erpc(B, "calc", "add", [1, 2])).toBe(3);
    expect(await a.erpc(B, atom("calc"), atom("later"), [tuple(1, [2])])).toEqual(tuple(1, [2]));
    expect(await a.erpc(B, "calc", "nothing", [])).toBe(atom("ok"));
    expect(await a.erpc(B, "calc", "all", [1, charlist("two")])).toEqual([1, charlist("two")]);
    await expectNothingLeft();
  });

  it("runs each call as a process of its own, led by the caller's group leader", async () => {
    const answers = (await Promise.all([1, 2].map(() => a.erpc(B, "calc", "whoami", [])))) as Tuple<[Pid, Pid]>[];
    const [first, second] = answers;
    expect(first?.at(0)).not.toEqual(second?.at(0));
    expect(first?.at(0).node.name).toBe(B);
    expect(first?.at(1).node.name).toBe(A);
    await expectNothingLeft();
  });

  it("calls functions of its own node alike", async () => {
    expect(await b.erpc(B, "calc", "add", [1, 2])).toBe(3);
    expect(await failureOf(b.erpc(B, "fails", "exit", []))).toMatchObject({ class: "exit", reason: atom("bye") });
    await expectNothingLeft();
  });

  it("keeps class, reason and stack trace of what the function throws", async () => {
    const called = (name: string): Tuple => tuple(atom("fails"), atom(name), 0, []);
    const call = (name: string): Promise<ErlangError> => failureOf(a.erpc(B, "fails", name, []));
    const badarith = { class: "error", reason: atom("badarith"), code: "exception" };
    expect(await call("error")).toMatchObject({ ...badarith, stacktrace: [called("error")] });
    const deep = [tuple(atom("deep"), atom("down"), 0, [])];
    expect(await call("withStack")).toMatchObject({ ...badarith, stacktrace: deep });
    expect(await call("exit")).toMatchObject({ class: "exit", reason: atom("bye"), code: "exception" });
    expect(await call("throw")).toMatchObject({ class: "throw", reason: 17, code: "exception" });
    expect(await call("type")).toMatchObject({ class: "error", stacktrace: [called("type")] });
    const jsError = async (name: string): Promise<string[]> => {
      const [tag, ...words] = (await call(name)).reason as Tuple<[Term, Uint8Array, Uint8Array]>;
      expect(tag).toBe(atom("js_error"));
      return (words as Uint8Array[]).map(text);
    };
    expect(await jsError("type")).toEqual(["TypeError", "no such thing"]);
    expect(await jsError("string")).toEqual(["thrown", "just text"]);
    expect((await jsError("noTerm"))[0]).toBe("EncodeError");
    expect(await call("badReason")).toMatchObject({ class: "error", reason: atom("badarg") });
    await expectNothingLeft();
  });

  it("tells a function that is not there, or not with so many arguments", async () => {
    const undef = async (module: string, name: string, args: Term[]): Promise<void> => {
      const error = await failureOf(a.erpc(B, module, name, args));
      expect(error).toMatchObject({ class: "error", reason: atom("undef"), code: "undef" });
      expect(error.stacktrace).toEqual([tuple(atom(module), atom(name), args, [])]);
    };
    await undef("nowhere", "f", [1]);
    await undef("calc", "sub", []);
    await undef("calc", "add", [1]);
    await undef("calc", "one", []);
    await undef("calc", "one", [1, 2]);
    await undef("calc", "constructor", []);
    await undef("constructor", "constructor", []);
    await undef("erlang", "halt", []);
    expect(await a.erpc(B, "calc", "one", [1])).toBe(atom("one"));
    expect(b.unexpose("calc")).toBe(true);
    await undef("calc", "add", [1, 2]);
    expect(b.unexpose("calc")).toBe(false);
    await expectNothingLeft();
  });

  it("applies what apply is given, and nothing that is not exposed", async () => {
    const apply = (...args: Term[]): Promise<Term> => a.erpc(B, "erlang", "apply", args);
    const add = new Export(atom("calc"), atom("add"), 2);
    expect(await apply(atom("calc"), atom("add"), [1, 2])).toBe(3);
    expect(await apply(add, [1, 2])).toBe(3);
    expect(await apply(atom("erlang"), atom("apply"), [atom("erlang"), atom("apply"), [add, [3, 4]]])).toBe(7);
    expect(await failureOf(apply(add, [1]))).toMatchObject({ reason: tuple(atom("badarity"), tuple(add, [1])) });
    expect(await failureOf(apply(17, []))).toMatchObject({ reason: tuple(atom("badfun"), 17) });
    expect(await failureOf(apply(atom("calc"), 1, []))).toMatchObject({ reason: atom("badarg") });
    expect(await failureOf(apply(atom("erlang"), atom("halt"), []))).toMatchObject({ code: "undef" });
  });

  it("tells that a signal ended the process of the function", async () => {
    expect(await failureOf(a.erpc(B, "fails", "die", []))).toMatchObject({
      class: "exit",
      reason: atom("died"),
      code: "signal",
    });
    await expectNothingLeft();
  });

  it("gives up after its time, and leaves nothing behind", async () => {
    const error = await failureOf(a.erpc(B, "calc", "never", [], { timeoutMs: 5 }));
    expect(error).toMatchObject({ class: "error", reason: tuple(atom("erpc"), atom("timeout")), code: "timeout" });
    // The function itself goes on; nobody watches it.
    await expect.poll(() => b.counts).toEqual({ ...initial[1], processes: initial[1].processes + 1 });
    expect(a.counts).toEqual(initial[0]);
  });

  it("gives up with the signal's reason", async () => {
    const controller = new AbortController();
    const call = a.erpc(B, "calc", "never", [], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await expect(a.erpc(B, "calc", "add", [1, 2], { signal: controller.signal })).rejects.toThrow("enough");
    // Time enough is no obstacle.
    const options = { timeoutMs: 2 ** 32, signal: new AbortController().signal };
    expect(await a.erpc(B, "calc", "add", [1, 2], options)).toBe(3);
    expect(a.counts).toEqual(initial[0]);
  });

  it("is noconnection when there is none, and when it is lost", async () => {
    const noconnection = { class: "error", reason: tuple(atom("erpc"), atom("noconnection")), code: "noconnection" };
    const error = await failureOf(a.erpc("nowhere@memory", "calc", "add", [1, 2]));
    expect(error).toMatchObject({ ...noconnection, cause: { code: "no_such_node" } });
    const running = failureOf(a.erpc(B, "calc", "never", []));
    await a.ping(B);
    const unanswered = failureOf(a.erpc(B, "calc", "never", []));
    await a.disconnect(B);
    expect(await running).toMatchObject(noconnection);
    expect(await unanswered).toMatchObject(noconnection);
    expect(a.counts).toEqual(initial[0]);
  });

  it("connects for the call", async () => {
    await a.disconnect(B);
    expect(await a.erpc(B, "calc", "add", [1, 2])).toBe(3);
  });

  it("says what is wrong with a call before anything is sent", async () => {
    const bad = (...call: unknown[]): Promise<unknown> => a.erpc(...(call as [string, string, string, Term[]]));
    await expect(bad("b", "calc", "add", [])).rejects.toThrow(/"b" is not a full node name/);
    await expect(bad(B, 1, "add", [])).rejects.toThrow("the name of a module is a string or an atom, not 1");
    await expect(bad(B, "calc", undefined, [])).rejects.toThrow(TypeError);
    await expect(bad(B, "calc", "add", 1)).rejects.toThrow("the arguments of a call are an array");
    await expect(bad(B, "calc", "add", [{ a: 1 }])).rejects.toThrow(EncodeError);
    await expectNothingLeft();
  });

  it("outlives a function that ends the connection, or the node", async () => {
    b.expose("ends", {
      connection() {
        void b.disconnect(A);
        return 1;
      },
      node() {
        void b.stop();
        return 1;
      },
    });
    expect(await failureOf(a.erpc(B, "ends", "connection", []))).toMatchObject({ code: "noconnection" });
    // The other way the answer may still be sent.
    const ended = await a.erpc(B, "ends", "node", []).catch((error: unknown) => error);
    expect(ended === 1 || ended instanceof ErlangError).toBe(true);
  });

  it("casts, and hears nothing of it", async () => {
    const self = b.spawn();
    b.expose("tell", { tell: (message: Term) => self.send(self.pid, message) });
    a.erpcCast(B, "tell", "tell", [1]);
    expect(await self.receive()).toBe(1);
    const crash = new Promise<Event & { error?: unknown }>((resolve) => b.addEventListener("processcrash", resolve));
    a.erpcCast(B, "fails", "type", []);
    expect((await crash).error).toEqual(new TypeError("no such thing"));
    self.exit(atom("normal"));
    await expectNothingLeft();
  });

  it("calls many nodes at once, and gives each result in its place", async () => {
    const results = await a.multicall([B, "nowhere@memory", A], "calc", "add", [1, 2]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: 3 },
      { status: "rejected", reason: { code: "noconnection" } },
      { status: "rejected", reason: { code: "undef" } },
    ]);
    await expectNothingLeft();
  });

  it("ends with the process that called", async () => {
    const self = a.spawn();
    const request = sendRequest(self, B, "calc", "never", []);
    const unanswered = failureOf(request.response);
    const failure = failureOf(sendRequest(self, B, "calc", "never", []).response);
    await a.ping(B);
    self.exit(atom("gone"));
    expect(await failure).toMatchObject({ class: "exit", reason: atom("gone") });
    expect(await unanswered).toMatchObject({ class: "exit", reason: atom("gone") });
    await expect.poll(() => b.counts.monitors).toBe(initial[1].monitors);
    expect(a.counts).toEqual(initial[0]);
  });

  it("can be sent now and given up later", async () => {
    const self = a.spawn();
    expect(await sendRequest(self, B, "calc", "add", [1, 2]).response).toBe(3);
    const request = sendRequest(self, B, "calc", "never", []);
    request.abandon(new Error("not needed"));
    await expect(request.response).rejects.toThrow("not needed");
    self.exit(atom("normal"));
    await expect.poll(() => b.counts.monitors).toBe(initial[1].monitors);
    expect(a.counts).toEqual(initial[0]);
  });

  it("leaves nothing in any table after 10,000 calls", async () => {
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 1000 }, (_, index) => a.erpc(B, "calc", "add", [index, round]));
      expect((await Promise.all(calls)).at(-1)).toBe(999 + round);
    }
    await expectNothingLeft();
  });
});

describe("rpc", () => {
  it("gives values, thrown ones too, and rejects where Erlang returns badrpc", async () => {
    const badrpc = (reason: Term): Tuple => tuple(atom("badrpc"), reason);
    const EXIT = atom("EXIT");
    const call = (name: string): Promise<ErlangError> => failureOf(a.rpc(B, "fails", name, []));
    expect(await a.rpc(B, "calc", "add", [1, 2])).toBe(3);
    expect(await a.rpc(B, "fails", "throw", [])).toBe(17);
    expect(await call("exit")).toMatchObject({ class: "exit", reason: badrpc(tuple(EXIT, atom("bye"))) });
    expect(await call("die")).toMatchObject({ reason: badrpc(tuple(EXIT, atom("died"))), code: "signal" });
    const stack = [tuple(atom("fails"), atom("error"), 0, [])];
    expect(await call("error")).toMatchObject({
      class: "error",
      reason: badrpc(tuple(EXIT, tuple(atom("badarith"), stack))),
      stacktrace: stack,
    });
    expect(await call("nothing")).toMatchObject({ code: "undef" });
    const nowhere = await failureOf(a.rpc("nowhere@memory", "calc", "add", [1, 2]));
    expect(nowhere).toMatchObject({ reason: badrpc(atom("nodedown")), code: "noconnection" });
    const late = await failureOf(a.rpc(B, "calc", "never", [], { timeoutMs: 5 }));
    expect(late).toMatchObject({ reason: badrpc(atom("timeout")), code: "timeout" });
    const caught = tuple(EXIT, atom("caught"));
    expect(await failureOf(a.rpc(B, "calc", "later", [caught]))).toMatchObject({ reason: badrpc(caught) });
  });
});

describe("expose", () => {
  it("replaces what was exposed under the same name", async () => {
    b.expose("calc", { add: () => atom("other") });
    expect(await a.erpc(B, "calc", "add", [1, 2])).toBe(atom("other"));
    expect(await failureOf(a.erpc(B, "calc", "nothing", []))).toMatchObject({ code: "undef" });
  });

  it("refuses what is no function", () => {
    class Service {
      run(): number {
        return 1;
      }
    }
    expect(() => b.expose("m", { f: 1 as unknown as () => number })).toThrow(new TypeError("m:f is not a function"));
    // @ts-expect-error It has no functions of its own, as the compiler knows too.
    expect(() => b.expose("m", new Service())).toThrow(/no functions for m/);
    expect(() => b.expose("m", { ["x".repeat(256)]: () => 1 })).toThrow(RangeError);
  });

  it("answers callers of rex also when nothing is exposed, and lets a program have that name", async () => {
    const self = b.spawn();
    const request = tuple(atom("call"), atom("m"), atom("f"), [], atom("user"));
    self.send({ name: "rex", node: A }, tuple(self.pid, request));
    const undef = tuple(atom("undef"), [tuple(atom("m"), atom("f"), [], [])]);
    expect(await self.receive()).toEqual(tuple(atom("rex"), tuple(atom("badrpc"), tuple(atom("EXIT"), undef))));
    expect(a.unregister("rex")).toBe(true);
    a.spawn().register("rex");
  });
});
