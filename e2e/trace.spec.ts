// <erl-trace> with real nodes: tracing what a person asks for, what keeps a node safe from it, and that nothing of it stays there.
import { expect, type Page, test } from "@playwright/test";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { releases } from "../test/support/otp.ts";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, startBench, watchPage } from "./support/console.ts";
import { named, rowOf, running, SHOP, startTrace, tab } from "./support/panels.ts";

const TWO_SECONDS = { timeout: 2_000, intervals: [50] };
const ALLOWED = { allow: "trace", panel: "trace" };
const GRID = "Messages traced";

/**
 * Who traces what on the node: processes that a trace or its dead man is, those with flags, the pattern of the function, trace sessions. The
 * page before may still be about to go, so not all processes count.
 */
const TRACES = `{length([P || P <- processes(), Info <- [process_info(P, [priority, initial_call])],
    Info =:= [{priority, high}, {initial_call, {erl_eval, exprs, 2}}] orelse Info =:= [{priority, high}, {initial_call, {erlang, apply, 2}}]
      orelse Info =:= [{priority, normal}, {initial_call, {lists, zipwith3, 3}}]]),
  [P || P <- processes(), erlang:trace_info(P, flags) =/= {flags, []}],
  erlang:trace_info({lists, last, 1}, traced), erlang:trace_info(new_processes, flags),
  try trace:session_info(all) catch error:undef -> none end}`;

for (const release of releases()) {
  test.describe(`with OTP ${release.otp}`, () => {
    let bench: ConsoleBench;
    const onNode = (): Promise<string> => bench.erl.eval(TRACES);

    test.beforeAll(async () => {
      bench = await startBench({ erl: { release } });
      await bench.erl.eval(`register(shop, spawn(${SHOP}))`);
    });
    test.afterAll(() => bench.stop());

    test("traces a process: calls with their results, how long they took, and the whole terms of a message", async ({ page }) => {
      const errors = watchPage(page);
      await openConsole(page, bench, ALLOWED);
      const actions = await recordActions(page);
      await startTrace(page, "shop", "lists:last/1");
      await bench.erl.eval("shop ! {sell, [book, pen]}");
      await expect(rowOf(page, GRID, /→ call\s*lists:last\(\[book,pen\]\)/)).toBeVisible();
      await expect(rowOf(page, GRID, /← return\s*lists:last\/1 → pen\s*\d+ µs/)).toBeVisible();
      await rowOf(page, GRID, "lists:last/1 → pen").click();
      const detail = page.getByRole("region", { name: "Traced message" });
      await expect(detail.getByText(/^after \d+ µs$/)).toBeVisible();
      await expect(detail.getByText("[book,pen]")).toBeVisible();
      await page.getByRole("button", { name: "Stop" }).click();
      await expect(rowOf(page, GRID, "Stopped.")).toBeVisible();
      expect(await actions()).toEqual(["erl-before-action trace lists:last/1 in shop", "erl-action trace lists:last/1 in shop"]);
      const pid = (await bench.erl.eval("pid_to_list(whereis(shop))")).replaceAll('"', "");
      await detail.getByRole("button", { name: `Open process ${pid}` }).click();
      await expect(page.getByRole("region", { name: `Process ${pid}` })).toBeVisible();
      expect(errors).toEqual([]);
    });

    test("ends by itself after as many messages as were wanted, and says so", async ({ page }) => {
      await openConsole(page, bench, ALLOWED);
      const before = await onNode();
      await page.getByLabel("messages in all").fill("3");
      await startTrace(page, "shop", "lists:last/1");
      await bench.erl.eval("[shop ! {sell, [N]} || N <- [1, 2, 3]]");
      await expect(rowOf(page, GRID, "Ended: all 3 messages have come.")).toBeVisible();
      await expect(rowOf(page, GRID, /→ call|← return/)).toHaveCount(3);
      await expect(page.getByRole("button", { name: "Start…" })).toBeEnabled();
      await expect.poll(onNode, TWO_SECONDS).toBe(before);
    });

    test("leaves nothing on the node two seconds after its page has crashed, or was closed, or the console has gone", async ({
      browser,
    }) => {
      const before = await onNode();
      for (const end of ["crash", "close", "remove"] as const) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await openConsole(page, bench, ALLOWED);
        await startTrace(page, "shop", "lists:last/1");
        expect(await onNode()).not.toBe(before);
        if (end === "crash") {
          const cdp = await context.newCDPSession(page);
          const crashed = page.waitForEvent("crash");
          void cdp.send("Page.crash").catch(() => undefined);
          await crashed;
        } else if (end === "close") await context.close();
        else await page.evaluate(() => document.querySelector("erl-console")?.remove());
        await expect.poll(onNode, TWO_SECONDS).toBe(before);
        await context.close();
      }
    });

    test("asks first, with the name of the node, and warns of what is dangerous or disturbs another", async ({ page }, info) => {
      await openConsole(page, bench, ALLOWED);
      await bench.erl.eval(`Test = self(), register(theirs, spawn(fun() -> erlang:trace_pattern({lists, last, 1}, [], [local]),
        Test ! set, receive stop -> erlang:trace_pattern({lists, last, 1}, false, [local]), Test ! reset end end)), receive set -> ok end`);
      await page.getByLabel("Whom").selectOption("all processes");
      await page.getByRole("button", { name: "Start…" }).click();
      await expect(page.getByText("All processes can only be traced for a function")).toBeVisible();
      await page.getByLabel("Function").fill("lists:last/1");
      await page.getByRole("button", { name: "Start…" }).click();
      const dialog = page.getByRole("dialog", { name: "Trace lists:last/1 in all processes?" });
      await expect(dialog.getByText(`On ${bench.erl.name}.`)).toBeVisible();
      await expect(dialog.getByText("Every process of the node is traced.")).toBeVisible();
      // Trace sessions leave each other alone.
      const isAlone = Number(release.otp) >= 27;
      await expect(dialog.getByText("Another tracer has set a pattern on this function.")).toHaveCount(isAlone ? 0 : 1);
      await inspect(page, info, `trace-question-${release.otp}`);
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByText("Nothing is traced yet.")).toBeVisible();
      await bench.erl.eval("theirs ! stop, receive reset -> ok end");
    });
  });
}

test.describe("with one node", () => {
  let bench: ConsoleBench;
  test.beforeAll(async () => {
    bench = await startBench();
    await bench.erl.eval(`register(shop, spawn(${SHOP}))`);
  });
  test.afterAll(() => bench.stop());

  test("says why it cannot trace, and how that is allowed", async ({ page }) => {
    await openConsole(page, bench, { panel: "trace", allow: "kill" });
    await expect(page.getByText('The page allows it by the word "trace" in the attribute allow: allow="trace".')).toBeVisible();
    await expect(page.getByRole("button", { name: "Start…" })).toHaveCount(0);
    await openConsole(page, bench, { ...ALLOWED, "read-only": "" });
    await expect(page.getByText("This console is read-only")).toBeVisible();
    await expect(page.getByRole("button", { name: "Start…" })).toHaveCount(0);
  });

  test("traces nothing where the page prevents it, and stops when it is no longer allowed", async ({ page }) => {
    await openConsole(page, bench, ALLOWED);
    const before = await bench.erl.eval(TRACES);
    await page.evaluate(() => addEventListener("erl-before-action", (event) => event.preventDefault(), { once: true }));
    await page.getByLabel("Pid or name").fill("shop");
    await page.getByLabel("Function").fill("lists:last/1");
    await page.getByRole("button", { name: "Start…" }).click();
    await page.getByRole("button", { name: "Start tracing" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page.getByText("Nothing is traced yet.")).toBeVisible();
    expect(await bench.erl.eval(TRACES)).toBe(before);
    await startTrace(page, "shop", "lists:last/1");
    await page.evaluate(() => document.querySelector("erl-console")?.setAttribute("read-only", ""));
    await expect(rowOf(page, GRID, "Stopped.")).toBeVisible();
    await expect.poll(() => bench.erl.eval(TRACES), TWO_SECONDS).toBe(before);
  });

  test("says what is no process, no function, and nothing to trace", async ({ page }) => {
    await openConsole(page, bench, ALLOWED);
    const start = (): Promise<void> => page.getByRole("button", { name: "Start…" }).click();
    await page.getByLabel("Pid or name").fill("nobody_is_called_this");
    await start();
    await expect(page.getByText("Nothing to trace: name a function")).toBeVisible();
    await page.getByLabel("Function").fill("lists:last/");
    await start();
    await expect(page.getByText("Expected a function as lists:reverse/1")).toBeVisible();
    await page.getByLabel("Function").fill("lists:last/1");
    await start();
    await expect(page.getByText(`nobody_is_called_this is no process of ${bench.erl.name}`)).toBeVisible();
    await page.getByLabel("Pid or name").fill("shop");
    await page.getByLabel("Function").fill("lists:lost/1");
    await start();
    await expect(page.getByText(`${bench.erl.name} has no function lists:lost/1`)).toBeVisible();
    await page.getByLabel("messages in all").fill("0");
    await start();
    await expect(page.getByText("Expected 1 to 10,000 messages in all.")).toBeVisible();
  });

  test("is opened by t on a process, and everything in it can be done with keys", async ({ page }) => {
    await openConsole(page, bench, { allow: "trace", panel: "processes" });
    await page.getByRole("searchbox", { name: "Filter" }).fill("/^shop/");
    const row = rowOf(page, "Processes", named("shop"));
    await expect(row).toBeVisible();
    await row.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: /^Process </ })).toBeVisible();
    await page.keyboard.press("t");
    await expect(tab(page, "Trace")).toHaveAttribute("aria-selected", "true");
    const pid = (await bench.erl.eval("pid_to_list(whereis(shop))")).replaceAll('"', "");
    await expect(page.getByLabel("Pid or name")).toHaveValue(pid);
    await page.getByLabel("Function").focus();
    await page.keyboard.type("lists:las");
    await expect(page.locator("erl-trace option[value='lists:last/1']")).toBeAttached();
    await page.keyboard.type("t/1");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: `Trace lists:last/1 in ${pid}?` })).toBeVisible();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(running(page, `lists:last/1 in ${pid}`)).toBeVisible();
    await bench.erl.eval("shop ! {sell, [keys]}");
    await expect(rowOf(page, GRID, "lists:last/1 → keys")).toBeVisible();
    await rowOf(page, GRID, "Tracing").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "Traced message" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("region", { name: "Traced message" })).toHaveCount(0);
    await expect(rowOf(page, GRID, "lists:last([keys])")).toBeFocused();
    await page.keyboard.press("p");
    await bench.erl.eval("shop ! {sell, [later]}");
    await expect(page.getByText(/paused, 2 more/)).toBeVisible();
    await expect(rowOf(page, GRID, "later")).toHaveCount(0);
    await page.keyboard.press("p");
    await expect(rowOf(page, GRID, "lists:last/1 → later")).toBeVisible();
    await page.keyboard.press("/");
    await page.keyboard.type("return");
    await expect(rowOf(page, GRID, "lists:last([keys])")).toHaveCount(0);
    await expect(rowOf(page, GRID, "lists:last/1 → keys")).toBeVisible();
  });

  test("opens from the palette with a pid", async ({ page }) => {
    await openConsole(page, bench, { allow: "trace" });
    await page.locator("erl-console").press("Control+k");
    const pid = (await bench.erl.eval("pid_to_list(whereis(shop))")).replaceAll('"', "");
    await page.getByRole("combobox").fill(pid);
    await page.getByText(`Trace process ${pid}`).click();
    await expect(page.getByLabel("Pid or name")).toHaveValue(pid);
  });

  test("shows what the page puts in the place of terms, and links functions where the page says", async ({ page }) => {
    await openConsole(page, bench, ALLOWED);
    await startTrace(page, "shop", "lists:last/1");
    await bench.erl.eval("shop ! {sell, [secret]}");
    await expect(rowOf(page, GRID, "lists:last([secret])")).toBeVisible();
    await page.evaluate(() => {
      const shop = document.querySelector<ErlConsole>("erl-console");
      if (shop === null) throw new Error("no console");
      shop.redact = () => 7;
      shop.linkForMfa = (module, fun, arity) => `https://docs.example/${module}#${fun}-${arity}`;
    });
    await expect(rowOf(page, GRID, "lists:last(7)")).toBeVisible();
    await bench.erl.eval("shop ! {sell, [another_secret]}");
    await expect(rowOf(page, GRID, "lists:last/1 → 7")).toHaveCount(2);
    await expect(page.getByText("secret")).toHaveCount(0);
    await expect(rowOf(page, GRID, "lists:last(7)").first().getByRole("link")).toHaveAttribute(
      "href",
      "https://docs.example/lists#last-1",
    );
  });

  for (const look of LOOK_NAMES) {
    test(`is accessible in ${look}`, async ({ page }, info) => {
      await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
      await openConsole(page, bench, ALLOWED);
      await inspect(page, info, `trace-form-${look}`);
      await page.getByLabel("exception").check();
      await page.getByLabel("messages received").check();
      await page.getByLabel("caller").check();
      await page.getByLabel("messages in all").fill("7");
      await startTrace(page, "shop", "lists:last/1", "lists:last/1, receive in shop");
      await bench.erl.eval('[shop ! {sell, [N, book, {isbn, <<"978-3">>}, #{price => 12.5}]} || N <- [1, 2, 3]]');
      await expect(rowOf(page, GRID, "Ended: all 7 messages have come.")).toBeVisible();
      await rowOf(page, GRID, "lists:last([1,book").click();
      await expect(page.getByRole("region", { name: "Traced message" })).toBeVisible();
      await inspect(page, info, `trace-${look}`);
    });
  }
});

/** What the console tells of what is done to the node; gives a function that gives it. */
async function recordActions(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    for (const name of ["erl-before-action", "erl-action"] as const) {
      addEventListener(name, (event) => {
        const { permission, target } = (event as CustomEvent<{ permission: string; target: string }>).detail;
        told.push(`${name} ${permission} ${target}`);
      });
    }
  });
  return () => page.evaluate(() => (window as unknown as { told: string[] }).told);
}
