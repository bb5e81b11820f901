// Every text that a person can see is in a table that a page can replace: with all of them between marks, nothing with a letter in it
// stands outside, save what the node has written.
import { expect, type Page, test } from "@playwright/test";
import { ENGLISH } from "../packages/web-demo/src/english.ts";
import { type ConsoleBench, openConsole, startBench } from "./support/console.ts";
import { CODE_SERVER, ALL } from "./support/panels.ts";

const MARKED = Object.fromEntries(Object.entries(ENGLISH).map(([key, text]) => [key, `⟦${text}⟧`]));

/** What is the node's, or a key of the keyboard: names, pids, terms, functions, and what it has logged or answered. */
const DATA = [
  "[role=gridcell]:not(:has(.sign))",
  ".mono, code, pre, kbd, time, .node, .own-name, .release, .term, .version",
  ".facts dd, .card dd, .sign + span, .xterm, .frame, option[value]:not([value=all]), .event strong, .swatch",
  ".table ol li, .links li, .where strong, .prompt, select[name=shape], slot, datalist",
  ".cell, .detail .about > strong, .detail .about > span, .table .head strong, .head > span:not(.actions, [role])",
].join(", ");

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench({ erl: { alive: "marked" } });
});
test.afterAll(() => bench.stop());

test.slow();

async function setStrings(page: Page, strings: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate((all) => Object.assign(document.querySelector("erl-console") ?? {}, { strings: all }), strings);
}

/** Texts with letters outside of the marks, with the element that has them. */
function unmarked(page: Page): Promise<string[]> {
  return page.evaluate((data) => {
    const found: string[] = [];
    const look = (text: string, where: Element): void => {
      let rest = text;
      for (let last = ""; last !== rest; ) {
        last = rest;
        rest = rest.replace(/⟦[^⟦⟧]*⟧/gu, "");
      }
      // Figures have the units of their language.
      rest = rest.replace(/[\d.,]+\s?(?:bytes?|kB|MB|GB|ms|K|M|B|s|m|h|d)\b/gu, "");
      if (/\p{L}/u.test(rest)) found.push(`${where.localName}.${where.className}: ${rest.trim()}`);
    };
    const walk = (root: ParentNode): void => {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot !== null) walk(element.shadowRoot);
        if (element.closest(data) !== null || ["STYLE", "SCRIPT"].includes(element.tagName)) continue;
        if (!element.checkVisibility()) continue;
        for (const name of ["aria-label", "title", "placeholder"]) {
          const isExample = element.matches("[name=bridge], [name=node], input.mono, #answer, #term");
          if (!(name === "placeholder" && isExample) && !(name === "title" && element.hasAttribute("aria-keyshortcuts")))
            look(element.getAttribute(name) ?? "", element);
        }
        for (const node of element.childNodes) {
          if (node.nodeType !== Node.TEXT_NODE) continue;
          const text = node.nodeValue ?? "";
          // A sentence may have a part that stands out.
          const isWhole = text.split("⟦").length === text.split("⟧").length;
          look((isWhole ? text : element.textContent) ?? "", element);
        }
      }
    };
    const console = document.querySelector("erl-console");
    if (console?.shadowRoot != null) walk(console.shadowRoot);
    return found;
  }, DATA);
}

async function expectMarked(page: Page, what: string): Promise<void> {
  await expect.poll(() => unmarked(page), { message: what, timeout: 5_000 }).toEqual([]);
}

test("says nothing but what is in the tables: every panel, what opens in it, the palette, and why there is no connection", async ({
  page,
}) => {
  await openConsole(page, bench, { allow: ALL });
  await setStrings(page, MARKED);
  const tabs = page.locator("erl-console").getByRole("tablist").first().getByRole("tab");
  const open = async (id: string): Promise<void> => {
    await page.evaluate((panel) => document.querySelector("erl-console")?.openPanel(panel), id);
  };
  await expect(tabs.first()).toHaveText("⟦Overview⟧");
  const button = (key: keyof typeof ENGLISH) => page.getByRole("button", { name: MARKED[key] ?? "", exact: true });

  await expect(page.getByText("⟦Each scheduler⟧")).toBeVisible();
  await expectMarked(page, "overview");
  await button("chartAsTable").first().click();
  await expectMarked(page, "a chart as a table");

  await open("processes");
  await page.getByRole("row").filter({ hasText: CODE_SERVER }).click();
  for (const view of ["processStack", "processState", "processDictionary", "processLinks", "processInfo"] as const) {
    await page.getByRole("tab", { name: MARKED[view] ?? "" }).click();
    await expectMarked(page, view);
  }
  for (const dialog of ["processKill", "processSend"] as const) {
    await button(dialog).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectMarked(page, dialog);
    await button("dialogCancel").click();
  }
  await page.getByRole("searchbox").fill("/((/");
  await expect(page.getByText("⟦Not a regular expression")).toBeVisible();
  await expectMarked(page, "a problem");

  await open("ets");
  await page.getByRole("row").filter({ hasText: "ac_tab" }).click();
  await expect(page.getByText(/⟦\d+ objects⟧/)).toBeVisible();
  await expectMarked(page, "ets");

  await open("logs");
  await expect(page.getByLabel("⟦Node's level⟧")).toBeVisible();
  await bench.erl.eval('logger:error("marks")');
  await page.getByRole("row").filter({ hasText: "marks" }).click();
  await expectMarked(page, "logs");
  await page.getByLabel("⟦Node's level⟧").selectOption("error");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectMarked(page, "the node's level");
  await button("dialogCancel").click();

  await open("messages");
  await page.getByText("⟦Process groups⟧").click();
  await expectMarked(page, "messages");

  await open("nodes");
  await page.getByRole("row").filter({ hasText: "⟦" }).nth(1).click();
  await expectMarked(page, "nodes");

  await open("shell");
  await expect(page.getByRole("status").filter({ hasText: "⟦⟦Shell 1⟧ is running" })).toBeAttached({ timeout: 30_000 });
  await expectMarked(page, "shell");
  await button("shellLineByLine").click();
  await expect(page.getByRole("status").filter({ hasText: "⟦⟦Shell 2⟧ is running" })).toBeAttached({ timeout: 30_000 });
  await expectMarked(page, "line by line");

  await open("tree");
  await expect(page.getByText("kernel").first()).toBeVisible();
  await expectMarked(page, "tree");

  await button("commands").click();
  await expect(page.getByRole("combobox", { name: "⟦Command⟧" })).toBeVisible();
  await expectMarked(page, "the palette");
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.querySelector("erl-console")?.openPalette("keys"));
  await expect(page.getByText("⟦While the focus is in the console⟧")).toBeVisible();
  await expectMarked(page, "the list of keys");
  await page.keyboard.press("Escape");

  await bench.bridge.stop();
  await expect(page.locator("[data-code=bridge_unreachable]")).toBeVisible({ timeout: 20_000 });
  await expectMarked(page, "reconnecting");
  await button("stop").click();
  await expectMarked(page, "not connected");
  await bench.restartBridge();
});

test("is laid out from right to left where the page is, and gives its words to panels that stand alone", async ({
  page,
}, info) => {
  await openConsole(page, bench, { allow: ALL, panel: "processes" });
  await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  await page.evaluate(() => document.documentElement.setAttribute("lang", "de"));
  await setStrings(page, { processesTopBy: "Nach", costs: "kostet {cost}" });
  await expect(page.getByText("Nach", { exact: true })).toBeVisible();
  await expect(page.getByText(/kostet [\d,]+\s%/)).toBeVisible();
  await page.getByRole("row").filter({ hasText: CODE_SERVER }).click();
  await expect(page.locator("strong.mono").first()).toHaveCSS("direction", "ltr");
  await page.screenshot({ path: info.outputPath("rtl.png") });
  await page.screenshot({ path: "/tmp/rtl.png" });
  // An element inside of <erl-connection> takes its words from there.
  await page.evaluate(() => {
    const around = document.createElement("erl-connection");
    Object.assign(around, { strings: { nodes: "Knoten" }, connection: document.querySelector("erl-console")?.connection });
    document.querySelector("erl-console")?.openPanel("nodes");
    around.append(document.createElement("erl-nodes"));
    document.body.append(around);
  });
  await expect(page.getByRole("toolbar", { name: "Knoten" })).toBeVisible();
  await page.evaluate(() => Object.assign(document.querySelector("erl-connection") ?? {}, { strings: { nodes: "Uzly" } }));
  await expect(page.getByRole("toolbar", { name: "Uzly" })).toBeVisible();
});
