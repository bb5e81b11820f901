// The scenario of packages/core/test/scenario.ts in Chromium, through the bridge.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { releases, startErl } from "../test/support/otp.ts";
import { startBridge } from "./support/bridge.ts";
import { buildPage, servePage } from "./support/page-server.ts";

const PAGE = `<!doctype html><title>scenario</title><link rel="icon" href="data:," /><script type="module" src="/scenario.js"></script>`;

for (const release of releases()) {
  test(`plays every act in Chromium, with OTP ${release.otp}`, async ({ page }) => {
    await using stack = new AsyncDisposableStack();
    const erl = stack.use(await startErl({ release }));
    const bridge = await startBridge(["--port=0", `--dev=${erl.name}:${erl.portNo}`]);
    stack.defer(() => bridge.stop());
    const built = await buildPage({
      configFile: false,
      resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
      build: {
        rolldownOptions: {
          input: join(import.meta.dirname, "support/scenario-page.ts"),
          output: { entryFileNames: "scenario.js" },
        },
      },
    });
    const server = stack.use(await servePage(built.set("/index.html", PAGE)));
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
