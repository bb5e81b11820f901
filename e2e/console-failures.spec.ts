// What the panels show when the node or the bridge goes, and that all of them come back; what is left when the page goes; and the
// console without a mouse.
import { expect, type Page, test } from "@playwright/test";
import { startErl } from "../test/support/otp.ts";
import { type ConsoleBench, openConsole, startBench } from "./support/console.ts";
import { reconnectNow } from "./support/reconnect.ts";

const ALL = "eval kill gc send log-level";
const PANELS = ["Overview", "Processes", "Logs", "Messages", "Nodes"] as const;

let bench: ConsoleBench;

test.beforeAll(async () => {
  bench = await startBench({ erl: { alive: "dying" } });
});
test.afterAll(() => bench.stop());

const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });
const isConnected = async (page: Page): Promise<void> => {
  await expect(page.getByText("Connected", { exact: true })).toBeVisible({ timeout: 30_000 });
};

test("every panel says that the connection is gone, keeps what it had, and goes on when node or bridge are back", async ({
  page,
}, info) => {
  test.setTimeout(180_000);
  await openConsole(page, bench, { allow: ALL });
  for (const name of PANELS) await tab(page, name).click();
  // A panel keeps what it had: so it has to have something.
  await tab(page, "Processes").click();
  await expect(page.getByRole("row").filter({ hasText: "code_server" })).toBeVisible();
  await tab(page, "Logs").click();
  await expect(page.getByLabel("Node's level")).toBeVisible();
  await bench.erl.eval(`logger:error("before the end")`);
  await expect(page.getByRole("row").filter({ hasText: "before the end" })).toBeVisible();

  const { portNo } = bench.erl;
  await bench.erl.kill();
  await expect(page.getByText("Reconnecting")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "before the end" })).toBeVisible();
  await tab(page, "Processes").click();
  await expect(page.getByText(/^as of \d\d:\d\d:\d\d$/)).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "code_server" })).toBeVisible();
  await info.attach("lost", { body: await page.screenshot({ path: info.outputPath("lost.png") }), contentType: "image/png" });
  bench.erl = await startErl({ alive: "dying", portNo });
  await reconnectNow(page);
  await isConnected(page);
  await expect(page.getByText(/restarted/).first()).toBeAttached();
  await expect(page.getByText(/^top \d+ of \d+/)).toBeVisible();
  await tab(page, "Logs").click();
  await expect(page.getByRole("row").filter({ hasText: "The connection was lost." })).toBeVisible();
  await expect(page.getByLabel("Node's level")).toBeVisible();
  await bench.erl.eval(`logger:error("after the end")`);
  await expect(page.getByRole("row").filter({ hasText: "after the end" })).toBeVisible();

  await bench.bridge.stop();
  await expect(page.locator("[data-code=bridge_unreachable]")).toBeVisible({ timeout: 20_000 });
  await tab(page, "Nodes").click();
  await expect(page.getByRole("toolbar", { name: "Nodes" }).getByText("not connected")).toBeVisible();
  await bench.restartBridge();
  await reconnectNow(page);
  await isConnected(page);
  await expect(page.getByText(/^1 connected/)).toBeVisible();
  await tab(page, "Overview").click();
  await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
});

test("nothing is left on the node when the page is gone", async ({ page }) => {
  const { erl } = bench;
  const left = (): Promise<string> =>
    erl.eval(`{length(processes()), [Id || Id <- logger:get_handler_ids(), lists:prefix("erl_console", atom_to_list(Id))],
      erlang:statistics(scheduler_wall_time), nodes(hidden)}`);
  await expect.poll(left).toContain(",[],undefined,[]}");
  const before = await left();
  await openConsole(page, bench, { allow: ALL });
  for (const name of PANELS) await tab(page, name).click();
  await tab(page, "Overview").click();
  await expect.poll(left).toContain("[erl_console_1]");
  await page.close({ runBeforeUnload: false });
  await expect.poll(left).toBe(before);
});

test("the whole console works by keyboard", async ({ page }) => {
  await bench.erl.eval("register(worker, spawn(fun() -> receive stop -> ok end end)), ok");
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  await expect(page.getByRole("row").filter({ hasText: "code_server" })).toBeVisible();
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.getAttribute("role") ?? active?.localName ?? "";
    });
  await tab(page, "Processes").focus();
  await page.keyboard.press("F6");
  expect(await focused()).toBe("select");
  await page.keyboard.press("F6");
  expect(await focused()).toBe("row");
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.keyboard.press("/");
  await page.keyboard.type("/^worker/");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.keyboard.press("F6");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await page.keyboard.press("Delete");
  const dialog = page.getByRole("dialog", { name: /^Kill <0\./ });
  await expect(dialog.getByText("dying@127.0.0.1")).toBeVisible();
  await dialog.getByRole("button", { name: "Kill" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("has ended. What is below")).toBeVisible();
  expect(await bench.erl.eval("whereis(worker)")).toBe("undefined");
  await tab(page, "Processes").focus();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: /^Process </ })).toBeHidden();
  await tab(page, "Processes").focus();
  await page.keyboard.press("Control+K");
  await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
  await page.keyboard.type("open nodes");
  await page.keyboard.press("Enter");
  await expect(tab(page, "Nodes")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Alt+1");
  await expect(tab(page, "Overview")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "What the keyboard does" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("a console that may only read offers nothing that changes the node, and keeps its controls and its width in forced colours", async ({
  page,
}, info) => {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 900 });
  await openConsole(page, bench, { allow: ALL, "read-only": "", panel: "processes" });
  await expect(page.getByText("read-only")).toBeVisible();
  await page.getByRole("row").filter({ hasText: "code_server" }).click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await expect(page.getByRole("button", { name: /Kill|Send|Collect/ })).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await info.attach("narrow", { body: await page.screenshot({ path: info.outputPath("narrow.png") }), contentType: "image/png" });
});
