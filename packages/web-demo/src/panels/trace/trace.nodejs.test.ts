// Traces on real nodes of every release that is there, with runtime_tools and without: what comes, which limits end them, and that
// nothing of them stays on the node.
import { atom, charlist, format, Pid, type Term, text } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../../test/support/otp.ts";
import { NO_SETTINGS } from "../../connection/connection-state.ts";
import { openSession, type Session } from "../../connection/session.ts";
import { COMPLETE } from "./recipes.ts";
import { type Ending, type Found, look, Trace, type TraceMessage } from "./trace.ts";
import { FIRST_PLAN, type TracePlan } from "./trace-plan.ts";

const TWO_SECONDS = { timeout: 2_000, interval: 20 };
/** Calls lists:reverse/1 as often as it can until it is told to stop. */
const HOT = `register(hot, spawn(fun() -> Loop = fun Loop() ->
  lists:foreach(fun(_) -> lists:reverse([1, 2, 3]) end, lists:seq(1, 1000)),
  receive stop -> ok after 0 -> Loop() end end, Loop() end))`;
/** Does what it is sent. */
const WORKER = `register(worker, spawn(fun() -> Loop = fun Loop() -> receive {run, Fun} -> catch Fun(), Loop(); stop -> ok end end, Loop() end))`;

for (const release of releases()) {
  describe(`traces on OTP ${release.otp}`, () => {
    let erl: ErlNode;
    let remote: Session["remote"];
    let local: Session["node"];
    let hasSessions: boolean;
    const open: Session["node"][] = [];

    const session = async (): Promise<Session> => {
      const opened = await openSession({
        settings: { ...NO_SETTINGS, node: erl.name, cookie: erl.cookie },
        way: { connector: tcp({ portNo: erl.portNo }) },
        takeOver: false,
        signal: new AbortController().signal,
        shaking: () => {},
        received: () => {},
      });
      open.push(opened.node);
      return opened;
    };
    const find = async (plan: TracePlan): Promise<Found> => {
      const looked = await look(remote, plan);
      if (looked.type !== "found") throw new Error(looked.type);
      return looked.found;
    };
    /** A trace, what came of it, and how it ended; resolves when the node has begun it. */
    const trace = async (more: Partial<TracePlan>, through = remote) => {
      const plan = { ...FIRST_PLAN, process: "worker", ...more };
      const messages: TraceMessage[] = [];
      const begun = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<Ending>();
      const running = await Trace.start(through, plan, await find(plan), {
        started: begun.resolve,
        received: (message) => void messages.push(message),
        dropped: () => {},
        ended: (ending) => {
          ended.resolve(ending);
          begun.resolve();
        },
      });
      await begun.promise;
      const texts = (): string[] => messages.map(({ message }) => format(message).replace(/<[^>]+>/g, "Pid"));
      return { running, messages, ended: ended.promise, texts };
    };
    /** Processes, whether the function has a pattern, who is traced, and which sessions there are: what a trace leaves must be none. */
    const onNode = (): Promise<string> =>
      erl.eval(`{length(processes()), erlang:trace_info({lists, reverse, 1}, traced), erlang:trace_info(new_processes, flags),
        [P || P <- processes(), erlang:trace_info(P, flags) =/= {flags, []}],
        ${hasSessions ? "length(trace:session_info(all))" : "none"}}`);
    /** The same, once the processes of the trace before have gone, and the timers of handshakes. */
    const settled = async (): Promise<string> => {
      const traces = `[P || P <- processes(), {initial_call, Call} <- [process_info(P, initial_call)],
        lists:member(Call, [{erl_eval, exprs, 2}, {lists, zipwith3, 3}, {dist_util, setup_timer, 2}])]`;
      await vi.waitFor(async () => expect(await erl.eval(traces)).toBe("[]"), TWO_SECONDS);
      return onNode();
    };
    const run = (body: string): Promise<string> => erl.eval(`worker ! {run, fun() -> ${body} end}`);

    beforeAll(async () => {
      erl = await startErl({ release });
      hasSessions =
        (await erl.eval(
          "code:ensure_loaded(trace) =:= {module, trace} andalso erlang:function_exported(trace, session_create, 3)",
        )) === "true";
      ({ remote, node: local } = await session());
      // What is loaded with the first of each stays: processes of the code server's are none of it.
      await erl.eval(WORKER);
      (await trace({ calls: "lists:reverse/1" })).running.stop();
    });
    afterEach(async () => {
      for (const each of open.splice(0)) if (each !== local) await each.stop();
    });
    afterAll(async () => {
      await local.stop();
      await erl.stop();
    });

    const stopHot = (): Promise<string> =>
      erl.eval("M = monitor(process, hot), hot ! stop, receive {'DOWN', M, _, _, _} -> ok end");

    it("hears calls with arguments, callers, results and exceptions", async () => {
      const { running, ended, texts } = await trace({ calls: "lists:last/1", exceptions: true, caller: true, timestamps: false });
      await run("lists:last([1, 2]), lists:last(no_list)");
      await vi.waitFor(() => expect(texts()).toHaveLength(4));
      expect(texts()).toEqual([
        "{trace,Pid,call,{lists,last,[[1,2]]},{erl_eval,do_apply,7}}",
        "{trace,Pid,return_from,{lists,last,1},2}",
        "{trace,Pid,call,{lists,last,[no_list]},{erl_eval,do_apply,7}}",
        "{trace,Pid,exception_from,{lists,last,1},{error,function_clause}}",
      ]);
      running.stop();
      expect(await ended).toEqual({ type: "stopped" });
    });

    it("hears messages, spawns, links and exits", async () => {
      const { running, ended, texts } = await trace({ send: true, receive: true, procs: true, timestamps: false });
      await run("spawn_link(erlang, node, []), self() ! hello, exit(enough)");
      await vi.waitFor(() => expect(texts().join()).toContain("getting_unlinked"));
      running.stop();
      await ended;
      expect(texts()).toEqual([
        expect.stringMatching(/^\{trace,Pid,'receive',\{run,#Fun/),
        "{trace,Pid,spawn,Pid,{erlang,node,[]}}",
        "{trace,Pid,link,Pid}",
        "{trace,Pid,send,hello,Pid}",
        "{trace,Pid,'receive',hello}",
        "{trace,Pid,getting_unlinked,Pid}",
      ]);
    });

    it("hears processes that begin later, and all of them", async () => {
      for (const whom of ["new", "all"] as const) {
        const before = await settled();
        const { ended, texts } = await trace({ whom, calls: "lists:last/1", returns: false, timestamps: false, count: 1 });
        await erl.eval("spawn(lists, last, [[1, 2]])");
        expect(await ended).toEqual({ type: "count", dropped: 0 });
        expect(texts()).toEqual(["{trace,Pid,call,{lists,last,[[1,2]]}}"]);
        await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
      }
    });

    it("sends of a message that is too large what is not, and how large it is", async () => {
      const { running, messages, ended, texts } = await trace({ calls: "lists:last/1", timestamps: false });
      await run("lists:last([lists:duplicate(100000, a)]), lists:last([1])");
      await vi.waitFor(() => expect(messages).toHaveLength(4));
      running.stop();
      await ended;
      expect(texts()).toEqual([
        "{trace,Pid,call,{lists,last,1}}",
        expect.stringMatching(/^\{trace,Pid,return_from,\{lists,last,1\},\{large,\d{6}\}\}$/),
        "{trace,Pid,call,{lists,last,[[1]]}}",
        "{trace,Pid,return_from,{lists,last,1},1}",
      ]);
      expect(messages.map(({ isCut }) => isCut)).toEqual([true, true, false, false]);
      expect(messages[0]?.bytes).toBeGreaterThan(100_000);
    });

    it("needs no runtime_tools", async () => {
      expect(await erl.eval("code:del_path(runtime_tools), code:purge(dbg), code:delete(dbg), code:which(dbg)")).toBe(
        "non_existing",
      );
      const { running, ended, texts } = await trace({ calls: "lists:last/1", returns: false, timestamps: false });
      await run("lists:last([1])");
      await vi.waitFor(() => expect(texts()).toEqual(["{trace,Pid,call,{lists,last,[[1]]}}"]));
      running.stop();
      await ended;
    });

    it("ends after as many messages as were wanted, to the message, of a function that is called all the time", async () => {
      const before = await settled();
      await erl.eval(HOT);
      const { messages, ended } = await trace({ process: "hot", calls: "lists:reverse/1", count: 100, rate: 5_000 });
      expect(await remote.call("erlang", "node", [])).toBe(atom(erl.name));
      expect(await ended).toEqual({ type: "count", dropped: 0 });
      expect(messages).toHaveLength(100);
      await stopHot();
      await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
    });

    it("ends where more come in a second than were wanted", async () => {
      const before = await settled();
      await erl.eval(HOT);
      const { messages, ended } = await trace({ process: "hot", calls: "lists:reverse/1", count: 10_000, rate: 50 });
      expect(await remote.call("erlang", "node", [])).toBe(atom(erl.name));
      expect(await ended).toEqual({ type: "rate", dropped: 0 });
      // The beginning of a second may fall between them.
      expect(messages.length).toBeGreaterThanOrEqual(50);
      expect(messages.length).toBeLessThanOrEqual(100);
      await stopHot();
      await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
    });

    it("ends when messages pile up on the node", async () => {
      const before = await settled();
      await erl.eval(`${HOT}, put(before, processes())`);
      const { messages, ended } = await trace({ process: "hot", calls: "lists:last/1", count: 10_000, rate: 5_000 });
      await erl.eval(
        "Relay = lists:last(lists:sort(processes() -- get(before))), erlang:suspend_process(Relay), [Relay ! more || _ <- lists:seq(1, 20001)]",
      );
      expect(await ended).toEqual({ type: "queue" });
      expect(messages).toEqual([]);
      await stopHot();
      await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
    });

    it("leaves nothing on the node when its page goes without a word, or the panel does", async () => {
      const before = await settled();
      for (const whom of ["process", "new", "all"] as const) {
        const second = await session();
        const connected = await settled();
        for (const how of ["abandoned", "cut off"] as const) {
          const { running } = await trace({ whom, calls: "lists:reverse/1", count: 10_000, rate: 5_000 }, second.remote);
          expect(await onNode()).not.toBe(connected);
          if (how === "cut off") continue;
          running.abandon();
          await vi.waitFor(async () => expect(await onNode()).toBe(connected), TWO_SECONDS);
        }
        await second.node.stop();
        await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
      }
    });

    it("clears up after what traces was killed on the node", async () => {
      const before = await settled();
      await erl.eval("put(before, processes())");
      const { ended } = await trace({ calls: "lists:reverse/1" });
      await erl.eval(
        "exit(hd(lists:sort([P || P <- processes() -- get(before), process_info(P, priority) =:= {priority, high}])), kill)",
      );
      expect(await ended).toEqual({ type: "killed", reason: atom("killed") });
      await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
    });

    it("clears up when what traces was killed on the node and its page goes in the same moment", async () => {
      const before = await settled();
      const second = await session();
      await erl.eval("put(before, processes())");
      await trace({ calls: "lists:reverse/1" }, second.remote);
      await erl.eval(`exit(hd(lists:sort([P || P <- processes() -- get(before), process_info(P, priority) =:= {priority, high}])), kill),
        erlang:disconnect_node('${second.node.name}')`);
      await vi.waitFor(async () => expect(await onNode()).toBe(before), TWO_SECONDS);
    });

    it("says who traces there already, where two traces disturb each other, and else leaves the other alone", async () => {
      const plan = { ...FIRST_PLAN, process: "worker", calls: "lists:last/1" };
      const set = hasSessions
        ? "S = trace:session_create(theirs, self(), []), trace:process(S, whereis(worker), true, [call]), trace:function(S, {lists, last, 1}, [], [local])"
        : "erlang:trace(whereis(worker), true, [call]), erlang:trace_pattern({lists, last, 1}, [], [local])";
      await erl.eval(`Test = self(), register(theirs, spawn(fun() -> ${set}, Test ! set,
        Loop = fun Loop(Heard) -> receive stop -> ok; {count, From} -> From ! {heard, Heard}, Loop(Heard); _ -> Loop(Heard + 1) end end,
        Loop(0)${hasSessions ? ", trace:session_destroy(S)" : ", erlang:trace_pattern({lists, last, 1}, false, [local])"} end)), receive set -> ok end`);
      const { others } = await find(plan);
      if (hasSessions) {
        expect(others).toEqual([]);
        const { running, messages, ended } = await trace({ calls: "lists:last/1" });
        await run("lists:last([1])");
        await vi.waitFor(() => expect(messages).toHaveLength(2));
        running.stop();
        await ended;
        await run("lists:last([1])");
        await vi.waitFor(async () => expect(await erl.eval("theirs ! {count, self()}, receive {heard, N} -> N end")).toBe("2"));
      } else {
        expect(others.map((each) => (each instanceof Pid ? "pid" : String(each)))).toEqual(["pid", "pattern"]);
        const { ended } = await trace({ calls: "lists:last/1" });
        expect(await ended).toEqual({ type: "failed", reason: atom("badarg") });
      }
      await erl.eval("M = monitor(process, theirs), theirs ! stop, receive {'DOWN', M, _, _, _} -> ok end");
    });

    it("finds no process and no function of a name that is none, which does not become an atom", async () => {
      const looked = async (more: Partial<TracePlan>): Promise<string> =>
        (await look(remote, { ...FIRST_PLAN, process: "worker", ...more })).type;
      await looked({});
      const before = await erl.eval("erlang:system_info(atom_count)");
      expect(await looked({ process: "no_process_is_called_this" })).toBe("no_process");
      expect(await looked({ process: "<0.999999.0>" })).toBe("no_process");
      expect(await looked({ calls: "lists:no_function_is_called_this" })).toBe("no_function");
      expect(await looked({ calls: "no_module_is_called_this:f/1" })).toBe("no_function");
      expect(await looked({ calls: "lists:last/7" })).toBe("no_function");
      expect(await erl.eval("erlang:system_info(atom_count)")).toBe(before);
      expect((await find({ ...FIRST_PLAN, process: "worker", calls: "lists:seq" })).functions).toBe(2);
    });

    it("completes modules and functions", async () => {
      const complete = async (typed: string): Promise<string[]> => {
        const found = (await remote.evaluate(COMPLETE, { Text: charlist(typed), Most: 3 })) as Term[];
        return found.map((each) => text(each));
      };
      expect(await complete("proc_l")).toEqual(["proc_lib"]);
      expect(await complete("lists:revers")).toEqual(
        ["lists:reverse/1", "lists:reverse/2", "lists:reverse/3"].slice(0, (await complete("lists:revers")).length),
      );
      expect(await complete("no_module_is_called_this:")).toEqual([]);
    });
  });
}
