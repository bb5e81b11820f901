// The scenario of packages/core/test/scenario.ts in Chromium, by a page that never learns the cookie: it has a ticket.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { releases, startErl } from "../test/support/otp.ts";
import { BRIDGE_COMMAND, startBridge } from "./support/bridge.ts";
import type { Ticket } from "./support/custody-page.ts";
import { buildPage, servePage } from "./support/page-server.ts";

const PAGE = `<!doctype html><title>custody</title><link rel="icon" href="data:," /><script type="module" src="/custody.js"></script>`;
const KEY = "only for tests, and long enough to be a key";
const COOKIE = "thecookiethatnopageeversees";

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
    const folder = mkdtempSync(join(tmpdir(), "erl-bridge-"));
    stack.defer(() => rmSync(folder, { recursive: true }));
    const config = join(folder, "bridge.json");
    const targets = { shop: { node: erl.name, portNo: erl.portNo } };
    const origins = [new URL(server.url).origin];
    writeFileSync(config, JSON.stringify({ key: KEY, auth: { type: "jwt" }, cookie: COOKIE, origins, targets }));
    const bridge = await startBridge(["--config", config, "--port", "0"]);
    stack.defer(() => bridge.stop());
    const mint = ["-C", "@erl-dist/source", BRIDGE_COMMAND, "mint", "--config", config, "--target", "shop", "--subject", "ann"];
    const ticket = JSON.parse(execFileSync(process.execPath, mint, { encoding: "utf8" })) as Ticket;
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
