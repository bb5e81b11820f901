// Ten thousand of each thing that two nodes do with each other leave nothing behind, in no table of either side and not in
// our memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { atom, ErlangNode, type Pid, type Process } from "../src/index.ts";
import { tcp } from "../src/transports/nodejs.ts";

const MANY = 10_000;
/** How much one side starts before it waits for the other. */
const BATCH = 100;
/** Each is a handshake over TCP, so some milliseconds: all of them only where there is time. */
const MANY_CONNECTIONS = process.env["OTP_MATRIX_DIR"] === undefined ? 500 : MANY;
/** Before that the engine still compiles, and grows what it reuses. */
const WARM_UP = 0.2;
/** Ten thousand entries of a Map with a small object each would take more; so would 500 connections. */
const MAX_GROWTH_BYTES = 2 ** 20;

// Traps exits, takes every message and answers none.
const VICTIM = `register(victim, spawn(fun() -> process_flag(trap_exit, true), (fun Loop() -> receive _ -> Loop() end end)() end))`;

// What the emulator itself keeps about us, and what its processes and tables hold.
const CENSUS = `
  Tables = [{Name, Size} || T <- ets:all(), (Size = ets:info(T, size)) > 0, not lists:member(Name = ets:info(T, name), [code, code_names, code_server])],
  {{links, erts_debug:get_internal_state({link_list, Node})}, {monitors, erts_debug:get_internal_state({monitor_list, Node})},
   {connections, nodes(connected)}, {processes, erlang:system_info(process_count)}, {tables, lists:sort(Tables)},
   {victim, process_info(whereis(victim), [links, monitors, monitored_by])}}`;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Some seconds each, and many times that on a busy machine. */
const TIMEOUT_MS = MANY_CONNECTIONS === MANY ? 600_000 : 120_000;

describe.each(releases())("with OTP $otp", { timeout: TIMEOUT_MS }, (release) => {
  let erl: ErlNode;
  let node: ErlangNode;
  let self: Process;
  let victim: Pid;

  const there = (expressions: string): Promise<string> =>
    erl.eval(`Node = '${node.name}', Times = fun(F, N) -> lists:foreach(F, lists:seq(1, N)) end, ${expressions}`);

  beforeAll(async () => {
    erl = await startErl({ release });
    node = await ErlangNode.start({ name: `leaks-${erl.name}`, cookie: erl.cookie, connect: tcp({ portNo: erl.portNo }) });
    node.expose("here", { nothing: () => atom("nothing"), self: () => self.pid, forever: () => new Promise(() => undefined) });
    self = node.spawn();
    self.trapExit = true;
    self.register("here");
    node.genServer("server", { handleCall: (request) => request });
    await node.connect(erl.name);
    await erl.eval(`erts_debug:set_internal_state(available_internal_state, true), ${VICTIM}`);
    await there("{here, Node} ! whereis(victim)");
    victim = (await self.receive()) as Pid;
  });

  afterAll(async () => {
    await node.stop();
    // Even if it is busy with an expression for ever.
    await erl.kill();
  });

  async function expectNothingLeft(many: number, activity: (count: number) => Promise<unknown>): Promise<void> {
    const [ours, theirs] = [node.counts, await there(CENSUS)];
    await activity(many * WARM_UP);
    const before = await heapBytes();
    await activity(many);
    // A signal that nobody answers is over when a later one was answered.
    expect(await node.ping(erl.name)).toBe(true);
    expect(node.counts).toEqual(ours);
    await expect.poll(() => there(CENSUS)).toBe(theirs);
    expect(self.messageQueueLength).toBe(0);
    expect((await heapBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  }

  it("calls in both directions, also in vain", () =>
    expectNothingLeft(MANY, async (count) => {
      // A call of net_kernel.
      await inBatches(count, () => node.ping(erl.name));
      await inBatches(count, () => node.call({ name: "nobody", node: erl.name }, 1).catch(() => undefined));
      await there(`Times(fun(N) -> N = gen_server:call({server, Node}, N) end, ${count})`);
      await there(`Times(fun(N) -> {'EXIT', {noproc, _}} = (catch gen_server:call({nobody, Node}, N)) end, ${count / 10})`);
    }));

  it("gives up calls", () =>
    expectNothingLeft(MANY, async (count) => {
      await inBatches(count, () => node.call(victim, 1, { timeoutMs: 1 }).catch(() => undefined));
      await inBatches(count, () => node.call(victim, 1, { signal: AbortSignal.timeout(1) }).catch(() => undefined));
      await there(`Times(fun(_) -> {'EXIT', {timeout, _}} = (catch gen_server:call({here, Node}, 1, 0)) end, ${count})`);
      for (let got = 0; got < count; got++) await self.receive();
    }));

  it("monitors in both directions, until one is taken back or fires", () =>
    expectNothingLeft(MANY, async (count) => {
      await inBatches(count, async () => {
        self.demonitor(self.monitor(victim), { flush: true });
        self.demonitor(self.monitor(victim, { alias: "reply_demonitor" }));
        self.monitor({ name: "nobody", node: erl.name });
        await self.receive();
      });
      await there(`Here = erpc:call(Node, here, self, []), Times(fun(_) -> demonitor(monitor(process, Here)) end, ${count}),
        Times(fun(_) -> R = monitor(process, {nobody, Node}), receive {'DOWN', R, _, _, noproc} -> ok end end, ${count})`);
    }));

  it("links in both directions, until one is taken back or breaks", () =>
    expectNothingLeft(MANY, async (count) => {
      await inBatches(count, async () => {
        const other = node.spawn();
        other.link(victim);
        other.unlink(victim);
        other.link(victim);
        other.exit(atom("normal"));
      });
      await there(`Here = erpc:call(Node, here, self, []), Times(fun(_) -> link(Here), unlink(Here) end, ${count})`);
      await there(`Here = erpc:call(Node, here, self, []), Times(fun(_) -> spawn(fun() -> link(Here) end) end, ${count})`);
      for (let got = 0; got < count; got++) await self.receive();
    }));

  it("starts processes in both directions, which end, fail or are ended", () =>
    expectNothingLeft(MANY, async (count) => {
      await inBatches(count, async () => {
        await self.spawnRequest(erl.name, "erlang", "node", [], { link: true, monitor: true });
        await Promise.all([self.receive(), self.receive()]);
        await node.erpc(erl.name, "erlang", "node", []);
      });
      await inBatches(count / 10, async () => {
        const caller = node.spawn();
        const request = caller.spawnRequest(erl.name, "timer", "sleep", [atom("infinity")], { link: true });
        caller.exit(atom("over"));
        await request.catch(() => undefined);
      });
      await there(`Times(fun(_) -> {_, R} = spawn_monitor(Node, here, nothing, []), receive {'DOWN', R, _, _, normal} -> ok end end, ${count}),
        Times(fun(_) -> nothing = erpc:call(Node, here, nothing, []) end, ${count}),
        Times(fun(_) -> {P, R} = spawn_monitor(Node, here, forever, []), exit(P, kill),
                        receive {'DOWN', R, _, _, killed} -> ok end end, ${count / 10})`);
    }));

  it("connects and disconnects, with a link, a monitor, a call, a spawn request and a process across", () =>
    expectNothingLeft(MANY_CONNECTIONS, async (count) => {
      for (let done = 0; done < count; done++) {
        const other = node.spawn();
        other.trapExit = true;
        other.link(victim);
        other.monitor(victim);
        const call = node.call(victim, 1).catch(() => undefined);
        const erpc = node.erpc(erl.name, "timer", "sleep", [100]).catch(() => undefined);
        await other.spawnRequest(erl.name, "timer", "sleep", [atom("infinity")], { link: true });
        await node.disconnect(erl.name);
        await Promise.all([call, erpc]);
        other.exit(atom("normal"));
      }
      await node.connect(erl.name);
    }));
});

async function heapBytes(): Promise<number> {
  // What has just ended may still be held by the turn that it ended in.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return process.memoryUsage().heapUsed;
}

async function inBatches(count: number, start: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += BATCH) await Promise.all(Array.from({ length: BATCH }, start));
}
