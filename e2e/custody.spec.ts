// The scenario of packages/core/test/scenario.ts in Chromium, by a page that never learns the cookie: it has a ticket.
import { createHash, X509Certificate } from "node:crypto";
import { chromium, expect, type Page, test } from "@playwright/test";
import { inetTls } from "../packages/bridge/test/support/inet-tls.ts";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { throwAwayAuthority } from "../packages/core/test/support/certificate.ts";
import { chromiumLaunch } from "../scripts/chromium.ts";
import { type ErlNode, type Release, releases, startErl } from "../test/support/otp.ts";
import { type BridgeCommand, startBridge } from "./support/bridge.ts";
import { COOKIE, CustodyConfig, type CustodyTls } from "./support/custody-bridge.ts";
import { type Play, play, received, serveCustodyPage } from "./support/custody-player.ts";
import type { PageServer } from "./support/page-server.ts";

const { ca, issue } = throwAwayAuthority();

let server: PageServer;
test.beforeAll(async () => {
  server = await serveCustodyPage();
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
    await expect(play(page, playOf(stage))).rejects.toThrow(/bridge/);
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
  const ticketed = playOf(stage);
  const bytes = received(page);
  expect(await play(page, ticketed)).toEqual(ACT_NAMES);
  await expect.poll(() => stage.erl.eval("nodes(connected)")).toBe("[]");
  expect(bytes().length).toBeGreaterThan(1000);
  expect(bytes().includes(COOKIE)).toBe(false);
  // Nor does the ticket let anybody in again.
  await expect(play(page, ticketed)).rejects.toThrow(/the token was used before/);
}

function playOf({ bridge, erl, config }: Stage): Play {
  return { at: server.url, bridgeUrl: bridge.url, peer: erl.name, ticket: config.mint() };
}
