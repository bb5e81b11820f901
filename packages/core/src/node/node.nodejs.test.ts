// Against real Erlang nodes: whoever talks only to itself proves symmetry, not truth.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, freePortNo, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { atom, type Pid, type Term, text, Tuple, tuple } from "../etf/index.ts";
import { listenTcp, tcp } from "../transports/nodejs.ts";
import { ErlangNode } from "./node.ts";
import type { NodeEventMap } from "./node-events.ts";
import type { NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";

let count = 0;
const freshName = (): string => `js${process.pid}x${++count}@127.0.0.1`;

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  const started: ErlangNode[] = [];

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((node) => node.stop()));
    // The node there forgets us a moment later.
    await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]");
  });

  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
    const connect = tcp({ epmdPortNo: epmd.portNo });
    const node = await ErlangNode.start({ name: freshName(), cookie: "secret", connect, ...options });
    started.push(node);
    return node;
  }

  const listen = (): NodeOptions["listen"] => listenTcp({ host: "127.0.0.1", epmd: { host: "127.0.0.1", portNo: epmd.portNo } });

  function event<K extends keyof NodeEventMap>(node: ErlangNode, type: K): Promise<NodeEventMap[K]> {
    return new Promise((resolve) => node.addEventListener(type, resolve, { once: true }));
  }

  it("connects, is a hidden node there, and tells of both ends of the connection", async () => {
    const node = await start();
    const [up, info] = await Promise.all([event(node, "nodeup"), node.connect(erl.name)]);
    expect(up).toMatchObject({ peer: erl.name, hidden: true });
    expect(info.creation).toBe(Number(await erl.eval("erlang:system_info(creation)")));
    expect(node.nodes()).toEqual([erl.name]);
    expect(await erl.eval("{nodes(), nodes(hidden)}")).toBe(`{[],['${node.name}']}`);
    const down = event(node, "nodedown");
    expect(await erl.eval(`erlang:disconnect_node('${node.name}')`)).toBe("true");
    expect(await down).toMatchObject({ peer: erl.name, reason: "connection_closed" });
  });

  it("pings, and is pinged over the same connection", async () => {
    const node = await start();
    expect(await node.ping(erl.name)).toBe(true);
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
  });

  it("is found in EPMD, accepted from, and pinged", async () => {
    const node = await start({ listen: listen() });
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
    expect(node.nodes()).toEqual([erl.name]);
    expect(await erl.eval("nodes(hidden)")).toBe(`['${node.name}']`);
    await node.stop();
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pang");
  });

  it("connects once when both sides do at the same time", async () => {
    for (let round = 0; round < 5; round++) {
      const node = await start({ listen: listen() });
      const [pong, isUp] = await Promise.all([erl.eval(`net_adm:ping('${node.name}')`), node.ping(erl.name)]);
      expect([pong, isUp]).toEqual(["pong", true]);
      expect(node.nodes()).toEqual([erl.name]);
      await node.stop();
      await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
    }
  });

  it("[C40] sends and receives by pid and by name, connecting with the first message", async () => {
    const node = await start();
    const self = node.spawn();
    self.register("here");
    await erl.eval(
      "register(echo, spawn(fun F() -> receive {P, M} when is_pid(P) -> P ! {self(), M}; stop -> exit(normal) end, F() end))",
    );
    const message = tuple(self.pid, [1.5, "text", 2n ** 70n]);
    self.send({ name: "echo", node: erl.name }, message);
    const answer = await self.receive();
    const [there, echoed] = (answer as Tuple).elements as readonly [Pid, Term];
    expect(there.node.name).toBe(erl.name);
    expect(echoed).toEqual([1.5, new TextEncoder().encode("text"), 2n ** 70n]);
    self.send(there, tuple(self.pid, self.pid));
    expect(await self.receive()).toEqual(tuple(there, self.pid));

    await erl.eval(`{here, '${node.name}'} ! {by, name}`);
    expect(await self.receive()).toEqual(tuple(atom("by"), atom("name")));
    await erl.eval(`{nobody, '${node.name}'} ! lost`);
    node.send({ name: "nobody", node: erl.name }, 1);
    self.send(there, atom("stop"));
    expect(await node.ping(erl.name)).toBe(true);
  });

  it("stops only after a large binary that was sent, and what was sent behind it", async () => {
    const leaving = await ErlangNode.start({
      name: `leaving${process.pid}@127.0.0.1`,
      cookie: erl.cookie,
      connect: tcp({ portNo: erl.portNo }),
    });
    await leaving.connect(erl.name);
    await erl.eval(
      "register(kept, spawn(fun F() -> receive {tell, P} -> P ! {kept, get()}; B -> put(B, byte_size(B)), F() end end))",
    );
    const self = leaving.spawn();
    for (const bytes of [200_000, 3, 300_000, 2]) self.send({ name: "kept", node: erl.name }, new Uint8Array(bytes));
    await leaving.stop();
    expect(await erl.eval("kept ! {tell, self()}, receive {kept, All} -> lists:sort([Size || {_, Size} <- All]) end")).toBe(
      "[2,3,200000,300000]",
    );
  });

  it("takes a name that the node gives, for the processes it has already too", async () => {
    const node = await start({ name: undefined });
    const self = node.spawn();
    self.register("here");
    expect(await node.ping(erl.name)).toBe(true);
    expect(node.name).toMatch(/^[0-9A-Z]+@127\.0\.0\.1$/);
    expect(await erl.eval("nodes(hidden)")).toBe(`['${node.name}']`);
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
    await erl.eval("register(echo2, spawn(fun() -> receive {P, M} -> P ! {node(P), M} end end))");
    self.send({ name: "echo2", node: erl.name }, tuple(self.pid, self.pid));
    expect(await self.receive()).toEqual(tuple(atom(node.name), self.pid));
    const first = self.pid.toString() + String(self.pid.creation);
    await node.disconnect(erl.name);
    expect(await node.ping(erl.name)).toBe(true);
    // OTP likes to give the same name again, with another creation.
    expect(self.pid.toString() + String(self.pid.creation)).not.toBe(first);
    await erl.eval("register(echo3, spawn(fun() -> receive {P, M} -> P ! M end end))");
    self.send({ name: "echo3", node: erl.name }, tuple(self.pid, atom("again")));
    expect(await self.receive()).toBe(atom("again"));
  });

  it("is called like any server: by pid and name, and by who is not there", async () => {
    const node = await start();
    await node.connect(erl.name);
    const call = (target: string): Promise<string> => erl.eval(`catch gen_server:call(${target}, hello, 5000)`);
    expect(await call(`{nobody, '${node.name}'}`)).toMatch(/noproc/);
    const server = node.spawn(async (self) => {
      for await (const message of self) {
        // {'$gen_call', {Pid, Tag}, hello}
        const [, from] = (message as Tuple).elements as readonly [Term, Tuple];
        const [pid, tag] = from.elements as readonly [Pid, Term];
        self.send(pid, tuple(tag, atom("world")));
      }
    });
    server.register("srv");
    expect(await call(`{srv, '${node.name}'}`)).toBe("world");
    expect(await erl.eval(`rpc:call('${node.name}', lists, reverse, [[1]], 5000)`)).toMatch(/badrpc.*undef/);
    expect(await erl.eval(`catch erpc:call('${node.name}', lists, reverse, [[1]], 5000)`)).toMatch(/undef/);
  });

  it("[C42, C46] tells and is told of exits, over links and monitors", async () => {
    const node = await start();
    const self = node.spawn();
    self.register("here");
    self.trapExit = true;
    await node.connect(erl.name);
    await erl.eval(`Node = '${node.name}', register(linker, spawn(fun() ->
      process_flag(trap_exit, true),
      {here, Node} ! self(),
      receive Pid -> ok end,
      link(Pid), R = monitor(process, Pid), N = monitor(process, {here2, Node}),
      receive {'DOWN', N, process, {here2, Node}, noproc} -> ok end,
      {here, Node} ! linked,
      receive {'EXIT', Pid, bang} -> ok end,
      receive {'DOWN', R, process, Pid, bang} -> ok end,
      {here, Node} ! told,
      exit(over)
    end))`);
    const linker = (await self.receive()) as Pid;
    const ref = self.monitor(linker);
    const target = node.spawn();
    self.send(linker, target.pid);
    expect(await self.receive()).toBe(atom("linked"));
    self.link(linker);
    target.exit(atom("bang"));
    expect(await self.receive()).toBe(atom("told"));
    const down = await self.receive((message) => (message as Tuple).at(0) === atom("DOWN"));
    expect(down).toEqual(tuple(atom("DOWN"), ref, atom("process"), linker, atom("over")));
    expect(await self.receive()).toEqual(tuple(atom("EXIT"), linker, atom("over")));

    const gone = self.monitor(linker);
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), gone, atom("process"), linker, atom("noproc")));
    self.link(linker);
    expect(await self.receive()).toEqual(tuple(atom("EXIT"), linker, atom("noproc")));
  });

  it("[C42, C44] leaves no link there when both sides link and unlink in turn", async () => {
    const node = await start();
    const self = node.spawn();
    self.register("here");
    await node.connect(erl.name);
    await erl.eval(`register(peer, spawn(fun F() -> receive
      {P, N} -> [begin link(P), unlink(P) end || _ <- lists:seq(1, N)], P ! self(), F();
      {P, links, L} -> P ! {L, process_info(self(), links)}, F() end end))`);
    const there = { name: "peer", node: erl.name };
    self.send(there, tuple(self.pid, 200));
    const peer = (await self.receive()) as Pid;
    for (let round = 0; round < 200; round++) {
      self.link(peer);
      self.unlink(peer);
    }
    self.send(there, tuple(self.pid, atom("links"), 1));
    expect(await self.receive()).toEqual(tuple(1, tuple(atom("links"), [])));
  });

  it("is told of every process there when the connection is lost", async () => {
    const other = await startErl({ release, epmd });
    const node = await start();
    const self = node.spawn();
    self.trapExit = true;
    await other.eval("register(victim, spawn(fun() -> receive {P, hello} -> P ! self(), receive ever -> ok end end end))");
    self.send({ name: "victim", node: other.name }, tuple(self.pid, atom("hello")));
    const victim = (await self.receive()) as Pid;
    self.link(victim);
    const ref = self.monitor(victim);
    expect(await node.ping(other.name)).toBe(true);
    const down = event(node, "nodedown");
    await other.kill();
    expect(await down).toMatchObject({ peer: other.name, reason: "connection_closed" });
    const noconnection = atom("noconnection");
    expect([await self.receive(), await self.receive()]).toEqual([
      tuple(atom("EXIT"), victim, noconnection),
      tuple(atom("DOWN"), ref, atom("process"), victim, noconnection),
    ]);
  });

  it("notices a node that has fallen silent", async () => {
    const other = await startErl({ release, epmd });
    const node = await start({ netTickTimeMs: 400 });
    await node.connect(other.name);
    const down = event(node, "nodedown");
    process.kill(other.pid, "SIGSTOP");
    expect(await down).toMatchObject({ peer: other.name, reason: "net_tick_timeout", error: { code: "net_tick_timeout" } });
    await other.kill();
  });

  it("understands every form in which signals come", async () => {
    const node = await start();
    const self = node.spawn();
    self.register("here");
    await node.connect(erl.name);
    // {here, Node} gets the pid of the process there, whose next messages are the functions that it has to run.
    await erl.eval(`register(runner, spawn(fun F() -> receive stop -> ok;
      {P, Text, Bindings} ->
        {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)),
        {ok, Exprs} = erl_parse:parse_exprs(Tokens),
        {value, V, _} = erl_eval:exprs(Exprs, [{'P', P} | Bindings]),
        P ! {result, V}, F() end end))`);
    const run = async (expressions: string, ...bindings: Term[]): Promise<Term> => {
      const named = bindings.map((value, index) => tuple(atom(`V${index}`), value));
      self.send({ name: "runner", node: erl.name }, tuple(self.pid, `${expressions}.`, named));
      const result = await self.receive((message) => message instanceof Tuple && message.at(0) === atom("result"));
      return (result as Tuple).elements[1] as Term;
    };
    const next = (): Promise<Term> => self.receive(undefined, { timeoutMs: 5_000 });
    const victim = (trapExit = false): Process => {
      const process = node.spawn();
      process.trapExit = trapExit;
      return process;
    };

    // EXIT2 and its payload form, kill and normal.
    for (const [reason, expected] of [
      ["shutdown", "shutdown"],
      ["kill", "killed"],
    ] as const) {
      const target = victim(reason === "kill");
      await run(`exit(V0, ${reason})`, target.pid);
      expect(await target.exited).toBe(atom(expected));
    }
    const trapping = victim(true);
    await run("exit(V0, normal)", trapping.pid);
    expect(await trapping.receive()).toMatchObject({ elements: [atom("EXIT"), expect.anything(), atom("normal")] });

    // GROUP_LEADER.
    const leader = (await run("group_leader(self(), V0), self()", trapping.pid)) as Pid;
    expect(trapping.groupLeader).toEqual(leader);

    // ALIAS_SEND and, from OTP 28 on, ALTACT_SIG_SEND.
    const alias = self.alias();
    await run("V0 ! {aliased, 1}", alias);
    expect(await next()).toEqual(tuple(atom("aliased"), 1));
    if (Number(release.otp) >= 28) {
      await run("erlang:send(V0, {prio, alias}, [priority]), erlang:send(P, {prio, pid}, [priority])", alias);
      await run(`erlang:send({here, '${node.name}'}, {prio, name}, [priority])`);
      const seen = [await next(), await next(), await next()].map((message) => (message as Tuple).at(1));
      expect(seen).toEqual([atom("alias"), atom("pid"), atom("name")]);
      const target = victim();
      await run("exit(V0, bang, [priority])", target.pid);
      expect(await target.exited).toBe(atom("bang"));
    }

    // Traced forms: REG_SEND_TT, SEND_SENDER_TT, ALIAS_SEND_TT, PAYLOAD_EXIT2_TT, SPAWN_REQUEST_TT.
    const traced = victim();
    await run(
      `seq_trace:set_token(label, {my, label}), P ! traced, {here, '${node.name}'} ! traced, V0 ! traced,
       {Q, M} = spawn_monitor('${node.name}', m, f, []), receive {'DOWN', M, process, Q, {undef, _}} -> ok end,
       exit(V1, bang), seq_trace:set_token([])`,
      alias,
      traced.pid,
    );
    expect([await next(), await next(), await next()]).toEqual(Array.from({ length: 3 }, () => atom("traced")));
    expect(await traced.exited).toBe(atom("bang"));

    // SPAWN_REQUEST: what cannot be started ends with undef, as a function there that does not exist.
    const undef = await run(
      `process_flag(trap_exit, true), N = '${node.name}',
       {A, R} = spawn_monitor(N, m, f, [1]), E1 = receive {'DOWN', R, process, A, X1} -> X1 end,
       B = spawn_link(N, m, f, []), E2 = receive {'EXIT', B, X2} -> X2 end,
       {C, T} = spawn_opt(N, m, f, [], [link, {monitor, [{tag, gone}]}, {priority, high}]),
       receive {gone, T, process, C, _} -> ok end, receive {'EXIT', C, _} -> ok end,
       spawn(N, fun() -> ok end), process_flag(trap_exit, false), {E1, E2}`,
    );
    const call = (args: Term[]): Term => tuple(atom("undef"), [tuple(atom("m"), atom("f"), args, [])]);
    expect(undef).toEqual(tuple(call([1]), call([])));
    self.send({ name: "runner", node: erl.name }, atom("stop"));
    expect(await node.ping(erl.name)).toBe(true);
  });

  it("says in words why there is no connection", async () => {
    const node = await start({ cookie: "wrong" });
    await expect(node.connect(erl.name)).rejects.toMatchObject({
      name: "HandshakeError",
      code: "wrong_cookie",
      message: expect.stringContaining("cookie") as string,
    });
    await expect(node.connect("nobody@127.0.0.1")).rejects.toMatchObject({ code: "no_such_node", peer: "nobody@127.0.0.1" });
    expect(await node.ping("nobody@127.0.0.1")).toBe(false);
    const closed = await start({ connect: tcp({ portNo: await freePortNo() }) });
    await expect(closed.connect(erl.name)).rejects.toMatchObject({ name: "ConnectionError", code: "refused" });
    const noEpmd = await start({ connect: tcp({ epmdPortNo: await freePortNo() }) });
    await expect(noEpmd.connect(erl.name)).rejects.toMatchObject({ code: "epmd_unreachable" });
    const misled = await start({ connect: tcp({ portNo: erl.portNo }) });
    await expect(misled.connect("other@127.0.0.1")).rejects.toMatchObject({ code: "wrong_node" });

    const first = await start();
    await first.connect(erl.name);
    const second = await start({ name: first.name });
    await expect(second.connect(erl.name)).rejects.toMatchObject({ code: "name_in_use" });
    expect(await first.ping(erl.name)).toBe(true);
  });

  it("is not taken by a node with another cookie, and says so", async () => {
    const node = await start({ cookie: "wrong", listen: listen() });
    const refused = event(node, "connecterror");
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pang");
    expect(await refused).toMatchObject({ peer: erl.name, incoming: true, error: { code: "wrong_cookie" } });
  });

  it("gives a node without a name one", async () => {
    const node = await start({ listen: listen() });
    const self = node.spawn();
    self.register("here");
    // OTP takes this name for none at all.
    const nameless = await startErl({ release, epmd, alive: "undefined" });
    expect(await nameless.eval("node()")).toBe("nonode@nohost");
    expect(await nameless.eval(`net_kernel:connect_node('${node.name}')`)).toBe("true");
    const [given = ""] = node.nodes();
    expect(given).toMatch(/^[0-9A-Z]{13}@127\.0\.0\.1$/);
    expect(await nameless.eval("node()")).toBe(`'${given}'`);
    await nameless.eval(`{here, '${node.name}'} ! self()`);
    const there = (await self.receive()) as Pid;
    expect(there.node.name).toBe(given);
    expect(await node.ping(given)).toBe(true);
    await nameless.stop();
  });

  it("carries a text and everything else as Erlang prints it", async () => {
    const node = await start();
    const self = node.spawn();
    self.register("here");
    await node.connect(erl.name);
    await erl.eval(`{here, '${node.name}'} ! {list_to_binary("text"), "list", #{a => 1}, make_ref(), self(), fun lists:map/2}`);
    const message = (await self.receive()) as Tuple;
    expect(text(message.at(0))).toBe("text");
    expect(message.length).toBe(6);
    await erl.eval("register(keeper, spawn(fun() -> receive {P, M} -> P ! {kept, M} end end))");
    self.send({ name: "keeper", node: erl.name }, tuple(self.pid, message));
    expect(await self.receive()).toEqual(tuple(atom("kept"), message));
  });
});
