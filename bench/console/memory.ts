// Ten minutes of an overview and of a log, as fast as they go: once what is kept is full, the page needs no more memory than then.
import type { CDPSession, Page } from "@playwright/test";
import { remark, report } from "./goals.ts";
import { openPanel, type Setting, settled } from "./setting.ts";

/** Its longest history. */
const LOOKS = 300;
const LOG_LINES = 12_000;
const WARM_ROUNDS = 2;
const ROUNDS = 5;
/** Of the heap when all is full. */
const LARGEST_GROWTH = 1.05;

export async function memory(setting: Setting): Promise<void> {
  const overview = await openPanel(setting, "overview", { refresh: "0.02" });
  await rounds(overview, `overview, ${LOOKS} looks each`, () => looks(overview, LOOKS));
  await overview.close();
  const logs = await openPanel(setting, "logs");
  await logs.evaluate(() => {
    const arrived = { last: 0 };
    Object.assign(window, { arrived });
    document.addEventListener("erl-log", () => (arrived.last = performance.now()));
  });
  await rounds(logs, `logs, ${LOG_LINES} lines each`, async () => {
    await setting.bench.erl.eval(`[begin [logger:notice("line ~b of a log that goes on and on", [N]) || N <- lists:seq(1, 100)], timer:sleep(25) end
      || _ <- lists:seq(1, ${LOG_LINES / 100})], ok`);
    // Until nothing has come for half a second.
    await logs.waitForFunction(() => performance.now() - (window as unknown as { arrived: { last: number } }).arrived.last > 500);
  });
  await logs.close();
}

async function rounds(page: Page, words: string, run: () => Promise<void>): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  // Until what is kept is full, and the engine knows the code.
  for (let round = 0; round < WARM_ROUNDS; round++) await run();
  const heaps = [await heapOf(cdp)];
  for (let round = 0; round < ROUNDS; round++) {
    await run();
    heaps.push(await heapOf(cdp));
  }
  const [full = Number.NaN] = heaps;
  const last = heaps.at(-1) ?? Number.NaN;
  report(`heap after ${ROUNDS} more rounds, of that before: ${words}`, {
    reached: last / full,
    goal: LARGEST_GROWTH,
    decimals: 2,
  });
  remark(`MB: ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(", ")}`);
}

/** Waits until the charts have been drawn so many times more. */
async function looks(page: Page, wanted: number): Promise<void> {
  await page.locator("erl-overview").evaluate(
    (element, count) =>
      new Promise<void>((resolve) => {
        let left = count;
        let before: unknown;
        const next = (): void => {
          const points: unknown = Reflect.get(element, "_points");
          if (points !== before) left--;
          before = points;
          if (left > 0) requestAnimationFrame(next);
          else resolve();
        };
        next();
      }),
    wanted,
  );
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await settled(300);
  await cdp.send("HeapProfiler.collectGarbage");
  return (await cdp.send("Runtime.getHeapUsage")).usedSize;
}
