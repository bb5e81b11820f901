// The scenario of packages/core/test/scenario.ts in Chromium, through the bridge.
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { releases, startErl } from "../test/support/otp.ts";
import { startBridge } from "./support/bridge.ts";

for (const release of releases()) {
  test(`plays every act in Chromium, with OTP ${release.otp}`, async ({ page }) => {
    await using stack = new AsyncDisposableStack();
    const erl = stack.use(await startErl({ release }));
    const bridge = await startBridge(["--port=0", `--target=${erl.name}=${erl.name}:${erl.portNo}`]);
    stack.defer(() => bridge.stop());
    const server = await serve(await bundle());
    stack.defer(() => server.close());
    await page.goto(server.url);
    await page.waitForFunction(() => "play" in window);
    const acts = await page.evaluate(([url, peer, cookie]) => window.play(url, peer, cookie), [
      bridge.url,
      erl.name,
      erl.cookie,
    ] as const);
    expect(acts).toEqual(ACT_NAMES);
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
  });
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: join(import.meta.dirname, "support/scenario-page.ts") },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return output[0].code;
}

/** A page with that script, from loopback: a browser lets no other reach the bridge there. */
async function serve(script: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const page = `<!doctype html><title>scenario</title><link rel="icon" href="data:," /><script type="module" src="/scenario.js"></script>`;
  const server = createServer(({ url }, response) => {
    const isScript = url === "/scenario.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html").end(isScript ? script : page);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
