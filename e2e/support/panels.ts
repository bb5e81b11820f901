// Each panel of the console as a person meets it: what it does, what it says while there is nothing, what stays of it when the
// connection has gone, and that it goes on when there is another one. panels.spec.ts plays them.
import { expect, type Locator, type Page } from "@playwright/test";
import type { ErlShell } from "../../packages/web-demo/src/panels.ts";
import type { ErlNode } from "../../test/support/otp.ts";

export interface PanelCase {
  readonly id: string;
  readonly title: string;
  /** Does what the panel is there for. What it shows then is what `kept` looks for. */
  happy(page: Page, erl: ErlNode): Promise<void>;
  /** Another panel is open. Opens this one, which has nothing to show. */
  empty(page: Page, erl: ErlNode): Promise<void>;
  /** The connection has gone. */
  kept(page: Page): Promise<void>;
  /** There is another connection. */
  back(page: Page, erl: ErlNode): Promise<void>;
}

/** Everything that a page can allow. */
export const ALL = "eval kill gc send trace log-level";
/** A terminal is drawn without a graphics card here. */
const SHELL_START = { timeout: 30_000 };

export const tab = (page: Page, name: string): Locator => page.getByRole("tab", { name, exact: true });
/** The row of a process of that name, which comes after its pid. Others may be calling it. */
export const named = (name: string): RegExp => new RegExp(`>\\s*${name}\\b`);
export const CODE_SERVER: RegExp = named("code_server");
export const rowOf = (page: Page, grid: string, text: string | RegExp): Locator =>
  page.getByRole("grid", { name: grid }).getByRole("row").filter({ hasText: text });
export const filterOf = (page: Page): Locator => page.getByRole("searchbox", { name: "Filter" });
const toolbar = (page: Page, name: string): Locator => page.getByRole("toolbar", { name });

const overview: PanelCase = {
  id: "overview",
  title: "Overview",
  async happy(page, erl) {
    await expect(page.getByText(`Erlang/OTP ${erl.otp} `)).toBeVisible();
    await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
    await expect(page.getByText("Each scheduler")).toBeVisible();
  },
  async empty(page, erl) {
    await whileSilent(erl, async () => {
      await tab(page, "Overview").click();
      await expect(page.getByText("Asking the node.")).toBeVisible();
    });
    await overview.happy(page, erl);
  },
  async kept(page) {
    await expect(toolbar(page, "Overview").getByText("not connected")).toBeVisible();
    await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
  },
  async back(page, erl) {
    await expect(toolbar(page, "Overview").getByText(/^costs /)).toBeVisible();
    await overview.happy(page, erl);
  },
};

export const shell: PanelCase = {
  id: "shell",
  title: "Shell",
  async happy(page, erl) {
    await expectShell(page, `Shell 1 is running on ${erl.name}`);
    await page.getByRole("textbox", { name: /^Shell/ }).focus();
    await page.keyboard.type("20 + 22.\n");
    await expectTyped(page, /^42$/m);
  },
  async empty(page, erl) {
    await tab(page, "Shell").click();
    await expectShell(page, "Shell 1 is running");
    await page.locator("erl-shell").getByRole("button", { name: "Close" }).click();
    await expect(page.getByText("No shell is open.")).toBeVisible();
    await page.getByRole("button", { name: "New shell" }).click();
    await expectShell(page, `Shell 2 is running on ${erl.name}`);
  },
  async kept(page) {
    await expectTyped(page, /^42$[^]*The connection was lost, and the shell with it/m);
    await expectShell(page, "Shell 1 is without a connection");
  },
  async back(page, erl) {
    await expectTyped(page, `a new shell on ${erl.name}`);
    await expectShell(page, "Shell 1 is running");
    await page.getByRole("textbox", { name: /^Shell/ }).focus();
    await page.keyboard.type("later.\n");
    await expectTyped(page, /^later$/m);
  },
};

const processes: PanelCase = {
  id: "processes",
  title: "Processes",
  async happy(page, erl) {
    await expect(page.getByText(/^top \d+ of \d+ · costs [\d.]+% of a scheduler$/)).toBeVisible();
    await erl.eval(`whereis(worker) =:= undefined andalso register(worker, spawn(fun() ->
      link(whereis(code_server)), put(shelf, [books]), receive stop -> ok end end))`);
    await erl.eval("worker ! {sell, 7}");
    await filterOf(page).fill("/^worker/");
    await rowOf(page, "Processes", "worker").click();
    const detail = page.getByRole("region", { name: /^Process </ });
    await expect(detail.getByText("Traps exits")).toBeVisible();
    await detail.getByRole("tab", { name: "Stack" }).click();
    await expect(detail.getByText(/erl_eval:/).first()).toBeVisible();
    await detail.getByRole("tab", { name: "Links" }).click();
    await expect(detail.getByText("code_server")).toBeVisible();
    await detail.getByRole("tab", { name: "Dictionary" }).click();
    await expect(detail.getByText("[books]")).toBeVisible();
    await detail.getByRole("tab", { name: /^Messages/ }).click();
    await expect(detail.getByText("{sell,7}").first()).toBeVisible();
    // Where there is no room for both it stands in the place of the table.
    if (!(await page.getByRole("grid", { name: "Processes" }).isVisible()))
      await detail.getByRole("button", { name: "Close" }).click();
    await filterOf(page).fill("");
    await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Processes").click();
    await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
    await filterOf(page).fill("no process is called this");
    await expect(page.getByText("No process matches the filter.")).toBeVisible();
    await expect(page.getByText(/^top 0 of 0 \(\d+ in all\)/)).toBeVisible();
    await filterOf(page).fill("app:no_such_application");
    await expect(page.getByText("No application of that name runs on the node.")).toBeVisible();
  },
  async kept(page) {
    await expect(page.getByText(/^as of \d\d:\d\d:\d\d$/)).toBeVisible();
    await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  },
  async back(page) {
    await expect(page.getByText(/^top \d+ of \d+/)).toBeVisible();
    await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  },
};

const itemOf = (page: Page, name: RegExp): Locator => page.getByRole("treeitem", { name });

const tree: PanelCase = {
  id: "tree",
  title: "Tree",
  async happy(page) {
    await expect(page.getByText(/^\d+ applications · \d+ rows · costs [\d.]+% of a scheduler$/)).toBeVisible();
    await itemOf(page, /^kernel application/).focus();
    await page.keyboard.press("ArrowRight");
    await expect(itemOf(page, /^kernel_sup supervisor /)).toHaveAttribute("aria-expanded", "true");
    await itemOf(page, /^kernel_sup supervisor /).click();
    const detail = page.getByRole("region", { name: /^Process </ });
    await expect(detail.getByText("Traps exits")).toBeVisible();
    await page.getByRole("button", { name: "Restart strategy" }).click();
    await expect(page.getByText("one_for_all, at most 0 restarts in 1 s")).toBeVisible();
    // Where there is no room for both it stands in the place of the tree.
    if (!(await page.getByRole("tree").isVisible())) await detail.getByRole("button", { name: "Close" }).click();
    await expect(itemOf(page, /^code_server worker /)).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Tree").click();
    await expect(itemOf(page, /^kernel application/)).toBeVisible();
    await filterOf(page).fill("no process is called this");
    await expect(page.getByText("Nothing that was opened matches the filter.")).toBeVisible();
    await filterOf(page).fill("");
    // A library has nothing that could be opened.
    await expect(itemOf(page, /^stdlib library/)).toBeVisible();
    await expect(itemOf(page, /^stdlib library/)).not.toHaveAttribute("aria-expanded");
  },
  async kept(page) {
    await expect(toolbar(page, "Applications and supervision trees").getByText("not connected")).toBeVisible();
    await expect(itemOf(page, /^code_server worker /)).toBeVisible();
  },
  async back(page) {
    await expect(page.getByText(/^\d+ applications · \d+ rows · costs /)).toBeVisible();
    await expect(itemOf(page, /^kernel application/)).toBeVisible();
  },
};

const ets: PanelCase = {
  id: "ets",
  title: "ETS",
  async happy(page, erl) {
    await erl.eval(`whereis(shelves) =:= undefined andalso begin
      Self = self(),
      spawn(fun() -> register(shelves, self()), ets:new(shelf, [named_table, ordered_set, public]),
        ets:insert(shelf, [{N, book} || N <- lists:seq(1, 250)]), Self ! ok, receive stop -> ok end end),
      receive ok -> ok end end`);
    await page.getByRole("button", { name: "Refresh" }).click();
    await filterOf(page).fill("shelves");
    await rowOf(page, "ETS tables", /^\s*shelf/).click();
    const table = page.getByRole("region", { name: "Table shelf" });
    await expect(table.getByText("ordered_set, public, owner shelves")).toBeVisible();
    await expect(table.getByText("100 of 250 objects")).toBeVisible();
    await table.getByRole("button", { name: "Next 100" }).click();
    await expect(table.getByText("200 of 250 objects")).toBeVisible();
    await table.getByRole("button", { name: "Next 100" }).click();
    await expect(table.getByText("250 of 250 objects")).toBeVisible();
    await expect(table.getByRole("listitem").last()).toHaveText("{250,book}");
    await expect(table.getByRole("button", { name: "Next 100" })).toHaveCount(0);
  },
  async empty(page, erl) {
    await erl.eval(`whereis(bare_keeper) =:= undefined andalso
      register(bare_keeper, spawn(fun() -> ets:new(nothing_in_it, [named_table]), receive stop -> ok end end))`);
    await tab(page, "ETS").click();
    await expect(rowOf(page, "ETS tables", "ac_tab")).toBeVisible();
    await filterOf(page).fill("no table is called this");
    await expect(page.getByText("No table matches the filter.")).toBeVisible();
    await filterOf(page).fill("nothing_in_it");
    await rowOf(page, "ETS tables", "nothing_in_it").click();
    await expect(page.getByText("The table is empty.")).toBeVisible();
  },
  async kept(page) {
    await expect(toolbar(page, "ETS tables").getByText("not connected")).toBeVisible();
    await expect(page.getByRole("region", { name: "Table shelf" }).getByText("{250,book}")).toBeVisible();
  },
  async back(page) {
    await filterOf(page).fill("");
    await expect(toolbar(page, "ETS tables").getByText(/^\d+ tables · costs /)).toBeVisible();
    await expect(rowOf(page, "ETS tables", "ac_tab")).toBeVisible();
  },
};

const logs: PanelCase = {
  id: "logs",
  title: "Logs",
  async happy(page, erl) {
    await expect(page.getByLabel("Node's level")).toBeVisible();
    await erl.eval(`logger:error("no ~p in stock~nleft: ~p", [books, 0])`);
    await rowOf(page, "Log", "no books in stock").first().click();
    await expect(page.getByRole("region", { name: "Event" }).getByText("left: 0")).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Logs").click();
    await expect(page.getByText("Nothing was logged yet.")).toBeVisible();
    await expect(page.getByText(/^0 events$/)).toBeVisible();
  },
  async kept(page) {
    await expect(rowOf(page, "Log", "no books in stock").first()).toBeVisible();
    await expect(page.getByLabel("Node's level")).toBeHidden();
  },
  async back(page, erl) {
    await expect(rowOf(page, "Log", "The connection was lost.")).toBeVisible();
    await expect(page.getByLabel("Node's level")).toBeVisible();
    await erl.eval(`logger:error("back in business")`);
    await expect(rowOf(page, "Log", "back in business")).toBeVisible();
  },
};

const trace: PanelCase = {
  id: "trace",
  title: "Trace",
  async happy(page, erl) {
    await erl.eval(`whereis(shop) =:= undefined andalso register(shop, spawn(${SHOP}))`);
    await startTrace(page, "shop", "lists:last/1");
    await erl.eval("shop ! {sell, [book, pen]}");
    await rowOf(page, "Messages traced", "lists:last([book,pen])").getByText("lists:last([book,pen])").click();
    const detail = page.getByRole("region", { name: "Traced message" });
    await expect(detail.getByText("[book,pen]")).toBeVisible();
    await expect(detail.getByText("Return value")).toBeVisible();
    await detail.getByRole("button", { name: "Close" }).click();
    await expect(rowOf(page, "Messages traced", "lists:last/1 → pen")).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Trace").click();
    await expect(page.getByText("Nothing is traced yet.")).toBeVisible();
    await page.getByRole("button", { name: "Start…" }).click();
    await expect(page.getByText("Expected a pid such as <0.84.0>")).toBeVisible();
  },
  async kept(page) {
    await expect(toolbar(page, "Trace").getByText(/^not connected/)).toBeVisible();
    await expect(rowOf(page, "Messages traced", "lists:last/1 → pen")).toBeVisible();
    await expect(rowOf(page, "Messages traced", "The connection was lost")).toBeVisible();
  },
  async back(page, erl) {
    await erl.eval(`whereis(shop) =:= undefined andalso register(shop, spawn(${SHOP}))`);
    await page.getByRole("button", { name: "Start…" }).click();
    await page.getByRole("button", { name: "Start tracing" }).click();
    await expect(running(page, "lists:last/1 in shop")).toBeVisible();
    await erl.eval("shop ! {sell, [tea]}");
    await expect(rowOf(page, "Messages traced", "lists:last/1 → tea")).toBeVisible();
  },
};

export const SHOP = "fun Loop() -> receive {sell, Things} -> lists:last(Things), Loop() end end";

/** Fills in whom and what, confirms, and waits until the node traces. */
export async function startTrace(page: Page, process: string, calls: string, what = `${calls} in ${process}`): Promise<void> {
  await page.getByLabel("Pid or name").fill(process);
  await page.getByLabel("Function").fill(calls);
  await page.getByRole("button", { name: "Start…" }).click();
  await page.getByRole("button", { name: "Start tracing" }).click();
  await expect(running(page, what)).toBeVisible();
}

/** What the panel says once the node traces. */
export const running = (page: Page, what: string): Locator => toolbar(page, "Trace").getByText(`tracing ${what}`);

const ECHO = "fun Loop() -> receive {From, Term} -> From ! {echo, Term}, Loop() end end";

const messages: PanelCase = {
  id: "messages",
  title: "Messages",
  async happy(page, erl) {
    await erl.eval(`whereis(echo) =:= undefined andalso register(echo, spawn(${ECHO}))`);
    await sendTo(page, "echo", "[1.0, <<1>>]");
    await expect(page.getByRole("log").getByText("{echo,[1.0,<<1>>]}")).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Messages").click();
    await expect(page.getByText("Nothing yet. What Erlang sends to this page appears here.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Clear" })).toBeDisabled();
    await page.getByText("Process groups").click();
    await expect(page.getByText("No groups are known.")).toBeVisible();
  },
  async kept(page) {
    await expect(page.getByRole("log").getByText("{echo,[1.0,<<1>>]}")).toBeVisible();
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  },
  async back(page, erl) {
    await erl.eval(`whereis(echo) =:= undefined andalso register(echo, spawn(${ECHO}))`);
    await sendTo(page, "echo", "again");
    await expect(page.getByRole("log").getByText("{echo,again}")).toBeVisible();
  },
};

const nodes: PanelCase = {
  id: "nodes",
  title: "Nodes",
  async happy(page) {
    await rowOf(page, "Nodes", "(this page)").click();
    await expect(page.getByRole("region", { name: /^Node / }).getByText("That is this page.")).toBeVisible();
  },
  async empty(page) {
    await tab(page, "Nodes").click();
    await expect(page.getByText("It is connected to no node but this page.")).toBeVisible();
    await expect(page.getByText(/^1 connected/)).toBeVisible();
  },
  async kept(page) {
    await expect(toolbar(page, "Nodes").getByText("not connected")).toBeVisible();
    await expect(rowOf(page, "Nodes", "(this page)")).toBeVisible();
  },
  async back(page) {
    await expect(page.getByText(/^1 connected/)).toBeVisible();
    await expect(rowOf(page, "Nodes", "(this page)")).toBeVisible();
  },
};

export const PANEL_CASES: readonly PanelCase[] = [overview, shell, processes, tree, ets, logs, trace, messages, nodes];

/** Runs while the node is there and answers nothing. */
export async function whileSilent({ pid }: ErlNode, run: () => Promise<void>): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await run();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** Waits for what the shell says of itself. */
export async function expectShell(page: Page, status: string): Promise<void> {
  await expect(page.locator("erl-shell").getByRole("status").filter({ hasText: status })).toBeAttached(SHELL_START);
}

/** Waits until the terminal shows that. */
export async function expectTyped(page: Page, text: string | RegExp): Promise<void> {
  const shown = (): Promise<string> => page.locator("erl-shell").evaluate((element: ErlShell) => element.text);
  await expect.poll(shown, SHELL_START).toMatch(text);
}

export async function sendTo(page: Page, name: string, term: string): Promise<void> {
  await page.getByLabel("Registered name or pid").fill(name);
  const field = page.getByRole("textbox", { name: "Term" });
  await field.fill(term);
  await field.press("Enter");
}
