// A log that goes on and on: what arrives of it, and whether the page stays smooth meanwhile.
import type { Page } from "@playwright/test";
import { remark, report } from "./goals.ts";
import { describe, framesOf, longest, watchFrames } from "./frames.ts";
import { openPanel, type Setting, settled } from "./setting.ts";

const SECONDS = 5;
const LONGEST_FRAME_MS = 50;

interface Case {
  readonly words: string;
  readonly linesPerSecond: number;
  readonly prepare: (page: Page) => Promise<void>;
  /** More than a page takes: then the log has to say what is missing. */
  readonly isTooMuch?: true;
}

const CASES: readonly Case[] = [
  { words: "5,000 lines/s", linesPerSecond: 5_000, prepare: async () => {} },
  {
    words: "5,000 lines/s, through a filter that half of them pass",
    linesPerSecond: 5_000,
    prepare: (page) => page.getByRole("searchbox", { name: "Filter" }).fill("/[02468] of a log/"),
  },
  {
    words: "5,000 lines/s, paused",
    linesPerSecond: 5_000,
    prepare: (page) => page.getByRole("button", { name: "Pause" }).click(),
  },
  { words: "10,000 lines/s", linesPerSecond: 10_000, prepare: async () => {}, isTooMuch: true },
];

interface Arrived {
  readonly lines: number;
  readonly gaps: readonly string[];
  readonly last: number;
}

export async function log(setting: Setting): Promise<void> {
  for (const each of CASES) await logCase(setting, each);
}

async function logCase(setting: Setting, { words, linesPerSecond, prepare, isTooMuch }: Case): Promise<void> {
  const page = await openPanel(setting, "logs");
  await page.evaluate(() => {
    const arrived = { lines: 0, gaps: [] as string[], last: 0 };
    Object.assign(window, { arrived });
    document.addEventListener("erl-log", (event) => {
      const { text } = (event as CustomEvent<{ readonly text: string }>).detail;
      if (text.startsWith("line ")) arrived.lines++;
      else arrived.gaps.push(text);
      arrived.last = performance.now();
    });
  });
  await prepare(page);
  // The page has been loaded a moment ago.
  await settled(1_000);
  await watchFrames(page);
  const start = await page.evaluate(() => performance.now());
  const [per, every] = [linesPerSecond / 50, 20];
  // By the clock, since to log takes its time, too.
  const took = await setting.bench.erl.eval(
    `Start = erlang:monotonic_time(millisecond),
     [begin [logger:notice("line ~b of a log that goes on and on", [N]) || N <- lists:seq(1, ${per})],
       timer:sleep(max(0, Start + Tick * ${every} - erlang:monotonic_time(millisecond))) end
      || Tick <- lists:seq(1, ${SECONDS * 50})], erlang:monotonic_time(millisecond) - Start`,
  );
  // Until nothing has come for a second.
  await page.waitForFunction(() => performance.now() - (window as unknown as { arrived: Arrived }).arrived.last > 1_000);
  const frames = await framesOf(page);
  const { lines, gaps, last } = await page.evaluate(() => (window as unknown as { arrived: Arrived }).arrived);
  const logged = linesPerSecond * SECONDS;
  report(`longest frame with ${words}`, { reached: longest(frames), goal: LONGEST_FRAME_MS, unit: " ms" });
  if (isTooMuch !== true) report(`lines that arrived of ${logged}, ${words}`, { reached: lines, goal: logged, atLeast: true });
  else {
    const isTold = lines === logged || gaps.length > 0;
    report(`all of ${logged} lines arrived, or a row says that some are missing`, {
      reached: isTold ? 1 : 0,
      goal: 1,
      atLeast: true,
    });
  }
  const perSecond = lines / ((last - start) / 1_000);
  remark(`logged in ${took} ms; ${lines} arrived, ${perSecond.toFixed(0)}/s; ${describe(frames)}`);
  for (const gap of new Set(gaps.slice(0, 3))) remark(`a row says: ${gap}`);
  if (gaps.length > 0) remark(`such rows: ${gaps.length}`);
  await page.close();
}
