// Calls and spawns to and from real Erlang nodes.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { atom, charlist, type Pid, type Term, type Tuple, tuple } from "../etf/index.ts";
import { listenTcp, tcp } from "../transports/nodejs.ts";
import { ErlangError } from "./erlang-error.ts";
import * as erpc from "./erpc.ts";
import { ioServer } from "./io.ts";
import type { NodeCounts } from "./bare-node.ts";
import { ErlangNode } from "./node.ts";
import * as rpc from "./rpc.ts";

let count = 0;

function failureOf(call: Promise<unknown>): Promise<ErlangError> {
  return call.then(
    (value) => expect.unreachable(`the call gave ${String(value)}`),
    (error: unknown) => error as ErlangError,
  );
}

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let node: ErlangNode;
  let initial: NodeCounts;

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
    node = await ErlangNode.start({
      name: `js${process.pid}x${++count}@127.0.0.1`,
      cookie: "secret",
      connect: tcp({ epmdPortNo: epmd.portNo }),
      listen: listenTcp({ host: "127.0.0.1", epmd: { host: "127.0.0.1", portNo: epmd.portNo } }),
    });
    node.expose("js", {
      add: (left: number, right: number) => left + right,
      later: async (value: Term) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return value;
      },
      size: (bytes: Uint8Array) => bytes.length,
      bytes: (size: number) => new Uint8Array(size),
      leader() {
        return this.groupLeader;
      },
      echo(to: Pid) {
        this.send(to, this.pid);
      },
      loop: () => new Promise(() => undefined),
      error() {
        throw new ErlangError("error", atom("badarith"), [tuple(atom("js"), atom("deep"), 1, [])]);
      },
      type() {
        throw new TypeError("no such thing");
      },
      throw() {
        throw new ErlangError("throw", 17);
      },
      exit(reason: Term) {
        throw new ErlangError("exit", reason);
      },
      die() {
        this.exit(atom("died"));
        return new Promise(() => undefined);
      },
    });
    await node.connect(erl.name);
    initial = node.counts;
  });

  afterAll(async () => {
    await node.stop();
    await erl.stop();
    await epmd.stop();
  });

  /** Evaluates there, in a process of its own that traps exits. `Us` is this node. */
  const there = (expressions: string): Promise<string> =>
    erl.eval(`
      Us = '${node.name}',
      {Pid, Ref} = spawn_monitor(fun() -> process_flag(trap_exit, true), exit({value, begin ${expressions} end}) end),
      receive {'DOWN', Ref, process, Pid, {value, Value}} -> Value; {'DOWN', Ref, process, Pid, Other} -> {failed, Other}
      after 20000 -> timeout end`);

  /** What an expression gives or raises. */
  const caught = (expression: string): Promise<string> =>
    there(`try {ok, ${expression}} catch Class:Reason -> {Class, Reason} end`);

  it("serves erpc [C62]", async () => {
    expect(await caught("erpc:call(Us, js, add, [1, 2])")).toBe("{ok,3}");
    expect(await caught("erpc:call(Us, js, later, [#{a => [1.0, <<1:3>>]}], 5000)")).toBe("{ok,#{a => [1.0,<<1:3>>]}}");
    expect(await caught("erpc:call(Us, fun js:leader/0) =:= group_leader()")).toBe("{ok,true}");
    expect(await caught("erpc:receive_response(erpc:send_request(Us, js, add, [1, 2]))")).toBe("{ok,3}");
    expect(await caught("erpc:multicall([Us, node(), 'nobody@127.0.0.1'], erlang, abs, [-1])")).toBe(
      "{ok,[{error,{exception,undef,[{erlang,abs,[-1],[]}]}},{ok,1},{error,{erpc,noconnection}}]}",
    );
    expect(await caught("erpc:multicall([Us, Us], js, add, [1, 2], 5000)")).toBe("{ok,[{ok,3},{ok,3}]}");
    expect(await there("erpc:cast(Us, js, echo, [self()]), receive P when node(P) =:= Us -> got end")).toBe("got");
  });

  it("tells the callers of erpc how a function failed [C62]", async () => {
    const call = (name: string, args = "[]"): Promise<string> => caught(`erpc:call(Us, js, ${name}, ${args}, 5000)`);
    expect(await call("error")).toBe("{error,{exception,badarith,[{js,deep,1,[]}]}}");
    expect(await call("type")).toBe('{error,{exception,{js_error,<<"TypeError">>,<<"no such thing">>},[{js,type,0,[]}]}}');
    expect(await call("throw")).toBe("{throw,17}");
    expect(await call("exit", "[normal]")).toBe("{exit,{exception,normal}}");
    expect(await call("die")).toBe("{exit,{signal,died}}");
    expect(await call("nothing", "[1]")).toBe("{error,{exception,undef,[{js,nothing,[1],[]}]}}");
    expect(await call("add", "[1]")).toBe("{error,{exception,undef,[{js,add,[1],[]}]}}");
    expect(await caught('erpc:call(Us, os, cmd, ["id"])')).toMatch(/exception,undef,\[\{os,cmd/);
    expect(await caught("erpc:call(Us, js, loop, [], 10)")).toBe("{error,{erpc,timeout}}");
    expect(await caught("erpc:call(Us, fun() -> ok end)")).toMatch(/^\{error,\{exception,undef,/);
  });

  it("serves rpc [C62]", async () => {
    expect(await caught("rpc:call(Us, js, add, [1, 2])")).toBe("{ok,3}");
    expect(await caught("rpc:call(Us, js, throw, [])")).toBe("{ok,17}");
    expect(await caught("rpc:call(Us, js, error, [])")).toBe("{ok,{badrpc,{'EXIT',{badarith,[{js,deep,1,[]}]}}}}");
    expect(await caught("rpc:call(Us, js, exit, [bye])")).toBe("{ok,{badrpc,{'EXIT',bye}}}");
    expect(await caught("rpc:call(Us, js, nothing, [])")).toBe("{ok,{badrpc,{'EXIT',{undef,[{js,nothing,[],[]}]}}}}");
    expect(await caught("rpc:call(Us, js, loop, [], 10)")).toBe("{ok,{badrpc,timeout}}");
    expect(await caught("rpc:block_call(Us, js, add, [1, 2])")).toBe("{ok,3}");
    expect(await caught("rpc:block_call(Us, js, add, [1, 2], 5000)")).toBe("{ok,3}");
    expect(await caught("rpc:block_call(Us, js, exit, [bye])")).toBe("{ok,{badrpc,{'EXIT',bye}}}");
    expect(await caught("rpc:yield(rpc:async_call(Us, js, add, [1, 2]))")).toBe("{ok,3}");
    expect(await caught("rpc:multicall([Us, node()], erlang, apply, [fun js:add/2, [1, 2]])")).toMatch(/^\{ok,\{\[3,/);
    expect(await there("rpc:cast(Us, js, echo, [self()]), receive P when node(P) =:= Us -> got end")).toBe("got");
    expect(await caught("rpc:server_call(Us, rex, rex, {sbcast, nobody, 1})")).toBe("{ok,{nonexisting_name,nobody}}");
    const self = node.spawn();
    self.register("inbox");
    expect(await caught("rpc:abcast([Us], inbox, 1)")).toBe("{ok,abcast}");
    expect(await self.receive()).toBe(1);
    expect(await caught("rpc:sbcast([Us, node()], inbox, 2)")).toBe(`{ok,{['${node.name}'],['${erl.name}']}}`);
    expect(await self.receive()).toBe(2);
    expect(await there("abcast = rpc:eval_everywhere([Us], js, echo, [self()]), receive P -> node(P) =:= Us end")).toBe("true");
    self.exit(atom("normal"));
    expect(await caught("gen_server:call({rex, Us}, nonsense, 5000)")).toBe("{ok,{badrpc,{'EXIT',badarg}}}");
  });

  it("starts processes for spawn and its kin [C50]", async () => {
    const down = "receive {'DOWN', R, process, P, Reason} -> {node(P) =:= Us, Reason} end";
    expect(await there("P = spawn(Us, js, echo, [self()]), receive P -> node(P) =:= Us end")).toBe("true");
    expect(await there("P = spawn(Us, fun js:leader/0), is_pid(P)")).toBe("true");
    expect(await there("P = spawn_link(Us, js, exit, [bye]), receive {'EXIT', P, Reason} -> Reason end")).toBe("bye");
    expect(await there("P = spawn_link(Us, js, loop, []), exit(P, bang), receive {'EXIT', P, Reason} -> Reason end")).toBe(
      "bang",
    );
    expect(await there(`{P, R} = spawn_monitor(Us, js, exit, [bye]), ${down}`)).toBe("{true,bye}");
    expect(await there(`{P, R} = spawn_monitor(Us, js, nothing, [a]), ${down}`)).toBe("{true,{undef,[{js,nothing,[a],[]}]}}");
    expect(await there(`{P, R} = spawn_monitor(Us, js, error, []), ${down}`)).toBe("{true,{badarith,[{js,deep,1,[]}]}}");
    expect(await there(`{P, R} = spawn_monitor(Us, js, throw, []), ${down}`)).toBe("{true,{{nocatch,17},[{js,throw,0,[]}]}}");
    const options = "[link, {monitor, [{tag, gone}]}, {priority, high}, {min_heap_size, 1000}]";
    expect(
      await there(`{P, R} = spawn_opt(Us, js, exit, [bye], ${options}),
        {receive {gone, R, process, P, A} -> A end, receive {'EXIT', P, B} -> B end}`),
    ).toBe("{bye,bye}");
    expect(
      await there(`R = spawn_request(Us, js, loop, [], [link, {reply_tag, here}]),
        receive {here, R, ok, P} -> unlink(P), exit(P, kill), node(P) =:= Us end`),
    ).toBe("true");
    expect(
      await there(`R = spawn_request(Us, js, loop, [], [monitor]), receive {spawn_reply, R, ok, P} -> ok end,
        demonitor(R), exit(P, kill), receive _ -> more after 50 -> nothing end`),
    ).toBe("nothing");
    expect(await there("P = spawn(Us, fun() -> ok end), R = monitor(process, P), receive {'DOWN', R, _, _, _} -> ok end")).toBe(
      "ok",
    );
  });

  it("calls by erpc and rpc [C63]", async () => {
    expect(await node.erpc(erl.name, "lists", "reverse", [[1, 2, 3]])).toEqual([3, 2, 1]);
    expect(await node.erpc(erl.name, "erlang", "node", [])).toBe(atom(erl.name));
    expect(await node.rpc(erl.name, "erlang", "abs", [-1])).toBe(1);
    expect(await node.multicall([erl.name, node.name, "nobody@127.0.0.1"], "erlang", "abs", [-1])).toMatchObject([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: { code: "undef" } },
      { status: "rejected", reason: { code: "noconnection" } },
    ]);
    await erl.eval("register(inbox, self())");
    node.erpcCast(erl.name, "erlang", "send", [atom("inbox"), 1]);
    expect(await erl.eval("receive 1 -> got after 5000 -> nothing end")).toBe("got");
    await erl.eval("unregister(inbox)");
  });

  it("calls several nodes, and one after the other, as rpc does [C63]", async () => {
    const before = node.counts;
    const self = node.spawn();
    const nodes = [erl.name, node.name, "nobody@127.0.0.1"];
    const { results, badNodes } = await rpc.multicall(self, nodes, "erlang", "abs", [-1]);
    expect([...results]).toMatchObject([
      [erl.name, { status: "fulfilled", value: 1 }],
      [node.name, { status: "rejected", reason: { code: "undef" } }],
    ]);
    expect(badNodes).toEqual(["nobody@127.0.0.1"]);
    // The same as rpc sees it there.
    const undef = "{badrpc,{'EXIT',{undef,[{erlang,abs,[-1],[]}]}}}";
    expect(await there(`rpc:multicall([node(), Us, 'nobody@127.0.0.1'], erlang, abs, [-1])`)).toBe(
      `{[1,${undef}],['nobody@127.0.0.1']}`,
    );
    expect(await rpc.multicall(self, [erl.name], "timer", "sleep", [60_000], { timeoutMs: 20 })).toEqual({
      results: new Map(),
      badNodes: [erl.name],
    });

    expect(await rpc.blockCall(self, erl.name, "erlang", "abs", [-1])).toBe(1);
    expect(await failureOf(rpc.blockCall(self, erl.name, "nowhere", "f", [1]))).toMatchObject({
      class: "error",
      code: "undef",
      stacktrace: [tuple(atom("nowhere"), atom("f"), [1], [])],
    });
    expect(await failureOf(rpc.blockCall(self, erl.name, "erlang", "exit", [atom("bye")]))).toMatchObject({
      class: "exit",
      reason: tuple(atom("badrpc"), tuple(atom("EXIT"), atom("bye"))),
    });
    expect(await failureOf(rpc.blockCall(self, "nobody@127.0.0.1", "erlang", "abs", [-1]))).toMatchObject({
      reason: tuple(atom("badrpc"), atom("nodedown")),
      code: "noconnection",
    });
    const late = failureOf(rpc.blockCall(self, erl.name, "timer", "sleep", [200], { timeoutMs: 20 }));
    expect(await late).toMatchObject({ reason: tuple(atom("badrpc"), atom("timeout")), code: "timeout" });

    await erl.eval("register(inbox, self())");
    const got = "receive Got when is_integer(Got) -> Got after 5000 -> nothing end";
    rpc.cast(self, erl.name, "erlang", "send", [atom("inbox"), 1]);
    expect(await erl.eval(got)).toBe("1");
    rpc.abcast(self, nodes, "inbox", 2);
    expect(await erl.eval(got)).toBe("2");
    expect(await rpc.sbcast(self, nodes, "inbox", 3)).toEqual({
      goodNodes: [erl.name],
      badNodes: [node.name, "nobody@127.0.0.1"],
    });
    expect(await erl.eval(got)).toBe("3");
    erpc.multicast(self, [erl.name], "erlang", "send", [atom("inbox"), 4]);
    expect(await erl.eval(got)).toBe("4");
    await erl.eval("unregister(inbox)");
    expect(self.messageQueueLength).toBe(0);
    self.exit(atom("normal"));
    await expect(rpc.sbcast(self, nodes, "inbox", 5)).rejects.toMatchObject({ class: "exit", reason: atom("normal") });
    await expect.poll(() => node.counts).toEqual(before);
  });

  it("keeps the class, the reason and the stack trace of an exception there [C63]", async () => {
    const call = (module: string, fun: string, ...args: Term[]): Promise<ErlangError> =>
      failureOf(node.erpc(erl.name, module, fun, args));
    const badarg = await call("erlang", "atom_to_list", 1);
    expect(badarg).toMatchObject({ class: "error", reason: atom("badarg"), code: "exception" });
    expect(String(badarg.stacktrace[0])).toMatch(/^\{erlang,atom_to_list,\[1\],/);
    const undef = await call("nowhere", "f", 1);
    expect(undef).toMatchObject({ class: "error", reason: atom("undef"), code: "undef" });
    expect(undef.stacktrace).toEqual([tuple(atom("nowhere"), atom("f"), [1], [])]);
    expect(await call("erlang", "throw", 17)).toMatchObject({ class: "throw", reason: 17, code: "exception" });
    expect(await call("erlang", "exit", atom("normal"))).toMatchObject({ class: "exit", reason: atom("normal") });
    const scanned = await node.erpc(erl.name, "erl_scan", "string", [charlist("exit(self(), kill).")]);
    const tokens = (scanned as Tuple<[Term, Term, Term]>).at(1);
    const parsed = (await node.erpc(erl.name, "erl_parse", "parse_exprs", [tokens])) as Tuple<[Term, Term]>;
    expect(await call("erl_eval", "exprs", parsed.at(1), [])).toMatchObject({
      class: "exit",
      reason: atom("killed"),
      code: "signal",
    });
    const late = failureOf(node.erpc(erl.name, "timer", "sleep", [60_000], { timeoutMs: 20 }));
    expect(await late).toMatchObject({ class: "error", reason: tuple(atom("erpc"), atom("timeout")), code: "timeout" });
    const nodedown = await failureOf(node.rpc("nobody@127.0.0.1", "m", "f", []));
    expect(nodedown).toMatchObject({ reason: tuple(atom("badrpc"), atom("nodedown")), code: "noconnection" });
    expect(nodedown.cause).toMatchObject({ cause: { code: "no_such_node" } });
  });

  it("carries large arguments and results, both ways [C62, C63]", async () => {
    const megabytes = new Uint8Array(3_000_000).fill(7);
    expect(await node.erpc(erl.name, "erlang", "byte_size", [megabytes])).toBe(3_000_000);
    expect(((await node.erpc(erl.name, "binary", "copy", [megabytes])) as Uint8Array).length).toBe(3_000_000);
    expect(await caught("erpc:call(Us, js, size, [<<0:24000000>>])")).toBe("{ok,3000000}");
    expect(await caught("byte_size(erpc:call(Us, js, bytes, [3000000]))")).toBe("{ok,3000000}");
    const list = Array.from({ length: 100_000 }, (_, index) => index);
    expect(await node.erpc(erl.name, "lists", "reverse", [list])).toEqual(list.toReversed());
  });

  it("spawns there with links, monitors and options [C51]", async () => {
    const self = node.spawn();
    self.trapExit = true;
    const pid = await self.spawnRequest(erl.name, "timer", "sleep", [60_000], { link: true });
    expect(pid.node.name).toBe(erl.name);
    const links = (await node.erpc(erl.name, "erlang", "process_info", [pid, atom("links")])) as Tuple<[Term, Term[]]>;
    expect(links.at(1)).toEqual([self.pid]);
    self.exit(pid, atom("bang"));
    expect(await self.receive()).toEqual(tuple(atom("EXIT"), pid, atom("bang")));

    const request = self.spawnRequest(erl.name, "erlang", "exit", [atom("bye")], { monitor: { tag: atom("gone") } });
    const monitored = await request;
    expect(await self.receive()).toEqual(tuple(atom("gone"), request.id, atom("process"), monitored, atom("bye")));

    const undef = self.spawnRequest(erl.name, "nowhere", "f", [1], { monitor: true });
    const down = tuple(atom("undef"), [tuple(atom("nowhere"), atom("f"), [1], [])]);
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), undef.id, atom("process"), await undef, down));

    const high = tuple(atom("priority"), atom("high"));
    const busy = await self.spawnRequest(erl.name, "timer", "sleep", [60_000], { options: [high] });
    expect(await node.erpc(erl.name, "erlang", "process_info", [busy, atom("priority")])).toEqual(high);
    expect(await node.erpc(erl.name, "erlang", "process_info", [busy, atom("group_leader")])).toEqual(
      tuple(atom("group_leader"), self.groupLeader),
    );
    self.exit(busy, atom("kill"));
    const refused = self.spawnRequest(erl.name, "m", "f", [], { options: [atom("nonsense")] });
    await expect(refused).rejects.toMatchObject({ class: "error", reason: atom("badopt"), code: "badopt" });
    const large = self.spawnRequest(erl.name, "erlang", "byte_size", [new Uint8Array(3_000_000)], { monitor: true });
    await large;
    expect(await self.receive()).toMatchObject({ elements: { 1: large.id, 4: atom("normal") } });
    self.exit(atom("normal"));
  });

  it("ends a process there that it no longer waits for [C51]", async () => {
    const self = node.spawn();
    const controller = new AbortController();
    const before = await erl.eval("lists:usort(processes())");
    const request = self.spawnRequest(erl.name, "timer", "sleep", [60_000], { link: true, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(request).rejects.toThrow("enough");
    const dying = self.spawnRequest(erl.name, "timer", "sleep", [60_000], { link: true });
    self.exit(atom("over"));
    await expect(dying).rejects.toMatchObject({ class: "exit", reason: atom("over") });
    // Until both replies are here, a process may still be about to start there.
    await vi.waitUntil(() => node.counts.spawnRequests === 0, { timeout: 5_000 });
    await vi.waitUntil(async () => (await erl.eval("lists:usort(processes())")) === before, { timeout: 5_000 });
  });

  it("is printed on by what it calls there, once it has a group leader [C63]", async () => {
    const print = (): Promise<Term> => node.erpc(erl.name, "io", "format", [charlist("hello ~p~n"), [atom("world")]]);
    expect(await failureOf(print())).toMatchObject({ class: "error", reason: atom("terminated") });
    let printed = "";
    const device = ioServer(node, {
      write: (output) => {
        printed += output;
      },
    });
    const before = node.groupLeader;
    node.groupLeader = device.pid;
    expect(await print()).toBe(atom("ok"));
    expect(node.spawn().groupLeader).toEqual(device.pid);
    await vi.waitUntil(() => printed === "hello world\n");
    node.groupLeader = before;
    device.stop();
  });

  it("gives calls up when the connection is lost, on both sides [C62, C63]", async () => {
    const ours = failureOf(node.erpc(erl.name, "timer", "sleep", [60_000]));
    const theirs = there("R = erpc:send_request(Us, js, loop, []), try erpc:receive_response(R) catch C:E -> {C, E} end");
    await vi.waitUntil(() => node.counts.monitors > initial.monitors + 1);
    await node.disconnect(erl.name);
    expect(await ours).toMatchObject({ code: "noconnection" });
    expect(await theirs).toBe("{error,{erpc,noconnection}}");
    await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]");
    await node.connect(erl.name);
  });

  it("leaves nothing behind on either side after 10,000 calls each way [C62, C63]", async () => {
    const before = node.counts;
    const count = Number(await erl.eval("erlang:system_info(process_count)"));
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 500 }, (_, index) => node.erpc(erl.name, "erlang", "abs", [-index]));
      expect((await Promise.all(calls)).at(-1)).toBe(499);
    }
    const calls = "[erpc:call(Us, js, add, [I, 1]) || I <- lists:seq(1, 10000)]";
    expect(await there(`lists:sum(${calls})`)).toBe("50015000");
    expect(node.counts).toEqual(before);
    await expect.poll(async () => Number(await erl.eval("erlang:system_info(process_count)"))).toBeLessThanOrEqual(count);
  });
});
