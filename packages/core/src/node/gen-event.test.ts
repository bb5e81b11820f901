// What managers, machines and global names are sent, byte for byte as OTP's own callers do; gen-server.nodejs.test.ts asks real ones.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EncodeError } from "../errors.ts";
import { atom, type Pid, type Term, type Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { reply } from "./gen-call.ts";
import * as genEvent from "./gen-event.ts";
import * as genStatem from "./gen-statem.ts";
import * as globalNames from "./global.ts";
import { ErlangNode } from "./node.ts";
import type { Process } from "./process.ts";

const B = "b@memory";

let a: ErlangNode;
let b: ErlangNode;
let self: Process;
let other: Process;

beforeEach(async () => {
  const { connect, listen } = memoryNetwork();
  a = await ErlangNode.start({ name: "a@memory", cookie: "secret", connect, listen });
  b = await ErlangNode.start({ name: B, cookie: "secret", connect, listen });
  self = a.spawn();
  other = b.spawn();
  other.register("other");
});

afterEach(async () => {
  await Promise.all([a.stop(), b.stop()]);
});

async function failureOf(call: Promise<unknown>): Promise<Term> {
  const error: unknown = await call.then(
    () => expect.unreachable("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ErlangError)) throw error;
  return error.reason;
}

/** The next request, `{Label, {Pid, Tag}, Request}`, which is answered. */
async function serve(answer: Term): Promise<{ label: Term; pid: Pid; request: Term }> {
  const message = (await other.receive()) as Tuple<readonly [Term, Tuple<readonly [Pid, Term]>, Term]>;
  const [label, from, request] = message.elements;
  reply(other, from, answer);
  return { label, pid: from.elements[0], request };
}

const where = { name: "other", node: B };
const whereTerm = tuple(atom("other"), atom(B));

describe("an event manager", () => {
  it("is notified", async () => {
    genEvent.notify(self, where, 1);
    genEvent.notify(self, other.pid, 2);
    expect([await other.receive(), await other.receive()]).toEqual([tuple(atom("notify"), 1), tuple(atom("notify"), 2)]);
    genEvent.notify(self, "nobody", 3);
    expect(() => genEvent.notify(self, where, {} as unknown as Term)).toThrow(EncodeError);
  });

  it("is called with the caller's pid in place of a label", async () => {
    const notified = genEvent.syncNotify(self, where, 1);
    expect(await serve(atom("ok"))).toEqual({ label: self.pid, pid: self.pid, request: tuple(atom("sync_notify"), 1) });
    await notified;
    const answer = genEvent.call(self, other.pid, atom("handler"), 2);
    const request = tuple(atom("call"), atom("handler"), 2);
    expect(await serve(17)).toEqual({ label: self.pid, pid: self.pid, request });
    expect(await answer).toBe(17);
  });

  it("that does not answer is an exit, in its own words", async () => {
    const call = genEvent.call(self, where, atom("handler"), 2, { timeoutMs: 10 });
    const mfa = tuple(atom("gen_event"), atom("call"), [whereTerm, atom("handler"), 2, 10]);
    expect(await failureOf(call)).toEqual(tuple(atom("timeout"), mfa));
    const notified = failureOf(genEvent.syncNotify(self, where, 1));
    for (let count = 0; count < 2; count++) await other.receive();
    other.exit(atom("bye"));
    expect(await notified).toBe(atom("bye"));
  });
});

describe("a state machine", () => {
  it("is called and cast to as a gen_server is", async () => {
    const answer = genStatem.call(self, where, 1);
    expect(await serve(2)).toEqual({ label: atom("$gen_call"), pid: self.pid, request: 1 });
    expect(await answer).toBe(2);
    genStatem.cast(self, where, 3);
    expect(await other.receive()).toEqual(tuple(atom("$gen_cast"), 3));
  });

  it("that does not answer is an exit, in its own words", async () => {
    const mfa = (timeout: Term): Term => tuple(atom("gen_statem"), atom("call"), [whereTerm, 1, timeout]);
    expect(await failureOf(genStatem.call(self, where, 1, { timeoutMs: 10 }))).toEqual(tuple(atom("timeout"), mfa(10)));
    other.exit(atom("normal"));
    expect(await failureOf(genStatem.call(self, where, 1))).toEqual(tuple(atom("noproc"), mfa(atom("infinity"))));
  });
});

describe("a global name", () => {
  const names = new Map<string, Pid>();

  beforeEach(() => {
    names.clear();
    b.expose("global", {
      whereis_name: (name: Term) => names.get(String(name)) ?? atom("undefined"),
      register_name(name: Term, pid: Pid) {
        if (names.has(String(name))) return atom("no");
        names.set(String(name), pid);
        return atom("yes");
      },
    });
  });

  it("is looked up by the node that is asked", async () => {
    const name = atom("room");
    expect(await globalNames.whereisName(self, B, name)).toBeUndefined();
    expect(await globalNames.registerName(self, B, name, self.pid)).toBe(true);
    expect(await globalNames.registerName(self, B, name, other.pid)).toBe(false);
    expect(await globalNames.whereisName(self, B, name)).toEqual(self.pid);
    a.cast({ global: name, node: B }, 1);
    expect(await self.receive()).toEqual(tuple(atom("$gen_cast"), 1));
  });

  it("is one of a server, for calls, with Erlang's exits", async () => {
    const server = { global: tuple(atom("room"), 1), node: B };
    const exit = (why: Term): Term =>
      tuple(why, tuple(atom("gen_server"), atom("call"), [tuple(atom("global"), server.global), 1]));
    names.set(String(server.global), a.genServer({ handleCall: (request) => request }).pid);
    expect(await b.call(server, 17)).toBe(17);
    names.set(String(server.global), other.pid);
    const lost = failureOf(a.call(server, 1));
    await other.receive();
    await a.disconnect(B);
    // As if `global` had noticed.
    expect(await lost).toEqual(exit(atom("noproc")));
    names.clear();
    expect(await failureOf(a.call(server, 1))).toEqual(exit(atom("noproc")));
    const nodedown = tuple(atom("nodedown"), atom("nowhere@memory"));
    expect(await failureOf(a.call({ ...server, node: "nowhere@memory" }, 1))).toEqual(exit(nodedown));
    expect(await failureOf(globalNames.send(self, B, server.global, 2))).toEqual(tuple(atom("badarg"), tuple(server.global, 2)));
  });

  it("that is not told in time is a timeout, of a call as well", async () => {
    b.expose("global", { whereis_name: () => new Promise(() => undefined) });
    expect(await failureOf(globalNames.whereisName(self, B, 1, { timeoutMs: 10 }))).toBe(atom("timeout"));
    const reason = await failureOf(a.call({ global: 1, node: B }, 1, { timeoutMs: 10 }));
    expect((reason as Tuple).at(0)).toBe(atom("timeout"));
  });
});
