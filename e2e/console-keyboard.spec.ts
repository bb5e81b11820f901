// What each panel is there for, without a mouse. The processes are in console-failures.spec.ts, the shell in shell.spec.ts.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, openConsole, startBench } from "./support/console.ts";
import { ALL, rowOf, tab } from "./support/panels.ts";

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
  await bench.erl.eval(`
    Loop = fun Loop() -> receive {From, Term} -> From ! {echo, Term}, Loop() end end,
    register(echo, spawn(Loop)),
    spawn(fun() -> ets:new(shelf, [named_table, ordered_set]), ets:insert(shelf, [{N, book} || N <- lists:seq(1, 150)]),
      receive stop -> ok end end), ok`);
});
test.afterAll(() => bench.stop());

/** Opens a panel by the keyboard alone. */
async function open(page: Page, id: string, title: string): Promise<void> {
  await openConsole(page, bench, { allow: ALL, panel: id === "overview" ? "nodes" : "overview" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
  await page.keyboard.type(`open ${title}`);
  await page.keyboard.press("Enter");
  await expect(tab(page, title)).toBeFocused();
}

test("Overview: its figures, its charts as tables, and a pause", async ({ page }) => {
  await open(page, "overview", "Overview");
  const figures = page.getByRole("region", { name: "Figures and charts" });
  await expect(figures).toBeVisible();
  await page.keyboard.press("p");
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  await page.keyboard.press("F6");
  await page.keyboard.press("F6");
  await expect(figures).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Show as table" }).first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Schedulers as a table" })).toBeVisible();
});

test("ETS: a table found, opened, read on and closed", async ({ page }) => {
  await open(page, "ets", "ETS");
  await expect(rowOf(page, "ETS tables", "shelf")).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("shelf");
  await page.keyboard.press("F6");
  await expect(rowOf(page, "ETS tables", "shelf")).toBeFocused();
  await page.keyboard.press("Enter");
  const table = page.getByRole("region", { name: "Table shelf" });
  await expect(table.getByText("100 of 150 objects")).toBeVisible();
  await page.keyboard.press("F6");
  await expect(table.getByRole("button", { name: "Copy" })).toBeFocused();
  for (let times = 0; times < 2; times++) await page.keyboard.press("Tab");
  await expect(table.getByRole("button", { name: "Next 100" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(table.getByText("150 of 150 objects")).toBeVisible();
  await tab(page, "ETS").focus();
  await page.keyboard.press("Escape");
  await expect(table).toBeHidden();
  await expect(rowOf(page, "ETS tables", "shelf")).toBeFocused();
});

test("Logs: an event found, opened and closed; what comes is held up and let go", async ({ page }) => {
  await open(page, "logs", "Logs");
  await expect(page.getByLabel("Node's level")).toBeVisible();
  await bench.erl.eval(`logger:error("no books~nleft: none"), logger:error("other")`);
  await expect(rowOf(page, "Log", "other")).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("/no bo+ks/");
  await expect(page.getByRole("grid", { name: "Log" }).getByRole("row")).toHaveCount(2);
  await page.keyboard.press("F6");
  await expect(rowOf(page, "Log", "no books")).toBeFocused();
  await page.keyboard.press("Enter");
  const event = page.getByRole("region", { name: "Event" });
  await expect(event.getByText("left: none")).toBeVisible();
  await tab(page, "Logs").focus();
  await page.keyboard.press("Escape");
  await expect(event).toBeHidden();
  await page.keyboard.press("p");
  await expect(page.getByText(/paused, 0 more/)).toBeVisible();
  await page.keyboard.press("p");
  await expect(page.getByText(/paused/)).toBeHidden();
});

test("Messages: a term sent, answered and cleared away", async ({ page }) => {
  await open(page, "messages", "Messages");
  await page.keyboard.press("F6");
  await expect(page.getByLabel("Registered name or pid")).toBeFocused();
  await page.keyboard.type("echo");
  await page.keyboard.press("Tab");
  await page.keyboard.type("{by, keyboard}");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("log").getByText("{echo,{by,keyboard}}")).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing yet.")).toBeVisible();
});

test("Nodes: a node opened and closed", async ({ page }) => {
  await open(page, "nodes", "Nodes");
  await expect(rowOf(page, "Nodes", "(this page)")).toBeVisible();
  await page.keyboard.press("F6");
  await page.keyboard.press("F6");
  await expect(rowOf(page, "Nodes", "(this page)")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("That is this page.")).toBeVisible();
  await tab(page, "Nodes").focus();
  await page.keyboard.press("Escape");
  await expect(page.getByText("That is this page.")).toBeHidden();
});

test("A process by its pid, from anywhere", async ({ page }) => {
  await open(page, "nodes", "Nodes");
  const pid = await bench.erl.eval("list_to_binary(pid_to_list(whereis(code_server)))").then((text) => text.slice(3, -3));
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
  await page.keyboard.type(pid);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: `Process ${pid}` }).getByText("Traps exits")).toBeVisible();
});
