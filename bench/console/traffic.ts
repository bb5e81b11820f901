// What goes through the WebSocket of a page that is connected and that nobody does anything with, counted where the page has it.
import type { Page, WebSocket } from "@playwright/test";
import { remark, report } from "./goals.ts";
import { awaitShown, type Setting, settled, SHOWN } from "./setting.ts";
import { openConsole } from "../../e2e/support/console.ts";

const SECONDS = 30;
const GOAL = 1_000;
const IN_USE: ReadonlySet<string> = new Set(["processes", "tree"]);

interface Traffic {
  sent: number;
  received: number;
}

export async function traffic(setting: Setting): Promise<void> {
  const hidden = { words: "overview, in a page that is hidden", id: "overview", isHidden: true };
  const cases = [
    { words: "no panel, the header alone", id: undefined, isHidden: false },
    ...Object.keys(SHOWN).map((id) => ({ words: id, id, isHidden: false })),
    hidden,
  ];
  // All at once: what a page sends does not depend on what the others do.
  const counted = await Promise.all(
    cases.map(async ({ words, id, isHidden }) => ({ words, bytes: await idle(setting, id, isHidden) })),
  );
  for (const { words, bytes } of counted) {
    if (IN_USE.has(words)) {
      const [sent, received] = [bytes.sent, bytes.received].map((each) => (each / SECONDS).toFixed(0));
      remark(`${words}, which asks for a list every 2 s and is not idle: ${sent} bytes/s to the node, ${received} to the page`);
      continue;
    }
    report(`bytes/s to the node: ${words}`, { reached: bytes.sent / SECONDS, goal: GOAL });
    report(`bytes/s to the page: ${words}`, { reached: bytes.received / SECONDS, goal: GOAL });
  }
}

async function idle({ bench, browser }: Setting, id: string | undefined, isHidden: boolean): Promise<Traffic> {
  const page = await browser.newPage();
  const counted: Traffic = { sent: 0, received: 0 };
  page.on("websocket", (socket) => count(socket, counted));
  await openConsole(page, bench, { panels: id ?? "none" });
  if (id !== undefined) await awaitShown(page, id);
  if (isHidden) await hide(page);
  await settled(2_000);
  const before = { ...counted };
  await settled(SECONDS * 1_000);
  await page.close();
  return { sent: counted.sent - before.sent, received: counted.received - before.received };
}

function count(socket: WebSocket, counted: Traffic): void {
  socket.on("framesent", ({ payload }) => (counted.sent += frameBytes(payload, true)));
  socket.on("framereceived", ({ payload }) => (counted.received += frameBytes(payload, false)));
}

/** With the head of the frame. */
function frameBytes(payload: string | Buffer, isMasked: boolean): number {
  const bytes = Buffer.byteLength(payload);
  return bytes + (bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10) + (isMasked ? 4 : 0);
}

/** A browser without a window hides no page: this one is told that it was. */
function hide(page: Page): Promise<void> {
  return page.evaluate(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}
