// Against OTP's own pg, which has two versions of its messages and does not look for hidden nodes.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { atom, map, Pid, tuple } from "../etf/index.ts";
import { tcp } from "../transports/nodejs.ts";
import { ErlangNode } from "./node.ts";
import { pg, type ProcessGroups } from "./pg.ts";

const ROOM = atom("room");
const quick = { discoverMs: 20, maxDiscoverMs: 100 };
let count = 0;

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  /** The node's pg, which has to outlive whatever we say to it. */
  let pgThere: string;
  const started: ErlangNode[] = [];

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd, args: ["-kernel", "start_pg", "true"] });
    pgThere = await erl.eval("whereis(pg)");
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((node) => node.stop()));
    await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]");
    const now = await erl.eval("{whereis(pg), pg:which_groups()}");
    if (now !== `{${pgThere},[]}`) throw new Error(`pg was ${pgThere}, without groups, and is ${now}`);
  });

  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  async function start(): Promise<ErlangNode> {
    const name = `pg${process.pid}x${++count}@127.0.0.1`;
    const node = await ErlangNode.start({ name, cookie: "secret", connect: tcp({ epmdPortNo: epmd.portNo }) });
    started.push(node);
    return node;
  }

  /** A scope of ours that knows the node's. */
  async function join(scope?: string): Promise<{ node: ErlangNode; groups: ProcessGroups }> {
    const node = await start();
    const groups = pg(node, scope, quick);
    await node.connect(erl.name);
    await vi.waitUntil(() => groups.nodes().length === 1);
    return { node, groups };
  }

  const theirs = (expression: string): Promise<string> => erl.eval(expression);
  /** How many of these members the node knows. */
  const seen = (group: string, pids: readonly Pid[], scope = "pg"): Promise<string> =>
    theirs(`lists:sort([P || P <- pg:get_members(${scope}, ${group})]) =:= lists:sort([${pids.map(pidThere).join()}])`);
  const pidThere = ({ node, id, serial, creation }: Pid): string =>
    `binary_to_term(<<131,88,119,${Buffer.byteLength(node.name)},"${node.name}",${id}:32,${serial}:32,${creation}:32>>)`;
  const sees = async (group: string, pids: readonly Pid[], scope?: string): Promise<void> => {
    await expect.poll(() => seen(group, pids, scope), { timeout: 5_000 }).toBe("true");
  };
  const member = (group: string): string => `P = spawn(fun() -> receive stop -> ok end end), pg:join(${group}, P)`;

  it("[C65] members join, leave and end on either side, and both know", async () => {
    const { node, groups } = await join();
    const [one, two] = [node.spawn(), node.spawn()];
    groups.join(ROOM, [one, two, one]);
    await sees("room", [one.pid, two.pid, one.pid]);
    groups.leave(ROOM, one);
    await sees("room", [one.pid, two.pid]);
    await theirs(`register(member, spawn(fun() -> receive stop -> ok end end)), pg:join(room, whereis(member))`);
    await expect.poll(() => groups.members(ROOM).length).toBe(3);
    await theirs(`pg:join(#{a => [1]}, whereis(member)), pg:join(#{a => [1]}, [whereis(member)])`);
    await expect.poll(() => groups.members(map({ a: [1] })).length).toBe(2);
    await theirs(`pg:leave(#{a => [1]}, [whereis(member)])`);
    await expect.poll(() => groups.members(map({ a: [1] })).length).toBe(1);
    one.exit(atom("gone"));
    await expect.poll(() => theirs("length(pg:get_members(room))")).toBe("2");
    await theirs("member ! stop");
    await expect.poll(() => groups.groups().map(String)).toEqual(["room"]);
    groups.leave(ROOM, two);
    await sees("room", []);
  });

  it("[C65] each tells the other what there was before, and forgets it when the connection is lost", async () => {
    await theirs(`register(member, spawn(fun() -> receive stop -> ok end end)), pg:join({room, 1}, whereis(member))`);
    const node = await start();
    const groups = pg(node, "pg", quick);
    const one = node.spawn();
    groups.join(tuple(ROOM, 1), [one, one]);
    for (let round = 0; round < 3; round++) {
      await node.connect(erl.name);
      await expect.poll(() => groups.members(tuple(ROOM, 1)).length, { timeout: 5_000 }).toBe(3);
      await expect.poll(() => theirs("length(pg:get_members({room, 1}))"), { timeout: 5_000 }).toBe("3");
      await theirs(`erlang:disconnect_node('${node.name}')`);
      await expect.poll(() => groups.members(tuple(ROOM, 1)).length).toBe(2);
      await expect.poll(() => theirs("length(pg:get_members({room, 1}))")).toBe("1");
    }
    await theirs("member ! stop, timer:sleep(1)");
    await expect.poll(() => theirs("pg:which_groups()")).toBe("[]");
  });

  it("[C65] a scope that is started there later, and ends and starts again, is found", async () => {
    const node = await start();
    const groups = pg(node, "late", quick);
    const one = node.spawn();
    groups.join(ROOM, one);
    await node.connect(erl.name);
    for (let round = 0; round < 2; round++) {
      await theirs("{ok, _} = pg:start(late)");
      await sees("room", [one.pid], "late");
      await theirs("gen_server:stop(late)");
      await expect.poll(() => groups.nodes()).toEqual([]);
    }
  });

  it("[C65] what we tell while we leave and join quickly is what they know in the end", async () => {
    const { node, groups } = await join();
    const members = Array.from({ length: 50 }, () => node.spawn());
    for (let round = 0; round < 20; round++) {
      for (const [index, each] of members.entries()) groups.join(index % 5, each);
      for (const [index, each] of members.entries()) if ((index + round) % 3 > 0) groups.leave(index % 5, each);
    }
    for (let group = 0; group < 5; group++) {
      expect(groups.localMembers(group).length).toBeGreaterThan(50);
      await sees(String(group), groups.localMembers(group));
    }
    for (const each of members) each.exit(atom("normal"));
    await expect.poll(() => theirs("[pg:get_members(G) || G <- lists:seq(0, 4)]")).toBe("[[],[],[],[],[]]");
  });

  it("[C65] those who watch a scope there hear of ours, and messages find their way", async () => {
    const { node, groups } = await join();
    const one = node.spawn();
    await theirs(`
      Self = self(),
      spawn(fun() ->
        {R, _} = pg:monitor_scope(),
        Self ! watching,
        receive {R, join, room, [P]} -> P ! {hello, self()} end,
        receive {R, leave, room, [P]} -> P ! left end
      end),
      receive watching -> ok end`);
    groups.join(ROOM, one);
    expect(await one.receive()).toMatchObject({ elements: [atom("hello"), expect.any(Pid)] });
    groups.leave(ROOM, one);
    expect(await one.receive()).toBe(atom("left"));
  });

  it("[C65] a restarted node has our members, and we have its", async () => {
    const alive = `restart${process.pid}${release.otp}`;
    const args = ["-kernel", "start_pg", "true"];
    const node = await start();
    const groups = pg(node, "pg", quick);
    const one = node.spawn();
    groups.join(ROOM, one);
    for (let round = 0; round < 2; round++) {
      await using other = await startErl({ release, epmd, alive, args });
      await other.eval(member("room"));
      await node.connect(other.name);
      await expect.poll(() => groups.members(ROOM).length, { timeout: 5_000 }).toBe(2);
      await expect.poll(() => other.eval("length(pg:get_members(room))"), { timeout: 5_000 }).toBe("2");
      await other.kill();
      await expect.poll(() => groups.members(ROOM), { timeout: 5_000 }).toEqual([one.pid]);
    }
  });
});
