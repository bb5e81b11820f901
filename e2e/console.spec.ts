// The panels of the console against a real node, in the build that a page without a bundler names, under a strict policy.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, inspect, openConsole, startBench, watchPage } from "./support/console.ts";

const WORKER =
  "spawn(fun() -> put(shelf, [books]), register(worker, self()), process_flag(trap_exit, true), receive stop -> ok end end)";
const ALL = "eval kill gc send log-level";

let bench: ConsoleBench;

test.beforeAll(async () => {
  bench = await startBench();
  await bench.erl.eval(`${WORKER}, ok`);
});
test.afterAll(() => bench.stop());

const grid = (page: Page, name: string) => page.getByRole("grid", { name });
const rowOf = (page: Page, name: string, text: string | RegExp) => grid(page, name).getByRole("row").filter({ hasText: text });
const filter = (page: Page) => page.getByRole("searchbox", { name: "Filter" });

for (const colorScheme of ["light", "dark"] as const) {
  test(`shows every panel in the ${colorScheme} theme, and axe finds nothing in them`, async ({ page }, info) => {
    const errors = watchPage(page);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openConsole(page, bench, { allow: ALL });

    await expect(page.getByText(/OTP \d+ /).first()).toBeVisible();
    await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
    await expect(page.getByText("Each scheduler")).toBeVisible();
    await inspect(page, info, `overview-${colorScheme}`);
    await page.getByRole("button", { name: "Show as table" }).first().click();
    await expect(page.getByRole("region", { name: "Schedulers as a table" })).toBeVisible();

    await page.getByRole("tab", { name: "Processes" }).click();
    await expect(rowOf(page, "Processes", "code_server")).toBeVisible();
    await expect(page.getByText(/^top \d+ of \d+ · costs [\d.]+ % of a scheduler$/)).toBeVisible();
    await inspect(page, info, `processes-${colorScheme}`);
    await filter(page).fill("/^worker/");
    await expect(grid(page, "Processes").getByRole("row")).toHaveCount(2);
    await rowOf(page, "Processes", "worker").click();
    const detail = page.getByRole("region", { name: /^Process </ });
    await expect(detail.getByText("Traps exits")).toBeVisible();
    await inspect(page, info, `process-${colorScheme}`);

    await page.getByRole("tab", { name: "Logs" }).click();
    await expect(page.getByLabel("Node's level")).toBeVisible();
    await bench.erl.eval(`logger:error("no ~p in stock~nleft: ~p", [books, 0]), logger:notice("sold out")`);
    await rowOf(page, "Log", "no books in stock").click();
    await expect(page.getByRole("region", { name: "Event" }).getByText("left: 0")).toBeVisible();
    await inspect(page, info, `logs-${colorScheme}`);

    await page.getByRole("tab", { name: "Messages" }).click();
    await expect(page.getByRole("textbox", { name: "Term" })).toBeVisible();
    await inspect(page, info, `messages-${colorScheme}`);
    expect(errors).toEqual([]);
  });
}
