// The page that plays the scenario with a ticket, and what of the bridge's bytes it gets to see.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Ticket } from "./custody-page.ts";
import { buildPage, type PageServer, servePage } from "./page-server.ts";

const PAGE = `<!doctype html><title>custody</title><link rel="icon" href="data:," /><script type="module" src="/custody.js"></script>`;

export async function serveCustodyPage(): Promise<PageServer> {
  const built = await buildPage({
    configFile: false,
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: {
      rolldownOptions: {
        input: join(import.meta.dirname, "custody-page.ts"),
        output: { entryFileNames: "custody.js" },
      },
    },
  });
  return servePage(built.set("/index.html", PAGE));
}

export interface Play {
  /** Of the page. */
  readonly at: string;
  readonly bridgeUrl: string;
  readonly peer: string;
  readonly ticket: Ticket;
}

/** The acts that it played; rejects with what the page could not do. */
export async function play(page: Page, { at, bridgeUrl, peer, ticket }: Play): Promise<string[]> {
  await page.goto(at);
  await page.waitForFunction(() => "playWithTicket" in window);
  return page.evaluate(([to, name, given]) => window.playWithTicket(to, name, given), [bridgeUrl, peer, ticket] as const);
}

/** From now on gathers what WebSockets bring to the page. */
export function received(page: Page): () => Buffer {
  const seen: Buffer[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => seen.push(Buffer.from(payload)));
  });
  return () => Buffer.concat(seen);
}
