// What is asked of the process `rex`, in messages as OTP, C nodes and others send them.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atom, type Pid, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { ErlangNode } from "./node.ts";
import type { Process } from "./process.ts";

const B = "b@memory";
const REX = { name: "rex", node: B };
const call = atom("call");
const badrpc = (reason: Term): Tuple => tuple(atom("badrpc"), tuple(atom("EXIT"), reason));

let a: ErlangNode;
let b: ErlangNode;
let self: Process;

beforeEach(async () => {
  const network = memoryNetwork();
  const start = (name: string): Promise<ErlangNode> =>
    ErlangNode.start({ name, cookie: "secret", connect: network.connect, listen: network.listen });
  a = await start("a@memory");
  b = await start(B);
  const order: Term[] = [];
  b.expose("m", {
    add: (left: number, right: number) => left + right,
    leader() {
      return this.groupLeader;
    },
    async slow(value: Term) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(value);
      return [...order];
    },
    fast(value: Term) {
      order.push(value);
      return [...order];
    },
    fail() {
      throw new ErlangError("error", atom("badarith"));
    },
    throw() {
      throw new ErlangError("throw", 17);
    },
    exit() {
      throw new ErlangError("exit", atom("bye"));
    },
    die() {
      this.exit(atom("died"));
    },
    tell(to: Pid) {
      this.send(to, this.groupLeader);
    },
  });
  self = a.spawn();
});

afterEach(() => Promise.all([a.stop(), b.stop()]));

function request(content: Term): Reference {
  const ref = self.makeRef();
  self.send(REX, tuple(atom("$gen_call"), tuple(self.pid, ref), content));
  return ref;
}

async function answerTo(ref: Reference): Promise<Term> {
  const answer = await self.receive(
    (message): message is Tuple<[Term, Term]> => message instanceof Tuple && String(message.at(0)) === String(ref),
  );
  return answer.at(1);
}

const apply = (tag: string, name: string, ...args: Term[]): Term => tuple(atom(tag), atom("m"), atom(name), args, self.pid);

describe("rex", () => {
  it("answers call with what rpc:call/4 gives", async () => {
    const result = (name: string, ...args: Term[]): Promise<Term> => answerTo(request(apply("call", name, ...args)));
    expect(await result("add", 1, 2)).toBe(3);
    expect(await result("leader")).toEqual(self.pid);
    expect(await result("throw")).toBe(17);
    expect(await result("exit")).toEqual(badrpc(atom("bye")));
    expect(await result("die")).toEqual(badrpc(atom("died")));
    const at = (name: string, arity: Term): Term => [tuple(atom("m"), atom(name), arity, [])];
    expect(await result("fail")).toEqual(badrpc(tuple(atom("badarith"), at("fail", 0))));
    expect(await result("none", 1)).toEqual(badrpc(tuple(atom("undef"), at("none", [1]))));
  });

  it("runs calls beside each other, and a block_call before all that comes after it", async () => {
    const [slow, fast] = [request(apply("call", "slow", 1)), request(apply("call", "fast", 2))];
    expect([await answerTo(slow), await answerTo(fast)]).toEqual([[2, 1], [2]]);
    const [block, after] = [request(apply("block_call", "slow", 3)), request(apply("call", "fast", 4))];
    expect([await answerTo(block), await answerTo(after)]).toEqual([
      [2, 1, 3],
      [2, 1, 3, 4],
    ]);
  });

  it("takes a cast, and a group leader that is none", async () => {
    self.send(REX, tuple(atom("$gen_cast"), tuple(atom("cast"), atom("m"), atom("tell"), [self.pid], self.pid)));
    expect(await self.receive()).toEqual(self.pid);
    self.send(REX, tuple(atom("$gen_cast"), tuple(atom("cast"), atom("m"), atom("tell"), [self.pid], atom("user"))));
    expect(((await self.receive()) as Pid).node.name).toBe(B);
  });

  it("takes plain calls of C nodes", async () => {
    self.send(REX, tuple(self.pid, tuple(call, atom("m"), atom("add"), [1, 2], atom("user"))));
    expect(await self.receive()).toEqual(tuple(atom("rex"), 3));
  });

  it("passes messages on, and says for whom there is nobody", async () => {
    const target = b.spawn();
    target.register("target");
    const rex = atom("rex");
    const node = atom(B);
    const nobody = tuple(rex, node, tuple(atom("nonexisting_name"), atom("nobody")));
    self.send(REX, tuple(self.pid, tuple(atom("sbcast"), atom("target"), 1)));
    expect([await self.receive(), await target.receive()]).toEqual([tuple(rex, node, node), 1]);
    self.send(REX, tuple(self.pid, tuple(atom("sbcast"), atom("nobody"), 1)));
    expect(await self.receive()).toEqual(nobody);
    self.send(REX, tuple(self.pid, tuple(atom("send"), atom("target"), 2)));
    expect(await target.receive()).toEqual(tuple(self.pid, 2));
    self.send(REX, tuple(self.pid, tuple(atom("send"), atom("nobody"), 2)));
    expect(await self.receive()).toEqual(nobody);
    self.send(REX, tuple(self.pid, tuple(atom("sbcast"), 17, 1)));
    expect(await self.receive()).toEqual(tuple(rex, node, tuple(atom("nonexisting_name"), 17)));
  });

  it("says which features there are", async () => {
    self.send(REX, tuple(self.pid, atom("features_request")));
    expect(await self.receive()).toEqual(tuple(atom("features_reply"), atom(B), [atom("erpc")]));
  });

  it("leaves no caller waiting, and no nonsense ends it", async () => {
    const applied = tuple(atom("erlang"), atom("apply"), [1, 2, 3], []);
    expect(await answerTo(request(tuple(call, 1, 2, 3, 4)))).toEqual(badrpc(tuple(atom("badarg"), [applied])));
    for (const nonsense of [atom("stop"), 1, tuple(call, 1)]) {
      expect(await answerTo(request(nonsense))).toEqual(badrpc(atom("badarg")));
    }
    const cast = atom("$gen_cast");
    const messages = [1, tuple(), tuple(1, 2), tuple(cast, 1), tuple(cast, tuple(atom("cast"), 1, 2, 3, 4)), tuple(self.pid, 1)];
    for (const message of messages) self.send(REX, message);
    expect(await answerTo(request(apply("call", "add", 1, 2)))).toBe(3);
    expect(self.messageQueueLength).toBe(0);
  });

  it("ends before a function does, without harm", async () => {
    const server = b.whereis("rex");
    if (server === undefined) expect.unreachable("rex is registered");
    // It is loaded with the first message.
    expect(await answerTo(request(apply("call", "add", 1, 2)))).toBe(3);
    request(apply("call", "slow", 1));
    const ref = self.monitor(REX);
    self.exit(server, atom("kill"));
    expect(await self.receive()).toMatchObject({ elements: { 1: ref, 4: atom("killed") } });
    await expect.poll(() => b.erpc(B, "m", "fast", [2])).toEqual(expect.arrayContaining([1]));
  });
});
