// What goes wrong on the way to a node, in words and at once; and what comes back after it was lost.
import { expect, type Page, test } from "@playwright/test";
import { type Epmd, type ErlNode, freePortNo, startEpmd, startErl } from "../test/support/otp.ts";
import { type BridgeCommand, startBridge } from "./support/bridge.ts";
import { type Demo, startDemo } from "./support/demo.ts";
import { reconnectNow } from "./support/reconnect.ts";

const ALIVE = "failures";
const NODE = `${ALIVE}@127.0.0.1`;
const COOKIE = "secret";
/** A failure has to be told before a person wonders. */
const AT_ONCE = { timeout: 1_000 };

const started = new AsyncDisposableStack();
let demo: Demo;
let epmd: Epmd;
let erl: ErlNode;
let bridge: BridgeCommand;
// One page for all: each test begins where the last one ended, as a person would.
let page: Page;

test.beforeAll(async ({ browser }) => {
  epmd = started.adopt(await startEpmd(), (it) => it.stop());
  erl = await startErl({ alive: ALIVE, cookie: COOKIE, epmd });
  started.defer(() => erl.stop());
  bridge = started.adopt(
    await startBridge([
      "--port=0",
      `--epmd-port=${epmd.portNo}`,
      `--dev=${NODE}`,
      "--dev=nobody@127.0.0.1",
      `--dev=down@127.0.0.1:${await freePortNo()}`,
    ]),
    (it) => it.stop(),
  );
  demo = started.adopt(await startDemo(), async (it) => {
    await it.stop();
  });
  page = started.adopt(await browser.newPage(), (it) => it.close());
  await page.goto(demo.url);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
});

test.afterAll(() => started.disposeAsync());

test.beforeEach(async () => {
  const disconnect = page.getByRole("button", { name: "Disconnect" });
  if (await disconnect.isVisible()) await disconnect.click();
});

test("connects by way of EPMD to another node than the demo's", async () => {
  await connect(page, {});
  await expectConnected(page);
});

test("a wrong cookie", async () => {
  await connect(page, { cookie: "wrong" });
  await expectFailure(page, "wrong_cookie", `This page and ${NODE} do not share the same cookie.`);
});

test("a node that EPMD does not know", async () => {
  await connect(page, { node: "nobody@127.0.0.1" });
  await expectFailure(page, "no_such_node", "No node nobody@127.0.0.1 is registered in EPMD on its host.");
});

test("a port that refuses", async () => {
  await connect(page, { node: "down@127.0.0.1" });
  await expectFailure(page, "refused", "The port of down@127.0.0.1 refused the connection");
});

test("a node that the bridge has no target for", async () => {
  await connect(page, { node: "other@127.0.0.1" });
  await expectFailure(page, "bridge_refused", "does not let this page through");
});

test("no bridge", async () => {
  const url = `ws://127.0.0.1:${await freePortNo()}`;
  await connect(page, { bridge: url });
  await expectFailure(page, "bridge_unreachable", `Nothing answers at ${url}.`);
});

test("what is no address of a bridge", async () => {
  await connect(page, { bridge: "ftp://127.0.0.1" });
  await expectFailure(page, "wrong_setting", "ws: or wss: URL");
});

test("a name that is in use", async ({ page: second }) => {
  await connect(page, { name: "twin@127.0.0.1" });
  await expectConnected(page);
  await second.goto(demo.url);
  await second.getByRole("button", { name: "Disconnect" }).click();
  await connect(second, { name: "twin@127.0.0.1" });
  await expectFailure(second, "name_in_use", `${NODE} is already connected to a node named twin@127.0.0.1.`);
  await expectConnected(page);
});

test("a failure is mended in the form that it is shown with", async () => {
  await connect(page, { cookie: "wrong" });
  await expectFailure(page, "wrong_cookie", "Wrong cookie");
  await page.getByLabel("Cookie").fill(COOKIE);
  await page.getByRole("button", { name: "Try again" }).click();
  await expectConnected(page);
});

test("a node that dies is missed at once, and found when it is back", async () => {
  await connect(page, {});
  await expectConnected(page);
  await erl.kill();
  await expect(page.getByText("Reconnecting")).toBeVisible(AT_ONCE);
  // EPMD has forgotten the name with the node.
  await expect(page.locator("[data-code=no_such_node]")).toBeVisible({ timeout: 3_000 });
  const path = test.info().outputPath("lost.png");
  await test.info().attach("lost", { body: await page.screenshot({ fullPage: true, path }) });
  erl = await startErl({ alive: ALIVE, cookie: COOKIE, epmd });
  await reconnectNow(page);
  await expectConnected(page);
  expect(await erl.eval("length(nodes(hidden))")).toBe("1");
});

test("a bridge that goes is missed at once, and found when it is back", async () => {
  const args = ["--dev", NODE, "--epmd-port", String(epmd.portNo)];
  const first = await startBridge([...args, "--port", "0"]);
  await connect(page, { bridge: first.url });
  await expectConnected(page);
  await first.stop();
  await expect(page.locator("[data-code=bridge_unreachable]")).toBeVisible({ timeout: 3_000 });
  const again = await startBridge([...args, "--port", new URL(first.url).port]);
  try {
    await expectConnected(page, { timeout: 10_000 });
  } finally {
    await again.stop();
  }
});

interface Fields {
  readonly bridge?: string;
  readonly node?: string;
  readonly cookie?: string;
  readonly name?: string;
}

async function connect(page: Page, { bridge: url = bridge.url, node = NODE, cookie = COOKIE, name = "" }: Fields): Promise<void> {
  await page.getByLabel("Bridge").fill(url);
  await page.getByLabel("Erlang node").fill(node);
  await page.getByLabel("Cookie").fill(cookie);
  await page.getByLabel("Our name").fill(name);
  await page.getByRole("button", { name: /^(Connect|Try again)$/ }).click();
}

async function expectConnected(page: Page, options: { readonly timeout?: number } = {}): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: `Connected to ${NODE} as ` })).toBeAttached(options);
}

async function expectFailure(page: Page, code: string, words: string): Promise<void> {
  const failure = page.locator(`[data-code=${code}]`);
  await expect(failure).toBeVisible(AT_ONCE);
  await expect(failure).toContainText(words);
  await expect(page.getByRole("status").first()).toContainText(words);
}
