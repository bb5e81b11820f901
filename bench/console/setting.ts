// What the parts of the console's bench share.
import type { Browser, Page } from "@playwright/test";
import type { ConsoleBench } from "../../e2e/support/console.ts";
import { openConsole } from "../../e2e/support/console.ts";
import type { ErlConsole } from "../../packages/web-demo/src/index.ts";

export interface Setting {
  readonly bench: ConsoleBench;
  readonly browser: Browser;
}

/** How each panel shows that the node has answered, by a selector in its shadow root, or in that of an element in it. */
export const SHOWN: Readonly<Record<string, { readonly within?: string; readonly selector: string }>> = {
  overview: { selector: ".card" },
  processes: { within: "erl-grid", selector: "[role=gridcell]" },
  ets: { within: "erl-grid", selector: "[role=gridcell]" },
  nodes: { within: "erl-grid", selector: "[role=gridcell]" },
  tree: { within: "erl-treeview", selector: "[role=treeitem]" },
  // What the node logs, which it says when the handler is there.
  logs: { selector: ".muted" },
  messages: { selector: "[role=log]" },
};

/** In the page: a panel with what it is there for. */
export async function awaitShown(page: Page, id: string): Promise<void> {
  await page.waitForFunction(
    ([panelId, { within, selector }]) => {
      const root = document.querySelector<ErlConsole>("erl-console")?.panelElement(panelId)?.shadowRoot;
      return (within === undefined ? root : root?.querySelector(within)?.shadowRoot)?.querySelector(selector) != null;
    },
    [id, SHOWN[id] ?? { selector: "*" }] as const,
    { timeout: 120_000 },
  );
}

/** A page whose console is connected, with one panel that has shown something; with none for `undefined`. */
export async function openPanel(
  { bench, browser }: Setting,
  id: string | undefined,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const page = await browser.newPage();
  await openConsole(page, bench, { panels: id ?? "none", ...attributes });
  if (id !== undefined) await awaitShown(page, id);
  return page;
}

/** So many processes, most of which wait, beside those that the node has itself. */
export async function fillWith({ bench: { erl } }: Setting, processes: number): Promise<void> {
  await erl.eval(
    `[spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(length(processes()) + 1, ${processes} + ${OWN_PROCESSES})], ok`,
  );
}

const OWN_PROCESSES = 100;

export function settled(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
