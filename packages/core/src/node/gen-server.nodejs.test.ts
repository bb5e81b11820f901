// gen_server, gen_event, gen_statem and global with real Erlang nodes, in both directions.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { atom, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { listenTcp, tcp } from "../transports/nodejs.ts";
import { ErlangError } from "./erlang-error.ts";
import * as genEvent from "./gen-event.ts";
import { type Caller, type GenServer, Next } from "./gen-server.ts";
import { NO_REPLY } from "./no-reply.ts";
import * as genServer from "./gen-server-client.ts";
import * as genStatem from "./gen-statem.ts";
import * as globalNames from "./global.ts";
import type { NodeCounts } from "./bare-node.ts";
import { ErlangNode } from "./node.ts";
import type { Process } from "./process.ts";
import { Stop } from "./system-messages.ts";

const MODULES = [
  `-module(counter). -behaviour(gen_server).
   -export([init/1, handle_call/3, handle_cast/2, handle_info/2]).
   init(N) -> {ok, N}.
   handle_call({add, M}, _, N) -> {reply, N + M, N + M};
   handle_call({sleep, Ms}, _, N) -> timer:sleep(Ms), {reply, slept, N};
   handle_call(later, From, N) -> self() ! {reply, From}, {noreply, N};
   handle_call({stop, Reason}, _, N) -> {stop, Reason, N};
   handle_call({divide, M}, _, N) -> {reply, N div M, N}.
   handle_cast({add, M}, N) -> {noreply, N + M}.
   handle_info({reply, From}, N) -> gen_server:reply(From, later), {noreply, N}.`,
  `-module(events). -behaviour(gen_event).
   -export([init/1, handle_event/2, handle_call/2]).
   init(Events) -> {ok, Events}.
   handle_event(Event, Events) -> {ok, [Event | Events]}.
   handle_call(Query, Events) -> {ok, {Query, Events}, []}.`,
  `-module(door). -behaviour(gen_statem).
   -export([init/1, callback_mode/0, handle_event/4]).
   init(_) -> {ok, closed, 0}.
   callback_mode() -> handle_event_function.
   handle_event({call, From}, get, State, Count) -> {keep_state_and_data, [{reply, From, {State, Count}}]};
   handle_event({call, _}, never, _, _) -> keep_state_and_data;
   handle_event(cast, Next, _, Count) -> {next_state, Next, Count + 1}.`,
];

/** Compiles a module on the node, from its text. */
async function load(erl: ErlNode, source: string): Promise<void> {
  const result = await erl.eval(`
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(base64:decode("${Buffer.from(source).toString("base64")}"))),
    Split = fun F([], []) -> []; F([{dot, _} = Dot | Rest], Form) -> [lists:reverse([Dot | Form]) | F(Rest, [])];
                F([Token | Rest], Form) -> F(Rest, [Token | Form]) end,
    Forms = [begin {ok, Parsed} = erl_parse:parse_form(Form), Parsed end || Form <- Split(Tokens, [])],
    {ok, Module, Binary} = compile:forms(Forms),
    {module, Module} = code:load_binary(Module, "", Binary)`);
  expect(result).toMatch(/^\{module,/);
}

async function failureOf(call: Promise<unknown>): Promise<ErlangError> {
  const error: unknown = await call.then(
    (value) => expect.unreachable(`the call gave ${String(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ErlangError)) throw error;
  return error;
}

let count = 0;

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let node: ErlangNode;
  let self: Process;
  let initial: NodeCounts;
  /** Of processes that every node has. */
  let ownNames: readonly string[];

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
    for (const source of MODULES) await load(erl, source);
    node = await ErlangNode.start({
      name: `js${process.pid}x${++count}@127.0.0.1`,
      cookie: "secret",
      connect: tcp({ epmdPortNo: epmd.portNo }),
      listen: listenTcp({ host: "127.0.0.1", epmd: { host: "127.0.0.1", portNo: epmd.portNo } }),
    });
    await node.connect(erl.name);
    self = node.spawn();
    initial = node.counts;
    ownNames = node.registered();
  });

  afterEach(async () => {
    for (const name of node.registered()) if (!ownNames.includes(name)) await genServer.stop(self, name);
    // Nothing that a test did is left, nor a message that came too late.
    const isClean = (): boolean => JSON.stringify(node.counts) === JSON.stringify(initial) && self.messageQueueLength === 0;
    await vi.waitUntil(isClean);
  });

  afterAll(async () => {
    await node.stop();
    await erl.stop();
    await epmd.stop();
  });

  /** Starts a process there that is not linked to the evaluator. */
  const startThere = (call: string): Promise<string> => erl.eval(`{ok, _} = ${call}, ok`);
  const there = (name: string): { name: string; node: string } => ({ name, node: erl.name });
  const thereTerm = (name: string): Tuple<readonly [Term, Term]> => tuple(atom(name), atom(erl.name));

  describe("Erlang calls our gen_server", () => {
    let waiting: Caller[] = [];
    let log: Term[] = [];

    class Counter implements GenServer {
      state: Term = 0;
      async handleCall(request: Term, from: Caller): Promise<Term | typeof NO_REPLY | Stop> {
        const [tag, value] = request instanceof Tuple ? request.elements : [request];
        if (tag === atom("add")) return (this.state = Number(this.state) + Number(value));
        if (tag === atom("later")) {
          waiting.push(from);
          return NO_REPLY;
        }
        if (tag === atom("stop")) return new Stop(value as Term, "bye");
        if (tag === atom("exit")) throw new ErlangError("exit", value as Term);
        await Promise.resolve();
        throw new TypeError("no such request");
      }
      handleCast(request: Term): void {
        log.push(request);
      }
      handleInfo(message: Term): void {
        log.push(message);
      }
      formatStatus(state: Term): Term {
        return tuple(atom("counted"), state);
      }
      codeChange(_oldVsn: Term, extra: Term): void {
        if (typeof extra !== "number") throw new TypeError("no number");
        this.state = Number(this.state) + extra;
      }
      terminate(reason: Term): void {
        log.push(tuple(atom("terminate"), reason));
      }
    }

    const start = (): string => {
      waiting = [];
      log = [];
      node.genServer("counter", new Counter());
      return `{counter, '${node.name}'}`;
    };

    it("[C64] is called, cast to and sent to, by name and by pid", async () => {
      const server = start();
      expect(await erl.eval(`[gen_server:call(${server}, {add, 1}), gen_server:call(${server}, {add, 2}, infinity)]`)).toBe(
        "[1,3]",
      );
      expect(await erl.eval(`gen_server:call(element(2, sys:get_status(${server})), {add, 1})`)).toBe("4");
      await erl.eval(
        `gen_server:cast(${server}, hello), gen_server:abcast([node(), '${node.name}'], counter, all), ${server} ! info`,
      );
      await expect.poll(() => log).toEqual([atom("hello"), atom("all"), atom("info")]);
    });

    it("[C64] replies later, and nobody gets a reply that comes too late", async () => {
      const server = start();
      const answer = erl.eval(`gen_server:call(${server}, later)`);
      await expect.poll(() => waiting.length).toBe(1);
      waiting[0]?.reply(tuple(atom("done"), "now"));
      expect(await answer).toBe('{done,<<"now">>}');
      const mfa = `{gen_server,call,[{counter,'${node.name}'},later,20]}`;
      expect(await erl.eval(`catch gen_server:call(${server}, later, 20)`)).toBe(`{'EXIT',{timeout,${mfa}}}`);
      waiting[1]?.reply(atom("late"));
      expect(await erl.eval(`gen_server:call(${server}, {add, 1}), receive M -> M after 0 -> none end`)).toBe("none");
    });

    it("[C64] ends with the reasons that callers in Erlang expect", async () => {
      const call = async (request: string): Promise<string> => erl.eval(`catch gen_server:call(${start()}, ${request})`);
      const exit = (why: string, request: string): string =>
        `{'EXIT',{${why},{gen_server,call,[{counter,'${node.name}'},${request}]}}}`;
      expect(await call("{stop, {shutdown, 1}}")).toBe('<<"bye">>');
      expect(log).toEqual([tuple(atom("terminate"), tuple(atom("shutdown"), 1))]);
      await vi.waitUntil(() => node.whereis("counter") === undefined);
      expect(await call("{exit, {my, reason}}")).toBe(exit("{my,reason}", "{exit,{my,reason}}"));
      expect(await call("what")).toBe(exit('{{js_error,<<"TypeError">>,<<"no such request">>},[]}', "what"));
      expect(await erl.eval(`catch gen_server:call({counter, '${node.name}'}, 1, infinity)`)).toBe(
        `{'EXIT',{noproc,{gen_server,call,[{counter,'${node.name}'},1,infinity]}}}`,
      );
    });

    it("[C64] is stopped by gen_server:stop", async () => {
      const server = start();
      expect(await erl.eval(`gen_server:stop(${server})`)).toBe("ok");
      expect(log).toEqual([tuple(atom("terminate"), atom("normal"))]);
      expect(await erl.eval(`gen_server:stop(${start()}, {shutdown, x}, 5000)`)).toBe("ok");
      expect(await erl.eval(`catch gen_server:stop(${server}, normal, 5000)`)).toBe("{'EXIT',noproc}");
    });

    it("[C64] answers multi_call, here and there", async () => {
      const server = start();
      await startThere("gen_server:start({local, counter}, counter, 10, [])");
      const nodes = `[node(), '${node.name}', 'nowhere@127.0.0.1']`;
      expect(
        await erl.eval(`{R, B} = gen_server:multi_call(${nodes}, counter, {add, 1}, 5000), {lists:sort([V || {_, V} <- R]), B}`),
      ).toBe("{[1,11],['nowhere@127.0.0.1']}");
      expect(await erl.eval(`gen_server:multi_call(['${node.name}'], counter, later, 50)`)).toBe(`{[],['${node.name}']}`);
      expect(await erl.eval(`gen_server:multi_call(['${node.name}'], counter, {add, 1})`)).toBe(`{[{'${node.name}',2}],[]}`);
      waiting[0]?.reply(1);
      expect(await erl.eval(`gen_server:call(${server}, {add, 1}), receive M -> M after 0 -> none end`)).toBe("none");
      await erl.eval("gen_server:stop(counter)");
    });

    it("[C64] answers requests that are waited for, received, checked and collected", async () => {
      const server = start();
      expect(await erl.eval(`gen_server:wait_response(gen_server:send_request(${server}, {add, 1}), 5000)`)).toBe("{reply,1}");
      expect(await erl.eval(`gen_server:receive_response(gen_server:send_request(${server}, {add, 1}), 5000)`)).toBe("{reply,2}");
      expect(
        await erl.eval(`Id = gen_server:send_request(${server}, {add, 1}),
          receive M -> gen_server:check_response(M, Id) after 5000 -> none end`),
      ).toBe("{reply,3}");
      expect(
        await erl.eval(`Ids = gen_server:send_request(${server}, {add, 1}, b, gen_server:send_request(${server}, later, a, gen_server:reqids_new())),
          {Response, Label, Rest} = gen_server:receive_response(Ids, 5000, true),
          {Response, Label, gen_server:reqids_size(Rest), gen_server:receive_response(Rest, 20, true)}`),
      ).toBe("{{reply,4},b,1,timeout}");
      expect(await erl.eval(`gen_server:wait_response(gen_server:send_request({nobody, '${node.name}'}, 1), 5000)`)).toBe(
        `{error,{noproc,{nobody,'${node.name}'}}}`,
      );
    });

    it("[C64] is taken for a gen_statem by gen_statem's callers", async () => {
      const server = start();
      expect(await erl.eval(`gen_statem:call(${server}, {add, 1})`)).toBe("1");
      expect(await erl.eval(`gen_statem:call(${server}, {add, 1}, {clean_timeout, 5000})`)).toBe("2");
      await erl.eval(`gen_statem:cast(${server}, hello), gen_event:notify(${server}, event)`);
      await expect.poll(() => log).toEqual([atom("hello"), tuple(atom("notify"), atom("event"))]);
      expect(await erl.eval(`gen_statem:stop(${server})`)).toBe("ok");
    });

    it("[C64] is looked into and steered by sys", async () => {
      const server = start();
      expect(await erl.eval(`gen_server:call(${server}, {add, 5}), sys:get_state(${server})`)).toBe("5");
      expect(await erl.eval(`sys:replace_state(${server}, fun(N) -> N * 2 end)`)).toBe("10");
      expect(await erl.eval(`gen_server:call(${server}, {add, 0})`)).toBe("10");
      expect(await erl.eval(`catch sys:replace_state(${server}, fun(N) -> N + a end)`)).toMatch(
        /^\{'EXIT',\{\{callback_failed,\{gen_server,system_replace_state\},\{error,badarith\}\}/,
      );
      expect(
        await erl.eval(`ok = sys:suspend(${server}),
          {'EXIT', {timeout, _}} = (catch gen_server:call(${server}, {add, 1}, 50)),
          {status, _, {module, gen_server}, [_, suspended, _, _, _]} = sys:get_status(${server}),
          10 = sys:get_state(${server}),
          ok = sys:resume(${server}),
          gen_server:call(${server}, {add, 1})`),
      ).toBe("12");
      expect(
        await erl.eval(`[sys:trace(${server}, true), sys:statistics(${server}, true), sys:statistics(${server}, get),
          sys:log(${server}, true), sys:log(${server}, get), sys:no_debug(${server}),
          sys:install(${server}, {fun(S, _, _) -> S end, []})]`),
      ).toBe("[ok,ok,{ok,no_statistics},ok,{ok,[]},ok,ok]");
      expect(await erl.eval(`sys:change_code(${server}, counter, 1, [])`)).toBe(
        "{error,{unknown_system_msg,{change_code,counter,1,[]}}}",
      );
      const change = (by: string): Promise<string> =>
        erl.eval(`ok = sys:suspend(${server}), R = sys:change_code(${server}, counter, 1, ${by}), ok = sys:resume(${server}), R`);
      expect(await change("30")).toBe("ok");
      expect(await change("none")).toBe('{error,{\'EXIT\',{{js_error,<<"TypeError">>,<<"no number">>},[]}}}');
      expect(await erl.eval(`gen_server:call(${server}, {add, 0})`)).toBe("42");
      const status = await erl.eval(
        `{status, P, {module, M}, [_, running, _, _, [{header, H} | Misc]]} = sys:get_status(${server}), {node(P), M, H, proplists:get_all_values(data, Misc)}`,
      );
      expect(status).toContain("Status for generic server counter");
      expect(status).toContain('[{"State",{counted,42}}]');
      expect(await erl.eval(`sys:terminate(${server}, shutdown)`)).toBe("ok");
      await expect.poll(() => log).toEqual([tuple(atom("terminate"), atom("shutdown"))]);
    });

    it("[C64] continues and waits as gen_servers do", async () => {
      const server = `{patient, '${node.name}'}`;
      let caller: Caller | undefined;
      node.genServer("patient", {
        handleCall(_request, from) {
          caller = from;
          return new Next({ continue: atom("answer") });
        },
        handleContinue(term) {
          caller?.reply(term);
          return new Next({ timeoutMs: 1 });
        },
        handleInfo: (message) => new Stop(tuple(atom("shutdown"), message)),
      });
      expect(
        await erl.eval(`Ref = monitor(process, ${server}), answer = gen_server:call(${server}, hello),
          receive {'DOWN', Ref, _, _, Reason} -> Reason end`),
      ).toBe("{shutdown,timeout}");
    });

    it("[C64] is as dead as its node to callers when that disconnects", async () => {
      const server = start();
      const call = erl.eval(`catch gen_server:call(${server}, later)`);
      await expect.poll(() => waiting.length).toBe(1);
      await node.disconnect(erl.name);
      expect(await call).toBe(`{'EXIT',{{nodedown,'${node.name}'},{gen_server,call,[{counter,'${node.name}'},later]}}}`);
      await node.connect(erl.name);
    });
  });

  describe("we call Erlang's", () => {
    it("[C64] gen_servers: replies at once and later, casts, requests, several nodes, stop", async () => {
      await startThere("gen_server:start({local, counter}, counter, 0, [])");
      const add = (value: number): Term => tuple(atom("add"), value);
      const counter = there("counter");
      expect(await node.call(counter, add(1))).toBe(1);
      expect(await genServer.call(self, counter, atom("later"))).toBe(atom("later"));
      node.cast(counter, add(10));
      expect(await genServer.call(self, thereTerm("counter"), add(0))).toBe(11);
      const ids = [add(1), atom("later"), add(1)].map((request) => genServer.sendRequest(self, counter, request));
      const [first, second, third] = ids as [Reference, Reference, Reference];
      expect(await genServer.receiveResponse(self, third)).toBe(13);
      expect(await genServer.receiveResponse(self, first)).toBe(12);
      expect(genServer.checkResponse(self, await self.receive(), second)).toEqual({ reply: atom("later") });
      node.genServer("counter", { handleCall: () => 17 });
      const { replies, badNodes } = await genServer.multiCall(
        self,
        [erl.name, node.name, "nowhere@127.0.0.1"],
        "counter",
        add(0),
      );
      expect([replies.get(erl.name), replies.get(node.name), replies.size]).toEqual([13, 17, 2]);
      expect(badNodes).toEqual(["nowhere@127.0.0.1"]);
      await genServer.stop(self, counter);
      expect(await erl.eval("whereis(counter)")).toBe("undefined");
      expect((await failureOf(genServer.stop(self, counter))).reason).toBe(atom("noproc"));
    });

    it("[C64] gen_servers: exits for the same reasons as Erlang's callers", async () => {
      const counter = there("counter");
      const where = thereTerm("counter");
      const reasonOf = async (request: Term, timeoutMs?: number): Promise<Term> =>
        (await failureOf(node.call(counter, request, { timeoutMs }))).reason;
      const exit = (why: Term, ...args: Term[]): Tuple => tuple(why, tuple(atom("gen_server"), atom("call"), [where, ...args]));
      expect(await reasonOf(1)).toEqual(exit(atom("noproc"), 1));

      await startThere("gen_server:start({local, counter}, counter, 0, [])");
      const sleep = tuple(atom("sleep"), 200);
      expect(await reasonOf(sleep, 20)).toEqual(exit(atom("timeout"), sleep, 20));
      expect((await failureOf(genServer.call(self, counter, sleep, { timeoutMs: 20 }))).code).toBe("timeout");
      const stop = tuple(atom("stop"), tuple(atom("my"), atom("reason")));
      // Only after the late replies.
      expect(await reasonOf(stop)).toEqual(exit(tuple(atom("my"), atom("reason")), stop));

      await startThere("gen_server:start({local, counter}, counter, 0, [])");
      const divide = tuple(atom("divide"), 0);
      const { reason: divided } = await failureOf(node.call(counter, divide));
      const [why, stack] = (divided as Tuple<readonly [Tuple<readonly [Term, Tuple[]]>, Term]>).elements[0].elements;
      expect(why).toBe(atom("badarith"));
      // OTP 25 names the operator first.
      expect(stack.map((entry) => entry.at(0))).toContain(atom("counter"));

      const nowhere = await failureOf(node.call({ name: "x", node: "nowhere@127.0.0.1" }, 1));
      expect(nowhere).toMatchObject({ code: "noconnection", cause: { code: "no_such_node" } });
    });

    it("[C64] gen_events: notify, sync_notify and call", async () => {
      await startThere("gen_event:start({local, manager})");
      expect(await erl.eval("gen_event:add_handler(manager, events, [])")).toBe("ok");
      const manager = there("manager");
      genEvent.notify(self, manager, 1);
      await genEvent.syncNotify(self, manager, 2);
      expect(await genEvent.call(self, manager, atom("events"), atom("q"))).toEqual(tuple(atom("q"), [2, 1]));
      const bad = tuple(atom("error"), atom("bad_module"));
      expect(await genEvent.call(self, manager, atom("other"), 1, { timeoutMs: 1000 })).toEqual(bad);
      await erl.eval("gen_event:stop(manager)");
      expect((await failureOf(genEvent.syncNotify(self, manager, 3))).reason).toBe(atom("noproc"));
      const call = tuple(atom("gen_event"), atom("call"), [thereTerm("manager"), atom("events"), 1]);
      expect((await failureOf(genEvent.call(self, manager, atom("events"), 1))).reason).toEqual(tuple(atom("noproc"), call));
    });

    it("[C64] gen_statems: call and cast", async () => {
      await startThere("gen_statem:start({local, door}, door, [], [])");
      const door = there("door");
      expect(await genStatem.call(self, door, atom("get"))).toEqual(tuple(atom("closed"), 0));
      genStatem.cast(self, door, atom("open"));
      expect(await genStatem.call(self, door, atom("get"), { timeoutMs: 1000 })).toEqual(tuple(atom("open"), 1));
      const mfa = (timeout: Term): Tuple => tuple(atom("gen_statem"), atom("call"), [thereTerm("door"), atom("never"), timeout]);
      const late = await failureOf(genStatem.call(self, door, atom("never"), { timeoutMs: 20 }));
      expect(late.reason).toEqual(tuple(atom("timeout"), mfa(20)));
      await erl.eval("gen_statem:stop(door)");
      const gone = await failureOf(genStatem.call(self, door, atom("never")));
      expect(gone.reason).toEqual(tuple(atom("noproc"), mfa(atom("infinity"))));
    });
  });

  describe("global names", () => {
    const name = tuple(atom("room"), 1);

    it("name our processes for everybody, until they end", async () => {
      const server = node.genServer("named", { handleCall: (request) => request });
      expect(await globalNames.whereisName(self, erl.name, name)).toBeUndefined();
      expect(await globalNames.registerName(self, erl.name, name, server.pid)).toBe(true);
      expect(await globalNames.registerName(self, erl.name, name, self.pid)).toBe(false);
      expect(await globalNames.whereisName(self, erl.name, name)).toEqual(server.pid);
      expect(await globalNames.registeredNames(self, erl.name)).toEqual([name]);
      expect(await erl.eval("gen_server:call({global, {room, 1}}, hello)")).toBe("hello");
      expect(await node.call({ global: name, node: erl.name }, 17)).toBe(17);
      await genServer.stop(self, "named");
      await expect.poll(() => erl.eval("global:whereis_name({room, 1})")).toBe("undefined");
    });

    it("are given up, and taken over", async () => {
      const [first, second] = [node.spawn(), node.spawn()];
      await globalNames.registerName(self, erl.name, name, first.pid);
      await globalNames.reRegisterName(self, erl.name, name, second.pid);
      expect(await globalNames.send(self, erl.name, name, atom("hello"))).toEqual(second.pid);
      expect(await second.receive()).toBe(atom("hello"));
      await globalNames.unregisterName(self, erl.name, name);
      const failure = await failureOf(globalNames.send(self, erl.name, name, 1));
      expect(failure.reason).toEqual(tuple(atom("badarg"), tuple(name, 1)));
      for (const process of [first, second]) process.exit(atom("normal"));
    });

    it("find Erlang's processes for calls and casts, and noproc where nobody is", async () => {
      await startThere("gen_server:start({global, counter}, counter, 0, [])");
      const server = { global: atom("counter"), node: erl.name };
      node.cast(server, tuple(atom("add"), 2));
      await expect.poll(() => node.call(server, tuple(atom("add"), 0))).toBe(2);
      await erl.eval("gen_server:stop({global, counter})");
      const where = tuple(atom("global"), atom("counter"));
      const failure = await failureOf(node.call(server, 1));
      expect(failure.reason).toEqual(tuple(atom("noproc"), tuple(atom("gen_server"), atom("call"), [where, 1])));
      const nowhere = await failureOf(node.call({ ...server, node: "nowhere@127.0.0.1" }, 1));
      expect(nowhere).toMatchObject({ code: "noconnection", reason: { elements: [{ elements: [atom("nodedown"), {}] }, {}] } });
      node.cast({ ...server, node: "nowhere@127.0.0.1" }, 1);
    });
  });

  it("leaves nothing on either side after 10,000 calls in each direction", { timeout: 60_000 }, async () => {
    await startThere("gen_server:start({local, counter}, counter, 0, [])");
    const server = node.genServer("ours", { handleCall: (request) => request });
    // What another test has sent to a node that is not there.
    await vi.waitFor(() => expect(node.counts.spawnRequests).toBe(0));
    const counts = node.counts;
    const there = `length(element(2, process_info(whereis(counter), monitored_by))) + length(element(2, process_info(whereis(counter), monitors)))`;
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 1000 }, () => node.call({ name: "counter", node: erl.name }, tuple(atom("add"), 1)));
      expect((await Promise.all(calls)).at(-1)).toBe((round + 1) * 1000);
    }
    expect(await erl.eval(`[gen_server:call({ours, '${node.name}'}, N) || N <- lists:seq(1, 10000)], ok`)).toBe("ok");
    expect(await erl.eval(there)).toBe("0");
    await vi.waitFor(() => expect(node.counts).toEqual(counts));
    expect(server.messageQueueLength).toBe(0);
    await genServer.stop(self, { name: "counter", node: erl.name });
  });
});
