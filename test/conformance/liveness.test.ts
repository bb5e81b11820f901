// Connections that live and die by ticks. Waiting is all there is to see here, so everything waits at the same time.
import { atom, ErlangNode, type NodeDownEvent, type NodeOptions, type Pid, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { describe, expect, it } from "vitest";
import { releases, startErl } from "../support/otp.ts";
import { freshName } from "./support/node.ts";
import { cuttable, relayTo, throttled } from "./support/relay.ts";

/** OTP ends a connection after it has heard nothing for 0.75 to 1.25 of this. */
const TICK_TIME_S = 3;
/** What a loaded machine may take on top. */
const SLACK_MS = 3_000;

const start = (portNo: number, options: Partial<NodeOptions> = {}): Promise<ErlangNode> =>
  ErlangNode.start({ name: freshName(), cookie: "secret", connect: tcp({ portNo }), ...options });

const downOf = (node: ErlangNode): Promise<NodeDownEvent> =>
  new Promise((resolve) => node.addEventListener("nodedown", resolve, { once: true }));

const sleep = (timeMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs));

/** Has the node note why it lost whom. */
const WATCH = `register(watch, spawn(fun() -> net_kernel:monitor_nodes(true, [nodedown_reason, {node_type, all}]),
  (fun F(L) -> receive {nodedown, N, I} -> F([{N, proplists:get_value(nodedown_reason, I)} | L]);
    {P, downs} -> P ! {downs, L}, F(L); _ -> F(L) end end)([]) end))`;
const DOWNS = "watch ! {self(), downs}, receive {downs, L} -> L end";

describe.concurrent.each(releases())("OTP $otp", (release) => {
  const args = ["-kernel", "net_ticktime", String(TICK_TIME_S)];

  it("[C23] keeps an idle connection by our defaults, which answer its ticks", async () => {
    await using erl = await startErl({ release, args });
    await using node = await start(erl.portNo);
    await node.connect(erl.name);
    const self = node.spawn();
    self.register("here");
    await sleep(3 * TICK_TIME_S * 1_000);
    expect([node.nodes(), self.messageQueueLength]).toEqual([[erl.name], 0]);
    expect(await erl.eval("nodes(hidden)")).toBe(`['${node.name}']`);
  });

  it("[C24] keeps the connection by our own ticks, and ends it when they stop", async () => {
    await using erl = await startErl({ release, args });
    await erl.eval(WATCH);
    const ours = cuttable();
    using relay = await relayTo(erl.portNo, { there: ours.treatment });
    await using node = await start(relay.portNo, { netTickTimeMs: TICK_TIME_S * 1_000 });
    await node.connect(erl.name);
    await sleep(2 * TICK_TIME_S * 1_000);
    expect(node.nodes()).toEqual([erl.name]);
    const down = downOf(node);
    const cutAt = performance.now();
    ours.cut();
    expect(await down).toMatchObject({ peer: erl.name, reason: "connection_closed" });
    const waitedMs = performance.now() - cutAt;
    expect(waitedMs).toBeGreaterThan(TICK_TIME_S * 500);
    expect(waitedMs).toBeLessThan(TICK_TIME_S * 1_250 + SLACK_MS);
    expect(await erl.eval(DOWNS)).toBe(`[{'${node.name}',net_tick_timeout}]`);
  });

  it("[C25] is noticed to have fallen silent, and links and monitors end", async () => {
    await using erl = await startErl({ release });
    await using node = await start(erl.portNo, { netTickTimeMs: 1_000 });
    const self = node.spawn();
    self.trapExit = true;
    await erl.eval("register(victim, spawn(fun() -> receive {P, hello} -> P ! self(), receive ever -> ok end end end))");
    self.send({ name: "victim", node: erl.name }, tuple(self.pid, atom("hello")));
    const victim = (await self.receive()) as Pid;
    self.link(victim);
    const monitor = self.monitor(victim);
    // Both are there.
    expect(await node.ping(erl.name)).toBe(true);
    const down = downOf(node);
    const stoppedAt = performance.now();
    process.kill(erl.pid, "SIGSTOP");
    expect(await down).toMatchObject({ peer: erl.name, reason: "net_tick_timeout", error: { code: "net_tick_timeout" } });
    const waitedMs = performance.now() - stoppedAt;
    expect(waitedMs).toBeLessThan(1_250 + SLACK_MS);
    expect([await self.receive(), await self.receive()]).toEqual([
      tuple(atom("EXIT"), victim, atom("noconnection")),
      tuple(atom("DOWN"), monitor, atom("process"), victim, atom("noconnection")),
    ]);
    await erl.kill();
  });

  it("[C72] tells its net_ticktime, which then holds for us too", async () => {
    await using erl = await startErl({ release, args });
    await using node = await start(erl.portNo, { netTickTimeMs: "peer" });
    await node.connect(erl.name);
    await expect.poll(() => node.netTickTimeMs(erl.name), { timeout: 10_000 }).toBe(TICK_TIME_S * 1_000);
    expect(await erl.eval(`erpc:call('${node.name}', net_kernel, get_net_ticktime, [])`)).toBe("60");
    const down = downOf(node);
    process.kill(erl.pid, "SIGSTOP");
    // By our own time this would take more than a minute.
    expect(await down).toMatchObject({ peer: erl.name, reason: "net_tick_timeout" });
    await erl.kill();
  });

  it("[C26] takes a large message from us over a link so slow that it outlasts the tick time", async () => {
    await using erl = await startErl({ release, args });
    await erl.eval("register(sink, spawn(fun() -> receive {P, B} -> P ! size(B) end end))");
    using relay = await relayTo(erl.portNo, { there: throttled(100_000) });
    await using node = await start(relay.portNo);
    const self = node.spawn();
    self.send({ name: "sink", node: erl.name }, tuple(self.pid, new Uint8Array(800_000)));
    const startedAt = performance.now();
    expect(await Promise.race([self.receive(), downOf(node)])).toBe(800_000);
    expect(performance.now() - startedAt).toBeGreaterThan(2 * TICK_TIME_S * 1_000);
    expect(node.nodes()).toEqual([erl.name]);
  });

  it("[C26, C27] sends us one over such a link, and hears of us meanwhile", async () => {
    await using erl = await startErl({ release, args });
    using relay = await relayTo(erl.portNo, { back: throttled(100_000) });
    await using node = await start(relay.portNo);
    await node.connect(erl.name);
    const self = node.spawn();
    self.register("here");
    const startedAt = performance.now();
    await erl.eval(`spawn(fun() -> {here, '${node.name}'} ! binary:copy(<<7>>, 800000) end)`);
    expect(await Promise.race([self.receive(), downOf(node)])).toEqual(new Uint8Array(800_000).fill(7));
    expect(performance.now() - startedAt).toBeGreaterThan(2 * TICK_TIME_S * 1_000);
    expect(await node.ping(erl.name)).toBe(true);
  });
});
