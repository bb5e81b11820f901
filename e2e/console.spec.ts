// The panels of the console against a real node, in the build that a page without a bundler names, under a strict policy.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, ownName, startBench, watchPage } from "./support/console.ts";
import { named, CODE_SERVER } from "./support/panels.ts";

const WORKER =
  "spawn(fun() -> put(shelf, [books]), register(worker, self()), process_flag(trap_exit, true), receive stop -> ok end end)";
const ALL = "eval kill gc send trace log-level";

let bench: ConsoleBench;

test.beforeAll(async () => {
  bench = await startBench();
  await bench.erl.eval(`${WORKER}, ok`);
});
test.afterAll(() => bench.stop());

const grid = (page: Page, name: string) => page.getByRole("grid", { name });
const rowOf = (page: Page, name: string, text: string | RegExp) => grid(page, name).getByRole("row").filter({ hasText: text });
const filter = (page: Page) => page.getByRole("searchbox", { name: "Filter" });

for (const look of LOOK_NAMES) {
  test(`shows every panel, ${look}, and axe finds nothing in them`, async ({ page }, info) => {
    const errors = watchPage(page);
    await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
    await openConsole(page, bench, { allow: ALL });

    await expect(page.getByText(/OTP \d+ /).first()).toBeVisible();
    await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
    await expect(page.getByText("Each scheduler")).toBeVisible();
    await inspect(page, info, `overview-${look}`);
    await page.getByRole("button", { name: "Show as table" }).first().click();
    await expect(page.getByRole("region", { name: "Schedulers as a table" })).toBeVisible();

    await page.getByRole("tab", { name: "Processes" }).click();
    await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
    await expect(page.getByText(/^top \d+ of \d+ · costs [\d.]+% of a scheduler$/)).toBeVisible();
    await inspect(page, info, `processes-${look}`);
    await filter(page).fill("/^worker/");
    await expect(grid(page, "Processes").getByRole("row")).toHaveCount(2);
    await rowOf(page, "Processes", named("worker")).click();
    const detail = page.getByRole("region", { name: /^Process </ });
    await expect(detail.getByText("Traps exits")).toBeVisible();
    await inspect(page, info, `process-${look}`);

    await page.getByRole("tab", { name: "ETS" }).click();
    await rowOf(page, "ETS tables", "ac_tab").click();
    await expect(page.getByRole("region", { name: "Table ac_tab" }).getByRole("listitem").first()).toBeVisible();
    await inspect(page, info, `ets-${look}`);

    await page.getByRole("tab", { name: "Logs" }).click();
    await expect(page.getByLabel("Node's level")).toBeVisible();
    await bench.erl.eval(`logger:error("no ~p in stock~nleft: ~p", [books, 0]), logger:notice("sold out")`);
    await rowOf(page, "Log", "no books in stock").click();
    await expect(page.getByRole("region", { name: "Event" }).getByText("left: 0")).toBeVisible();
    await inspect(page, info, `logs-${look}`);

    await page.getByRole("tab", { name: "Messages" }).click();
    await page.getByText("Process groups").click();
    await page.getByRole("textbox", { name: "Term" }).fill("{hello, World}");
    await expect(page.getByText("line 1, column 9: expected a term, got the variable World")).toBeVisible();
    await inspect(page, info, `messages-${look}`);

    await page.getByRole("tab", { name: "Nodes" }).click();
    await rowOf(page, "Nodes", "(this page)").click();
    await expect(page.getByText("That is this page.")).toBeVisible();
    await inspect(page, info, `nodes-${look}`);
    expect(errors).toEqual([]);
  });
}

test("sends terms to names and pids, is called from Erlang and answers, and joins a group", async ({ page }) => {
  const { erl } = bench;
  await erl.eval(`
    register(tester, self()),
    {ok, _} = pg:start(pg),
    Loop = fun Loop() -> receive {From, Term} -> From ! {echo, Term}, Loop() end end,
    register(echo, spawn(Loop)), ok`);
  await openConsole(page, bench, { allow: ALL, panel: "messages" });
  const term = page.getByRole("textbox", { name: "Term" });
  const log = page.getByRole("log");
  const name = page.getByLabel("Registered name or pid");
  await name.fill("echo");
  await term.fill("[1.0, <<1>>]");
  await term.press("Enter");
  await expect(log.getByText("{echo,[1.0,<<1>>]}")).toBeVisible();
  await name.fill(await erl.eval("list_to_binary(pid_to_list(whereis(echo)))").then((pid) => pid.slice(3, -3)));
  await term.fill("by_pid");
  await term.press("Enter");
  await expect(log.getByText("{echo,by_pid}")).toBeVisible();
  await name.fill("nobody");
  await page.getByRole("combobox", { name: "Sent as" }).selectOption("call");
  await term.fill("hello");
  await term.press("Enter");
  await expect(page.getByText(/noproc/)).toBeVisible();

  const ours = await ownName(page);
  const answer = erl.eval(`gen_server:call({console, '${ours}'}, {buy, 2}, 20000)`);
  await page.getByRole("button", { name: "Answer…" }).click();
  const dialog = page.getByRole("dialog", { name: "Answer the call" });
  await dialog.getByRole("textbox", { name: "Answer" }).fill("{sold, 2}");
  await dialog.getByRole("button", { name: "Answer" }).click();
  expect(await answer).toBe("{sold,2}");

  await page.getByText("Process groups").click();
  await page.getByRole("textbox", { name: "Join another group" }).fill("{room, 1}");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await expect(page.getByText("1 member, this page too")).toBeVisible();
  await expect.poll(() => erl.eval("[node(P) || P <- pg:get_members({room, 1})]")).toBe(`['${ours}']`);
  await page.getByRole("button", { name: "Leave {room,1}" }).click();
  await expect.poll(() => erl.eval("pg:get_members({room, 1})")).toBe("[]");
  await erl.eval("unregister(tester)");
});
