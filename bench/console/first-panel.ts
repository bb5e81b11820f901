// From the connection to a panel that shows something, each time in a page that was just loaded.
import type { Page } from "@playwright/test";
import type { ErlConsole } from "../../packages/web-demo/src/index.ts";
import { median } from "../support/statistics.ts";
import { remark, report } from "./goals.ts";
import { type Setting, SHOWN } from "./setting.ts";

const ROUNDS = 7;
const GOAL_MS = 300;
/** Of what a person could close a tab before: two moments of a page's life. */
interface Times {
  /** From the way that is there to the connection: the handshake alone, and the way from the worker to the page. */
  readonly handshakeMs: number;
  /** From the connection to the panel. */
  readonly panelMs: number;
}

export async function firstPanel({ bench, browser }: Setting): Promise<void> {
  for (const id of Object.keys(SHOWN)) {
    const all: Times[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const page = await browser.newPage();
      await page.goto(`${bench.url}?${new URLSearchParams({ panels: id, without: "autoconnect" }).toString()}`);
      await page.waitForFunction(() => document.querySelector<ErlConsole>("erl-console")?.hasUpdated === true);
      const times = await timesOf(page, id);
      // The first round warms up the bridge, the node and what the browser keeps.
      if (round > 0) all.push(times);
      await page.close();
    }
    const panelMs = median(all.map((each) => each.panelMs));
    report(`${id}: from connected to shown, the panel's code with it`, { reached: panelMs, goal: GOAL_MS, unit: " ms" });
    const handshakeMs = median(all.map((each) => each.handshakeMs));
    remark(`the handshake alone took ${handshakeMs.toFixed(1)} ms: ${ratioOf(all).toFixed(1)} times that`);
  }
}

function ratioOf(all: readonly Times[]): number {
  return median(all.map(({ handshakeMs, panelMs }) => panelMs / handshakeMs));
}

function timesOf(page: Page, id: string): Promise<Times> {
  return page.evaluate(
    async ([panelId, { within, selector }]) => {
      const element = document.querySelector<ErlConsole>("erl-console");
      if (element === null) throw new Error("there is no console");
      let openMs = Number.NaN;
      const { connection } = element;
      connection.addEventListener("change", () => {
        const { state } = connection;
        if (state.type === "connecting" && state.step === "handshake") openMs = performance.now();
      });
      const connected = new Promise<number>((resolve) =>
        element.addEventListener("erl-connect", () => resolve(performance.now()), { once: true }),
      );
      void element.connect();
      const connectedMs = await connected;
      for (;;) {
        await new Promise(requestAnimationFrame);
        const root = element.panelElement(panelId)?.shadowRoot;
        if ((within === undefined ? root : root?.querySelector(within)?.shadowRoot)?.querySelector(selector) != null) break;
      }
      return { handshakeMs: connectedMs - openMs, panelMs: performance.now() - connectedMs };
    },
    [id, SHOWN[id] ?? { selector: "*" }] as const,
  );
}
