// gen_servers and their callers, on two of our nodes; gen-server.nodejs.test.ts has real ones on the other side.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { EncodeError, TimeoutError } from "../errors.ts";
import type { ErlMap, Reference } from "../etf/index.ts";
import {
  atom,
  charlist,
  equals,
  Export,
  format,
  ImproperList,
  map,
  type Pid,
  type Term,
  text,
  Tuple,
  tuple,
} from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { type Caller, type GenServer, Next } from "./gen-server.ts";
import { NO_REPLY } from "./no-reply.ts";
import * as genServer from "./gen-server-client.ts";
import type { NodeCounts } from "./bare-node.ts";
import { ErlangNode } from "./node.ts";
import type { NodeOptions } from "./node-options.ts";
import type { NodeEventMap } from "./node-events.ts";
import type { Process } from "./process.ts";
import { Stop } from "./system-messages.ts";

const A = "a@memory";
const B = "b@memory";
const GEN_CALL = atom("$gen_call");
const NORMAL = atom("normal");

let network: MemoryNetwork;
let a: ErlangNode;
let b: ErlangNode;
const started: ErlangNode[] = [];

async function start(name: string | undefined, options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const listen = name === undefined ? {} : { listen: network.listen };
  const node = await ErlangNode.start({ name, cookie: "secret", connect: network.connect, ...listen, ...options });
  started.push(node);
  return node;
}

beforeAll(async () => {
  // A node loads it with its first server; here neither a caller's patience nor a clock that is moved by hand shall depend on that.
  await import("./gen-server-loop.ts");
});

beforeEach(async () => {
  network = memoryNetwork();
  a = await start(A);
  b = await start(B);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
});

function event<K extends keyof NodeEventMap>(node: ErlangNode, type: K): Promise<NodeEventMap[K]> {
  return new Promise((resolve) => node.addEventListener(type, resolve, { once: true }));
}

async function failureOf(promise: Promise<unknown>): Promise<ErlangError> {
  const error: unknown = await promise.then(
    () => expect.unreachable("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ErlangError)) throw error;
  return error;
}

/** A handler that fails with this after a while. */
const later = (failure: unknown) => async (): Promise<Term> => {
  await Promise.resolve();
  throw failure;
};

/** `{gen_server, call, Args}` */
const callOf = (...args: Term[]): Tuple => tuple(atom("gen_server"), atom("call"), args);

/** What a server answers to a system message. */
async function system(server: Process, request: Term): Promise<Term> {
  const self = a.spawn();
  const ref = self.makeRef();
  self.send(server.pid, tuple(atom("system"), tuple(self.pid, ref), request));
  const answer = await self.receive((message): message is Tuple => message instanceof Tuple && equals(message.at(0), ref));
  self.exit(NORMAL);
  return answer.at(1);
}

class Counter implements GenServer {
  count = 0;
  handleCall(request: Term): Term {
    if (request === atom("crash")) throw new TypeError("no such request");
    this.count += Number(request);
    return this.count;
  }
  handleCast(request: Term): void {
    this.count += Number(request);
  }
  get state(): Term {
    return map({ count: this.count });
  }
  set state(state: Term) {
    this.count = Number((state as ErlMap).get(atom("count")));
  }
}

describe("a gen_server", () => {
  it("answers calls and takes casts, by pid, by name, here and on another node", async () => {
    const server = b.genServer("counter", new Counter());
    expect(await a.call(server.pid, 1)).toBe(1);
    expect(await a.call({ name: "counter", node: B }, 2)).toBe(3);
    expect(await a.call(tuple(atom("counter"), atom(B)), 3)).toBe(6);
    expect(await b.call("counter", 4)).toBe(10);
    expect(await b.call(atom("counter"), 5)).toBe(15);
    a.cast({ name: "counter", node: B }, 6);
    a.cast(server.pid, 7);
    b.cast("counter", 8);
    expect(await a.call(server.pid, 0)).toBe(36);
  });

  it("tells its handlers who called, and as which process they run", async () => {
    const seen: Term[] = [];
    const server = a.genServer({ handleCall: (_request, from, self) => seen.push(from.pid, self.pid) });
    const caller = a.spawn();
    expect(await genServer.call(caller, server.pid, 1)).toBe(2);
    expect(seen).toEqual([caller.pid, server.pid]);
    expect(server.names).toEqual([]);
  });

  it("replies ok where a handler returns nothing", async () => {
    const server = a.genServer({ handleCall: () => undefined });
    expect(await a.call(server.pid, 1)).toBe(atom("ok"));
  });

  it("awaits each handler before the next message, in the order of arrival", async () => {
    const log: Term[] = [];
    const gates: (() => void)[] = [];
    const server = b.genServer({
      async handleCall(request) {
        log.push(request);
        await new Promise<void>((resolve) => gates.push(resolve));
        log.push(request);
        return request;
      },
      handleCast: (request) => log.push(request),
      handleInfo: (message) => log.push(message),
    });
    const self = a.spawn();
    const calls = [1, 2].map((request) => genServer.call(self, server.pid, request));
    genServer.cast(self, server.pid, 3);
    self.send(server.pid, 4);
    await expect.poll(() => gates.length).toBe(1);
    await a.ping(B);
    expect(log).toEqual([1]);
    gates[0]?.();
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.();
    expect(await Promise.all(calls)).toEqual([1, 2]);
    await expect.poll(() => log).toEqual([1, 1, 2, 2, 3, 4]);
  });

  it("goes on while a reply is outstanding, and replies later, also from elsewhere", async () => {
    const waiting: Caller[] = [];
    const server = b.genServer({
      handleCall(request, from) {
        waiting.push(from);
        return request === atom("flush") ? waiting.length : NO_REPLY;
      },
    });
    const first = a.call(server.pid, atom("one"));
    const second = a.call(server.pid, atom("two"));
    expect(await a.call(server.pid, atom("flush"))).toBe(3);
    waiting[1]?.reply(2);
    expect(await second).toBe(2);
    // gen_server:reply/2 of any process does.
    const other = b.spawn();
    const [pid, tag] = waiting[0]?.term.elements ?? [];
    expect(pid).toEqual(waiting[0]?.pid);
    other.send((tag as ImproperList).tail as Reference, tuple(tag as Term, 1));
    expect(await first).toBe(1);
  });

  it("lets a caller wait for what the server itself asks of others", async () => {
    const inner = a.genServer("inner", new Counter());
    const outer = b.genServer({
      handleCall: async (request, _from, self) => [await genServer.call(self, { name: "inner", node: A }, request)],
      handleInfo: () => expect.unreachable(),
    });
    expect(await Promise.all([1, 2, 3].map((request) => a.call(outer.pid, request)))).toEqual([[1], [3], [6]]);
    inner.exit(atom("gone"));
    // What the handler does not catch ends the server with that.
    const failure = await failureOf(b.call(outer.pid, 1));
    const exit = tuple(atom("noproc"), callOf(tuple(atom("inner"), atom(A)), 1));
    expect(failure.reason).toEqual(tuple(exit, callOf(outer.pid, 1)));
  });

  it("may go on with a call after it has said that the reply comes later", async () => {
    b.genServer("inner", new Counter());
    const infos: Term[] = [];
    const outer = a.genServer({
      handleCall(request, from, self) {
        void genServer.call(self, { name: "inner", node: B }, request).then((answer) => from.reply(answer));
        return NO_REPLY;
      },
      handleInfo: (message) => infos.push(message),
    });
    expect(await Promise.all([1, 2].map((request) => b.call(outer.pid, request)))).toEqual([1, 3]);
    expect(infos).toEqual([]);
  });

  it("starts with init, for which messages wait, and which may end it", async () => {
    let ready: () => void = () => undefined;
    let isReady = false;
    const server = a.genServer({
      async init() {
        await new Promise<void>((resolve) => (ready = resolve));
        isReady = true;
      },
      handleCall: () => isReady,
    });
    const answer = a.call(server.pid, 1);
    await expect.poll(() => ready.length).toBe(1);
    ready();
    expect(await answer).toBe(true);

    const crash = event(a, "processcrash");
    const failing = a.genServer("failing", {
      init() {
        throw new ErlangError("exit", atom("no_luck"));
      },
      terminate: () => expect.unreachable(),
    });
    expect(await failing.exited).toBe(atom("no_luck"));
    expect((await crash).process).toBe(failing);
    expect(a.whereis("failing")).toBeUndefined();
    expect(await a.genServer({ init: () => new Stop(NORMAL) }).exited).toBe(NORMAL);
  });

  it("continues before any message, from init and from every handler", async () => {
    const log: Term[] = [];
    const server = b.genServer({
      init: () => new Next({ continue: atom("init") }),
      handleCall(request) {
        log.push(request);
        return new Next({ reply: tuple(atom("replied"), request), continue: request });
      },
      handleCast: (request) => new Next({ continue: request }),
      async handleContinue(term) {
        await Promise.resolve();
        log.push(tuple(atom("continue"), term));
        // One more time, and then on with the messages.
        return term === 1 ? new Next({ continue: atom("again") }) : undefined;
      },
    });
    expect(await Promise.all([a.call(server.pid, 1), a.call(server.pid, 2)])).toEqual([
      tuple(atom("replied"), 1),
      tuple(atom("replied"), 2),
    ]);
    a.cast(server.pid, 3);
    const continued = (term: Term): Term => tuple(atom("continue"), term);
    await expect.poll(() => log.length).toBe(7);
    expect(log).toEqual([continued(atom("init")), 1, continued(1), continued(atom("again")), 2, continued(2), continued(3)]);
    const crash = event(b, "processcrash");
    const careless = b.genServer({ handleCast: () => new Next({ continue: 1 }) });
    a.cast(careless.pid, 1);
    expect((await crash).error).toMatchObject({ class: "error", reason: atom("undef") });
  });

  it("is told that no message came in time, unless one did", async () => {
    vi.useFakeTimers();
    try {
      const log: Term[] = [];
      const waiting = new Next({ timeoutMs: 1_000 });
      const started = Promise.withResolvers<void>();
      const server = b.genServer({
        init: () => {
          started.resolve();
          return waiting;
        },
        handleCall: (request) => new Next({ reply: request, timeoutMs: 1_000 }),
        handleCast: (request) => (request === atom("wait") ? waiting : undefined),
        handleInfo: (message) => void log.push(message),
      });
      const pass = (timeMs: number): Promise<unknown> => vi.advanceTimersByTimeAsync(timeMs);
      // Its loop is loaded first.
      await started.promise;
      await pass(999);
      expect(log).toEqual([]);
      await pass(1);
      expect(log).toEqual([atom("timeout")]);
      await pass(5_000);
      expect(log.length).toBe(1);

      // It begins with the reply; a message that asks for none ends it.
      const answer = a.call(server.pid, 1);
      await pass(500);
      expect(await answer).toBe(1);
      a.cast(server.pid, atom("no more"));
      await pass(5_000);
      expect(log.length).toBe(1);

      a.cast(server.pid, atom("wait"));
      await pass(999);
      // A system message is none, only that the time begins again.
      const suspended = system(server, atom("suspend"));
      await pass(5_000);
      expect([await suspended, log.length]).toEqual([atom("ok"), 1]);
      void system(server, atom("resume"));
      await pass(999);
      expect(log.length).toBe(1);
      await pass(1);
      expect(log.length).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("either continues or waits", () => {
    expect(() => new Next({ timeoutMs: 1, continue: 1 })).toThrow(/exclude each other/);
  });

  it("has a name of its own", () => {
    const { processes } = a.counts;
    a.genServer("counter", new Counter());
    expect(() => a.genServer("counter", new Counter())).toThrow(RangeError);
    expect(a.counts.processes).toBe(processes + 1);
  });

  it("takes plain messages by handleInfo, and tells the node of those that it does not take", async () => {
    const infos: Term[] = [];
    const taking = a.genServer({ handleInfo: (message) => infos.push(message) });
    const deaf = a.genServer({});
    const unhandled = event(a, "unhandledmessage");
    const odd = [tuple(GEN_CALL, 1, 2), tuple(atom("$gen_cast")), tuple(atom("system"), 1, 2), tuple(GEN_CALL, tuple(1, 2), 3)];
    for (const message of [17, ...odd]) {
      a.send(taking.pid, message);
      a.send(deaf.pid, message);
    }
    expect(await unhandled).toMatchObject({ process: deaf, message: 17 });
    await expect.poll(() => infos).toEqual([17, ...odd]);
    expect([taking.isAlive, deaf.isAlive]).toEqual([true, true]);
  });

  it("answers every form of tag as OTP does, to the alias where there is one", async () => {
    b.genServer("counter", new Counter());
    const self = a.spawn();
    const replyTo = async (tag: Term): Promise<Term> => {
      self.send({ name: "counter", node: B }, tuple(GEN_CALL, tuple(self.pid, tag), 0));
      return self.receive();
    };
    const alias = (): ImproperList => new ImproperList([atom("alias")], self.alias({ reply: true }));
    const nested = new ImproperList([alias()], self.makeRef());
    for (const tag of [self.makeRef(), tuple(self.makeRef(), atom(A)), alias(), nested]) {
      expect(await replyTo(tag)).toEqual(tuple(tag, 0));
    }
    // The alias is gone, and nobody else gets the reply.
    expect(a.counts.aliases).toBe(0);
    self.send({ name: "counter", node: B }, tuple(GEN_CALL, tuple(self.pid, nested), 0));
    expect(await a.call({ name: "counter", node: B }, 0)).toBe(0);
    expect(self.messageQueueLength).toBe(0);
  });
});

describe("the end of a gen_server", () => {
  it("comes by a Stop: terminate, then the reply, then the exit", async () => {
    const log: Term[] = [];
    const server = b.genServer({
      handleCall: (request) => new Stop(request, "bye"),
      async terminate(reason, self) {
        await Promise.resolve();
        log.push(reason, self.isAlive);
      },
    });
    const self = a.spawn();
    const ref = self.monitor(server.pid);
    const reason = tuple(atom("shutdown"), 1);
    expect(text(await genServer.call(self, server.pid, reason))).toBe("bye");
    expect(log).toEqual([reason, true]);
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), server.pid, reason));
  });

  it("comes by a Stop without a reply: the caller gets the reason", async () => {
    const server = b.genServer({ handleCall: (request) => new Stop(request) });
    const failure = await failureOf(a.call(server.pid, NORMAL));
    expect(failure).toMatchObject({ class: "exit", reason: tuple(NORMAL, callOf(server.pid, NORMAL)) });
  });

  it("comes from handleCast and handleInfo, and is a crash unless it is normal or shutdown", async () => {
    const stopping: GenServer = { handleCast: (reason) => new Stop(reason), handleInfo: (reason) => new Stop(reason) };
    const crashes: Term[] = [];
    a.addEventListener("processcrash", ({ error }) => crashes.push((error as ErlangError).reason));
    for (const reason of [NORMAL, atom("shutdown"), tuple(atom("shutdown"), 1), atom("boom"), tuple(atom("boom"), 1)]) {
      const server = a.genServer(stopping);
      a.cast(server.pid, reason);
      expect(await server.exited).toEqual(reason);
      const other = a.genServer(stopping);
      a.send(other.pid, reason);
      expect(await other.exited).toEqual(reason);
    }
    expect(crashes).toEqual([atom("boom"), atom("boom"), tuple(atom("boom"), 1), tuple(atom("boom"), 1)]);
  });

  it("comes by what a handler throws, with Erlang's reason", async () => {
    const fails = async (error: unknown, options: GenServer = {}): Promise<Term> => {
      const server = b.genServer({ handleCall: later(error), ...options });
      const { reason } = await failureOf(a.call(server.pid, 1));
      const [why, call] = (reason as Tuple).elements;
      expect(call).toEqual(callOf(server.pid, 1));
      expect(equals(await server.exited, why as Term)).toBe(true);
      return why as Term;
    };
    const stack = [tuple(atom("m"), atom("f"), 1, [])];
    expect(await fails(new ErlangError("exit", atom("bye")))).toBe(atom("bye"));
    expect(await fails(new ErlangError("error", atom("badarith"), stack))).toEqual(tuple(atom("badarith"), stack));
    expect(await fails(new ErlangError("throw", 17))).toEqual(tuple(atom("bad_return_value"), 17));
    const jsError = tuple(atom("js_error"), new TextEncoder().encode("TypeError"), new TextEncoder().encode("no"));
    expect(await fails(new TypeError("no"))).toEqual(tuple(jsError, []));
    const seen: Term[] = [];
    await fails(new ErlangError("exit", atom("bye")), { terminate: (reason) => seen.push(reason) });
    expect(seen).toEqual([atom("bye")]);
    const terminate = (): never => {
      throw new ErlangError("exit", atom("worse"));
    };
    expect(await fails(new ErlangError("exit", atom("bye")), { terminate })).toBe(atom("worse"));
  });

  it("comes by a reply that is no term", async () => {
    const server = b.genServer({ handleCall: () => ({}) as Term });
    const crash = event(b, "processcrash");
    await failureOf(a.call(server.pid, 1));
    expect((await crash).error).toBeInstanceOf(EncodeError);
  });

  it("comes by a call or a cast that nobody handles", async () => {
    const server = b.genServer({ state: atom("s") });
    const { reason } = await failureOf(a.call(server.pid, 1));
    const [why] = reason as Tuple;
    expect((why as Tuple).at(0)).toBe(atom("undef"));
    expect(((why as Tuple).at(1) as Tuple[])[0]?.elements.slice(0, 2)).toEqual([atom("javascript"), atom("handle_call")]);
    const other = b.genServer({});
    b.cast(other.pid, 1);
    expect(((await other.exited) as Tuple).at(0)).toBe(atom("undef"));
  });

  it("comes from outside without terminate, in the middle of a handler too", async () => {
    const log: string[] = [];
    const crashed = (): never => expect.unreachable();
    a.addEventListener("processcrash", crashed);
    let from: Caller | undefined;
    const server = a.genServer({
      async handleCall(_request, caller, self) {
        from = caller;
        try {
          await self.receive();
        } finally {
          log.push("ended");
        }
        return 1;
      },
      terminate: () => log.push("terminate"),
    });
    const failure = failureOf(b.call(server.pid, 1));
    await expect.poll(() => from).toBeDefined();
    server.exit(atom("killed"));
    expect((await failure).reason).toEqual(tuple(atom("killed"), callOf(server.pid, 1)));
    // The caller has been told already.
    from?.reply(1);
    await expect.poll(() => log).toEqual(["ended"]);
    const idle = a.genServer({ terminate: () => log.push("terminate") });
    await a.ping(B);
    idle.exit(NORMAL);
    await a.ping(B);
    expect(log).toEqual(["ended"]);
  });

  it("is asked for by stop, which waits for it", async () => {
    const log: Term[] = [];
    const terminate = (reason: Term): unknown => log.push(reason);
    const server = b.genServer("stopped", { terminate });
    const self = a.spawn();
    await genServer.stop(self, { name: "stopped", node: B });
    expect(server.isAlive).toBe(false);
    await genServer.stop(self, b.genServer({ terminate }).pid, atom("other"));
    expect(log).toEqual([NORMAL, atom("other")]);
    expect((await failureOf(genServer.stop(self, server.pid))).reason).toBe(atom("noproc"));
    const worse = b.genServer({
      terminate() {
        throw new ErlangError("exit", atom("worse"));
      },
    });
    expect((await failureOf(genServer.stop(self, worse.pid))).reason).toBe(atom("worse"));
    const slow = b.genServer({ terminate: () => new Promise(() => undefined) });
    expect(await failureOf(genServer.stop(self, slow.pid, NORMAL, { timeoutMs: 20 }))).toMatchObject({
      reason: atom("timeout"),
      code: "timeout",
    });
    expect([self.messageQueueLength, a.counts.monitors, a.counts.aliases]).toEqual([0, 0, 0]);
  });
});

describe("a call", () => {
  it("exits as in Erlang when nobody is there", async () => {
    const noproc = (...args: Term[]): object => ({ class: "exit", reason: tuple(atom("noproc"), callOf(...args)) });
    expect(await failureOf(a.call("nobody", 1))).toMatchObject(noproc(atom("nobody"), 1));
    expect(await failureOf(a.call({ name: "nobody", node: A }, 1, { timeoutMs: 50 }))).toMatchObject(
      noproc(tuple(atom("nobody"), atom(A)), 1, 50),
    );
    expect(await failureOf(a.call({ name: "nobody", node: B }, 1, { timeoutMs: Infinity }))).toMatchObject(
      noproc(tuple(atom("nobody"), atom(B)), 1, atom("infinity")),
    );
    const dead = b.spawn();
    dead.exit(NORMAL);
    expect(await failureOf(a.call(dead.pid, 1))).toMatchObject(noproc(dead.pid, 1));
  });

  it("exits with nodedown when there is no connection, and says why", async () => {
    const failure = await failureOf(a.call({ name: "x", node: "nowhere@memory" }, 1));
    const where = tuple(atom("x"), atom("nowhere@memory"));
    expect(failure.reason).toEqual(tuple(tuple(atom("nodedown"), atom("nowhere@memory")), callOf(where, 1)));
    expect(failure).toMatchObject({ code: "noconnection", cause: { code: "no_such_node" } });
    const silent = b.genServer({ handleCall: () => NO_REPLY });
    const lost = failureOf(a.call(silent.pid, 1));
    await a.ping(B);
    await a.disconnect(B);
    expect((await lost).reason).toEqual(tuple(tuple(atom("nodedown"), atom(B)), callOf(silent.pid, 1)));
  });

  it("exits with timeout, and drops a reply that comes later", async () => {
    let from: Caller | undefined;
    const server = b.genServer({
      handleCall(_request, caller) {
        from = caller;
        return NO_REPLY;
      },
    });
    const self = a.spawn();
    const failure = await failureOf(genServer.call(self, server.pid, 1, { timeoutMs: 20 }));
    expect(failure).toMatchObject({ code: "timeout", reason: tuple(atom("timeout"), callOf(server.pid, 1, 20)) });
    await expect.poll(() => from).toBeDefined();
    from?.reply(1);
    await b.ping(A);
    expect(self.messageQueueLength).toBe(0);
    // The monitor of the ping ends a moment after it.
    await expect.poll(() => a.counts).toMatchObject({ aliases: 0, monitors: 0 });
  });

  it("ends when its signal aborts, or has", async () => {
    const server = b.genServer({ handleCall: () => NO_REPLY });
    const controller = new AbortController();
    const call = a.call(server.pid, 1, { signal: controller.signal });
    await a.ping(B);
    controller.abort(new RangeError("enough"));
    await expect(call).rejects.toThrow(new RangeError("enough"));
    await expect(a.call(server.pid, 1, { signal: controller.signal })).rejects.toThrow("enough");
    expect(a.counts).toMatchObject({ aliases: 0, monitors: 0 });
  });

  it("says where in a request there is something that is no term", async () => {
    const bad = [1, undefined as unknown as Term];
    await expect(a.call({ name: "counter", node: B }, bad)).rejects.toMatchObject({ code: "not_a_term", path: "[1]" });
    const self = a.spawn();
    expect(() => genServer.sendRequest(self, { name: "counter", node: B }, bad)).toThrow(/\(at \[1\]\)$/);
    await expect(a.erpc(B, "m", "f", bad)).rejects.toMatchObject({ code: "not_a_term", path: "[1]" });
    expect(() => a.erpcCast(B, "m", "f", bad)).toThrow(/\(at \[1\]\)$/);
    expect(a.counts).toMatchObject({ aliases: 0, monitors: 0, spawnRequests: 0 });
  });

  it("refuses itself, what is no server, and what is no term", async () => {
    const self = a.spawn();
    self.register("self");
    for (const server of [self.pid, "self", { name: "self", node: A }] as const) {
      expect((await failureOf(genServer.call(self, server, 1))).reason).toMatchObject({ elements: [atom("calling_self"), {}] });
    }
    const server = b.genServer(new Counter());
    await a.connect(B);
    await expect(a.call(server.pid, { a: 1 } as unknown as Term)).rejects.toThrow(EncodeError);
    await expect(a.call(17 as unknown as Pid, 1)).rejects.toThrow(TypeError);
    await expect(a.call(self.alias() as unknown as Pid, 1)).rejects.toThrow(TypeError);
    self.exit(NORMAL);
    expect((await failureOf(genServer.call(self, server.pid, 1))).reason).toBe(NORMAL);
    expect(a.counts).toMatchObject({ aliases: 0, monitors: 0 });
  });

  it("ends with its process", async () => {
    const server = b.genServer({ handleCall: () => NO_REPLY });
    const self = a.spawn();
    const failure = failureOf(genServer.call(self, server.pid, 1));
    self.exit(atom("enough"));
    expect((await failure).reason).toBe(atom("enough"));
  });

  it("takes the reply of a peer that knows no aliases, past whoever receives anything", async () => {
    const old = b.spawn();
    const self = a.spawn();
    const others: Term[] = [];
    void (async () => {
      for await (const message of self) others.push(message);
    })();
    const answer = genServer.call(self, old.pid, 1);
    const [, from] = ((await old.receive()) as Tuple<readonly [Term, Tuple<readonly [Pid, Term]>, Term]>).elements;
    const [pid, tag] = from.elements;
    old.send(pid, atom("first"));
    old.send(pid, tuple(tag, 17));
    expect(await answer).toBe(17);
    await expect.poll(() => others).toEqual([atom("first")]);
  });

  it("works before the node has its name", async () => {
    b.genServer("counter", new Counter());
    const page = await start(undefined);
    expect(await page.call({ name: "counter", node: B }, 1)).toBe(1);
    expect(page.name).not.toBe("nonode@nohost");
  });

  it("leaves nothing in any table after 10,000 calls, of which many are under way at once", async () => {
    const server = b.genServer(new Counter());
    const before = [a.counts, b.counts] satisfies NodeCounts[];
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 1000 }, () => a.call(server.pid, 1));
      expect((await Promise.all(calls)).at(-1)).toBe((round + 1) * 1000);
    }
    await expect.poll(() => [a.counts, b.counts]).toEqual(before);
  });
});

describe("requests", () => {
  it("are answered later, in any order", async () => {
    const server = b.genServer(new Counter());
    const self = a.spawn();
    const ids = [1, 2, 3].map((request) => genServer.sendRequest(self, server.pid, request));
    const [first, second, third] = ids as [Reference, Reference, Reference];
    expect(await genServer.receiveResponse(self, third)).toBe(6);
    expect(await genServer.receiveResponse(self, first, { timeoutMs: 1000 })).toBe(1);
    const message = await self.receive();
    expect(genServer.checkResponse(self, message, first)).toBeUndefined();
    expect(genServer.checkResponse(self, message, second)).toEqual({ reply: 3 });
    expect(a.counts).toMatchObject({ aliases: 0, monitors: 0 });
  });

  it("fail with the reason and the server, and by time", async () => {
    const self = a.spawn();
    const failing = genServer.sendRequest(self, { name: "nobody", node: B }, 1);
    const where = tuple(atom("nobody"), atom(B));
    expect((await failureOf(genServer.receiveResponse(self, failing))).reason).toEqual(tuple(atom("noproc"), where));
    const again = genServer.sendRequest(self, "nobody", 1);
    const down = await self.receive();
    expect(() => genServer.checkResponse(self, down, again)).toThrow(ErlangError);
    const server = b.genServer({ handleCall: () => NO_REPLY });
    const waiting = genServer.sendRequest(self, server.pid, 1);
    await expect(genServer.receiveResponse(self, waiting, { timeoutMs: 10 })).rejects.toThrow(TimeoutError);
    await a.connect(B);
    expect(() => genServer.sendRequest(self, server.pid, {} as unknown as Term)).toThrow(EncodeError);
    expect([self.messageQueueLength, a.counts.aliases, a.counts.monitors]).toEqual([0, 0, 0]);
  });
});

describe("a call to several nodes", () => {
  it("tells the replies from the bad nodes", async () => {
    const silent = await start("silent@memory");
    silent.genServer("counter", { handleCall: () => NO_REPLY });
    await start("empty@memory");
    a.genServer("counter", new Counter());
    b.genServer("counter", new Counter());
    const self = a.spawn();
    const nodes = [A, B, "silent@memory", "empty@memory", "nowhere@memory", B];
    // Only the silent one is to be late: the others are connected, and their servers run.
    await Promise.all([a.connect("silent@memory"), a.connect("empty@memory"), a.call("counter", 0)]);
    await a.call({ name: "counter", node: B }, 0);
    const { replies, badNodes } = await genServer.multiCall(self, nodes, "counter", 1, { timeoutMs: 500 });
    expect(new Map([...replies].toSorted(([x], [y]) => x.localeCompare(y)))).toEqual(
      new Map([
        [A, 1],
        [B, 1],
      ]),
    );
    expect(badNodes.toSorted()).toEqual(["empty@memory", "nowhere@memory", "silent@memory"]);
    genServer.abcast(self, [A, B, "nowhere@memory"], "counter", 10);
    expect((await genServer.multiCall(self, [A, B], "counter", 0)).replies.get(B)).toBe(11);
    await expect(genServer.multiCall(self, [B], "counter", {} as unknown as Term)).rejects.toThrow(EncodeError);
    expect(a.counts).toMatchObject({ aliases: 0, monitors: 0 });
  });
});

describe("system messages", () => {
  const error = (term: Term): Tuple => tuple(atom("error"), term);
  const ok = (term: Term): Tuple => tuple(atom("ok"), term);

  it("show the state, and replace it where its getter and setter can", async () => {
    // The fun is applied by the node that it comes from.
    a.expose("counters", { increment: (state: ErlMap) => map({ count: 1 + Number(state.get(atom("count"))) }) });
    const server = b.genServer(new Counter());
    expect(await system(server, atom("get_state"))).toEqual(ok(map({ count: 0 })));
    const replace = tuple(atom("replace_state"), new Export(atom("counters"), atom("increment"), 1));
    expect(await system(server, replace)).toEqual(ok(map({ count: 1 })));
    expect(await a.call(server.pid, 1)).toBe(2);

    expect(await system(b.genServer({}), atom("get_state"))).toEqual(ok(atom("undefined")));
    a.unexpose("counters");
    const failed = (callback: string, errorClass: string, reason: unknown): unknown =>
      expect.objectContaining({
        elements: [atom("callback_failed"), tuple(atom("gen_server"), atom(callback)), tuple(atom(errorClass), reason as Term)],
      });
    expect(await system(server, replace)).toMatchObject({
      elements: [atom("error"), failed("system_replace_state", "error", atom("undef"))],
    });
    const hidden: GenServer = {
      get state(): Term {
        throw new ErlangError("throw", atom("secret"));
      },
    };
    const throwing = b.genServer(hidden);
    expect(await system(throwing, atom("get_state"))).toMatchObject({
      elements: [atom("error"), failed("system_get_state", "throw", atom("secret"))],
    });
    const plain = b.genServer({ state: { plain: "object" } as unknown as Term });
    expect(((await system(plain, atom("get_state"))) as Tuple).at(0)).toBe(atom("error"));
    expect([throwing.isAlive, plain.isAlive]).toEqual([true, true]);
  });

  it("give the state as the caller's release takes it", async () => {
    const server = b.genServer({ state: 17 });
    const stdlib = (version: string) => ({ get_key: () => tuple(atom("ok"), charlist(version)) });
    const answers: Term[] = [];
    for (const version of ["4.2", "5.0.2", "5.1", "8.1"]) {
      a.expose("application", stdlib(version));
      answers.push(await system(server, atom("get_state")));
    }
    expect(answers).toEqual([17, 17, ok(17), ok(17)]);
  });

  it("suspend and resume: other messages wait", async () => {
    const server = b.genServer("counter", new Counter());
    expect(await system(server, atom("suspend"))).toBe(atom("ok"));
    const answer = a.call(server.pid, 1);
    await a.ping(B);
    expect(server.messageQueueLength).toBe(1);
    expect(await system(server, atom("get_state"))).toEqual(ok(map({ count: 0 })));
    const status = (await system(server, atom("get_status"))) as Tuple<readonly [Term, Term, Term, Term[]]>;
    expect(status.elements[3][1]).toBe(atom("suspended"));
    expect(await system(server, atom("resume"))).toBe(atom("ok"));
    expect(await answer).toBe(1);
  });

  it("show the status as that of a gen_server", async () => {
    const server = b.genServer("counter", new Counter());
    const status = (await system(server, atom("get_status"))) as Tuple<readonly [Term, Term, Term, Term[]]>;
    expect(status.elements.slice(0, 3)).toEqual([atom("status"), server.pid, tuple(atom("module"), atom("gen_server"))]);
    const [dictionary, state, parent, debug, misc] = status.elements[3];
    expect([dictionary, state, parent, debug]).toEqual([[], atom("running"), server.pid, []]);
    const [header, common, own] = misc as [Tuple, Tuple, Tuple];
    expect(text(header.at(1))).toBe("Status for generic server counter");
    expect((common.at(1) as Tuple[]).map((item) => text(item.at(0)))).toEqual(["Status", "Parent", "Logged events"]);
    expect(((own.at(1) as Tuple[])[0] as Tuple).at(1)).toEqual(map({ count: 0 }));
  });

  it("show what formatStatus makes of the state, and say so when that fails", async () => {
    const shown = async (formatStatus: (state: Term) => Term): Promise<Term | undefined> => {
      const status = (await system(b.genServer({ state: 17, formatStatus }), atom("get_status"))) as Tuple<
        [Term, Term, Term, Term[]]
      >;
      const [, , own] = status.elements[3][4] as [Tuple, Tuple, Tuple];
      return ((own.at(1) as Tuple[])[0] as Tuple).at(1);
    };
    expect(await shown((state) => tuple(atom("hidden"), state))).toEqual(tuple(atom("hidden"), 17));
    const failing = await shown(() => {
      throw new ErlangError("error", atom("badarg"));
    });
    expect(String(failing)).toBe("{error,{callback_failed,{gen_server,format_status},{error,badarg}}}");
  });

  it("change the code of a suspended server", async () => {
    const changes: Term[] = [];
    const server = b.genServer({
      async codeChange(oldVsn, extra) {
        await Promise.resolve();
        if (extra === atom("crash")) throw new ErlangError("error", atom("badarith"), [tuple(atom("m"), atom("f"), 0, [])]);
        if (extra === atom("refuse")) throw new ErlangError("throw", atom("no"));
        changes.push(tuple(oldVsn, extra));
      },
    });
    const change = (process: Process, extra: string): Promise<Term> =>
      system(process, tuple(atom("change_code"), atom("m"), atom("v1"), atom(extra)));
    expect(format(await change(server, "more"))).toBe("{error,{unknown_system_msg,{change_code,m,v1,more}}}");
    await system(server, atom("suspend"));
    expect(await change(server, "more")).toBe(atom("ok"));
    expect(changes).toEqual([tuple(atom("v1"), atom("more"))]);
    expect(format(await change(server, "crash"))).toBe("{error,{'EXIT',{badarith,[{m,f,0,[]}]}}}");
    expect(format(await change(server, "refuse"))).toBe("{error,no}");
    await system(server, atom("resume"));
    const unchanging = b.genServer({ state: 17 });
    await system(unchanging, atom("suspend"));
    expect(format(await change(unchanging, "more"))).toBe("{error,{'EXIT',{undef,[{m,code_change,[v1,17,more],[]}]}}}");
  });

  it("answer what cannot be done or is not known, and go on", async () => {
    const server = b.genServer(new Counter());
    const debug = (what: Term): Promise<Term> => system(server, tuple(atom("debug"), what));
    for (const what of [
      tuple(atom("trace"), true),
      tuple(atom("log"), false),
      tuple(atom("statistics"), true),
      atom("no_debug"),
    ]) {
      expect(await debug(what)).toBe(atom("ok"));
    }
    expect(await debug(tuple(atom("statistics"), atom("get")))).toEqual(ok(atom("no_statistics")));
    expect(await debug(tuple(atom("log"), atom("get")))).toEqual(ok([]));
    expect(await debug(tuple(atom("log_to_file"), "x"))).toEqual(error(atom("open_file")));
    expect(await debug(atom("what"))).toBe(atom("unknown_debug"));
    const change = tuple(atom("change_code"), atom("m"), 1, []);
    for (const request of [change, atom("what"), 1, tuple()]) {
      expect(await system(server, request)).toEqual(error(tuple(atom("unknown_system_msg"), request)));
    }
    expect(await a.call(server.pid, 1)).toBe(1);
  });

  it("end a suspended server", async () => {
    const server = b.genServer(new Counter());
    await system(server, atom("suspend"));
    await genServer.stop(a.spawn(), server.pid, atom("shutdown"));
    expect(await server.exited).toBe(atom("shutdown"));
  });
});
