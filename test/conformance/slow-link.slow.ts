// A large message over a slow link, in the sizes that are named where people ask for it: 10 MB at 100 kB/s take more than twelve
// times as long as the node waits for a sign of life. liveness.test.ts shows the same with less patience.
import { ErlangNode, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../support/otp.ts";
import { freshName, nextEvent } from "./support/node.ts";
import { type RelayOptions, relayTo, throttled } from "./support/relay.ts";

const TICK_TIME_S = 8;
const BYTES = 10_000_000;
const BYTES_PER_SECOND = 100_000;

describe.concurrent.each(releases())("OTP $otp", { timeout: 400_000 }, (release) => {
  const startSlow = (): Promise<ErlNode> => startErl({ release, args: ["-kernel", "net_ticktime", String(TICK_TIME_S)] });
  const start = (portNo: number): Promise<ErlangNode> =>
    ErlangNode.start({
      name: freshName("slow"),
      cookie: "secret",
      connect: tcp({ portNo }),
      netTickTimeMs: TICK_TIME_S * 1_000,
    });

  it("[C26] takes 10 MB from us over a link of 100 kB/s, with a net_ticktime of 8", async () => {
    await using erl = await startSlow();
    await erl.eval("register(sink, spawn(fun() -> receive {P, B} -> P ! {size(B), erlang:crc32(B)} end end)), ok");
    using relay = await relayTo(erl.portNo, slow("there"));
    await using node = await start(relay.portNo);
    const self = node.spawn();
    const startedAt = performance.now();
    self.send({ name: "sink", node: erl.name }, tuple(self.pid, new Uint8Array(BYTES).fill(7)));
    const crc = Number(await erl.eval(`erlang:crc32(binary:copy(<<7>>, ${BYTES}))`));
    expect(await Promise.race([self.receive(), nextEvent(node, "nodedown")])).toEqual(tuple(BYTES, crc));
    expectSlow(startedAt);
    expect(await node.ping(erl.name)).toBe(true);
  });

  it("[C26, C27] sends us 10 MB over such a link, and hears of us meanwhile", async () => {
    await using erl = await startSlow();
    using relay = await relayTo(erl.portNo, slow("back"));
    await using node = await start(relay.portNo);
    await node.connect(erl.name);
    const self = node.spawn();
    self.register("here");
    const startedAt = performance.now();
    await erl.eval(`spawn(fun() -> {here, '${node.name}'} ! binary:copy(<<7>>, ${BYTES}) end), ok`);
    const came = (await Promise.race([self.receive(), nextEvent(node, "nodedown")])) as Uint8Array;
    expect(came.length).toBe(BYTES);
    expect(came.every((byte) => byte === 7)).toBe(true);
    expectSlow(startedAt);
    expect(await node.ping(erl.name)).toBe(true);
  });
});

function slow(direction: "there" | "back"): RelayOptions {
  return { [direction]: throttled(BYTES_PER_SECOND) };
}

/** Or the link was none of the kind. */
function expectSlow(startedAt: number): void {
  expect(performance.now() - startedAt).toBeGreaterThan((0.9 * 1_000 * BYTES) / BYTES_PER_SECOND);
}
