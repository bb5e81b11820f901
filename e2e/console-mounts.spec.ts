// A page that puts a console there and takes it away again and again: nothing of it stays on the node, and nothing in the page.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type CDPSession, expect, type Page, test } from "@playwright/test";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { releases } from "../test/support/otp.ts";
import { type ConsoleBench, NONCE, openConsole, startBench } from "./support/console.ts";
import { startTrace } from "./support/panels.ts";

const TWO_SECONDS = { timeout: 2_000, intervals: [100] };
const MOUNTS = 100;
/** The first ones load the code of the panels, which stays. */
const MOUNTS_BEFORE = 3;
const ATTRIBUTES = { panels: "shell tree logs trace", panel: "shell", allow: "eval trace log-level" };

let bench: ConsoleBench;

/** What a console makes on the node: processes with groups, shells and evaluators, log handlers, traces, and the page's own node. */
function onNode(): Promise<string> {
  return bench.erl.eval(`{length(processes()),
    [Id || Id <- logger:get_handler_ids(), lists:prefix("erl_console", atom_to_list(Id))],
    [P || P <- processes(), erlang:trace_info(P, flags) =/= {flags, []}], erlang:trace_info({lists, last, 1}, traced),
    try trace:session_info(all) catch error:undef -> none end, nodes(connected)}`);
}

/** Waits until the console is connected, has a shell, shows the applications, reads the log and traces. */
async function openPanels(page: Page): Promise<void> {
  await expect(page.locator("erl-shell").getByRole("status").filter({ hasText: "is running on" })).toBeAttached({
    timeout: 30_000,
  });
  await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.openPanel("tree"));
  await expect(page.getByRole("treeitem", { name: /^kernel / })).toBeVisible();
  await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.openPanel("logs"));
  await expect(page.getByLabel("Node's level")).toBeVisible();
  await page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.openPanel("trace"));
  await startTrace(page, "init", "lists:last/1");
}

const unmount = (page: Page): Promise<void> => page.evaluate(() => document.querySelector("erl-console")?.remove());

async function mount(page: Page): Promise<void> {
  await page.evaluate(
    (attributes) => {
      const shop = document.createElement("erl-console");
      for (const [name, value] of Object.entries(attributes)) shop.setAttribute(name, value);
      document.querySelector("main")?.append(shop);
    },
    {
      ...ATTRIBUTES,
      bridge: bench.bridge.url,
      node: bench.erl.name,
      cookie: bench.erl.cookie,
      autoconnect: "",
      "csp-nonce": NONCE,
    },
  );
  await openPanels(page);
}

/** Listeners in the page, of which none is garbage. */
async function listeners(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.collectGarbage");
  return (await cdp.send("Memory.getDOMCounters")).jsEventListeners;
}

for (const release of releases()) {
  test.describe(`with OTP ${release.otp}`, () => {
    test.beforeAll(async () => {
      bench = await startBench({ erl: { release } });
    });
    test.afterAll(() => bench.stop());

    test(`leaves nothing on the node and no listener in the page, mounted and unmounted ${MOUNTS} times`, async ({ page }) => {
      test.setTimeout(480_000);
      const before = await onNode();
      await openConsole(page, bench, ATTRIBUTES);
      await openPanels(page);
      expect(await onNode()).toContain("erl_console");
      await unmount(page);
      for (let count = 1; count < MOUNTS_BEFORE; count++) {
        await mount(page);
        await unmount(page);
      }
      await expect.poll(onNode).toBe(before);
      const cdp = await page.context().newCDPSession(page);
      const first = await listeners(cdp);
      for (let count = MOUNTS_BEFORE; count < MOUNTS; count++) {
        await mount(page);
        await unmount(page);
      }
      await expect.poll(onNode).toBe(before);
      await expect.poll(() => listeners(cdp)).toBeLessThanOrEqual(first);
    });

    test("leaves nothing on the node two seconds after its page has crashed", async ({ page }) => {
      const before = await onNode();
      await openConsole(page, bench, ATTRIBUTES);
      await openPanels(page);
      expect(await onNode()).toContain("erl_console");
      const cdp = await page.context().newCDPSession(page);
      const crashed = page.waitForEvent("crash");
      void cdp.send("Page.crash").catch(() => undefined);
      await crashed;
      await expect.poll(onNode, TWO_SECONDS).toBe(before);
    });

    test("leaves nothing on the node two seconds after its tab was closed, with all that belongs to it", async ({ browser }) => {
      const before = await onNode();
      const context = await browser.newContext();
      const page = await context.newPage();
      await openConsole(page, bench, ATTRIBUTES);
      await openPanels(page);
      expect(await onNode()).toContain("erl_console");
      await context.close();
      await expect.poll(onNode, TWO_SECONDS).toBe(before);
    });

    test("leaves nothing on the node two seconds after its socket was cut, in the page and in the bridge", async ({ page }) => {
      const before = await onNode();
      const cable = await startCable(Number(new URL(bench.bridge.url).port));
      await openConsole(page, bench, { ...ATTRIBUTES, bridge: cable.url });
      await openPanels(page);
      expect(await onNode()).toContain("erl_console");
      await cable.cut();
      await expect.poll(onNode, TWO_SECONDS).toBe(before);
      await expect(page.getByText("Reconnecting", { exact: true })).toBeVisible();
    });
  });
}

/** A way to a port that can be cut: then both ends are reset at once, and nobody gets through any more. */
async function startCable(portNo: number): Promise<{ readonly url: string; cut(): Promise<void> }> {
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(portNo, "127.0.0.1");
    for (const end of [near, far]) end.on("error", () => end.destroy());
    near.pipe(far).pipe(near);
    ends.push(near, far);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}/`,
    async cut() {
      for (const end of ends) end.resetAndDestroy();
      await once(server.close(), "close");
    },
  };
}
