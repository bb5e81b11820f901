// Every state of the console in words, in both themes and in forced colours; axe looks at each.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { expect, type Page, test, type TestInfo } from "@playwright/test";
import { startErl } from "../test/support/otp.ts";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, startBench } from "./support/console.ts";
import { ALL, rowOf } from "./support/panels.ts";
import { reconnectNow } from "./support/reconnect.ts";

const alive = "states";
let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench({ erl: { alive } });
});
test.afterAll(() => bench.stop());

const open = (page: Page, attributes: Readonly<Record<string, string>>) =>
  page.goto(`${bench.url}?${new URLSearchParams(attributes).toString()}`);
const status = (page: Page) => page.getByRole("status").first();

async function inspectLooks(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const look of LOOK_NAMES) {
    await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
    await inspect(page, info, `${name}-${look}`);
  }
}

test("no bridge is named: how to start one", async ({ page }, info) => {
  await open(page, { without: "autoconnect bridge node cookie" });
  await expect(page.getByText("Not connected", { exact: true })).toBeVisible();
  await expect(status(page)).toContainText("erl-bridge --dev app@127.0.0.1");
  await inspectLooks(page, info, "no-bridge");
});

test("no bridge answers: where it was looked for, and what to do", async ({ page }, info) => {
  await open(page, { bridge: "ws://127.0.0.1:1" });
  await expect(page.getByText("Failed", { exact: true })).toBeVisible();
  await expect(page.locator("[data-code=bridge_unreachable]")).toContainText("Nothing answers at ws://127.0.0.1:1.");
  await inspectLooks(page, info, "bridge-unreachable");
});

test("connecting: which step", async ({ page }, info) => {
  // Takes connections and says nothing.
  const sockets: Socket[] = [];
  const silent: Server = createServer((socket) => sockets.push(socket));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = silent.address() as { port: number };
    await open(page, { bridge: `ws://127.0.0.1:${port}` });
    await expect(page.getByText("Connecting", { exact: true })).toBeVisible();
    await expect(page.getByText(`Opening ws://127.0.0.1:${port}`)).toHaveAttribute("aria-current", "step");
    await inspectLooks(page, info, "connecting");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("Not connected", { exact: true })).toBeVisible();
  } finally {
    for (const socket of sockets) socket.destroy();
    await once(silent.close(), "close");
  }
});

test("refused: why, with the form to mend it", async ({ page }, info) => {
  await open(page, { cookie: "wrong" });
  await expect(page.locator("[data-code=wrong_cookie]")).toContainText(`${bench.erl.name} do not share the same cookie`);
  await inspectLooks(page, info, "refused");
  await page.getByLabel("Cookie").fill(bench.erl.cookie);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
});

test("read-only: said in the header, and nothing offered that changes the node", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL, "read-only": "", panel: "processes" });
  await expect(page.getByText("read-only", { exact: true })).toBeVisible();
  await rowOf(page, "Processes", "code_server").click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await expect(page.getByRole("button", { name: /Kill|Send|Collect/ })).toHaveCount(0);
  expect(await page.evaluate(() => document.querySelector("erl-console")?.matches(":state(readonly)"))).toBe(true);
  await inspectLooks(page, info, "read-only");
});

test("reconnecting: since when and why, with what was seen; then that the node is another one", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  await expect(rowOf(page, "Processes", "code_server")).toBeVisible();
  const { portNo } = bench.erl;
  await bench.erl.kill();
  await expect(page.getByText("Reconnecting", { exact: true })).toBeVisible();
  await expect(page.locator("[data-code=refused]")).toContainText(`The port of ${bench.erl.name} refused the connection`);
  await expect(page.getByRole("button", { name: "Reconnect now" })).toBeVisible();
  await inspectLooks(page, info, "reconnecting");
  bench.erl = await startErl({ alive, portNo });
  await reconnectNow(page);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("The node was restarted meanwhile")).toBeVisible();
  await inspectLooks(page, info, "restarted");
});
