// The panel of processes against a real node.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, inspect, openConsole, startBench, watchPage } from "../support/console.ts";

const WORKER =
  "spawn(fun() -> put(shelf, [books]), register(worker, self()), process_flag(trap_exit, true), receive stop -> ok end end)";

let bench: ConsoleBench;

test.beforeAll(async () => {
  bench = await startBench();
  await bench.erl.eval(`${WORKER}, ok`);
});
test.afterAll(() => bench.stop());

const grid = (page: Page) => page.getByRole("grid", { name: "Processes" });
const rowOf = (page: Page, name: string | RegExp) => grid(page).getByRole("row").filter({ hasText: name });
const filter = (page: Page) => page.getByRole("searchbox", { name: "Filter" });

for (const colorScheme of ["light", "dark"] as const) {
  test(`lists, filters, sorts and shows a process in detail, in the ${colorScheme} theme`, async ({ page }, info) => {
    const errors = watchPage(page);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openConsole(page, bench, { panels: "processes", allow: "kill gc send" });
    await expect(rowOf(page, "code_server")).toBeVisible();
    await expect(page.getByText(/^top \d+ of \d+ · costs [\d.]+ % of a scheduler$/)).toBeVisible();
    await inspect(page, info, `processes-${colorScheme}`);

    await filter(page).fill("/^worker/");
    await expect(grid(page).getByRole("row")).toHaveCount(2);
    await rowOf(page, "worker").click();
    const detail = page.getByRole("region", { name: /^Process </ });
    await expect(detail.getByText("Traps exits")).toBeVisible();
    await inspect(page, info, `process-${colorScheme}`);
    for (const tab of ["Stack", "Messages", "Dictionary", "Links"]) {
      await detail.getByRole("tab", { name: tab }).click();
      await expect(detail.getByText("Asking the node.")).toBeHidden();
    }
    await detail.getByRole("tab", { name: "Dictionary" }).click();
    await expect(detail.getByText("shelf")).toBeVisible();
    await expect(detail.getByText("[books]")).toBeVisible();
    expect(errors).toEqual([]);
  });
}
