// What a page loads until its console is connected: what `npm run size` weighs, and nothing else.
import { expect, test } from "@playwright/test";
import { openConsole, startBench } from "./support/console.ts";

const SAYS_SO = new Set(["unknown-words", "palette-strings"]);

test("loads the element and the session to be connected, and other files only when they are needed", async ({ page }) => {
  await using stack = new AsyncDisposableStack();
  const bench = stack.adopt(await startBench(), (each) => each.stop());
  const loaded: string[] = [];
  page.on("request", (request) => {
    const name = /([\w-]+?)(?:-[\w-]{8})?\.js$/.exec(new URL(request.url()).pathname)?.[1];
    if (name !== undefined) loaded.push(name);
  });
  // A panel that there is not, so that none is loaded but what says so.
  await openConsole(page, bench, { panels: "none" });
  await page.waitForLoadState("networkidle");
  expect(loaded.filter((name) => !SAYS_SO.has(name)).toSorted()).toEqual([
    // By the page, and by its worker.
    "controllers",
    "controllers",
    "element",
    "erl-console",
    // What explains a loss comes after the connection.
    "failure",
    "rolldown-runtime",
    "session",
  ]);
  await bench.erl.eval(`{console, hd(nodes(hidden))} ! hello`);
  await expect.poll(() => loaded).toContain("gen-server-loop");
});
