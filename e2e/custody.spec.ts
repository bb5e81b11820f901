// The scenario of packages/core/test/scenario.ts in Chromium, by a page that never learns the cookie: it has a ticket.
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { releases, startErl } from "../test/support/otp.ts";
import { startBridge } from "./support/bridge.ts";
import { COOKIE, CustodyConfig } from "./support/custody-bridge.ts";
import { buildPage, servePage } from "./support/page-server.ts";

const PAGE = `<!doctype html><title>custody</title><link rel="icon" href="data:," /><script type="module" src="/custody.js"></script>`;

for (const release of releases()) {
  test(`plays every act in Chromium without the cookie, with OTP ${release.otp}`, async ({ page }) => {
    await using stack = new AsyncDisposableStack();
    const erl = stack.use(await startErl({ release, cookie: COOKIE }));
    const built = await buildPage({
      configFile: false,
      resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
      build: {
        rolldownOptions: {
          input: join(import.meta.dirname, "support/custody-page.ts"),
          output: { entryFileNames: "custody.js" },
        },
      },
    });
    const server = stack.use(await servePage(built.set("/index.html", PAGE)));
    const config = stack.use(new CustodyConfig());
    const bridge = await startBridge([...config.write(erl, new URL(server.url).origin), "--port", "0"]);
    stack.defer(() => bridge.stop());
    const ticket = config.mint();
    const seen: Buffer[] = [];
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => seen.push(Buffer.from(payload)));
    });
    await page.goto(server.url);
    await page.waitForFunction(() => "playWithTicket" in window);
    const acts = await page.evaluate(([at, peer, given]) => window.playWithTicket(at, peer, given), [
      bridge.url,
      erl.name,
      ticket,
    ] as const);
    expect(acts).toEqual(ACT_NAMES);
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
    const bytes = Buffer.concat(seen);
    expect(bytes.length).toBeGreaterThan(1000);
    expect(bytes.includes(COOKIE)).toBe(false);
    // Nor does the ticket let anybody in again.
    await expect(
      page.evaluate(([at, peer, given]) => window.playWithTicket(at, peer, given), [bridge.url, erl.name, ticket] as const),
    ).rejects.toThrow(/the token was used before/);
  });
}
