// Processes that one node starts on another, in both directions.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HANDSHAKE, ScriptedPeer } from "../../test/support/scripted-peer.ts";
import type { ControlMessageOf } from "../distribution/index.ts";
import { EncodeError, TimeoutError } from "../errors.ts";
import { atom, Pid, Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { DFLAG, Initiator } from "../handshake/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { ErlangNode } from "./node.ts";
import type { NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";

const A = "a@memory";
const B = "b@memory";
const normal = atom("normal");
const exit = (from: Pid, reason: Term): Tuple => tuple(atom("EXIT"), from, reason);

let network: MemoryNetwork;
const started: ErlangNode[] = [];

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

beforeEach(() => {
  network = memoryNetwork();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
});

describe("a spawn request", () => {
  let a: ErlangNode;
  let b: ErlangNode;
  let self: Process;

  beforeEach(async () => {
    a = await start(A);
    b = await start(B);
    b.expose("work", {
      async echo() {
        for await (const message of this) if (message instanceof Tuple) this.send(message.at(0) as Pid, message);
      },
      tell(to: Pid, message: Term) {
        this.send(to, tuple(this.pid, message));
      },
      return: () => 1,
      noTerm: () => ({ a: 1 }),
      async late() {
        const gone = this.exited;
        this.exit(atom("gone"));
        await gone;
        throw new TypeError("too late");
      },
      fail() {
        throw new ErlangError("error", atom("badarith"));
      },
      exit(reason: Term) {
        throw new ErlangError("exit", reason);
      },
      leader() {
        return this.groupLeader;
      },
    });
    self = a.spawn();
    self.trapExit = true;
  });

  it("gives the pid of a process that runs the function", async () => {
    const pid = await self.spawnRequest(B, "work", "echo", []);
    expect(pid.node.name).toBe(B);
    self.send(pid, tuple(self.pid, 1));
    expect(await self.receive()).toEqual(tuple(self.pid, 1));
    // Neither linked nor monitored.
    self.exit(pid, atom("kill"));
    expect(await a.ping(B)).toBe(true);
    expect(self.messageQueueLength).toBe(0);
    const teller = await self.spawnRequest(B, atom("work"), atom("tell"), [self.pid, "x"]);
    expect(await self.receive()).toEqual(tuple(teller, new TextEncoder().encode("x")));
  });

  it("links and monitors from the start, so that no end goes unnoticed", async () => {
    const linked = await self.spawnRequest(B, "work", "exit", [atom("bang")], { link: true });
    expect(await self.receive()).toEqual(exit(linked, atom("bang")));
    const request = self.spawnRequest(B, "work", "return", [], { monitor: true });
    const down = tuple(atom("DOWN"), request.id, atom("process"), await request, normal);
    expect(await self.receive()).toEqual(down);
    const tagged = self.spawnRequest(B, "work", "fail", [], { monitor: { tag: 17 }, link: true });
    const pid = await tagged;
    const reason = tuple(atom("badarith"), [tuple(atom("work"), atom("fail"), 0, [])]);
    const both = [await self.receive(), await self.receive()];
    expect(both).toContainEqual(tuple(17, tagged.id, atom("process"), pid, reason));
    expect(both).toContainEqual(exit(pid, reason));
  });

  it("can have its monitor and its link undone like any other", async () => {
    const request = self.spawnRequest(B, "work", "echo", [], { link: true, monitor: true });
    const pid = await request;
    expect(self.demonitor(request.id)).toBe(true);
    self.unlink(pid);
    self.exit(pid, atom("kill"));
    await a.ping(B);
    expect(self.messageQueueLength).toBe(0);
    const none = { links: 0, monitors: 0 };
    await expect.poll(() => [a.counts, b.counts]).toMatchObject([none, none]);
  });

  it("ends the new process with its parent when they are linked", async () => {
    const pid = await self.spawnRequest(B, "work", "echo", [], { link: true });
    const watcher = b.spawn();
    watcher.monitor(pid);
    self.exit(atom("over"));
    expect((await watcher.receive()) as Tuple).toMatchObject({ elements: { 4: atom("over") } });
  });

  it("succeeds for a function that is not there, whose process ends with undef", async () => {
    const pid = await self.spawnRequest(B, "nowhere", "f", [1], { link: true });
    const undef = tuple(atom("undef"), [tuple(atom("nowhere"), atom("f"), [1], [])]);
    expect(await self.receive()).toEqual(exit(pid, undef));
  });

  it("reports on its node what ends by an error, and nothing else", async () => {
    const crashes: unknown[] = [];
    b.addEventListener("processcrash", ({ error }) => crashes.push(error));
    for (const name of ["return", "noTerm", "fail", "nothing"]) {
      await self.spawnRequest(B, "work", name, [], { link: true });
      await self.receive();
    }
    await self.spawnRequest(B, "work", "exit", [atom("bye")], { link: true });
    await self.receive();
    await self.spawnRequest(B, "work", "late", [], { link: true });
    expect((await self.receive()) as Tuple).toMatchObject({ elements: { 2: atom("gone") } });
    await expect(a.erpc(B, "work", "late", [])).rejects.toMatchObject({ code: "signal" });
    await expect.poll(() => crashes.length).toBe(4);
    const late = { message: "too late" };
    expect(crashes).toMatchObject([{ reason: atom("badarith") }, { reason: atom("undef") }, late, late]);
  });

  it("passes the group leader on, and further options", async () => {
    self.groupLeader = new Pid(atom(A), 77, 0, a.creation);
    const options = [tuple(atom("priority"), atom("high")), tuple(atom("async_dist"), true)];
    b.expose("ask", {
      leader(to: Pid) {
        this.send(to, this.groupLeader);
      },
    });
    await self.spawnRequest(B, "ask", "leader", [self.pid], { options });
    expect(await self.receive()).toEqual(self.groupLeader);
  });

  it("is refused for options that make no sense, and when there are too many processes", async () => {
    for (const option of [atom("nonsense"), 1, tuple(atom("reply"), atom("no"))]) {
      const refused = self.spawnRequest(B, "work", "echo", [], { options: [option], link: true, monitor: true });
      await expect(refused).rejects.toMatchObject({ class: "error", reason: atom("badopt"), code: "badopt" });
    }
    // `a` has one process, `self`, beside those of the node itself.
    const full = await start("full@memory", { limits: { processes: a.counts.processes } });
    await self.spawnRequest(full.name, "m", "f", [], { monitor: true });
    await self.receive();
    full.spawn();
    const refused = self.spawnRequest(full.name, "m", "f", []);
    await expect(refused).rejects.toMatchObject({ reason: atom("system_limit"), code: "system_limit" });
    expect(a.counts).toMatchObject({ links: 0, monitors: 0, spawnRequests: 0 });
  });

  it("says what is wrong with it before anything is sent", async () => {
    await expect(self.spawnRequest("b", "m", "f", [])).rejects.toThrow(TypeError);
    await expect(self.spawnRequest(B, "m", "f", [{ a: 1 } as unknown as Term])).rejects.toThrow(EncodeError);
    self.exit(normal);
    await expect(self.spawnRequest(B, "m", "f", [])).rejects.toMatchObject({ class: "exit", reason: normal });
    expect(a.counts.spawnRequests).toBe(0);
  });

  it("is noconnection when the node cannot be reached", async () => {
    const failed = self.spawnRequest("nowhere@memory", "m", "f", [], { link: true, monitor: true });
    await expect(failed).rejects.toMatchObject({
      class: "error",
      reason: atom("noconnection"),
      code: "noconnection",
      cause: { code: "no_such_node" },
    });
    expect(self.messageQueueLength).toBe(0);
  });

  it("works within one node", async () => {
    const other = b.spawn();
    other.trapExit = true;
    const pid = await other.spawnRequest(B, "work", "exit", [1], { link: true });
    expect(await other.receive()).toEqual(exit(pid, 1));
  });

  it("is made by processes of a node that has no name yet", async () => {
    const page = await ErlangNode.start({ cookie: "secret", connect: network.connect });
    started.push(page);
    const process = page.spawn();
    const request = process.spawnRequest(B, "work", "return", [], { monitor: true });
    const pid = await request;
    expect(request.id.node.name).toBe(page.name);
    expect(await process.receive()).toEqual(tuple(atom("DOWN"), request.id, atom("process"), pid, normal));
  });

  it("leaves nothing in any table after 10,000 of them", async () => {
    await a.connect(B);
    const before = [a.counts, b.counts];
    for (let round = 0; round < 10; round++) {
      const options = { link: true, monitor: true };
      await Promise.all(Array.from({ length: 1000 }, () => self.spawnRequest(B, "work", "return", [], options)));
      for (let count = 0; count < 2000; count++) await self.receive();
    }
    await expect.poll(() => [a.counts, b.counts]).toEqual(before);
  });
});

describe("a spawn request to a peer that takes its time", () => {
  const PEER = "peer@memory";
  const theirs = new Pid(atom(PEER), 5, 0, 9);
  let node: ErlangNode;
  let peer: ScriptedPeer;
  let self: Process;

  async function connect(flags = HANDSHAKE.flags): Promise<void> {
    node = await start(A);
    const isUp = new Promise((resolve) => node.addEventListener("nodeup", resolve, { once: true }));
    const options = { ...HANDSHAKE, flags, name: PEER, creation: 9, peer: A, cookie: "secret" };
    peer = new ScriptedPeer(await network.connect(A, {}), new Initiator(options));
    await isUp;
    self = node.spawn();
  }

  afterEach(() => peer.driver.close());

  async function requested(): Promise<ControlMessageOf<"SPAWN_REQUEST">> {
    const [control] = await peer.next();
    expect(control.type).toBe("SPAWN_REQUEST");
    return control as ControlMessageOf<"SPAWN_REQUEST">;
  }

  function reply({ reqId, fromPid }: ControlMessageOf<"SPAWN_REQUEST">, flags: number, result: Pid | string = theirs): void {
    peer.send({ type: "SPAWN_REPLY", reqId, toPid: fromPid, flags, result });
  }

  it("undoes a reply that comes after it was given up", async () => {
    await connect();
    const options = { link: true, monitor: true };
    await expect(self.spawnRequest(PEER, "m", "f", [], { ...options, timeoutMs: 5 })).rejects.toThrow(TimeoutError);
    const request = await requested();
    expect(request).toMatchObject({ fromPid: self.pid, optList: [atom("link"), atom("monitor")] });
    expect(node.counts.spawnRequests).toBe(0);
    reply(request, 3);
    const { fromPid, reqId: ref } = request;
    expect(await peer.next()).toEqual([{ type: "DEMONITOR_P", fromPid, toProc: theirs, ref }]);
    expect(await peer.next()).toEqual([{ type: "PAYLOAD_EXIT", fromPid, toPid: theirs }, atom("abandoned")]);

    const controller = new AbortController();
    const aborted = self.spawnRequest(PEER, "m", "f", [], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    // Nothing to undo.
    reply(await requested(), 0);
    expect(node.counts).toMatchObject({ links: 0, monitors: 0, spawnRequests: 0 });
  });

  it("ends the new process with the reason of a parent that did not live to see it", async () => {
    await connect();
    const failed = self.spawnRequest(PEER, "m", "f", [], { link: true, monitor: true });
    const request = await requested();
    self.exit(atom("over"));
    await expect(failed).rejects.toMatchObject({ class: "exit", reason: atom("over") });
    reply(request, 3);
    expect((await peer.next())[0]).toMatchObject({ type: "DEMONITOR_P", toProc: theirs, ref: request.reqId });
    const exited = { type: "PAYLOAD_EXIT", fromPid: self.pid, toPid: theirs } as const;
    expect(await peer.next()).toEqual([exited, atom("over")]);
    expect(node.counts.spawnRequests).toBe(0);
  });

  it("forgets its dead parents when the connection is lost", async () => {
    await connect();
    const failed = self.spawnRequest(PEER, "m", "f", [], { link: true });
    self.exit(atom("over"));
    await expect(failed).rejects.toThrow(ErlangError);
    expect(node.counts.spawnRequests).toBe(1);
    await node.disconnect(PEER);
    expect(node.counts.spawnRequests).toBe(0);
  });

  it("believes the flags of the reply, and takes one reply only", async () => {
    await connect();
    const pid = self.spawnRequest(PEER, "m", "f", [], { link: true, monitor: true });
    const request = await requested();
    reply(request, 0);
    expect(await pid).toEqual(theirs);
    expect(node.counts).toMatchObject({ links: 0, monitors: 0 });
    reply(request, 1);
    expect((await peer.next())[0]).toMatchObject({ type: "PAYLOAD_EXIT", toPid: theirs });
  });

  it("takes any reason for a refusal", async () => {
    await connect();
    const refused = self.spawnRequest(PEER, "m", "f", []);
    reply(await requested(), 0, "closed_today");
    await expect(refused).rejects.toMatchObject({ class: "error", reason: atom("closed_today"), code: "refused" });
  });

  it("is notsup for a peer that knows no spawn requests", async () => {
    await connect(HANDSHAKE.flags & ~DFLAG.SPAWN);
    const notsup = { class: "error", reason: atom("notsup"), code: "notsup" };
    await expect(self.spawnRequest(PEER, "m", "f", [], { link: true })).rejects.toMatchObject(notsup);
    const call = node.erpc(PEER, "m", "f", []);
    await expect(call).rejects.toMatchObject({ ...notsup, reason: tuple(atom("erpc"), atom("notsup")) });
  });

  it("must have a list of arguments, or the connection is closed", async () => {
    await connect();
    // The peer knows that it is connected when it has got something.
    self.send(theirs, 1);
    await peer.next();
    const mfa = { module: "m", function: "f", arity: 1 };
    const reqId = new Reference(atom(PEER), 9, [1, 2, 3]);
    const request = { reqId, fromPid: theirs, groupLeader: theirs, mfa, optList: [] };
    peer.send({ type: "SPAWN_REQUEST", ...request }, atom("no_list"));
    await peer.driver.done;
    expect(node.nodes()).toEqual([]);
  });
});
