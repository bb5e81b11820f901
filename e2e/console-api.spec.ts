// What a page can say to the console beside its attributes, against a real node.
import { expect, type Page, test } from "@playwright/test";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { type ConsoleBench, inspect, openConsole, startBench } from "./support/console.ts";
import { named, CODE_SERVER, ALL, expectShell, expectTyped, rowOf, sendTo, tab } from "./support/panels.ts";

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
  await bench.erl.eval(`register(vault, spawn(fun() -> put(pin, {secret, 1234}), receive stop -> ok end end)),
    vault ! {secret, 5678},
    Loop = fun Loop() -> receive {From, Term} -> From ! {echo, Term}, Loop() end end,
    register(echo, spawn(Loop)),
    spawn(fun() -> ets:new(safe, [named_table]), ets:insert(safe, {door, {secret, 9012}}), register(safe, self()), receive stop -> ok end end),
    ok`);
});
test.afterAll(() => bench.stop());

const headers = (page: Page) => page.getByRole("grid", { name: "Processes" }).getByRole("columnheader");

test("shows the columns that the page names, its own among them, and the processes that it wants", async ({ page }) => {
  await openConsole(page, bench, { panel: "processes" });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await page.evaluate(() => {
    const shop = document.querySelector<ErlConsole>("erl-console");
    if (shop === null) throw new Error("no console in the page");
    const load = { id: "load", title: "Load", cell: ({ queueLength }: { queueLength: number }) => `${queueLength} to do` };
    shop.columns = ["name", load, "memory", "no_such_column"];
    shop.processFilter = ({ name }) => /^(code_server|vault)$/.test(name);
  });
  await expect(headers(page)).toHaveText([/Name or initial call/, /Load/, /Memory/]);
  // The page has columns of its own, in its order.
  await expect(rowOf(page, "Processes", "vault")).toContainText("1 to do");
  await expect(page.getByRole("grid", { name: "Processes" }).getByRole("row")).toHaveCount(3);
  await expect(page.getByText(/^top 2 of \d+/)).toBeVisible();
  await page.evaluate(() => Object.assign(document.querySelector("erl-console") ?? {}, { processFilter: () => false }));
  await expect(page.getByText("No process matches the filter.")).toBeVisible();
});

test("links functions where the page knows a place for them", async ({ page }) => {
  await openConsole(page, bench, { panel: "processes" });
  await page.evaluate(() =>
    Object.assign(document.querySelector("erl-console") ?? {}, {
      linkForMfa: (module: string, fun: string, arity: number) =>
        module === "code_server" ? `https://example.org/${module}#${fun}/${arity}` : undefined,
    }),
  );
  await rowOf(page, "Processes", CODE_SERVER).click();
  const detail = page.getByRole("region", { name: /^Process </ });
  const link = detail.getByRole("link", { name: "code_server:loop/1" });
  await expect(link).toHaveAttribute("href", "https://example.org/code_server#loop/1");
  await detail.getByRole("tab", { name: "Stack" }).click();
  await expect(link).toHaveAttribute("rel", "noreferrer");
  await rowOf(page, "Processes", named("kernel_sup")).click();
  await expect(detail.getByText("gen_server:loop/", { exact: false }).first()).toBeVisible();
  await expect(detail.getByRole("link")).toHaveCount(0);
});

test("shows no secret that the page redacts: not in a mailbox, a dictionary, a table, the log, or among the messages", async ({
  page,
}) => {
  await openConsole(page, bench, { allow: ALL, panel: "logs" });
  await expect(page.getByText("Nothing was logged yet.")).toBeVisible();
  await bench.erl.eval(`logger:error("before: ~p", [{secret, 1}])`);
  await expect(rowOf(page, "Log", "{secret,1}")).toBeVisible();
  await tab(page, "Processes").click();
  await page.evaluate(() => {
    const told: string[] = [];
    document.querySelector("erl-console")?.addEventListener("erl-log", ({ detail }) => told.push(detail.text));
    Object.assign(globalThis, { told });
    // Terms are the console's own objects: what is done with them here is what a page can do.
    const redact = (term: unknown): unknown => (/secret/.test(String(term)) ? [104, 105, 100, 100, 101, 110] : term);
    Object.assign(document.querySelector("erl-console") ?? {}, { redact });
  });
  await rowOf(page, "Processes", named("vault")).click();
  const detail = page.getByRole("region", { name: /^Process </ });
  await detail.getByRole("tab", { name: "Dictionary" }).click();
  await expect(detail.getByText('"hidden"')).toBeVisible();
  await detail.getByRole("tab", { name: /^Messages/ }).click();
  await expect(detail.getByText('"hidden"')).toBeVisible();
  await tab(page, "ETS").click();
  await rowOf(page, "ETS tables", "safe").click();
  await expect(page.getByRole("region", { name: "Table safe" }).getByText('"hidden"')).toBeVisible();
  await tab(page, "Messages").click();
  await sendTo(page, "echo", "{secret, 3456}");
  await expect(page.getByRole("log").getByText('"hidden"')).toHaveCount(2);
  await expect(page.getByText(/1234|5678|9012|3456/)).toHaveCount(0);
  // What was there before is redacted as well.
  await tab(page, "Logs").click();
  await expect(rowOf(page, "Log", "{secret,1}")).toHaveCount(0);
  await bench.erl.eval(`logger:error("after: ~p", [{secret, 7890}])`);
  await expect(rowOf(page, "Log", "104,105,100,100,101,110")).toHaveCount(2);
  await bench.erl.eval(`logger:error("nothing to hide")`);
  await expect(rowOf(page, "Log", "nothing to hide")).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(globalThis, "told"))).toEqual(["104,105,100,100,101,110", "nothing to hide"]);
  await expect(page.getByText(/secret|7890/)).toHaveCount(0);
});

test("says what the page wants it to say: in another language, for one", async ({ page }) => {
  await openConsole(page, bench, { allow: ALL });
  await page.evaluate(() => {
    const strings = {
      connected: "Verbunden",
      connectedTo: "Mit {node} verbunden, als {name}.",
      processesPanel: "Prozesse",
      disconnect: "Trennen",
      readyToConnect: "Bereit für {node}.",
    };
    Object.assign(document.querySelector("erl-console") ?? {}, { strings });
  });
  await expect(page.getByText("Verbunden", { exact: true })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: `Mit ${bench.erl.name} verbunden, als ` })).toBeAttached();
  await tab(page, "Prozesse").click();
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  // What the page has no word for is said in ours.
  await expect(tab(page, "Nodes")).toBeVisible();
  await page.getByRole("button", { name: "Trennen" }).click();
  await expect(page.getByText(`Bereit für ${bench.erl.name}.`)).toBeVisible();
});

test("keeps what a person has chosen under the key that the page names, but for what the page says itself", async ({ page }) => {
  const attributes = { "storage-key": "shop-console", allow: ALL };
  await openConsole(page, bench, attributes);
  await tab(page, "Nodes").click();
  await page.getByRole("button", { name: "Commands" }).click();
  await page.keyboard.type("density: compact");
  await page.keyboard.press("Enter");
  await expect(page.locator("erl-console")).toHaveAttribute("density", "compact");
  await openConsole(page, bench, attributes);
  await expect(tab(page, "Nodes")).toHaveAttribute("aria-selected", "true");
  await expect(page.locator("erl-console")).toHaveAttribute("density", "compact");
  await openConsole(page, bench, { ...attributes, panel: "logs" });
  await expect(tab(page, "Logs")).toHaveAttribute("aria-selected", "true");
  await page.evaluate(() => localStorage.setItem("shop-console", "no JSON"));
  await openConsole(page, bench, attributes);
  await expect(tab(page, "Overview")).toHaveAttribute("aria-selected", "true");
  await page.evaluate(() => localStorage.clear());
  await openConsole(page, bench, { allow: ALL });
  await tab(page, "Nodes").click();
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test("is denser where the page or a person wants more rows", async ({ page }, info) => {
  // From one row to the next.
  const rowHeight = () =>
    page
      .getByRole("grid", { name: "Processes" })
      .getByRole("row")
      .evaluateAll((rows) => {
        const tops = rows.map((row) => row.getBoundingClientRect().top).toSorted((a, b) => a - b);
        return (tops[2] ?? 0) - (tops[1] ?? 0);
      });
  await openConsole(page, bench, { panel: "processes", density: "compact" });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  expect(await rowHeight()).toBe(24);
  await inspect(page, info, "compact");
  await page.evaluate(() => document.querySelector("erl-console")?.removeAttribute("density"));
  await expect.poll(rowHeight).toBe(32);
});

test("shows the shell below another panel on Ctrl+`, with the focus in it, and gives the focus back", async ({ page }, info) => {
  test.slow();
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await tab(page, "Processes").focus();
  await page.keyboard.press("Control+`");
  await expectShell(page, "Shell 1 is running");
  await expect(page.getByRole("region", { name: "Shell", exact: true })).toBeVisible();
  await expect(page.getByRole("textbox", { name: /^Shell/ })).toBeFocused();
  await page.keyboard.type("20 + 22.\n");
  await expectTyped(page, /^42$/m);
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await inspect(page, info, "drawer");
  await page.keyboard.press("Control+`");
  await expect(page.getByRole("textbox", { name: /^Shell/ })).toBeHidden();
  await expect(tab(page, "Processes")).toBeFocused();
  // The same shell again, and the same in its own panel.
  await page.keyboard.press("Control+`");
  await expect(page.getByRole("textbox", { name: /^Shell/ })).toBeFocused();
  await tab(page, "Shell").click();
  await expect(page.getByRole("tabpanel", { name: "Shell", exact: true })).toBeVisible();
  await expectTyped(page, /^42$/m);
  expect(await page.evaluate(() => document.querySelector("erl-console")?.hasAttribute("drawer"))).toBe(true);
});

test("has no drawer where there is no shell to show", async ({ page }) => {
  await openConsole(page, bench, { panels: "processes nodes", panel: "processes" });
  await tab(page, "Processes").focus();
  await page.keyboard.press("Control+`");
  expect(await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.toggleDrawer())).toBe(false);
  await expect(page.locator("erl-console")).not.toHaveAttribute("drawer");
});

test("runs a line in the shell that the page chose, and begins it as the page says", async ({ page }) => {
  test.slow();
  await openConsole(page, bench, { allow: ALL, panel: "nodes", shell: "erl", mode: "line" });
  const run = (line: string) =>
    page.evaluate((text) => document.querySelector<ErlConsole>("erl-console")?.runInShell(text), line);
  expect(await run("20 + 22.")).toBe(true);
  await expectShell(page, "Shell 1 is running");
  await expect(page.getByRole("log", { name: "Output of the shell" }).getByText("42", { exact: true })).toBeVisible();
  // What a person has chosen since stays.
  await page.getByRole("button", { name: "Line by line" }).click();
  await expectShell(page, "Shell 2 is running");
  await page.evaluate(() => document.querySelector("erl-console")?.setAttribute("density", "compact"));
  expect(await run("6 * 7.")).toBe(true);
  await expectTyped(page, /^42$/m);
  await openConsole(page, bench, { allow: ALL, panels: "nodes" });
  expect(await run("1.")).toBe(false);
});

test("takes keys of the page's own in the place of ours, lists them, and leaves the others to the page", async ({ page }) => {
  await openConsole(page, bench, { panels: "overview nodes" });
  await page.evaluate(() => {
    const left: string[] = [];
    document.addEventListener("keydown", ({ key, ctrlKey, defaultPrevented }) => {
      if (!defaultPrevented) left.push(`${ctrlKey ? "Ctrl+" : ""}${key}`);
    });
    Object.assign(globalThis, { left });
    Object.assign(document.querySelector("erl-console") ?? {}, {
      keys: { "Ctrl+J": "Ctrl+K", "Ctrl+K": "", n: "Alt+2", h: "?" },
    });
  });
  const palette = page.getByRole("combobox", { name: "Command" });
  await tab(page, "Overview").focus();
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+j");
  await expect(palette).toBeFocused();
  await expect(page.getByRole("option", { name: "Open Nodes" })).toContainText("Alt+2, n");
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await page.keyboard.press("n");
  await expect(tab(page, "Nodes")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("h");
  const list = page.getByRole("dialog", { name: "What the keyboard does" });
  await expect(list.getByText("Ctrl+J", { exact: true })).toBeVisible();
  await expect(list.getByText("Ctrl+K", { exact: true })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await page.keyboard.press("Control+s");
  // Outside of the console no key is ours.
  await page.locator("h1").evaluate((heading) => {
    heading.tabIndex = -1;
    heading.focus();
  });
  for (const key of ["Control+j", "?", "/", "F6"]) await page.keyboard.press(key);
  const left = await page.evaluate(() => Reflect.get(globalThis, "left") as string[]);
  expect(left.filter((key) => !/Control|Escape/.test(key))).toEqual(["Ctrl+k", "Ctrl+s", "Ctrl+j", "?", "/", "F6"]);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("says which words of its attributes mean nothing, and which there are", async ({ page }) => {
  await openConsole(page, bench, { panels: "overview proceses nodes", allow: "send destroy" });
  const said = page.getByText(/^The attribute/);
  await expect(said).toContainText('The attribute panels has "proceses"; it may have overview, shell, processes');
  await expect(said).toContainText('The attribute allow has "destroy"; it may have eval, kill, gc, send, trace, log-level.');
  await page.evaluate(() => {
    const shop = document.querySelector("erl-console");
    shop?.setAttribute("panels", "overview processes own");
    shop?.setAttribute("allow", "send");
    shop?.insertAdjacentHTML("beforeend", `<p slot="panel-own" aria-label="Ours">Of the page</p>`);
  });
  await expect(said).toBeHidden();
  await tab(page, "Ours").click();
  await expect(page.getByText("Of the page")).toBeVisible();
});
