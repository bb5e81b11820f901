// What is left on the node when the page goes; the console without a mouse; and one that may only read.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, openConsole, startBench } from "./support/console.ts";
import { CODE_SERVER } from "./support/panels.ts";

const ALL = "eval kill gc send trace log-level";
const PANELS = ["Overview", "Processes", "Logs", "Messages", "Nodes"] as const;

let bench: ConsoleBench;

test.beforeAll(async () => {
  bench = await startBench({ erl: { alive: "journey" } });
});
test.afterAll(() => bench.stop());

const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });

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
  await expect(page.getByRole("row").filter({ hasText: CODE_SERVER })).toBeVisible();
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
  await expect(dialog.getByText("journey@127.0.0.1")).toBeVisible();
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
  await page.getByRole("row").filter({ hasText: CODE_SERVER }).click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await expect(page.getByRole("button", { name: /Kill|Send|Collect/ })).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await info.attach("narrow", { body: await page.screenshot({ path: info.outputPath("narrow.png") }), contentType: "image/png" });
});
