// Pictures of every panel at work, for people who look at them: in all looks, and in a window as narrow as a telephone's. They are kept
// beside the results of the tests. With README_PICTURES=1 those of the README are taken anew.
import { join } from "node:path";
import { expect, type Locator, type Page, type TestInfo, test } from "@playwright/test";
import { releases } from "../test/support/otp.ts";
import { openBookshop } from "./support/bookshop.ts";
import { type ConsoleBench, LOOKS, openConsole, ownName, startBench } from "./support/console.ts";
import { CODE_SERVER, ALL, expectShell, expectTyped, rowOf, startTrace, tab } from "./support/panels.ts";

test.slow();
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 400, height: 800 };
test.use({ viewport: WIDE });

let bench: ConsoleBench;
test.beforeAll(async () => {
  const [release] = releases().slice(-1);
  if (release === undefined) throw new Error("no Erlang/OTP is there");
  bench = await startBench({ erl: { alive: "shop", release } });
  await openBookshop(bench.erl, release);
});
test.afterAll(() => bench.stop());

/** Each look of what is shown; nothing may be wider than its window. */
async function picture(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const [look, size] of [
    ["light", WIDE],
    ["dark", WIDE],
    ["forced colours", WIDE],
    ["light", NARROW],
  ] as const) {
    await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
    await page.setViewportSize(size);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
    const path = info.outputPath(`${name}-${size === NARROW ? "narrow" : look.replaceAll(" ", "-")}.png`);
    await page.screenshot({ path, fullPage: true });
    await info.attach(`${name}, ${look}, ${size.width} wide`, { path });
  }
  await page.emulateMedia({ ...LOOKS.light, reducedMotion: "reduce" });
  await page.setViewportSize(WIDE);
}

const item = (page: Page, name: RegExp): Locator => page.getByRole("treeitem", { name });

test("every panel at work, in every look", async ({ page }, info) => {
  const { erl } = bench;
  await page.emulateMedia({ ...LOOKS.light, reducedMotion: "reduce" });
  await openConsole(page, bench, { allow: ALL });

  await expect(page.getByText("Each scheduler")).toBeVisible();
  await tab(page, "Logs").click();
  await expect(page.getByLabel("Node's level")).toBeVisible();
  await erl.eval(`logger:notice("till_1 opened"), logger:error("no ~p in stock~nleft: ~p, ordered: ~p", ["Middlemarch", 0, 12]),
    logger:warning("the printer of till_2 has not answered for ~p seconds, and there are ~p receipts in its queue", [31, 4]),
    logger:error(#{what => payment_refused, customer => 4107, amount => 48.5, by => <<"the bank">>})`);
  await rowOf(page, "Log", "Middlemarch").click();
  await expect(page.getByRole("region", { name: "Event" }).getByText("left: 0")).toBeVisible();
  await picture(page, info, "logs");

  await tab(page, "Processes").click();
  await rowOf(page, "Processes", /search_index|orders/)
    .first()
    .click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await picture(page, info, "processes");

  await tab(page, "Tree").click();
  await item(page, /^bookshop application/).focus();
  await page.keyboard.press("ArrowRight");
  await expect(item(page, /^orders worker/)).toBeVisible();
  await item(page, /^till_sup supervisor/)
    .locator(".twisty")
    .click();
  await item(page, /^till_1 worker/).click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await picture(page, info, "tree");

  await tab(page, "ETS").click();
  await rowOf(page, "ETS tables", "stock").click();
  await expect(page.getByRole("region", { name: "Table stock" }).getByRole("listitem").first()).toBeVisible();
  await picture(page, info, "ets");

  await tab(page, "Trace").click();
  await picture(page, info, "trace-form");
  await page.getByLabel("messages received").check();
  await startTrace(page, "till_1", "bookshop:price/1", "bookshop:price/1, receive in till_1");
  await erl.eval(`[till_1 ! {sell, [{<<"Emma">>, 9.5}, {<<"Walden">>, 8.0 + N}]} || N <- [1, 2, 3]]`);
  await rowOf(page, "Messages traced", "bookshop:price/1 →").first().click();
  await expect(page.getByRole("region", { name: "Traced message" })).toBeVisible();
  await picture(page, info, "trace");

  await tab(page, "Messages").click();
  const log = page.getByRole("log");
  const term = page.getByRole("textbox", { name: "Term" });
  await page.getByLabel("Registered name or pid").fill("orders");
  for (const order of ['{order, "Emma", 2}', '{order, "Middlemarch", 12}']) {
    await term.fill(order);
    await term.press("Enter");
  }
  await expect(log.getByText("7312")).toBeVisible();
  await erl.eval(
    `{console, '${await ownName(page)}'} ! {sold_out, #{title => <<"Middlemarch">>, shelves => [{shelf, 3, 7}, {shelf, 12, 1}]}}`,
  );
  await expect(log.getByText("sold_out")).toBeVisible();
  await picture(page, info, "messages");

  await tab(page, "Nodes").click();
  await rowOf(page, "Nodes", "(this page)").click();
  await expect(page.getByText("That is this page.")).toBeVisible();
  await picture(page, info, "nodes");

  await tab(page, "Shell").click();
  await expectShell(page, "Shell 1 is running");
  await typeSome(page);
  await picture(page, info, "shell");
  await page.locator("erl-shell").getByRole("button", { name: "Line by line" }).click();
  await expectShell(page, "is running on");
  const field = page.locator("erl-shell").getByRole("textbox");
  for (const [line, shown] of [
    ["ets:info(stock, size).", "2400"],
    ["ets:lookup(stock, {shelf, 3, 7}).", "{shelf,3,7}"],
  ] as const) {
    await field.fill(line);
    await field.press("Enter");
    await expect(page.locator("erl-shell").getByRole("log")).toContainText(shown);
  }
  await picture(page, info, "lines");

  await tab(page, "Overview").click();
  await expect(page.getByText("Each scheduler")).toBeVisible();
  await picture(page, info, "overview");
});

if (process.env["README_PICTURES"] !== undefined) {
  test("the pictures of the README", async ({ page }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ ...LOOKS.light, reducedMotion: "reduce" });
    await openConsole(page, bench, { allow: ALL, refresh: "1" });
    await fillWindow(page);
    const keep = async (name: string): Promise<void> => {
      await page.screenshot({ path: join(import.meta.dirname, `../docs/images/console-${name}.png`) });
    };
    await tab(page, "Shell").click();
    await expectShell(page, "Shell 1 is running");
    await typeSome(page);
    await keep("shell");

    await tab(page, "Processes").click();
    await page.getByRole("searchbox", { name: "Filter" }).fill("customer");
    await expect(rowOf(page, "Processes", CODE_SERVER)).toHaveCount(0);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("grid", { name: "Processes" }).getByRole("row").nth(3).click();
    await page
      .getByRole("button", { name: "Dictionary" })
      .or(page.getByRole("tab", { name: "Dictionary" }))
      .click();
    await expect(page.getByRole("region", { name: /^Process </ }).getByText("basket")).toBeVisible();
    await keep("processes");

    await page.emulateMedia({ ...LOOKS.dark, reducedMotion: "reduce" });
    await tab(page, "Overview").click();
    await expect(page.getByText("Each scheduler")).toBeVisible();
    // Some work, that the charts have something to show.
    await bench.erl.eval(`lists:foreach(fun(N) -> _ = lists:sort([rand:uniform() || _ <- lists:seq(1, 9000 * (1 + N rem 60 div 9))]),
      io:format("~p~n", [N]), timer:sleep(90) end, lists:seq(1, 450))`);
    await keep("overview");
  });
}

/** The console and nothing else in the window. */
async function fillWindow(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.body.style.margin = "0";
    document.querySelector("h1")?.remove();
    const element = document.querySelector("erl-console");
    const body = element?.shadowRoot?.querySelector(".body");
    if (!(element instanceof HTMLElement) || !(body instanceof HTMLElement)) throw new Error("no console is there");
    const around = element.offsetHeight - body.offsetHeight;
    element.style.setProperty("--erl-panel-height", `${innerHeight - around - 1}px`);
  });
}

async function typeSome(page: Page): Promise<void> {
  await page.getByRole("textbox", { name: /^Shell/ }).focus();
  await page.keyboard.type("ets:info(stock, size).\n");
  await expectTyped(page, /^2400$/m);
  await page.keyboard.type('gen_server:call(till_1, {buy, [{"Emma", 9.5}, {"Walden", 8.0}]}).\n');
  await expectTyped(page, /^\{sold,17\.5\}$/m);
  await page.keyboard.type("[Name || {Name, _, _, _} <- supervisor:which_children(bookshop_sup)].\n");
  await expectTyped(page, /stock\]$/m);
  await page.keyboard.type("ets:lookup(stock, {shelf, 3, 7}).\n");
  await expectTyped(page, /^\[\{\{shelf,3,7\},.*\}\]$/m);
  await page.keyboard.type("supervisor:");
  await page.keyboard.press("Tab");
  await expectTyped(page, /count_children[(/]/);
}
