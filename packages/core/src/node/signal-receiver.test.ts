// A node against a peer of the test's own, which sends what no well-behaved node sends and sees what is answered.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HANDSHAKE, ScriptedPeer } from "../../test/support/scripted-peer.ts";
import { ALTACT, type ControlMessage } from "../distribution/index.ts";
import { atom, ImproperList, Pid, Reference, type Term, tuple } from "../etf/index.ts";
import { Acceptor, Initiator } from "../handshake/index.ts";
import { memoryNetwork, memoryPair } from "../transports/memory.ts";
import { ErlangNode } from "./node.ts";
import type { Process } from "./process.ts";

const PEER = "peer@memory";
const NODE = "node@memory";
const theirs = new Pid(atom(PEER), 1, 0, 9);
const stranger = new Pid(atom("third@memory"), 1, 0, 9);
const ref = new Reference(atom(PEER), 9, [1, 2, 3]);
const noproc = atom("noproc");

describe("a node that a peer is connected to", () => {
  let node: ErlangNode;
  let peer: ScriptedPeer;
  let self: Process;

  beforeEach(async () => {
    const network = memoryNetwork();
    node = await ErlangNode.start({ name: NODE, cookie: "secret", listen: network.listen });
    const isUp = new Promise((resolve) => node.addEventListener("nodeup", resolve, { once: true }));
    const options = { ...HANDSHAKE, name: PEER, creation: 9, peer: NODE, cookie: "secret" };
    peer = new ScriptedPeer(await network.connect(NODE, {}), new Initiator(options));
    await isUp;
    self = node.spawn();
    self.register("self");
  });

  afterEach(async () => {
    await Promise.all([node.stop(), peer.driver.close()]);
  });

  it("acknowledges every unlink, also of links and processes that never were", async () => {
    const nobody = new Pid(self.pid.node, 999, 0, self.pid.creation);
    for (const [id, toPid] of [
      [1n, self.pid],
      [2n ** 64n - 1n, nobody],
    ] as const) {
      peer.send({ type: "UNLINK_ID", id, fromPid: theirs, toPid });
      expect(await peer.next()).toEqual([{ type: "UNLINK_ID_ACK", id, fromPid: toPid, toPid: theirs }]);
    }
  });

  it("takes ALTACT_SIG_SEND with all flags: to pids, names and aliases, messages and exit signals", async () => {
    self.trapExit = true;
    const send = (flags: number, to: Pid | Reference | string, payload: Term): void =>
      peer.send({ type: "ALTACT_SIG_SEND", flags, fromPid: theirs, to }, payload);
    const alias = self.alias();
    const ended = self.alias();
    self.unalias(ended);
    send(ALTACT.PRIORITY, self.pid, 1);
    send(ALTACT.ALIAS, alias, 4);
    send(ALTACT.ALIAS, ended, atom("lost"));
    send(ALTACT.ALIAS | ALTACT.PRIORITY, alias, 5);
    send(ALTACT.NAME, "self", 8);
    send(ALTACT.NAME, "nobody", atom("lost"));
    send(ALTACT.NAME | ALTACT.PRIORITY, "self", 9);
    send(ALTACT.EXIT, self.pid, 16);
    send(ALTACT.EXIT | ALTACT.PRIORITY, self.pid, 17);
    send(ALTACT.EXIT | ALTACT.ALIAS, alias, 20);
    const exit = (reason: number): Term => tuple(atom("EXIT"), theirs, reason);
    for (const expected of [1, 4, 5, 8, 9, exit(16), exit(17), exit(20)]) expect(await self.receive()).toEqual(expected);
  });

  it("forgets a link by an unlink, and by its own once that is acknowledged", async () => {
    self.trapExit = true;
    self.link(theirs);
    expect(await peer.next()).toEqual([{ type: "LINK", fromPid: self.pid, toPid: theirs }]);
    self.unlink(theirs);
    expect(await peer.next()).toEqual([{ type: "UNLINK_ID", id: 1n, fromPid: self.pid, toPid: theirs }]);
    // Both crossed our unlink on the way: the link is not there any more.
    peer.send({ type: "LINK", fromPid: theirs, toPid: self.pid });
    peer.send({ type: "PAYLOAD_EXIT", fromPid: theirs, toPid: self.pid }, atom("crossed"));
    // After the acknowledgement a new link counts.
    peer.send({ type: "UNLINK_ID_ACK", id: 1n, fromPid: theirs, toPid: self.pid });
    peer.send({ type: "LINK", fromPid: theirs, toPid: self.pid });
    peer.send({ type: "EXIT", fromPid: theirs, toPid: self.pid, reason: atom("bang") });
    expect(await self.receive()).toEqual(tuple(atom("EXIT"), theirs, atom("bang")));
  });

  it("answers links and monitors on nobody with noproc, naming them as they were asked for", async () => {
    const nobody = new Pid(self.pid.node, 999, 0, self.pid.creation);
    const earlier = new Pid(self.pid.node, self.pid.id, self.pid.serial, self.pid.creation + 1);
    for (const pid of [nobody, earlier]) {
      peer.send({ type: "LINK", fromPid: theirs, toPid: pid });
      expect(await peer.next()).toEqual([{ type: "PAYLOAD_EXIT", fromPid: pid, toPid: theirs }, noproc]);
    }
    for (const toProc of [nobody, earlier, "nobody"]) {
      peer.send({ type: "MONITOR_P", fromPid: theirs, toProc, ref });
      expect(await peer.next()).toEqual([{ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: toProc, toPid: theirs, ref }, noproc]);
    }
  });

  it("tells monitors by name with the name, and those that were taken back nothing", async () => {
    const other = new Reference(atom(PEER), 9, [4, 5, 6]);
    peer.send({ type: "MONITOR_P", fromPid: theirs, toProc: "self", ref });
    peer.send({ type: "MONITOR_P", fromPid: theirs, toProc: self.pid, ref: other });
    peer.send({ type: "DEMONITOR_P", fromPid: theirs, toProc: self.pid, ref: other });
    peer.send({ type: "DEMONITOR_P", fromPid: theirs, toProc: self.pid, ref: other });
    peer.send({ type: "PAYLOAD_EXIT2", fromPid: theirs, toPid: self.pid }, atom("bang"));
    expect(await peer.next()).toEqual([{ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: "self", toPid: theirs, ref }, atom("bang")]);
    peer.send({ type: "UNLINK_ID", id: 1n, fromPid: theirs, toPid: self.pid });
    expect(await peer.next()).toMatchObject([{ type: "UNLINK_ID_ACK" }]);
  });

  it("does not believe what a peer says of the processes of another node", async () => {
    self.trapExit = true;
    self.link(theirs);
    const monitor = self.monitor(theirs);
    peer.send({ type: "PAYLOAD_EXIT", fromPid: stranger, toPid: self.pid }, atom("forged"));
    // A node of ours itself: the peer is not it.
    const local = node.spawn();
    self.link(local.pid);
    const localMonitor = self.monitor(local.pid);
    peer.send({ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: local.pid, toPid: self.pid, ref: localMonitor }, atom("forged"));
    peer.send({ type: "PAYLOAD_EXIT", fromPid: local.pid, toPid: self.pid }, atom("forged"));
    peer.send({ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: theirs, toPid: self.pid, ref: monitor }, atom("true"));
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), monitor, atom("process"), theirs, true));
  });

  it.each<[string, (to: Pid) => ControlMessage]>([
    ["LINK", (toPid) => ({ type: "LINK", fromPid: stranger, toPid })],
    ["MONITOR_P", (toProc) => ({ type: "MONITOR_P", fromPid: stranger, toProc, ref })],
    ["UNLINK_ID", (toPid) => ({ type: "UNLINK_ID", id: 1n, fromPid: stranger, toPid })],
  ])("closes when a peer sends %s in the name of another node", async (_, control) => {
    peer.send(control(self.pid));
    await peer.driver.done;
    expect(peer.isClosed).toBe(true);
    expect(node.nodes()).toEqual([]);
  });

  it("replies to spawn requests, with what was set up, before the new process ends", async () => {
    const request = { reqId: ref, fromPid: theirs, groupLeader: theirs, mfa: { module: "m", function: "f", arity: 1 } };
    const undef = tuple(atom("undef"), [tuple(atom("m"), atom("f"), [1], [])]);
    for (const [optList, flags] of [
      [[], 0],
      [[atom("link")], 1],
      [[atom("monitor"), tuple(atom("priority"), atom("high"))], 2],
      [[tuple(atom("monitor"), [tuple(atom("tag"), atom("gone"))]), atom("link")], 3],
    ] as const) {
      peer.send({ type: "SPAWN_REQUEST", ...request, optList, traceToken: 7 }, [1]);
      const [reply] = await peer.next();
      expect(reply).toMatchObject({ type: "SPAWN_REPLY", reqId: ref, toPid: theirs, flags, traceToken: 7 });
      const pid = (reply as { result: Pid }).result;
      expect(pid.node.name).toBe(NODE);
      if ((flags & 2) !== 0) {
        expect(await peer.next()).toEqual([{ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: pid, toPid: theirs, ref }, undef]);
      }
      if ((flags & 1) !== 0) expect(await peer.next()).toEqual([{ type: "PAYLOAD_EXIT", fromPid: pid, toPid: theirs }, undef]);
    }
  });

  it("answers is_auth to the alias in the tag, and to the pid where there is none", async () => {
    const alias = (head: Term): Term => new ImproperList([head], ref);
    const [plain, nested] = [alias(atom("alias")), new ImproperList([alias(atom("alias"))], new Reference(atom(PEER), 9, [7]))];
    const call = (tag: Term): Term => tuple(atom("$gen_call"), tuple(theirs, tag), tuple(atom("is_auth"), atom(PEER)));
    for (const tag of [plain, nested]) {
      peer.send({ type: "REG_SEND", fromPid: theirs, toName: "net_kernel" }, call(tag));
      const [control, message] = await peer.next();
      expect(control).toMatchObject({ type: "ALIAS_SEND", alias: ref });
      expect(message).toEqual(tuple(tag, atom("yes")));
    }
    for (const tag of [ref, tuple(ref, atom(PEER)), alias(atom("other"))]) {
      peer.send({ type: "REG_SEND", fromPid: theirs, toName: "net_kernel" }, call(tag));
      expect(await peer.next()).toMatchObject([{ type: "SEND_SENDER", toPid: theirs }, tuple(tag, atom("yes"))]);
    }
    // What makes no sense does not end it.
    for (const nonsense of [1, tuple(), call(1), tuple(atom("$gen_call"), 1, 2), tuple(atom("$gen_call"), tuple(1, 2), 3)]) {
      peer.send({ type: "REG_SEND", fromPid: theirs, toName: "net_kernel" }, nonsense);
    }
    peer.send({ type: "REG_SEND", fromPid: theirs, toName: "net_kernel" }, call(plain));
    await peer.next();
    expect(await peer.next()).toMatchObject([{ type: "ALIAS_SEND" }, tuple(plain, atom("yes"))]);
  });
});

describe("a node whose peer has not noticed that the connection is lost", () => {
  it("takes the place of the old connection, for it knows that it was its own", async () => {
    const peers: ScriptedPeer[] = [];
    const statuses = ["ok", "alive"] as const;
    const node = await ErlangNode.start({
      name: NODE,
      cookie: "secret",
      connect: async () => {
        const [ours, other] = memoryPair();
        const acceptor = new Acceptor({ ...HANDSHAKE, name: PEER, creation: 9 });
        const status = statuses[peers.length] ?? "ok";
        peers.push(new ScriptedPeer(other, acceptor, () => acceptor.answer({ status, cookie: "secret" })));
        return ours;
      },
    });
    await node.connect(PEER);
    await node.disconnect(PEER);
    expect(await node.connect(PEER)).toMatchObject({ name: PEER });
    await Promise.all([node.stop(), ...peers.map(({ driver }) => driver.close())]);
  });
});
