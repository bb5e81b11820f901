// Every state of the console in words, in both themes and in forced colours; axe looks at each.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { expect, type Locator, type Page, test, type TestInfo } from "@playwright/test";
import { startErl } from "../test/support/otp.ts";
import { startBridge } from "./support/bridge.ts";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, ownName, startBench, watchPage } from "./support/console.ts";
import { named, CODE_SERVER, ALL, rowOf, whileSilent } from "./support/panels.ts";
import { startRelay } from "./support/relay.ts";
import { reconnectNow } from "./support/reconnect.ts";

const alive = "states";
let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench({ erl: { alive } });
});
test.afterAll(() => bench.stop());

const open = (page: Page, attributes: Readonly<Record<string, string>>) =>
  page.goto(`${bench.url}?${new URLSearchParams(attributes).toString()}`);
const status = (page: Page) => page.getByRole("status").first();

async function inspectLooks(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const look of LOOK_NAMES) {
    await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
    await inspect(page, info, `${name}-${look}`);
  }
}

test("no bridge is named: how to start one", async ({ page }, info) => {
  await open(page, { without: "autoconnect bridge node cookie" });
  await expect(page.getByText("Not connected", { exact: true })).toBeVisible();
  await expect(status(page)).toContainText("erl-bridge --dev app@127.0.0.1");
  await inspectLooks(page, info, "no-bridge");
});

test("no bridge answers: where it was looked for, and what to do", async ({ page }, info) => {
  await open(page, { bridge: "ws://127.0.0.1:1" });
  await expect(page.getByText("Failed", { exact: true })).toBeVisible();
  await expect(page.locator("[data-code=bridge_unreachable]")).toContainText("Nothing answers at ws://127.0.0.1:1.");
  await inspectLooks(page, info, "bridge-unreachable");
});

test("connecting: which step", async ({ page }, info) => {
  // Takes connections and says nothing.
  const sockets: Socket[] = [];
  const silent: Server = createServer((socket) => sockets.push(socket));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = silent.address() as { port: number };
    await open(page, { bridge: `ws://127.0.0.1:${port}` });
    await expect(page.getByText("Connecting", { exact: true })).toBeVisible();
    await expect(page.getByText(`Opening ws://127.0.0.1:${port}`)).toHaveAttribute("aria-current", "step");
    await inspectLooks(page, info, "connecting");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("Not connected", { exact: true })).toBeVisible();
  } finally {
    for (const socket of sockets) socket.destroy();
    await once(silent.close(), "close");
  }
});

test("refused: why, with the form to mend it", async ({ page }, info) => {
  await open(page, { cookie: "wrong" });
  await expect(page.locator("[data-code=wrong_cookie]")).toContainText(`${bench.erl.name} do not share the same cookie`);
  await inspectLooks(page, info, "refused");
  await page.getByLabel("Cookie").fill(bench.erl.cookie);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
});

test("read-only: said in the header, and nothing offered that changes the node", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL, "read-only": "", panel: "processes" });
  await expect(page.getByText("read-only", { exact: true })).toBeVisible();
  await rowOf(page, "Processes", CODE_SERVER).click();
  await expect(page.getByRole("region", { name: /^Process </ }).getByText("Traps exits")).toBeVisible();
  await expect(page.getByRole("button", { name: /Kill|Send|Collect/ })).toHaveCount(0);
  expect(await page.evaluate(() => document.querySelector("erl-console")?.matches(":state(readonly)"))).toBe(true);
  await inspectLooks(page, info, "read-only");
});

test("reconnecting: since when and why, with what was seen; then that the node is another one", async ({ page }, info) => {
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  const { portNo } = bench.erl;
  await bench.erl.kill();
  await expect(page.getByText("Reconnecting", { exact: true })).toBeVisible();
  await expect(page.locator("[data-code=refused]")).toContainText(`The port of ${bench.erl.name} refused the connection`);
  await expect(page.getByRole("button", { name: "Reconnect now" })).toBeVisible();
  await inspectLooks(page, info, "reconnecting");
  bench.erl = await startErl({ alive, portNo });
  await reconnectNow(page);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("The node was restarted meanwhile")).toBeVisible();
  await inspectLooks(page, info, "restarted");
});

test("slow: said in the header while answers take long, and taken back when they do not", async ({ page }, info) => {
  await using relay = await startRelay(bench.erl.portNo);
  const bridge = await startBridge(["--port=0", `--dev=${bench.erl.name}:${relay.portNo}`]);
  try {
    await openConsole(page, bench, { bridge: bridge.url, panel: "nodes" });
    const badge = page.getByText("slow connection", { exact: true });
    await expect(page.locator("dd.round-trip")).toHaveText(/^[\d.]+ ms$/);
    await expect(badge).toHaveCount(0);
    const ping = page.getByRole("button", { name: "Ping" });
    // An answer is overdue before it is there.
    relay.isHeld = true;
    await ping.click();
    await expect(badge).toBeVisible();
    relay.delayMs = 400;
    relay.isHeld = false;
    await ping.click();
    await expect(page.locator("dd.round-trip")).toHaveText(/^[89]\d\d ms$|^\d{4} ms$/);
    await expect(badge).toBeVisible();
    await inspectLooks(page, info, "slow");
    await expect(badge).toHaveCSS("border-top", /^1px solid/);
    relay.delayMs = 0;
    await ping.click();
    await expect(badge).toHaveCount(0);
  } finally {
    await bridge.stop();
  }
});

test("slow: how much waits to be sent while nobody takes it", async ({ page }, info) => {
  await using relay = await startRelay(bench.erl.portNo);
  const bridge = await startBridge(["--port=0", `--dev=${bench.erl.name}:${relay.portNo}`]);
  try {
    await openConsole(page, bench, { bridge: bridge.url, panel: "nodes" });
    const badge = page.getByText(/^slow: [\d.]+ MB wait to be sent$/);
    await expect(page.locator("dd.round-trip")).toHaveText(/^[\d.]+ ms$/);
    await expect(badge).toHaveCount(0);
    relay.isHeld = true;
    // More than the kernel, the bridge and the browser take without the node.
    expect(
      await page.evaluate(() => document.querySelector("erl-console")?.send("nobody_at_all", new Uint8Array(48 * 1024 * 1024))),
    ).toBe(true);
    await expect(badge).toBeVisible({ timeout: 20_000 });
    await inspectLooks(page, info, "behind");
    relay.isHeld = false;
    await expect(page.getByText("wait to be sent")).toHaveCount(0, { timeout: 30_000 });
    await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  } finally {
    await bridge.stop();
  }
});

test("basic mode: a node without runtime_tools is told by a badge, and the panel works", async ({ page }, info) => {
  const path = await bench.erl.eval(`filename:join(code:lib_dir(runtime_tools), "ebin")`);
  expect(await bench.erl.eval("code:del_path(runtime_tools)")).toBe("true");
  try {
    await openConsole(page, bench, { panel: "overview" });
    await expect(page.getByText("basic mode: no runtime_tools")).toBeVisible();
    await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
    await inspectLooks(page, info, "basic-mode");
  } finally {
    expect(await bench.erl.eval(`code:add_pathz(${path})`)).toBe("true");
  }
  await openConsole(page, bench, { panel: "overview" });
  await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
  await expect(page.getByText("basic mode")).toHaveCount(0);
});

for (const shown of ["100", "all"]) {
  test(`a process that has ended is struck through for one look, with ${shown} shown`, async ({ page }, info) => {
    const pid = await bench.erl.eval("spawn(fun() -> put(shelf, lists:seq(1, 200000)), receive stop -> ok end end)");
    await openConsole(page, bench, { panel: "processes" });
    await page.getByLabel("Show").selectOption(shown);
    const row = page.getByRole("grid", { name: "Processes" }).locator(`[data-key="${pid}"]`);
    await page.getByRole("button", { name: "Pause" }).click();
    if (shown === "all") {
      await rowOf(page, "Processes", "<0.").first().focus();
      await page.keyboard.press("End");
    }
    await expect(row).toContainText("waiting");
    await expect(row).toHaveCSS("text-decoration-line", "none");
    await bench.erl.eval(`exit(list_to_pid("${pid}"), kill)`);
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(row).toContainText("ended");
    await expect(row).toHaveCSS("text-decoration-line", "line-through");
    await inspectLooks(page, info, `ended-${shown}`);
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(row).toHaveCount(0);
  });
}

/** Looks again and again, as a person would, until that is seen. */
async function refreshUntil(page: Page, seen: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    await seen();
  }).toPass({ intervals: [100], timeout: 20_000 });
}

test("a table that was deleted is struck through for one look", async ({ page }, info) => {
  await bench.erl.eval(`register(leaver, spawn(fun() -> ets:new(leaving, [named_table]), receive stop -> ok end end))`);
  await openConsole(page, bench, { panel: "ets" });
  const row = rowOf(page, "ETS tables", "leaving");
  await page.getByRole("searchbox", { name: "Filter" }).fill("lea");
  await expect(row).toHaveCSS("text-decoration-line", "none");
  await page.getByRole("button", { name: "Pause" }).click();
  await row.click();
  await expect(page.getByText("The table is empty.")).toBeVisible();
  await bench.erl.eval("exit(whereis(leaver), kill)");
  await refreshUntil(page, () => expect(row).toContainText("deleted", { timeout: 500 }));
  await expect(row).toHaveCSS("text-decoration-line", "line-through");
  await expect(page.getByRole("toolbar", { name: "ETS tables" })).toContainText(/\b0 of \d+ tables/);
  await expect(page.getByText("The table has gone.")).toBeVisible();
  await inspectLooks(page, info, "deleted-table");
  // The last look is in forced colours.
  await expect(row).toHaveCSS("text-decoration-line", "line-through");
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(row).toHaveCount(0);
});

test("a node that is not connected any more is struck through for one look", async ({ page, context }, info) => {
  // Looks at the node lie so far apart that one of them can be seen.
  await openConsole(page, bench, { panel: "nodes", refresh: "600" });
  await expect(rowOf(page, "Nodes", "(this page)")).toBeVisible();
  const other = await context.newPage();
  await openConsole(other, bench);
  const name = await ownName(other);
  const row = rowOf(page, "Nodes", name);
  await refreshUntil(page, () => expect(row).toContainText("up", { timeout: 500 }));
  await expect(row).toHaveCSS("text-decoration-line", "none");
  await other.close();
  await refreshUntil(page, () => expect(row).toContainText("not connected", { timeout: 500 }));
  await expect(row).toContainText("hidden");
  await expect(row).toHaveCSS("text-decoration-line", "line-through");
  await inspectLooks(page, info, "node-down");
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(row.filter({ hasText: "hidden" })).toHaveCount(0);
});

test("too large: the size of a term, which comes when a person asks for it", async ({ page }, info) => {
  await bench.erl.eval(`whereis(warehouse) =:= undefined andalso begin
    Self = self(),
    spawn(fun() -> register(warehouse, self()), put(shelf, binary:copy(<<"book ">>, 7130317)), ets:new(cellar, [named_table]),
      ets:insert(cellar, [{1, box}, {2, binary:copy(<<"wine ">>, 7130317)}]), Self ! ok, receive stop -> ok end end),
    receive ok -> ok end end`);
  await openConsole(page, bench, { panel: "processes" });
  await page.getByRole("searchbox", { name: "Filter" }).fill("warehouse");
  await rowOf(page, "Processes", named("warehouse")).click();
  const detail = page.getByRole("region", { name: /^Process </ });
  await detail.getByRole("tab", { name: "Dictionary" }).click();
  await expect(detail.getByText("34.0 MB term, load?")).toBeVisible();
  await expect(detail.getByText("book")).toHaveCount(0);
  await inspectLooks(page, info, "too-large");
  await detail.getByRole("button", { name: "Load it" }).click();
  await expect(detail.getByText(/^<<"book book/)).toBeVisible();
  await expect(detail.getByText("load?")).toHaveCount(0);
  // A queue that is long is one, too.
  await bench.erl.eval("[warehouse ! N || N <- lists:seq(1, 12000)], ok");
  await detail.getByRole("tab", { name: /^Messages/ }).click();
  await expect(
    detail.getByText("12,000 messages wait, and to look at them the node would have to copy them all, load?"),
  ).toBeVisible();
  await detail.getByRole("button", { name: "Load it" }).click();
  await expect(detail.getByText("500 of 12,000.")).toBeVisible();
  await page.getByRole("tab", { name: "ETS", exact: true }).click();
  await page.getByRole("searchbox", { name: "Filter" }).fill("cellar");
  await rowOf(page, "ETS tables", "cellar").click();
  const table = page.getByRole("region", { name: "Table cellar" });
  await expect(table.getByText("{1,box}")).toBeVisible();
  await expect(table.getByText("34.0 MB term, not loaded")).toBeVisible();
  await table.getByRole("button", { name: "Load them" }).click();
  await expect(table.getByText(/wine wine/)).toBeVisible();
  await expect(table.getByText("load?")).toHaveCount(0);
});

test("an error stays in its panel: what it was, with details to copy, and again", async ({ page, context }, info) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const errors = watchPage(page);
  await openConsole(page, bench, { panel: "processes" });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  const setFilter = (broken: boolean) =>
    page.evaluate((isBroken) => {
      const processFilter = (): boolean => {
        if (isBroken) throw new Error("no such shelf");
        return true;
      };
      Object.assign(document.querySelector("erl-console") ?? {}, { processFilter });
    }, broken);
  await setFilter(true);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("This panel could not be shown");
  await expect(alert).toContainText("no such shelf");
  await inspectLooks(page, info, "error");
  await expect(alert).toHaveCSS("border-left", /^4px solid/);
  await alert.getByRole("button", { name: "Copy details" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("no such shelf");
  expect(copied).toContain(`node: ${bench.erl.name}`);
  await setFilter(false);
  await expect(alert).toHaveCount(0);
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await openConsole(page, bench, { panel: "processes", selected: "<7.1.2>" });
  await expect(alert).toContainText(`<7.1.2> is not a pid of ${bench.erl.name}`);
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toContainText("Not answered");
  expect(errors).toEqual([]);
});

test("a node that does not answer is told of in each panel that asks it, and asked again", async ({ page }, info) => {
  test.slow();
  await openConsole(page, bench, { panel: "overview" });
  const silentFor = async (title: string, ask: () => Promise<void>, asksLater?: Locator): Promise<void> => {
    const alert = (asksLater ?? page).getByRole("alert").filter({ hasText: title });
    await whileSilent(bench.erl, async () => {
      await ask();
      await expect(alert).toContainText(title, { timeout: 20_000 });
      await expect(alert).toContainText(/did not answer within \d s/);
      await expect(alert.getByRole("button", { name: "Copy details" })).toBeVisible();
      await inspect(page, info, `silent ${title}`);
    });
    // What costs the node next to nothing is asked again by itself.
    if (asksLater !== undefined) await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert).toHaveCount(0, { timeout: 20_000 });
  };
  await expect(page.getByText("Each scheduler")).toBeVisible();
  await silentFor("The node did not say how it does", async () => {});
  await page.getByRole("tab", { name: "Nodes" }).click();
  await expect(rowOf(page, "Nodes", "(this page)")).toBeVisible();
  await silentFor("The node did not name its nodes", () => page.getByRole("button", { name: "Refresh" }).click());
  await page.getByRole("tab", { name: "ETS", exact: true }).click();
  await expect(rowOf(page, "ETS tables", "ac_tab")).toBeVisible();
  // To list them may be work for the node, so the panel waits for long before it does so again by itself.
  const tables = page.locator("erl-ets");
  await silentFor("The tables could not be listed", () => page.getByRole("button", { name: "Refresh" }).click(), tables);
  await page.getByRole("button", { name: "Pause" }).click();
  const table = page.getByRole("region", { name: "Table ac_tab" });
  await silentFor("The table could not be read", () => rowOf(page, "ETS tables", "ac_tab").click(), table);
  await expect(table.getByRole("listitem").first()).toBeVisible();
  await page.getByRole("tab", { name: "Processes" }).click();
  await rowOf(page, "Processes", CODE_SERVER).click();
  const detail = page.getByRole("region", { name: /^Process </ });
  await expect(detail.getByText("Traps exits")).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await silentFor("Not answered", () => detail.getByRole("tab", { name: "Dictionary" }).click(), detail.getByRole("tabpanel"));
  await expect(
    detail.getByRole("tabpanel").locator("pre").or(detail.getByText("The dictionary is empty.")).first(),
  ).toBeVisible();
});
