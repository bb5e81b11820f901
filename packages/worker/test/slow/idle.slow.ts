// A link that nobody uses for four minutes, with the object's own settings: the same instance has to hold it all the while. Without the
// alarm it is gone after one or two, whatever timers run.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { releases, startErl } from "../../../../test/support/otp.ts";
import { COOKIE, NODE_NAME, startWorker } from "../support/worker.ts";

const IDLE_MS = 240_000;

// All at once, since they only wait.
describe.concurrent.each(releases())("with OTP $otp", (release) => {
  it("keeps a link for 240 s without a request, and answers the node's ticks", async () => {
    await using erl = await startErl({ release, cookie: COOKIE });
    // The node gives up a peer that is silent for 20 to 30 s, so it would miss a few ticks at once.
    await erl.eval("net_kernel:set_net_ticktime(24, 0)");
    const worker = await startWorker({ nodes: `${erl.name}=${erl.portNo}` });
    try {
      await worker.ask(`/ping?node=${erl.name}`);
      const before = await worker.creation();
      await erl.eval("net_kernel:monitor_nodes(true, [{node_type, all}])");
      await sleep(IDLE_MS);
      expect(await erl.eval("receive {nodedown, N, _} -> {lost, N} after 0 -> kept end")).toBe("kept");
      expect(await erl.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
      expect(await worker.creation()).toBe(before);
      expect(worker.logs().filter((line) => line.includes('"start"'))).toHaveLength(1);
      expect(await worker.ask(`/ping?node=${erl.name}`)).toMatchObject({ status: 200, body: { ping: "pong" } });
    } finally {
      await worker.stop();
    }
  });
});
