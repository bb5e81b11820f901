// The console on a telephone: by touch, in a narrow page.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, inspect, openConsole, startBench } from "./support/console.ts";
import { CODE_SERVER, ALL, expectShell, expectTyped, PANEL_CASES, rowOf } from "./support/panels.ts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
test.describe.configure({ timeout: 90_000 });

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
});
test.afterAll(() => bench.stop());

const open = (page: Page, title: string) => page.getByRole("combobox", { name: "Panel", exact: true }).selectOption(title);
const pageWidth = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

test("every panel fits, and axe finds nothing in them", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL });
  for (const { id, title } of PANEL_CASES) {
    await open(page, title);
    await expect(page.locator(`erl-${id}`)).toBeVisible();
    if (id === "shell") await expectShell(page, "Shell 1 is running");
    else await expect(page.locator(`erl-${id}`)).toContainText(/\S/);
    expect(await pageWidth(page)).toBe(390);
    await inspect(page, info, `${id}-narrow`);
  }
});

test("rows have two lines, and what is opened of one takes the place of the table", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  const row = rowOf(page, "Processes", CODE_SERVER);
  const below = row.getByText("code_server:loop/1");
  await expect(below).toBeVisible();
  const [first, second] = await Promise.all([row.getByText("code_server", { exact: true }).boundingBox(), below.boundingBox()]);
  expect(second?.y).toBeGreaterThan(first?.y ?? 0);
  const grid = page.getByRole("grid", { name: "Processes" });
  expect(await grid.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await row.tap();
  const detail = page.getByRole("region", { name: /^Process </ });
  await expect(detail.getByText("Traps exits")).toBeVisible();
  await expect(grid).toBeHidden();
  await inspect(page, info, "sheet");
  await detail.getByRole("button", { name: "Close" }).tap();
  await expect(grid).toBeVisible();
});

test("targets are large enough for a finger", async ({ page }) => {
  await openConsole(page, bench, { allow: ALL, density: "compact" });
  for (const { id, title } of PANEL_CASES) {
    await open(page, title);
    if (id === "shell") await expectShell(page, "Shell 1 is running");
    const small = await page.getByRole("button").evaluateAll((buttons) =>
      buttons
        .filter((button) => button.checkVisibility() && !button.closest("[role=columnheader]"))
        .map((button) => ({ text: button.textContent.trim(), ...button.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width < 24 || height < 24),
    );
    expect(small).toEqual([]);
  }
});

test("the shell has the keys that a telephone lacks", async ({ page }) => {
  await openConsole(page, bench, { allow: ALL, panel: "shell" });
  await expectShell(page, "Shell 1 is running");
  const keys = page.getByRole("group", { name: "Keys" });
  await page.getByRole("textbox", { name: /^Shell/ }).focus();
  await page.keyboard.type("lists:revers");
  await keys.getByRole("button", { name: "Tab" }).tap();
  await expectTyped(page, /lists:reverse\(/);
  await page.keyboard.type("[1,2]).\n");
  await expectTyped(page, /^\[2,1\]$/m);
  await keys.getByRole("button", { name: "↑" }).tap();
  await page.keyboard.type("\n");
  await expectTyped(page, /^\[2,1\]$[^]*^\[2,1\]$/m);
  await page.keyboard.type("timer:sleep(infinity).\n");
  await expectTyped(page, /timer:sleep/);
  await keys.getByRole("button", { name: "^C" }).tap();
  await expectTyped(page, /exception exit: killed/);
});
