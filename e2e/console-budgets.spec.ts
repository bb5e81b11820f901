// What a console asks of a node, and what it sends to it, by a clock that the test moves: nothing for what nobody sees, and little while
// nobody does anything.
import { expect, type Page, test } from "@playwright/test";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { type ConsoleBench, openConsole, startBench } from "./support/console.ts";
import { CODE_SERVER, rowOf, tab } from "./support/panels.ts";

const MINUTE_S = 60;
/** Twice what is aimed at: the pings of this test are in it, which wait for the answers. `npm run bench:console` measures without. */
const LARGEST_BYTES_PER_SECOND = 2_000;
/** The functions that a question calls, which tell whose it is. */
const OF_HEADER = "statistics memory statistics system_info";
const OF_OVERVIEW = /^monotonic_time memory .* monotonic_time$/;

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
});
test.afterAll(() => bench.stop());

test("asks what the header and the open panel show, and nothing for panels that were open before", async ({ page }) => {
  await open(page, "processes");
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await tab(page, "Nodes").click();
  await expect(rowOf(page, "Nodes", "this page")).toBeVisible();
  await tab(page, "Overview").click();
  await expect(page.getByText("Each scheduler")).toBeVisible();
  const asked = await askedInAMinute(page);
  const looks = asked.filter((each) => OF_OVERVIEW.test(each)).length;
  expect(looks).toBeGreaterThan(MINUTE_S / 4);
  expect(looks).toBeLessThanOrEqual(MINUTE_S / 2 + 1);
  expect(asked.filter((each) => each === OF_HEADER).length).toBe(asked.length - looks);
  await tab(page, "Messages").click();
  await expect(page.getByRole("log")).toBeVisible();
  expect(new Set(await askedInAMinute(page))).toEqual(new Set([OF_HEADER]));
});

test("asks nothing in a page that is hidden, and at once when it is shown again", async ({ page }) => {
  await open(page, "overview");
  await expect(page.getByText("Each scheduler")).toBeVisible();
  await setHidden(page, true);
  expect(await askedInAMinute(page)).toEqual([]);
  await setHidden(page, false);
  await page.clock.runFor(10);
  expect((await calls(page)).filter((each) => OF_OVERVIEW.test(each))).toHaveLength(1);
});

test("asks nothing for a panel that is out of view, nor for one that is paused", async ({ page }) => {
  await open(page, "overview");
  await expect(page.getByText("Each scheduler")).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  expect(new Set(await askedInAMinute(page))).toEqual(new Set([OF_HEADER]));
  await page.getByRole("button", { name: "Go on" }).click();
  await page.evaluate(() => {
    const space = document.createElement("div");
    space.style.height = "400vh";
    document.body.prepend(space);
  });
  await expect(page.locator("erl-overview")).not.toBeInViewport();
  // What the browser tells of it comes with a frame.
  await page.clock.runFor(2_100);
  expect(new Set(await askedInAMinute(page))).toEqual(new Set([OF_HEADER]));
});

for (const panel of ["overview", "logs", "messages", "nodes"]) {
  test(`sends and receives little with ${panel} open and nobody there`, async ({ page }) => {
    const bytes = { sent: 0, received: 0 };
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => (bytes.sent += payload.length));
      socket.on("framereceived", ({ payload }) => (bytes.received += payload.length));
    });
    await open(page, panel);
    const before = { ...bytes };
    const asked = await askedInAMinute(page);
    expect(asked.length).toBeGreaterThan(0);
    for (const way of ["sent", "received"] as const) {
      expect(bytes[way] - before[way]).toBeGreaterThan(asked.length * 20);
      expect(bytes[way] - before[way]).toBeLessThan(MINUTE_S * LARGEST_BYTES_PER_SECOND);
    }
  });
}

/** Opens the console with a clock that the test moves, and remembers what is asked of the node. */
async function open(page: Page, panel: string): Promise<void> {
  await page.clock.install();
  await openConsole(page, bench, { panel });
  await page.waitForFunction((id) => document.querySelector<ErlConsole>("erl-console")?.panelElement(id) !== undefined, panel);
  await page.evaluate(() => {
    const remote = document.querySelector<ErlConsole>("erl-console")?.connection.remote;
    if (remote === undefined) throw new Error("there is no connection");
    const asked: string[] = [];
    const call = remote.call.bind(remote);
    remote.call = (module, fun, args, options) => {
      // A batch: the functions are the atoms of the third list.
      const isBatch = fun === "zipwith3";
      asked.push(isBatch ? (args[2] as { readonly name: string }[]).map(({ name }) => name).join(" ") : `${module}:${fun}`);
      return call(module, fun, args, options);
    };
    Object.assign(window, { asked });
  });
}

/** Everything that the page has asked since this was last called. */
function calls(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { asked: string[] }).asked.splice(0));
}

async function askedInAMinute(page: Page): Promise<string[]> {
  await calls(page);
  for (let second = 0; second < MINUTE_S; second++) {
    await page.clock.runFor(1_000);
    // What was asked in this second is answered when this is.
    await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.connection.remote?.ping());
  }
  return calls(page);
}

/** A browser without a window hides no page: this one is told that it was. */
function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}
