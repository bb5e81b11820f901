// What a person sees who has chosen the colours of all pages, or that nothing moves.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type ConsoleBench, LOOKS, openConsole, startBench } from "./support/console.ts";
import { named, CODE_SERVER, ALL, PANEL_CASES, rowOf, tab } from "./support/panels.ts";

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
});
test.afterAll(() => bench.stop());

const width = (locator: Locator, property: string): Promise<number> =>
  locator.evaluate((element, name) => Number.parseFloat(getComputedStyle(element).getPropertyValue(name)), property);

test("in forced colours a row that is selected, one that has the focus and a button that is disabled look different by their lines", async ({
  page,
}) => {
  await page.emulateMedia(LOOKS["forced colours"]);
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  const selected = rowOf(page, "Processes", CODE_SERVER);
  const other = rowOf(page, "Processes", named("erl_prim_loader"));
  await page.getByRole("button", { name: "Pause" }).click();
  await selected.click();
  await expect(selected).toHaveAttribute("aria-selected", "true");
  expect(await width(selected, "border-left-width")).toBeGreaterThanOrEqual(4);
  expect(await width(other, "border-left-width")).toBe(0);
  await other.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  const focused = page.getByRole("grid", { name: "Processes" }).locator("[role=row]:focus");
  await expect(focused).toHaveCSS("outline-style", "solid");
  expect(await width(focused, "outline-width")).toBeGreaterThanOrEqual(2);
  await expect(page.getByRole("grid", { name: "Processes" }).locator("[role=row]:not(:focus)").nth(3)).toHaveCSS(
    "outline-style",
    "none",
  );
  await tab(page, "Messages").click();
  await expect(page.getByRole("button", { name: "Clear" })).toHaveCSS("border-style", "dashed");
  await expect(page.getByRole("button", { name: "Commands" })).toHaveCSS("border-style", "solid");
  await expect(tab(page, "Messages")).toHaveCSS("border-top-style", "double");
});

test("charts tell their lines apart without colours, and follow when these are forced", async ({ page }) => {
  await page.emulateMedia(LOOKS.dark);
  await openConsole(page, bench, { panel: "overview" });
  const memory = page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ });
  await expect(memory).toBeVisible();
  const styles = await memory.locator(".swatch").evaluateAll((each) => each.map((one) => getComputedStyle(one).borderTopStyle));
  expect(new Set(styles).size).toBe(4);
  /** Whether something is drawn in that colour. */
  const has = (colour: readonly number[]): Promise<boolean> =>
    memory.locator("canvas").evaluate((canvas: HTMLCanvasElement, [r, g, b]) => {
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return data.some(
        (_, at) => at % 4 === 0 && data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255,
      );
    }, colour);
  const BORDER = [0x34, 0x39, 0x46];
  const CANVAS_TEXT = [255, 255, 255];
  await expect.poll(() => has(BORDER)).toBe(true);
  expect(await has(CANVAS_TEXT)).toBe(false);
  await page.emulateMedia(LOOKS["forced colours"]);
  await expect.poll(() => has(CANVAS_TEXT)).toBe(true);
  expect(await has(BORDER)).toBe(false);
});

/** What changes gradually, in all panels that have been opened. A millisecond is none: it is there for its event. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const everything = function* (root: Document | ShadowRoot): Generator<Element> {
      for (const element of root.querySelectorAll("*")) {
        yield element;
        if (element.shadowRoot !== null) yield* everything(element.shadowRoot);
      }
    };
    const isLong = (times: string): boolean => times.split(",").some((time) => Number.parseFloat(time) > 0.001);
    return [...everything(document)].flatMap((element) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const moves = isLong(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
      return moves ? [element.localName] : [];
    });
  });
}

test("nothing moves in any panel for a person who wants that", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await openConsole(page, bench, { allow: ALL });
  for (const { title } of PANEL_CASES) await tab(page, title).click();
  await expect(page.getByRole("grid", { name: "Nodes" })).toBeVisible();
  // What moves for others, a little.
  await expect.poll(() => moving(page)).toContain("button");
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await moving(page)).toEqual([]);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
