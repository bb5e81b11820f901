// The tree of applications, supervisors and their children, in a browser with a real node.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { startShop } from "../packages/web-demo/test/support/shop.ts";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { releases, startEpmd, startErl } from "../test/support/otp.ts";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, startBench } from "./support/console.ts";
import { ALL, filterOf, rowOf, tab } from "./support/panels.ts";

let bench: ConsoleBench;
const item = (page: Page, name: RegExp): Locator => page.getByRole("treeitem", { name });
const openTree = (page: Page, more: Readonly<Record<string, string>> = {}): Promise<void> =>
  openConsole(page, bench, { allow: ALL, panel: "tree", ...more });

/** Opens the application of the tests as far as the children of its root. */
async function openShop(page: Page): Promise<void> {
  await item(page, /^shop application/).focus();
  await page.keyboard.press("ArrowRight");
  await expect(item(page, /^till worker/)).toBeVisible();
}

for (const release of releases()) {
  test.describe(`with OTP ${release.otp}`, () => {
    test.beforeAll(async () => {
      bench = await startBench({ erl: { release } });
      await startShop(bench.erl, { crowd: 600 });
    });
    test.afterAll(() => bench.stop());

    for (const look of LOOK_NAMES) {
      test(`is clear and without faults for axe, in ${look}`, async ({ page }, info) => {
        await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
        await openTree(page);
        await openShop(page);
        await item(page, /^aisle_sup supervisor/).click();
        await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
        await inspect(page, info, `tree-${look}`);
      });
    }

    test("says where a row is in the tree, and what it is", async ({ page }) => {
      await openTree(page);
      await expect(item(page, /^shop application 1\.2\.3 · temporary · \d+ processes · sells books$/)).toHaveAttribute(
        "aria-level",
        "1",
      );
      await openShop(page);
      const till = item(page, /^till worker shop:loop\/1 <0\.\d+\.0> 0 messages [\d.]+ kB$/);
      await expect(till).toHaveAttribute("aria-level", "3");
      await expect(till).toHaveAttribute("aria-posinset", "1");
      await expect(till).toHaveAttribute("aria-setsize", "7");
      await expect(till).not.toHaveAttribute("aria-expanded");
      await expect(item(page, /^aisle_sup supervisor id aisle/)).toHaveAttribute("aria-expanded", "false");
      await item(page, /^aisle_sup supervisor/)
        .locator(".twisty")
        .click();
      await expect(item(page, /^shelf_3 worker/)).toBeVisible();
      await expect(item(page, /^aisle_sup supervisor/)).toHaveAttribute("aria-selected", "false");
      await expect(item(page, /^nobody not running$/)).toBeVisible();
      await expect(item(page, /^stdlib library /)).not.toHaveAttribute("aria-expanded");
    });

    test("is used by the keyboard alone", async ({ page }) => {
      await openConsole(page, bench, { allow: ALL, panel: "overview" });
      await page.keyboard.press("Tab");
      await page.keyboard.press("Control+k");
      await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
      await page.keyboard.type("open tree");
      await page.keyboard.press("Enter");
      await expect(tab(page, "Tree")).toBeFocused();
      await expect(item(page, /^shop application/)).toBeVisible();
      // The toolbar, then the tree.
      for (let times = 0; times < 2; times++) await page.keyboard.press("F6");
      await expect(page.getByRole("treeitem").first()).toBeFocused();
      await page.keyboard.type("shop");
      await expect(item(page, /^shop application/)).toBeFocused();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^till worker/)).toBeVisible();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^shop_sup supervisor/)).toBeFocused();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^till worker/)).toBeFocused();
      await page.keyboard.press("End");
      await expect(page.getByRole("treeitem").last()).toBeFocused();
      await page.keyboard.press("Home");
      await expect(page.getByRole("treeitem").first()).toBeFocused();
      await page.keyboard.type("ais");
      await expect(item(page, /^aisle_sup/)).toBeFocused();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^shelf_3 worker/)).toBeVisible();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^shelf_1 worker/)).toBeFocused();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowLeft");
      await expect(item(page, /^aisle_sup/)).toBeFocused();
      await page.keyboard.press("ArrowLeft");
      await expect(item(page, /^shelf_1 worker/)).toHaveCount(0);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
      await expect(item(page, /^aisle_sup/)).toHaveAttribute("aria-selected", "true");
      await page.keyboard.press("Escape");
      await expect(page.getByRole("region", { name: /^Process </ })).toBeHidden();
      await expect(item(page, /^aisle_sup/)).toBeFocused();
      // All siblings at once, as far as they can be opened.
      await page.keyboard.press("*");
      await expect(item(page, /^shelf_1 worker/)).toBeVisible();
      await expect(item(page, /^600 children: list them/)).toBeVisible();
    });

    test("tells how many children there are of very many, and lists them in pages of rows that exist only in view", async ({
      page,
    }) => {
      await openTree(page);
      await openShop(page);
      await item(page, /^crowd_sup supervisor/).focus();
      await page.keyboard.press("ArrowRight");
      await item(page, /^600 children: list them by its links$/).click();
      const next = item(page, /^200 of 600\. Show the next 200$/);
      await expect(page.getByText(/ · 2\d\d rows · /)).toBeVisible();
      // The first of them has the focus, and is in view.
      await expect(page.locator('[role="treeitem"]:focus')).toHaveAttribute("aria-posinset", "1");
      expect(await page.getByRole("treeitem").count()).toBeLessThan(80);
      // Who has asked for them is at the first of them.
      await expect(page.locator('[role="treeitem"]:focus')).toHaveAttribute("aria-posinset", "1");
      await expect(item(page, /^crowd_sup supervisor/)).toBeVisible();
      for (let times = 0; times < 40 && !(await next.isVisible()); times++) await page.keyboard.press("PageDown");
      await next.click();
      await expect(page.getByText(/ · 4\d\d rows · /)).toBeVisible();
      await expect(page.locator('[role="treeitem"]:focus')).toHaveAttribute("aria-posinset", "201");
    });

    test("says that a supervisor did not answer, and asks it again when it is told to", async ({ page }) => {
      await openTree(page);
      await openShop(page);
      await bench.erl.eval("sys:suspend(aisle_sup)");
      await item(page, /^aisle_sup supervisor/).focus();
      await page.keyboard.press("ArrowRight");
      const note = item(page, /^It did not answer within 1 s\. Try again$/);
      await expect(note).toBeVisible();
      await bench.erl.eval("sys:resume(aisle_sup)");
      await note.click();
      await expect(item(page, /^shelf_1 worker/)).toBeVisible();
      await expect(note).toHaveCount(0);
    });

    test("strikes a process through that has ended, until the next look, and shows the one in its place", async ({ page }) => {
      await openTree(page, { refresh: "3600" });
      await openShop(page);
      await item(page, /^crowd_sup supervisor/).focus();
      await bench.erl.eval(`supervisor:start_child(shop_sup, #{id => brief, start => {shop, worker, [brief]}})`);
      const refresh = page.getByRole("button", { name: "Refresh" });
      await refresh.click();
      const brief = item(page, /^brief worker shop:loop/);
      await expect(brief).toBeVisible();
      const before = await brief.textContent();
      await bench.erl.eval(`[{_, Pid, _, _}] = [C || {brief, _, _, _} = C <- supervisor:which_children(shop_sup)], exit(Pid, kill),
    timer:sleep(0), supervisor:which_children(shop_sup)`);
      await refresh.click();
      await expect(item(page, /^brief worker ended /)).toHaveClass(/gone/);
      await expect(brief).toHaveCount(1);
      expect(await brief.textContent()).not.toBe(before);
      // The focus stays in the tree when its row goes.
      await item(page, /^brief worker ended /).focus();
      await refresh.dispatchEvent("click");
      await expect(item(page, /^brief worker ended /)).toHaveCount(0);
      await expect(page.locator('[role="treeitem"]:focus')).toHaveCount(1);
      await bench.erl.eval("supervisor:terminate_child(shop_sup, brief), supervisor:delete_child(shop_sup, brief)");
    });

    test("keeps the focus on its row, and that in view, when others open above it", async ({ page }) => {
      await openTree(page);
      const last = item(page, /^stdlib library/);
      await last.focus();
      await page.getByRole("button", { name: "Expand all" }).dispatchEvent("click");
      await expect(item(page, /^shelf_2 worker/)).toBeAttached();
      await expect(last).toBeFocused();
      await expect(last).toBeInViewport();
      await page.getByRole("button", { name: "Collapse all" }).dispatchEvent("click");
      await expect(item(page, /^shop application/)).toHaveAttribute("aria-expanded", "false");
      await expect(last).toBeFocused();
    });

    test("finds what was opened by its name, with what leads to it", async ({ page }) => {
      await openTree(page);
      // Only rows in view are there: the last one, and those that come above it.
      await item(page, /^stdlib library/).focus();
      await page.getByRole("button", { name: "Expand all" }).dispatchEvent("click");
      await expect(item(page, /^shelf_2 worker/)).toBeAttached();
      await filterOf(page).fill("shelf_2");
      await expect(page.getByRole("treeitem")).toHaveCount(4);
      await expect(item(page, /^shop application/)).toBeVisible();
      await expect(item(page, /^shelf_2 worker/)).toHaveAttribute("aria-setsize", "1");
      await filterOf(page).fill("");
      await page.getByRole("button", { name: "Collapse all" }).click();
      await expect(item(page, /^shop application/)).toHaveAttribute("aria-expanded", "false");
      await expect(item(page, /^shelf_2 worker/)).toHaveCount(0);
    });

    test("opens all of what was shown when that was asked for, though a filter is typed meanwhile", async ({ page }) => {
      await openTree(page, { refresh: "3600" });
      await expect(item(page, /^shop application/)).toBeVisible();
      // The node answers when the filter is there already.
      process.kill(bench.erl.pid, "SIGSTOP");
      try {
        await page.getByRole("button", { name: "Expand all" }).click();
        await filterOf(page).fill("shelf_2");
        await expect(page.getByRole("treeitem")).toHaveCount(0);
      } finally {
        process.kill(bench.erl.pid, "SIGCONT");
      }
      await expect(item(page, /^shelf_2 worker/)).toBeVisible();
    });

    test("follows links where that is asked for", async ({ page }) => {
      await openTree(page);
      await openShop(page);
      await bench.erl.eval(`Of = fun(Id) -> [Pid] = [P || {I, P, _, _} <- supervisor:which_children(shop_sup), I =:= Id], Pid end,
    Of(till) ! {link, Of(clerk)}`);
      await page.getByRole("checkbox", { name: "Also linked processes" }).check();
      await item(page, /^till worker/).focus();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^shop:loop\/1 linked process/)).toHaveAttribute("aria-level", "4");
      await page.getByRole("checkbox", { name: "Also linked processes" }).uncheck();
      await expect(item(page, /^shop:loop\/1 linked process/)).toHaveCount(0);
    });

    test("is opened at a process that a link names, or at an application", async ({ page }) => {
      const pid = await bench.erl.eval("hd([P || {shelf_3, P, _, _} <- supervisor:which_children(aisle_sup)])");
      await openTree(page, { selected: pid });
      await expect(item(page, /^shelf_3 worker/)).toHaveAttribute("aria-selected", "true");
      await expect(page.getByRole("region", { name: `Process ${pid}` })).toBeVisible();
      await openTree(page, { selected: "shop" });
      const about = page.getByRole("region", { name: "Application shop" });
      await expect(about.getByText("shop:start/2")).toBeVisible();
      await expect(item(page, /^till worker/)).toBeVisible();
      await page.evaluate(() => {
        const console = document.querySelector<ErlConsole>("erl-console");
        if (console !== null) console.linkForMfa = (module, fun, arity) => `https://docs.example/${module}#${fun}/${arity}`;
      });
      await expect(about.getByRole("link", { name: "shop:start/2" })).toHaveAttribute(
        "href",
        "https://docs.example/shop#start/2",
      );
    });

    test("has nothing of a node any more when the console goes on to another one", async ({ page }) => {
      await using started = new AsyncDisposableStack();
      const epmd = started.adopt(await startEpmd({ release }), (it) => it.stop());
      const second = started.use(await startErl({ release, epmd }));
      const bridgeArgs = ({ name, portNo }: typeof second): string[] => [
        `--dev=${name}:${portNo}`,
        `--dev=${second.name}:${second.portNo}`,
      ];
      const first = started.adopt(await startBench({ erl: { release, epmd }, bridgeArgs }), (it) => it.stop());
      await openConsole(page, first, { allow: ALL, panel: "tree" });
      // Both have their kernel's master under the same pid, as they print it.
      await item(page, /^kernel application/).focus();
      await page.keyboard.press("ArrowRight");
      await item(page, /^code_server worker/).click();
      await expect(page.getByRole("region", { name: /^Process </ })).toBeVisible();
      expect(await first.erl.eval(`net_kernel:connect_node('${second.name}')`)).toBe("true");
      await tab(page, "Nodes").click();
      await rowOf(page, "Nodes", second.name).click();
      await page.getByRole("button", { name: "Connect to it instead" }).click();
      await expect(page.getByRole("status").filter({ hasText: `Connected to ${second.name} as ` })).toBeAttached();
      await tab(page, "Tree").click();
      await expect(item(page, /^kernel application/)).toHaveAttribute("aria-expanded", "false");
      await expect(item(page, /^code_server worker/)).toHaveCount(0);
      await item(page, /^kernel application/).focus();
      await page.keyboard.press("ArrowRight");
      await expect(item(page, /^code_server worker/)).toBeVisible();
    });
  });
}
