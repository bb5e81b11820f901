// Where the console's connection lives: in a worker, so that a page that stands still keeps it; in the page where there can be none.
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import type { InlineConfig } from "vite";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { type ConsoleBench, openConsole, ownName, startBench, watchPage } from "./support/console.ts";
import { buildPage, servePage } from "./support/page-server.ts";
import { reconnectNow } from "./support/reconnect.ts";

const TICK_SECONDS = 2;
/** Longer than the node waits for one who is silent. */
const STANDSTILL_MS = 2 * TICK_SECONDS * 1000;

const BUNDLED: InlineConfig = {
  root: join(import.meta.dirname, "support/bundled-page"),
  resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
  worker: { format: "es" },
};

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench({ erl: { args: ["-kernel", "net_ticktime", `${TICK_SECONDS}`] } });
});
test.afterAll(() => bench.stop());

const workers = (page: Page): number => page.workers().length;

/** Of a ping, in milliseconds; undefined when there is no answer. */
function roundTrip(page: Page): Promise<number | undefined> {
  return page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.ping());
}

/** Lets the page run nothing for that long, as a breakpoint does, or a computation that never lets go. */
function standStill(page: Page): Promise<void> {
  return page.evaluate((timeMs) => {
    const end = performance.now() + timeMs;
    while (performance.now() < end);
  }, STANDSTILL_MS);
}

/** The nodes that the Erlang node has lost since it was asked to look, by name. */
async function watchNodes(): Promise<() => Promise<string>> {
  await bench.erl.eval(`register(node_watcher, spawn(fun() ->
    net_kernel:monitor_nodes(true, #{node_type => all}),
    (fun F(Lost) -> receive
      {nodedown, Node, _} -> F([Node | Lost]);
      {lost, From} -> From ! {lost, Lost};
      _ -> F(Lost)
    end end)([])
  end))`);
  return () => bench.erl.eval(`node_watcher ! {lost, self()}, receive {lost, Lost} -> Lost end`);
}

test("a page that stands still for longer than net_ticktime keeps its connection, and its node", async ({ page }) => {
  await openConsole(page, bench);
  expect(workers(page)).toBe(1);
  const name = await ownName(page);
  const lost = await watchNodes();
  await standStill(page);
  expect(await roundTrip(page)).toBeGreaterThan(0);
  expect(await ownName(page)).toBe(name);
  expect(await lost()).toBe("[]");
});

test("the same page without a worker loses both", async ({ page }) => {
  await openConsole(page, bench, { "without-worker": "" });
  expect(workers(page)).toBe(0);
  const name = await ownName(page);
  const lost = await watchNodes();
  await standStill(page);
  await expect.poll(lost).toBe(`['${name}']`);
});

test("what came while the page stood still is there afterwards, in its order", async ({ page }) => {
  await openConsole(page, bench, { panel: "messages" });
  const name = await ownName(page);
  const sent = bench.erl.eval(`[{console, '${name}'} ! {message, N} || N <- lists:seq(1, 500)], timer:sleep(1000), ok`);
  await standStill(page);
  await sent;
  await expect(page.getByText("{message,500}")).toBeVisible();
  const shown = await page
    .locator("erl-messages")
    .getByText(/^\{message,\d+\}$/)
    .allTextContents();
  expect(shown).toEqual(Array.from({ length: 500 }, (_, index) => `{message,${index + 1}}`).slice(-shown.length));
  expect(shown.length).toBeGreaterThan(1);
});

test("the worker ends with the connection, and with the element", async ({ page }) => {
  await openConsole(page, bench);
  expect(workers(page)).toBe(1);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect.poll(() => workers(page)).toBe(0);
  await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.connect());
  expect(workers(page)).toBe(1);
  await page.evaluate(() => document.querySelector("erl-console")?.remove());
  await expect.poll(() => workers(page)).toBe(0);
});

test("a worker that fails costs the connection, which comes back in another one", async ({ page }) => {
  await openConsole(page, bench);
  const [worker] = page.workers();
  if (worker === undefined) throw new Error("there is no worker");
  const name = await ownName(page);
  const lost = page.evaluate(
    () =>
      new Promise((resolve) => {
        document
          .querySelector("erl-console")
          ?.addEventListener("erl-disconnect", ({ detail }) => resolve(detail.failure?.detail));
      }),
  );
  await worker.evaluate(() => {
    setTimeout(() => {
      throw new Error("no memory left");
    });
  });
  expect(await lost).toMatch(/^The worker of this page that had the connection to .* failed: .*no memory left$/);
  await reconnectNow(page);
  await expect.poll(() => ownName(page)).toBe(name);
  expect(workers(page)).toBe(1);
  expect(page.workers()[0]).not.toBe(worker);
});

test("a policy that allows no worker has the connection in the page", async ({ page }) => {
  await openConsole(page, bench, { policy: "worker-src 'none'" });
  expect(workers(page)).toBe(0);
  expect(await roundTrip(page)).toBeGreaterThan(0);
});

test("a file that comes from another server has a worker, too", async ({ page }) => {
  const errors = watchPage(page);
  const embedder = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    if (request.url !== "/") response.statusCode = 404;
    response.end(`<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">
      <script type="module" src="${bench.url}erl-console.js"></script>
      <erl-console bridge="${bench.bridge.url}" node="${bench.erl.name}" cookie="${bench.erl.cookie}" autoconnect></erl-console>`);
  });
  await once(embedder.listen(0, "127.0.0.1"), "listening");
  try {
    await page.goto(`http://127.0.0.1:${(embedder.address() as { port: number }).port}/`);
    await expect(page.getByRole("status").filter({ hasText: `Connected to ${bench.erl.name} as ` })).toBeAttached();
    expect(page.workers().map((worker) => new URL(worker.url()).protocol)).toEqual(["blob:"]);
    expect(errors).toEqual([]);
  } finally {
    embedder.closeAllConnections();
    embedder.close();
  }
});

test("a page of a bundler's names the worker's file, which the bundler has made of ours", async ({ page }) => {
  const errors = watchPage(page);
  await using server = await servePage(await buildPage(BUNDLED));
  const attributes = { bridge: bench.bridge.url, node: bench.erl.name, cookie: bench.erl.cookie };
  await page.goto(`${server.url}?${new URLSearchParams(attributes).toString()}`);
  await expect(page.getByRole("status").filter({ hasText: `Connected to ${bench.erl.name} as ` })).toBeAttached();
  expect(page.workers().map((worker) => new URL(worker.url()).pathname)).toEqual([
    expect.stringMatching(/^\/assets\/worker-.*\.js$/),
  ]);
  expect(await roundTrip(page)).toBeGreaterThan(0);
  expect(errors).toEqual([]);
});
