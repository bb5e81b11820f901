// npm run bench:console: what the console costs with a node of 100,000 processes and with a log of 5,000 lines a second. Prints what it
// saw next to what it is held to, and ends with 1 where that is missed. Nothing else should run meanwhile. `npm run bench:console -- log`
// does a part alone: `list`, `scroll` or `log`.
import { chromium, type Page } from "@playwright/test";
import { ErlangNode, atom } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { openConsole, startBench } from "../e2e/support/console.ts";
import { topBindings } from "../packages/web-demo/src/panels/processes/process-row.ts";
import { TOP } from "../packages/web-demo/src/panels/processes/recipes.ts";
import { RemoteNode } from "../packages/web-demo/src/remote/remote-node.ts";
import { chromiumLaunch } from "./chromium.ts";

const PROCESSES = 100_000;
const ROUNDS = 7;
const LARGEST_RATIO = 1.5;
const LINES_PER_SECOND = 5_000;
const SECONDS = 5;
const LONGEST_FRAME_MS = 50;
const GUARD = { timeoutMs: 60_000, maxHeapBytes: 1024 * 1024 * 1024 };

/** What the list is measured against: the same top, evaluated as one would type it. */
const BARE = `Top = fun(K, N) -> lists:sublist(lists:reverse(lists:keysort(2, [{P, V} || P <- processes(), {_, V} <- [process_info(P, K)]])), N) end,
  [{P, V, process_info(P, [registered_name, initial_call, current_function, memory, reductions, message_queue_len, status])}
   || {P, V} <- Top(Item, Count)]`;

const wanted = process.argv.slice(2);
const does = (part: string): boolean => wanted.length === 0 || wanted.includes(part);

const bench = await startBench({ erl: { args: ["+P", "1000000"] } });
try {
  const browser = await chromium.launch(chromiumLaunch());
  try {
    // Before there are so many processes, since they are no part of it.
    if (does("log")) await log(await browser.newPage());
    if (does("list") || does("scroll")) {
      await bench.erl.eval(`[spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, ${PROCESSES})], ok`);
    }
    if (does("list")) await list();
    if (does("scroll")) await scroll(await browser.newPage());
  } finally {
    await browser.close();
  }
} finally {
  await bench.stop();
}

async function list(): Promise<void> {
  const node = await ErlangNode.start({ cookie: bench.erl.cookie, connect: tcp({ portNo: bench.erl.portNo }) });
  await node.connect(bench.erl.name);
  const remote = new RemoteNode(node, bench.erl.name);
  const bindings = topBindings({ sort: "memory", limit: 100, windowMs: 0, filter: "" });
  const bare: number[] = [];
  const top: number[] = [];
  // In turns, so that what else the machine does meets both alike.
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await timed(() => remote.evaluate(BARE, { Item: atom("memory"), Count: 100 }, GUARD)));
    top.push(await timed(() => remote.evaluate(TOP, bindings, GUARD)));
  }
  await node.stop();
  const ratio = median(top) / median(bare);
  report(
    `top 100 of ${PROCESSES} processes: ${median(top).toFixed(0)} ms; bare evaluation ${median(bare).toFixed(0)} ms; ratio ${ratio.toFixed(2)}`,
    ratio < LARGEST_RATIO,
    `below ${LARGEST_RATIO}`,
  );
}

async function scroll(page: Page): Promise<void> {
  await openConsole(page, bench, { panels: "processes" });
  await page.getByRole("combobox", { name: "Show" }).selectOption("0");
  await page.getByText(/^1\d\d,\d{3} processes/).waitFor({ timeout: 60_000 });
  const grid = page.getByRole("grid", { name: "Processes" });
  await watchFrames(page);
  for (let step = 0; step < 60; step++) {
    await grid.evaluate((element, part) => {
      element.scrollTop = (element.scrollHeight * part) / 60;
    }, step);
    await page.waitForTimeout(30);
  }
  const frames = await framesOf(page);
  report(
    `scrolling through all of them: ${describe(frames)}`,
    longest(frames) <= LONGEST_FRAME_MS,
    `${LONGEST_FRAME_MS} ms at most`,
  );
  await page.close();
}

async function log(page: Page): Promise<void> {
  await openConsole(page, bench, { panels: "logs" });
  await page.getByText(/^the node logs/).waitFor();
  await page.evaluate(() => {
    const log = { lines: 0, gaps: [] as string[], last: 0 };
    Object.assign(window, { log });
    document.addEventListener("erl-log", (event) => {
      const { text } = (event as CustomEvent<{ readonly text: string }>).detail;
      if (text.startsWith("line ")) log.lines++;
      else log.gaps.push(text);
      log.last = performance.now();
    });
  });
  // The page has been loaded a moment ago.
  await page.waitForTimeout(1_000);
  await watchFrames(page);
  const start = await page.evaluate(() => performance.now());
  const [per, every] = [LINES_PER_SECOND / 50, 20];
  // By the clock, since to log takes its time, too.
  const took = await bench.erl.eval(
    `Start = erlang:monotonic_time(millisecond),
     [begin [logger:notice("line ~b of a log that goes on and on", [N]) || N <- lists:seq(1, ${per})],
       timer:sleep(max(0, Start + Tick * ${every} - erlang:monotonic_time(millisecond))) end
      || Tick <- lists:seq(1, ${SECONDS * 50})], erlang:monotonic_time(millisecond) - Start`,
  );
  // Until nothing has come for a second.
  await page.waitForFunction(() => performance.now() - (window as unknown as { log: { last: number } }).log.last > 1_000);
  const frames = await framesOf(page);
  const { lines, gaps, last } = await page.evaluate(
    () => (window as unknown as { log: { lines: number; gaps: string[]; last: number } }).log,
  );
  const logged = LINES_PER_SECOND * SECONDS;
  const perSecond = lines / ((last - start) / 1000);
  console.log(`     logged ${logged} lines in ${took} ms; ${lines} of them arrived, ${perSecond.toFixed(0)}/s`);
  for (const gap of gaps) console.log(`     ${gap}`);
  report(
    `${LINES_PER_SECOND} log lines/s for ${SECONDS} s: ${describe(frames)}`,
    longest(frames) <= LONGEST_FRAME_MS,
    `${LONGEST_FRAME_MS} ms at most`,
  );
  report(`${lines} of ${logged} lines in the page`, lines === logged, "all of them");
  await page.close();
}

async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: number[] = [];
    const scripts: number[] = [0];
    Object.assign(window, { frames, scripts });
    // Only of frames over 50 ms: whether it was the page that took them, or the machine.
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const parts = (entry as PerformanceEntry & { scripts: readonly PerformanceEntry[] }).scripts;
        scripts.push(parts.reduce((sum, { duration }) => sum + duration, 0));
      }
    }).observe({ type: "long-animation-frame" });
    let last = performance.now();
    const next = (): void => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

interface Frames {
  readonly frames: readonly number[];
  /** What the page's own scripts took of each that was long. */
  readonly scripts: readonly number[];
}

function framesOf(page: Page): Promise<Frames> {
  return page.evaluate(() => {
    const { frames, scripts } = window as unknown as Frames;
    return { frames, scripts };
  });
}

function longest({ frames }: Frames): number {
  return Math.max(...frames);
}

function describe({ frames, scripts }: Frames): string {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(0);
  return `${frames.length} frames, median ${at(0.5)} ms, 99 % within ${at(0.99)} ms, longest ${at(1)} ms; scripts in long ones ${Math.max(...scripts).toFixed(0)} ms`;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function report(what: string, held: boolean, goal: string): void {
  console.log(`${held ? "ok  " : "MISS"} ${what} (${goal})`);
  if (!held) process.exitCode = 1;
}
