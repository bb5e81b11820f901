// What the terminal is drawn with: WebGL where that is fast or the page's policy leaves nothing else, else elements.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, openConsole, startBench, watchPage } from "./support/console.ts";
import { expectShell, expectTyped } from "./support/panels.ts";

test.slow();

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
});
test.afterAll(() => bench.stop());

const ATTRIBUTES = { panel: "shell", panels: "shell", allow: "eval" };
const rows = (page: Page) => page.locator(".xterm-rows");
const canvases = (page: Page) => page.locator(".xterm-screen canvas");

async function type(page: Page): Promise<void> {
  await expectShell(page, "Shell 1 is running");
  await page.getByRole("textbox", { name: /^Shell/ }).focus();
  await page.keyboard.type("20 + 22.\n");
  await expectTyped(page, /^42$/m);
}

test("is drawn with elements where WebGL would be slow and there is no policy", async ({ page }) => {
  const errors = watchPage(page);
  await withoutWebGl(page, "slow");
  await openConsole(page, bench, { ...ATTRIBUTES, without: "csp csp-nonce" });
  await type(page);
  await expect(rows(page)).toContainText("42");
  await expect(canvases(page)).toHaveCount(0);
  expect(errors).toEqual([]);
});

test("is drawn with WebGL where the policy of the page wants a nonce, and with elements when that is lost", async ({ page }) => {
  await openConsole(page, bench, ATTRIBUTES);
  await type(page);
  await expect(canvases(page).first()).toBeAttached();
  await expect(rows(page)).toHaveCount(0);
  const lost = await canvases(page).evaluateAll((elements) =>
    elements.some((element) => {
      const context = (element as HTMLCanvasElement).getContext("webgl2");
      context?.getExtension("WEBGL_lose_context")?.loseContext();
      return context !== null;
    }),
  );
  expect(lost).toBe(true);
  await expect(rows(page)).toContainText("42");
  await page.keyboard.type("later.\n");
  await expectTyped(page, /^later$/m);
  await expect(rows(page)).toContainText("later");
});

test("is drawn with elements where there is no WebGL at all", async ({ page }) => {
  await withoutWebGl(page, "none");
  await openConsole(page, bench, { ...ATTRIBUTES, without: "csp" });
  await type(page);
  await expect(rows(page)).toContainText("42");
});

/** A browser without WebGL, or one that has it without a graphics card. */
async function withoutWebGl(page: Page, what: "none" | "slow"): Promise<void> {
  await page.addInitScript((has) => {
    const getContext: unknown = Reflect.get(HTMLCanvasElement.prototype, "getContext");
    const refusing = function (this: HTMLCanvasElement, type: string, options?: WebGLContextAttributes): unknown {
      const isRefused = has === "none" || options?.failIfMajorPerformanceCaveat === true;
      if ((type.startsWith("webgl") && isRefused) || typeof getContext !== "function") return null;
      return Reflect.apply(getContext, this, [type, options]);
    };
    Object.assign(HTMLCanvasElement.prototype, { getContext: refusing });
  }, what);
}
