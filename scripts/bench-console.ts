// npm run bench:console: what the console costs with a node of 100,000 processes and with a log of 5,000 lines a second. Prints what it
// saw next to what it is held to, and ends with 1 where that is missed. Nothing else should run meanwhile.
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

const bench = await startBench({ erl: { args: ["+P", "1000000"] } });
try {
  await bench.erl.eval(`[spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, ${PROCESSES})], ok`);
  await list();
  const browser = await chromium.launch(chromiumLaunch());
  try {
    await scroll(await browser.newPage());
    await log(await browser.newPage());
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
  const longest = await longestFrame(page);
  report(
    `scrolling through all of them: longest frame ${longest.toFixed(0)} ms`,
    longest <= LONGEST_FRAME_MS,
    `${LONGEST_FRAME_MS} ms at most`,
  );
  await page.close();
}

async function log(page: Page): Promise<void> {
  await openConsole(page, bench, { panels: "logs" });
  await page.getByText(/^the node logs/).waitFor();
  await watchFrames(page);
  const [per, every] = [LINES_PER_SECOND / 50, 20];
  await bench.erl.eval(
    `[begin [logger:notice("line ~b of a log that goes on and on", [N]) || N <- lists:seq(1, ${per})], timer:sleep(${every}) end
      || _ <- lists:seq(1, ${SECONDS * 50})], ok`,
  );
  await page.waitForTimeout(1_000);
  const longest = await longestFrame(page);
  const seen = await page
    .getByText(/ events/)
    .first()
    .textContent();
  report(
    `${LINES_PER_SECOND} log lines/s for ${SECONDS} s: longest frame ${longest.toFixed(0)} ms; the console says: ${seen?.trim()}`,
    longest <= LONGEST_FRAME_MS,
    `${LONGEST_FRAME_MS} ms at most`,
  );
  await page.close();
}

async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames = { longest: 0, last: performance.now() };
    Object.assign(window, { frames });
    const next = (): void => {
      const now = performance.now();
      frames.longest = Math.max(frames.longest, now - frames.last);
      frames.last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

function longestFrame(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { frames: { longest: number } }).frames.longest);
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
