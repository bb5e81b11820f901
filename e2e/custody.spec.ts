// The scenario of packages/core/test/scenario.ts in Chromium, by a page that never learns the cookie: it has a ticket.
import { createHash, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { chromium, expect, type Page, test } from "@playwright/test";
import { inetTls } from "../packages/bridge/test/support/inet-tls.ts";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { throwAwayAuthority } from "../packages/core/test/support/certificate.ts";
import { chromiumLaunch } from "../scripts/chromium.ts";
import { type ErlNode, type Release, releases, startErl } from "../test/support/otp.ts";
import { type BridgeCommand, startBridge } from "./support/bridge.ts";
import { COOKIE, CustodyConfig, type CustodyTls } from "./support/custody-bridge.ts";
import type { Ticket } from "./support/custody-page.ts";
import { buildPage, type PageServer, servePage } from "./support/page-server.ts";

const PAGE = `<!doctype html><title>custody</title><link rel="icon" href="data:," /><script type="module" src="/custody.js"></script>`;
const { ca, issue } = throwAwayAuthority();

let server: PageServer;
test.beforeAll(async () => {
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
  server = await servePage(built.set("/index.html", PAGE));
});
test.afterAll(() => server[Symbol.asyncDispose]());

for (const release of releases()) {
  test(`plays every act in Chromium without the cookie, with OTP ${release.otp}`, async ({ page }) => {
    await using stage = await started(release);
    await playsWithoutCookie(page, stage);
  });

  test(`the same with TLS on both sides, with OTP ${release.otp}`, async ({ page }) => {
    const toPage = issue();
    const toNode = { ca, ...issue() };
    await using stage = await started(release, { toPage, toNode });
    expect(stage.bridge.url).toMatch(/^wss:/);
    // Not any browser: this one does not know the authority.
    await expect(play(page, stage, stage.config.mint())).rejects.toThrow(/bridge/);
    // This one takes exactly that certificate, as if the authority were installed.
    const spki = new X509Certificate(toPage.cert).publicKey.export({ type: "spki", format: "der" });
    const launch = chromiumLaunch();
    const trust = `--ignore-certificate-errors-spki-list=${createHash("sha256").update(spki).digest("base64")}`;
    await using browser = await chromium.launch({ ...launch, args: [...launch.args, trust] });
    await playsWithoutCookie(await browser.newPage(), stage);
  });
}

interface Stage extends AsyncDisposable {
  readonly erl: ErlNode;
  readonly bridge: BridgeCommand;
  readonly config: CustodyConfig;
}

async function started(release: Release, tls: CustodyTls = {}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const args = tls.toNode === undefined ? [] : stack.use(inetTls(release, { ca, ...issue() })).args;
  const erl = stack.use(await startErl({ release, cookie: COOKIE, args }));
  const config = stack.use(new CustodyConfig());
  const bridge = await startBridge([...config.write(erl, new URL(server.url).origin, tls), "--port", "0"]);
  stack.defer(() => bridge.stop());
  return { erl, bridge, config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function playsWithoutCookie(page: Page, stage: Stage): Promise<void> {
  const ticket = stage.config.mint();
  const seen: Buffer[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => seen.push(Buffer.from(payload)));
  });
  expect(await play(page, stage, ticket)).toEqual(ACT_NAMES);
  await expect.poll(() => stage.erl.eval("nodes(connected)")).toBe("[]");
  const bytes = Buffer.concat(seen);
  expect(bytes.length).toBeGreaterThan(1000);
  expect(bytes.includes(COOKIE)).toBe(false);
  // Nor does the ticket let anybody in again.
  await expect(play(page, stage, ticket)).rejects.toThrow(/the token was used before/);
}

async function play(page: Page, { bridge, erl }: Stage, ticket: Ticket): Promise<string[]> {
  await page.goto(server.url);
  await page.waitForFunction(() => "playWithTicket" in window);
  return page.evaluate(([at, peer, given]) => window.playWithTicket(at, peer, given), [bridge.url, erl.name, ticket] as const);
}
