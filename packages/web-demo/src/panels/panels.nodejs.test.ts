// What the panels do on a real node, without a browser around them: the recipes on every release, and that nothing stays behind.
import { atom, format, Pid, pg, type Term, type Tuple } from "@erl-dist/core";
import type { BareNode } from "@erl-dist/core/remote-node";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { ENGLISH } from "../english.ts";
import { Words } from "../words.ts";
import { NO_SETTINGS } from "../connection/connection-state.ts";
import { openSession, type Session } from "../connection/session.ts";
import type { RemoteNode } from "../remote/remote-node.ts";
import { FIRST_PAGE, NEXT_PAGE, TABLES } from "./ets/recipes.ts";
import { pageOf, type TableRow, tablesOf } from "./ets/table-row.ts";
import { type LogReader, type LogRecord, LogStream } from "./logs/log-stream.ts";
import { NODES_CALLS, nodeRows } from "./nodes/node-row.ts";
import { SAMPLE_CALLS, sampleOf, SYSTEM_CALLS, systemOf } from "./overview/figures.ts";
import { localPid, ProcessItems, topBindings, topResult } from "./processes/process-row.ts";
import { DESCRIBE_SOME, DICTIONARY, INFO, MESSAGES, STATE, TOP } from "./processes/recipes.ts";
import { showBindings, shownText } from "./shown-term.ts";

/** All that panels say, in English. */
const WORDS = new Words("en", ENGLISH);
const EXTENT = { Depth: 20, Characters: 500 };
const SHORT = { ...showBindings(EXTENT, undefined), Count: 10, MostMessages: 10_000 };

for (const release of releases()) {
  describe(`panels on OTP ${release.otp}`, () => {
    let erl: ErlNode;
    let local: BareNode;
    let remote: RemoteNode;
    const open: { stop(): Promise<void> }[] = [];

    const session = (name = ""): Promise<Session> =>
      openSession({
        settings: { ...NO_SETTINGS, node: erl.name, cookie: erl.cookie, name },
        way: { connector: tcp({ portNo: erl.portNo }) },
        takeOver: false,
        signal: new AbortController().signal,
        shaking: () => {},
        received: () => {},
      });
    const top = async (query: Partial<Parameters<typeof topBindings>[0]>) =>
      topResult(
        await remote.evaluate(TOP, topBindings({ sort: "memory", limit: 20, windowMs: 0, filter: "", ...query })),
        (query.windowMs ?? 0) > 0,
      );
    const follow = (
      followed: RemoteNode,
      received: LogReader["received"] = () => {},
      ended: LogReader["ended"] = () => {},
    ): Promise<LogStream> =>
      LogStream.open(followed, "all", { received, ended, missing: (events) => WORDS.many("logsTooFast", events) });
    const handlers = (): Promise<string> =>
      erl.eval(`[Id || Id <- logger:get_handler_ids(), lists:prefix("erl_console", atom_to_list(Id))]`);
    const processes = async (): Promise<number> => Number(await erl.eval("length(processes())"));
    const whereis = async (name: string): Promise<Pid> => {
      const pid = await remote.call("erlang", "whereis", [atom(name)]);
      if (!(pid instanceof Pid)) throw new Error(`${name} is not registered`);
      return pid;
    };

    beforeAll(async () => {
      erl = await startErl({ release, args: ["-kernel", "net_ticktime", "2"] });
      const opened = await session();
      ({ node: local, remote } = opened);
    });
    afterEach(async () => {
      for (const each of open.splice(0)) await each.stop();
    });
    afterAll(async () => {
      await local.stop();
      await erl.stop();
    });

    it("lists the top of the processes, by what they have and by how much that grows", async () => {
      expect(await top({ filter: "code_server" })).toMatchObject({
        matching: 1,
        rows: [{ name: "code_server", growth: undefined }],
      });
      const grown = await top({ sort: "reductions", windowMs: 20, limit: 3 });
      if (grown.type !== "rows") throw new Error(grown.message(WORDS));
      expect(grown.rows).toHaveLength(3);
      expect(grown.rows[0]?.growth).toBeGreaterThanOrEqual(grown.rows[1]?.growth ?? 0);
    });

    it("filters processes by name, by regular expression and by application, and says what is none", async () => {
      const names = async (filter: string): Promise<string[]> => {
        const result = await top({ filter });
        return result.type === "rows" ? result.rows.map(({ name }) => name) : [result.message(WORDS)];
      };
      expect(await names("/^kernel_(sup|refc)\\b/")).toEqual(expect.arrayContaining(["kernel_sup", "kernel_refc"]));
      expect(await names("app:kernel net_kernel")).toEqual(["net_kernel"]);
      expect(await names("app:nothing_of_that_name")).toEqual(["No application of that name runs on the node."]);
      expect((await names("/((/"))[0]).toContain("Not a regular expression");
    });

    it("[trap 13] shows names and labels where the release has them, and does without where it has not", async () => {
      const hasLabels = await erl.eval("erlang:function_exported(proc_lib, set_label, 1)");
      await erl.eval(`Self = self(), spawn(fun() ->
        ${hasLabels === "true" ? 'proc_lib:set_label(<<"cart 7">>),' : ""} register(labelled, self()), Self ! ok, receive stop -> ok end end),
        receive ok -> ok end`);
      const result = await top({ filter: hasLabels === "true" ? "cart 7" : "labelled" });
      expect(result).toMatchObject({ matching: 1, rows: [{ name: "labelled" }] });
      const [info] = (await remote.evaluate(DESCRIBE_SOME, { Pids: [await whereis("labelled")] })) as Term[];
      expect(new ProcessItems(info ?? []).label).toBe(hasLabels === "true" ? "cart 7" : undefined);
      await erl.eval("labelled ! stop");
    });

    it("shows the state, the messages and the dictionary of a process cut by the node", async () => {
      const pid = await whereis("kernel_sup");
      const extent = { Depth: 20, Characters: 100 };
      const state = (await remote.evaluate(STATE, { Pid: pid, ...showBindings(extent, undefined) })) as Tuple;
      expect(shownText(state.at(1), undefined, extent, WORDS).length).toBeLessThan(200);
      expect(format(await remote.evaluate(MESSAGES, { Pid: pid, ...SHORT }))).toBe("{0,[]}");
      expect(format(await remote.evaluate(DICTIONARY, { Pid: pid, ...SHORT }))).toContain("'$initial_call'");
    });

    it("gives terms whole where they are to be redacted, but none that is too large for that", async () => {
      const redact = (term: Term): Term => (format(term).includes("secret") ? atom("hidden") : term);
      const show = async (term: Term): Promise<string> => {
        const pid = await remote.evaluate("spawn(fun() -> put(key, Term), receive stop -> ok end end)", { Term: term });
        const bindings = { Pid: pid, ...showBindings(EXTENT, redact), Count: 10, MostMessages: 10_000 };
        const found = await vi.waitUntil(async () => {
          const answer = (await remote.evaluate(DICTIONARY, bindings)) as Tuple;
          const [, pairs] = answer.elements as readonly [Term, Tuple[]];
          return pairs.find((pair) => shownText(pair.at(0), redact, EXTENT, WORDS) === "key");
        });
        if (pid instanceof Pid) remote.kill(pid);
        return shownText(found.at(1), redact, EXTENT, WORDS);
      };
      expect(await show(atom("open"))).toBe("open");
      expect(await show(atom("secret"))).toBe("hidden");
      expect(await show(new Uint8Array(1_000_000))).toBe("977 kB term, not loaded");
    });

    it("lists the tables of the node, with what they hold, how much it is and whose they are", async () => {
      const { total, rows } = tablesOf(await remote.evaluate(TABLES, { Shown: [] }));
      expect(total).toBe(rows.length);
      expect(rows.find(({ name }) => name === "ac_tab")).toMatchObject({
        key: "ac_tab",
        type: "set",
        protection: "public",
        owner: expect.stringMatching(/^application_controller <0\.\d+\.0>$/),
      });
      expect(rows[0]?.memoryBytes).toBeGreaterThanOrEqual(rows[1]?.memoryBytes ?? 0);
    });

    it("tells which of the tables that were shown have gone, named ones and others", async () => {
      await erl.eval(`register(keeper, spawn(fun() ->
        ets:new(leaving, [named_table]), ets:new(leaving_too, []), receive stop -> ok end end))`);
      const list = async (Shown: readonly Term[]) => tablesOf(await remote.evaluate(TABLES, { Shown: [...Shown] }));
      const named = (rows: readonly TableRow[]) => rows.filter(({ name }) => name.startsWith("leaving"));
      await vi.waitFor(async () => expect(named((await list([])).rows)).toHaveLength(2));
      const before = (await list([])).rows;
      await erl.eval("exit(whereis(keeper), kill)");
      await vi.waitFor(async () => expect(named((await list([])).rows)).toEqual([]));
      const { gone } = await list(before.map(({ table }) => table));
      expect([...gone].toSorted()).toEqual(
        named(before)
          .map(({ key }) => key)
          .toSorted(),
      );
    });

    it.each(["set", "ordered_set", "bag"])("[trap 12] goes on in a table (%s) where the last page ended", async (type) => {
      await erl.eval(`Self = self(), spawn(fun() -> register(shelves, self()),
        ets:new(shelf, [named_table, ${type}, public]), ets:insert(shelf, [{N, book} || N <- lists:seq(1, 250)]),
        Self ! ok, receive stop -> ok end end), receive ok -> ok end`);
      const show = showBindings(EXTENT, undefined);
      const page = async (recipe: string, bindings: Record<string, Term>) => {
        const read = pageOf(await remote.evaluate(recipe, { ...bindings, ...show }), undefined, EXTENT, WORDS);
        if (read.type !== "objects") throw new Error(read.type);
        return read;
      };
      const pages = [await page(FIRST_PAGE, { Table: atom("shelf"), Count: 100 })];
      for (let last = pages[0]?.continuation; last !== undefined; last = pages.at(-1)?.continuation) {
        pages.push(await page(NEXT_PAGE, { Continuation: last }));
      }
      const texts = pages.flatMap((each) => each.texts);
      expect(pages.map((each) => each.texts.length).slice(0, 3)).toEqual([100, 100, 50]);
      expect(new Set(texts)).toEqual(new Set(Array.from({ length: 250 }, (_, index) => `{${index + 1},book}`)));
      // What was repaired in a process of its own is of no use to the next one.
      const specification = await remote.evaluate("[{'$1', [], ['$1']}]");
      const repaired = await remote.call("ets", "repair_continuation", [pages[0]?.continuation ?? 0, specification]);
      await expect(remote.call("ets", "select", [repaired])).rejects.toThrow("badarg");
      await erl.eval("M = monitor(process, shelves), shelves ! stop, receive {'DOWN', M, _, _, _} -> ok end");
    });

    it("says that a table is private, or gone, instead of failing", async () => {
      const show = { Count: 100, ...showBindings(EXTENT, undefined) };
      const read = async (table: Term) =>
        pageOf(await remote.evaluate(FIRST_PAGE, { Table: table, ...show }), undefined, EXTENT, WORDS).type;
      const table = await remote.evaluate(`Self = self(), spawn(fun() -> register(keeper, self()),
        Self ! {table, ets:new(drawer, [private])}, receive stop -> ok end end), receive {table, Table} -> Table end`);
      expect(await read(table)).toBe("private");
      await erl.eval("M = monitor(process, keeper), keeper ! stop, receive {'DOWN', M, _, _, _} -> ok end");
      expect(await read(table)).toBe("gone");
      expect(await read(atom("no_table"))).toBe("gone");
    });

    it("says that a process has ended instead of failing", async () => {
      const dead = await remote.call("erlang", "spawn", [atom("erlang"), atom("node"), []]);
      await vi.waitFor(async () => expect(await remote.evaluate(INFO, { Pid: dead })).toBe(atom("undefined")));
      expect(await remote.evaluate(MESSAGES, { Pid: dead, ...SHORT })).toBe(atom("undefined"));
    });

    it("[trap 17] shows links to processes of other nodes without asking for those", async () => {
      const ours = local.spawn();
      ours.trapExit = true;
      const linked = await ours.spawnRequest(erl.name, "timer", "sleep", [atom("infinity")], { link: true });
      const items = new ProcessItems(await remote.evaluate(INFO, { Pid: linked }));
      const [count, links] = (items.get("links") as Tuple).elements as readonly [Term, Term[]];
      expect([count, format(((links[0] as Tuple).at(0) as Pid).node), (links[0] as Tuple).at(1)]).toEqual([
        1,
        format(ours.pid.node),
        atom("none"),
      ]);
      remote.kill(linked);
      await ours.receive();
      ours.exit(atom("normal"));
    });

    it("gives the figures of the node, and the nodes it is connected to", async () => {
      const sample = sampleOf(await remote.batch(SAMPLE_CALLS), 1);
      expect(sample.memory.total).toBeGreaterThan(1_000_000);
      expect(sample.counts.process[1]).toBeGreaterThan(sample.counts.process[0]);
      expect(systemOf(await remote.batch(SYSTEM_CALLS))).toMatchObject({
        wordBytes: 8,
        version: expect.stringContaining("Erlang"),
      });
      const rows = nodeRows(await remote.batch(NODES_CALLS), erl.name, local.name);
      expect(rows).toEqual([expect.objectContaining({ name: local.name, kind: "hidden", isThisPage: true })]);
    });

    it("measures what schedulers do only while somebody holds it", async () => {
      const holder = await remote.hold("lists", "foreach", [
        await remote.evaluate("fun(X) -> erlang:system_flag(scheduler_wall_time, X), timer:sleep(infinity) end"),
        [true],
      ]);
      await vi.waitFor(async () => expect(sampleOf(await remote.batch(SAMPLE_CALLS), 1).schedulers).toBeDefined());
      remote.kill(holder);
      await vi.waitFor(async () => expect(sampleOf(await remote.batch(SAMPLE_CALLS), 1).schedulers).toBeUndefined());
    });

    it("[trap 14] gets events of the log with their fields, several lines and any text", async () => {
      const records: LogRecord[] = [];
      const stream = await follow(remote, (each) => void records.push(...each));
      await erl.eval(`logger:error("no ~ts~nleft: ~p", ["Bücher", 0], #{mfa => {shop, buy, 1}, line => 12})`);
      await vi.waitFor(() => expect(records).toHaveLength(1));
      expect(records[0]).toMatchObject({ level: "error", mfa: "shop:buy/1", line: "12", message: "no Bücher\nleft: 0" });
      await stream.close();
      expect(await handlers()).toBe("[]");
    });

    it("[trap 15] lets the node evaluate what is printed as a function, with terms of any kind inside", async () => {
      const records: LogRecord[] = [];
      const stream = await follow(remote, (each) => void records.push(...each));
      await erl.eval(`{ok, #{config := #{type := {device, Device}}}} = logger:get_handler_config(erl_console_1),
        io:format(Device, "~p ~p", [fun lists:map/2, make_ref()])`);
      await vi.waitFor(() => expect(records[0]?.message).toMatch(/^fun lists:map\/2 #Ref</));
      await stream.close();
    });

    const device = `{ok, #{config := #{type := {device, Device}}}} = logger:get_handler_config(erl_console_1)`;
    const write = (lines: number): Promise<string> =>
      erl.eval(`${device}, [io:put_chars(Device, <<"\\fnow\\vinfo\\v\\v\\v\\v\\vline\\n">>) || _ <- lists:seq(1, ${lines})], ok`);

    it("sends what is written in batches, all of it while the page keeps up, and the relay stays small", async () => {
      const batches: number[] = [];
      const stream = await follow(remote, (each) => void batches.push(each.length));
      const total = (): number => batches.reduce((sum, lines) => sum + lines, 0);
      // Less than can be on its way.
      for (let sent = 1_000; sent <= 20_000; sent += 1_000) {
        await write(1_000);
        await vi.waitFor(() => expect(total()).toBe(sent), { interval: 1 });
      }
      expect(Math.max(...batches)).toBeLessThanOrEqual(200);
      expect(batches.length).toBeLessThan(250);
      const memory = Number(
        await erl.eval(`${device}, erlang:garbage_collect(Device), element(2, process_info(Device, memory))`),
      );
      expect(memory).toBeLessThan(500_000);
      await stream.close();
    });

    it("never lets the node wait for a page that does not keep up: counts what is left out, and says where", async () => {
      const records: LogRecord[] = [];
      let goOn = (): void => {};
      const held = new Promise<void>((resolve) => (goOn = resolve));
      const stream = await follow(remote, (each) => {
        records.push(...each);
        return held;
      });
      // Each of them is answered, or this would not come back.
      await write(10_000);
      const onItsWay = 9 * 200;
      expect(records.length).toBeLessThanOrEqual(200);
      goOn();
      const leftOut = (): number =>
        records
          .filter(({ isGap }) => isGap)
          .reduce((sum, { message }) => sum + Number.parseInt(message.replaceAll(",", ""), 10), 0);
      await vi.waitFor(() => expect(records.filter(({ isGap }) => !isGap).length + leftOut()).toBe(10_000));
      expect(leftOut()).toBeGreaterThanOrEqual(10_000 - onItsWay);
      expect(records.at(-1)).toMatchObject({ isGap: true, level: "warning" });
      await write(1);
      await vi.waitFor(() => expect(records.at(-1)).toMatchObject({ message: "line", isGap: false }));
      await stream.close();
    });

    it("has no limit of events in a second: OTP tells nobody what it leaves out for that", async () => {
      const stream = await follow(remote);
      const limit = `{ok, #{config := #{burst_limit_enable := Limit}}} = logger:get_handler_config(erl_console_1), Limit`;
      expect(await erl.eval(limit)).toBe("false");
      await stream.close();
    });

    it("answers what is no printing with an error, as a device does", async () => {
      const stream = await follow(remote);
      expect(await erl.eval(`${device}, io:get_line(Device, "")`)).toMatch(/^\{error,/);
      await stream.close();
    });

    it("says that the log has ended when its process on the node is killed, and leaves no handler", async () => {
      const whys: string[] = [];
      const stream = await follow(remote, undefined, (why) => {
        whys.push(why.message);
        void stream.close();
      });
      await erl.eval(`${device}, exit(Device, kill)`);
      await vi.waitFor(() => expect(whys).toEqual([expect.stringMatching(/was ended: killed$/)]));
      await vi.waitFor(async () => expect(await handlers()).toBe("[]"));
    });

    it("goes without a word in the node's log, however much is logged just then", async () => {
      const second = await session();
      await follow(second.remote);
      await erl.eval(`logger:set_handler_config(default, level, error),
        register(chatter, spawn(fun Loop() -> logger:notice("chatter"), receive stop -> ok after 0 -> Loop() end end)), ok`);
      const before = erl.output().length;
      await second.node.disconnect(erl.name);
      await vi.waitFor(async () => expect(await handlers()).toBe("[]"));
      await erl.eval("chatter ! stop, logger:set_handler_config(default, level, all)");
      expect(erl.output().slice(before)).not.toContain("erl_console");
      await second.node.stop();
    });

    it("sets the node's own level only until it goes", async () => {
      const second = await session();
      const stream = await follow(second.remote);
      await stream.setPrimaryLevel("debug");
      expect(await erl.eval("maps:get(level, logger:get_primary_config())")).toBe("debug");
      await second.node.stop();
      await vi.waitFor(async () => expect(await erl.eval("maps:get(level, logger:get_primary_config())")).toBe("notice"), {
        timeout: 10_000,
      });
      await vi.waitFor(async () => expect(await handlers()).toBe("[]"));
    });

    it("[trap 10] kills by a dead man what would go on without us", async () => {
      const second = await session();
      const evaluator = await second.remote.call("erlang", "spawn", [atom("timer"), atom("sleep"), [atom("infinity")]]);
      if (!(evaluator instanceof Pid)) throw new Error("no process was started");
      await second.remote.deadMan([["erlang", "exit", [evaluator, atom("kill")]]]);
      await second.node.disconnect(erl.name);
      await vi.waitFor(async () =>
        expect(await erl.eval(`is_process_alive(list_to_pid("${localPid(evaluator)}"))`)).toBe("false"),
      );
      await second.node.stop();
    });

    it("[trap 11] takes part in pg by what its scopes tell each other, and the node's pg lives on", async () => {
      await erl.eval("{ok, _} = pg:start(pg), ok");
      const before = await erl.eval("whereis(pg)");
      const second = await session();
      const groups = pg(second.node, "pg", { discoverMs: 20 });
      groups.join(atom("rooms"), second.inbox);
      await vi.waitFor(async () => expect(await erl.eval("length(pg:get_members(rooms))")).toBe("1"));
      await second.node.stop();
      await vi.waitFor(async () => expect(await erl.eval("pg:get_members(rooms)")).toBe("[]"));
      expect(await erl.eval("whereis(pg)")).toBe(before);
      await erl.eval("gen_server:stop(pg)");
    });

    it("[trap 18] leaves no atoms on the node, whatever is looked for and however often it comes", async () => {
      const visit = async (round: number): Promise<void> => {
        const second = await session(`page_of_trap_18@127.0.0.1`);
        const stream = await follow(second.remote);
        await top({ filter: `looked for in round ${round}` });
        await top({ filter: `app:application_of_round_${round}` });
        await stream.close();
        await second.node.stop();
        await vi.waitFor(async () => expect(await erl.eval("nodes(hidden)")).not.toContain("page_of_trap_18"));
      };
      await visit(0);
      const before = await erl.eval("erlang:system_info(atom_count)");
      for (let round = 1; round <= 3; round++) await visit(round);
      expect(await erl.eval("erlang:system_info(atom_count)")).toBe(before);
    });

    it("leaves no process and no handler behind, after a hundred visits and an abrupt end", async () => {
      const before = await processes();
      for (let round = 0; round < 100; round++) {
        const visit = await session("visitor@127.0.0.1");
        const stream = await follow(visit.remote);
        await visit.remote.hold("timer", "sleep", [atom("infinity")]);
        // Every other one goes without a word.
        if (round % 2 === 0) await stream.close();
        await visit.node.stop();
        await vi.waitFor(async () => expect(await erl.eval("nodes(hidden)")).not.toContain("visitor"), { interval: 5 });
      }
      await vi.waitFor(async () => expect([await processes(), await handlers()]).toEqual([before, "[]"]), { timeout: 10_000 });
    });

    it("[trap 16] stays connected where no timer fires, as in a tab in the background", async () => {
      const second = await session();
      vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] });
      try {
        // Longer than the node waits for a sign of life: its ticks are answered when they come.
        await erl.eval("timer:sleep(4000)");
        expect(await erl.eval("nodes(hidden)")).toContain(second.node.name);
        expect(second.remote.isConnected).toBe(true);
      } finally {
        vi.useRealTimers();
        await second.node.stop();
      }
    });
  });
}
