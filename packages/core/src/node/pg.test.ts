import { afterEach, describe, expect, it, vi } from "vitest";
import { atom, map, type Pid, type Term, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { ErlangNode } from "./node.ts";
import { type GroupEvent, pg, type ProcessGroups } from "./pg.ts";
import type { Process } from "./process.ts";

let network: MemoryNetwork = memoryNetwork();
const started: ErlangNode[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
  network = memoryNetwork();
});

async function start(name: string | undefined): Promise<ErlangNode> {
  const listen = name === undefined ? {} : { listen: network.listen };
  const node = await ErlangNode.start({ name, cookie: "secret", connect: network.connect, ...listen });
  started.push(node);
  return node;
}

const quick = { discoverMs: 5, maxDiscoverMs: 20 };

/** Two nodes that share the default scope. */
async function pair(): Promise<{ a: ErlangNode; b: ErlangNode; ofA: ProcessGroups; ofB: ProcessGroups }> {
  const [a, b] = [await start("a@memory"), await start("b@memory")];
  const [ofA, ofB] = [pg(a, "pg", quick), pg(b, "pg", quick)];
  await a.connect("b@memory");
  await vi.waitUntil(() => ofA.nodes().length === 1 && ofB.nodes().length === 1);
  return { a, b, ofA, ofB };
}

const sorted = (pids: readonly Pid[]): string[] => pids.map(String).toSorted();

/** Waits until a group looks so. */
async function settled(groups: ProcessGroups, group: Term, pids: readonly Pid[]): Promise<void> {
  await expect.poll(() => sorted(groups.members(group)), { interval: 2 }).toEqual(sorted(pids));
}

/** What a scope tells, from now on. */
function log(groups: ProcessGroups): unknown[] {
  const events: unknown[] = [];
  const note = ({ type, group, pids }: GroupEvent): void => void events.push([type, group, pids.length]);
  groups.addEventListener("join", note);
  groups.addEventListener("leave", note);
  return events;
}

const [X, Y, Z, W] = [atom("x"), atom("y"), atom("z"), atom("w")];
const [ALL, ROOM] = [atom("all"), atom("room")];

describe("a scope of process groups", () => {
  it("shares members, as often as they joined, and any term as a group", async () => {
    const { a, b, ofA, ofB } = await pair();
    const [one, two, three] = [a.spawn(), a.spawn(), b.spawn()];
    const group = tuple(ROOM, map({ id: 7 }));
    ofA.join(group, [one, two.pid, one]);
    ofB.join(group, three);
    await settled(ofA, group, [one.pid, one.pid, two.pid, three.pid]);
    await settled(ofB, tuple(ROOM, map({ id: 7 })), [one.pid, one.pid, two.pid, three.pid]);
    expect(sorted(ofB.localMembers(group))).toEqual(sorted([three.pid]));
    expect(ofA.leave(group, one)).toBe(true);
    await settled(ofB, group, [one.pid, two.pid, three.pid]);
    expect(ofA.leave(group, [one, one])).toBe(true);
    expect(ofA.leave(group, one)).toBe(false);
    await settled(ofB, group, [two.pid, three.pid]);
    ofA.leave(group, two);
    ofB.leave(group, three);
    await settled(ofA, group, []);
    expect([ofA.groups(), ofA.localGroups()]).toEqual([[], []]);
  });

  it("tells what there was before the nodes met, in both directions", async () => {
    const [a, b] = [await start("a@memory"), await start("b@memory")];
    const [ofA, ofB] = [pg(a), pg(b)];
    const [one, two] = [a.spawn(), b.spawn()];
    ofA.join(1, one);
    ofB.join(1, two);
    ofB.join(1.5, two);
    await b.connect("a@memory");
    await settled(ofA, 1, [one.pid, two.pid]);
    await settled(ofB, 1, [one.pid, two.pid]);
    expect(ofA.groups()).toEqual([1, 1.5]);
    expect(ofA.localGroups()).toEqual([1]);
  });

  it("finds a scope that is started, and started again, while the nodes are connected", async () => {
    const [a, b] = [await start("a@memory"), await start("b@memory")];
    await a.connect("b@memory");
    const ofA = pg(a, "rooms", quick);
    const member = b.spawn();
    for (let round = 0; round < 2; round++) {
      const ofB = pg(b, "rooms", quick);
      ofB.join(ROOM, member);
      await settled(ofA, ROOM, [member.pid]);
      expect(ofA.nodes()).toEqual(["b@memory"]);
      ofB.stop();
      await settled(ofA, ROOM, []);
    }
  });

  it("lets members leave that end, and ends with their node", async () => {
    const { a, b, ofA, ofB } = await pair();
    const [one, two] = [a.spawn(), a.spawn()];
    ofA.join(X, [one, one, two]);
    ofA.join(Y, one);
    await settled(ofB, Y, [one.pid]);
    one.exit(atom("killed"));
    await settled(ofB, X, [two.pid]);
    expect(ofB.groups()).toEqual([X]);
    ofA.join(atom("dead"), one.pid);
    await settled(ofA, atom("dead"), []);
    await b.disconnect("a@memory");
    await settled(ofB, X, []);
    await settled(ofA, X, [two.pid]);
    await b.connect("a@memory");
    await settled(ofB, X, [two.pid]);
    await a.stop();
    await settled(ofB, X, []);
    expect(ofB.nodes()).toEqual([]);
  });

  it("keeps members of a node that is given its name, and tells them under each name", async () => {
    const b = await start("b@memory");
    const ofB = pg(b, "pg", quick);
    const nameless = await start(undefined);
    const own = pg(nameless, "pg", quick);
    const member = nameless.spawn();
    own.join(X, member);
    await nameless.connect("b@memory");
    await settled(ofB, X, [member.pid]);
    expect(member.pid.node.name).toBe(nameless.name);
    member.exit(atom("normal"));
    await settled(ofB, X, []);
    await settled(own, X, []);
  });

  it("tells of every change by events", async () => {
    const { a, b, ofA, ofB } = await pair();
    const [one, two] = [a.spawn(), b.spawn()];
    const events = [log(ofA), log(ofB)];
    ofA.join(X, [one, one]);
    ofB.join(X, two);
    await settled(ofA, X, [one.pid, one.pid, two.pid]);
    ofA.leave(X, one);
    await settled(ofB, X, [one.pid, two.pid]);
    one.exit(atom("normal"));
    await settled(ofB, X, [two.pid]);
    const ofAll = [
      ["join", X, 2],
      ["join", X, 1],
      ["leave", X, 1],
      ["leave", X, 1],
    ];
    expect(events[0]).toEqual(ofAll);
    expect(events[1]?.map(String).toSorted()).toEqual(ofAll.map(String).toSorted());
  });

  it("keeps scopes apart, one of a name on each node", async () => {
    const { a, ofA } = await pair();
    const other = pg(a, "other");
    const one = a.spawn();
    ofA.join(X, one);
    expect(other.members(X)).toEqual([]);
    const processes = a.registered();
    expect(() => pg(a, "other")).toThrow(RangeError);
    expect(a.registered()).toEqual(processes);
    other.stop();
    pg(a, "other").stop();
  });

  it("takes only processes of its own node, all or none", async () => {
    const { a, b, ofA } = await pair();
    const [one, two] = [a.spawn(), b.spawn()];
    expect(() => ofA.join(X, [one, two])).toThrow(RangeError);
    expect(() => ofA.leave(X, two)).toThrow(RangeError);
    expect(ofA.members(X)).toEqual([]);
  });

  it("never connects by itself", async () => {
    const { a, b, ofA, ofB } = await pair();
    const one = a.spawn();
    ofA.join(X, one);
    await settled(ofB, X, [one.pid]);
    const up: string[] = [];
    a.addEventListener("nodeup", ({ peer }) => void up.push(peer));
    await a.disconnect("b@memory");
    ofA.leave(X, one);
    ofA.join(Y, one);
    await settled(ofB, X, []);
    expect([a.nodes(), b.nodes(), up]).toEqual([[], [], []]);
  });
});

/** A process that plays the pg of another node: what it was told, and what it says. */
async function played(): Promise<{
  groups: ProcessGroups;
  node: ErlangNode;
  peer: Process;
  told: Term[];
  say: (message: Term) => void;
}> {
  const [a, b] = [await start("a@memory"), await start("b@memory")];
  const peer = b.spawn();
  peer.register("pg");
  const told: Term[] = [];
  void (async () => {
    for await (const message of peer) told.push(message);
  })();
  const groups = pg(a, "pg", { discoverMs: 60_000 });
  await a.connect("b@memory");
  const say = (message: Term): void => peer.send({ name: "pg", node: "a@memory" }, message);
  return { groups, node: a, peer, told, say };
}

const CAST = atom("$gen_cast");

describe("messages between scopes", () => {
  it("ask a node that comes up, and never by the form that ends pg of OTP 25", async () => {
    const { groups, told, peer, say } = await played();
    await expect.poll(() => told).toEqual([tuple(atom("discover"), groups.pid)]);
    say(tuple(atom("discover"), peer.pid, 1));
    await vi.waitUntil(() => told.length === 3);
    expect(told[2]).toEqual(tuple(atom("discover"), groups.pid));
  });

  it("are those of version 0 to who has not shown to know another", async () => {
    const { groups, node, told, peer, say } = await played();
    const [one, two] = [node.spawn(), node.spawn()];
    groups.join(X, one);
    say(tuple(atom("discover"), peer.pid));
    await vi.waitUntil(() => told.length === 3);
    groups.join(X, two);
    groups.leave(X, [one, two]);
    await vi.waitUntil(() => told.length === 5);
    expect(told.slice(1)).toEqual([
      tuple(CAST, tuple(atom("sync"), groups.pid, [tuple(X, [one.pid])])),
      tuple(atom("discover"), groups.pid),
      tuple(atom("join"), groups.pid, X, [two.pid]),
      tuple(atom("leave"), groups.pid, [one.pid, two.pid], [X]),
    ]);
  });

  it("are those of version 1 to who has", async () => {
    const { groups, node, told, peer, say } = await played();
    const [one, two] = [node.spawn(), node.spawn()];
    groups.join(X, one);
    say(tuple(atom("discover"), peer.pid, 1));
    await vi.waitUntil(() => told.length === 3);
    groups.join(X, two);
    groups.leave(X, one);
    await vi.waitUntil(() => told.length === 5);
    expect(told.slice(1)).toEqual([
      tuple(CAST, tuple(atom("local_data"), groups.pid, 1, map([[X, [one.pid]]]))),
      tuple(atom("discover"), groups.pid),
      tuple(atom("update"), groups.pid, [tuple(X, [two.pid], [])]),
      tuple(atom("update"), groups.pid, [tuple(X, [], [one.pid])]),
    ]);
  });

  it("are taken in both versions, and the whole of what a peer has replaces what was known", async () => {
    const { groups, peer, say } = await played();
    const events = log(groups);
    const { pid } = peer;
    say(tuple(CAST, tuple(atom("sync"), pid, [tuple(X, [pid, pid]), tuple(Y, [pid])])));
    await settled(groups, X, [pid, pid]);
    say(tuple(atom("join"), pid, Z, pid));
    say(tuple(atom("leave"), pid, pid, [X, Y]));
    await settled(groups, Z, [pid]);
    await settled(groups, X, [pid]);
    say(tuple(atom("update"), pid, [tuple(Z, [pid], []), tuple(X, [], [pid])]));
    await settled(groups, Z, [pid, pid]);
    say(tuple(CAST, tuple(atom("local_data"), pid, 1, map([[W, [pid]]]))));
    await settled(groups, W, [pid]);
    expect(groups.groups()).toEqual([W]);
    expect(events.at(-1)).toEqual(["leave", Z, 2]);
  });

  it("tell nothing of changes before all was told: a leave from an unknown group ends pg of OTP", async () => {
    const { groups, node, told, peer, say } = await played();
    const one = node.spawn();
    groups.join(X, one);
    // It answers, but has not asked us yet.
    say(tuple(CAST, tuple(atom("sync"), peer.pid, [tuple(atom("theirs"), [peer.pid])])));
    await settled(groups, atom("theirs"), [peer.pid]);
    groups.leave(X, one);
    groups.join(Y, one);
    say(tuple(atom("discover"), peer.pid));
    await vi.waitUntil(() => told.length === 2);
    expect(told[1]).toEqual(tuple(CAST, tuple(atom("sync"), groups.pid, [tuple(Y, [one.pid])])));
  });

  it("mean nothing from strangers, about processes of others, or in another form", async () => {
    const { groups, node, peer, say } = await played();
    const { pid } = peer;
    say(tuple(atom("join"), pid, X, pid));
    const nonsense: Term[] = [
      atom("nodeup"),
      tuple(atom("discover"), 1),
      tuple(CAST, atom("sync")),
      tuple(CAST, tuple(atom("sync"), pid, 1)),
      tuple(CAST, tuple(atom("sync"), pid, [tuple(X, [1])])),
      tuple(atom("update"), pid, [tuple(X, [pid])]),
      tuple(atom("leave"), pid, pid, 1),
      tuple(atom("DOWN"), 1, atom("process"), pid, atom("normal")),
      tuple(atom("DOWN"), groups.pid, atom("process"), 7, atom("normal")),
      tuple(atom("discover"), node.spawn().pid),
    ];
    for (const message of nonsense) say(message);
    say(tuple(CAST, tuple(atom("sync"), pid, [tuple(Y, [pid, node.spawn().pid])])));
    await settled(groups, Y, [pid]);
    expect(groups.groups()).toEqual([Y]);
    expect(groups.nodes()).toEqual(["b@memory"]);
  });
});

it("leaves nothing behind: 1000 joins, leaves, deaths, and lost connections", async () => {
  const { a, b, ofA, ofB } = await pair();
  // Each watches the other.
  await vi.waitUntil(() => a.counts.monitors === 2 && b.counts.monitors === 2);
  const before = [a.counts, b.counts];
  const members = Array.from({ length: 500 }, () => a.spawn());
  for (const [index, member] of members.entries()) {
    ofA.join(index % 10, member);
    ofA.join(ALL, [member, member]);
  }
  await vi.waitUntil(() => ofB.members(ALL).length === 1000);
  for (const member of members.slice(0, 250)) {
    ofA.leave(ALL, [member, member]);
    ofA.leave(members.indexOf(member) % 10, member);
  }
  for (const member of members) member.exit(atom("normal"));
  await vi.waitUntil(() => ofA.groups().length === 0 && ofB.groups().length === 0);
  for (let round = 0; round < 20; round++) {
    await a.disconnect("b@memory");
    await a.connect("b@memory");
  }
  await vi.waitUntil(() => ofA.nodes().length === 1 && ofB.nodes().length === 1);
  await expect.poll(() => [a.counts, b.counts]).toEqual(before);
});
