// `npm run bench:page`: how long a page in Chromium takes from nothing to the first answer of a call, through the bridge in a process
// of its own, beside the handshake alone. Each round is a page that was just loaded, and then the same page again.
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { startBridge } from "../../e2e/support/bridge.ts";
import { buildPage, servePage } from "../../e2e/support/page-server.ts";
import { chromiumLaunch } from "../../scripts/chromium.ts";
import { startErl } from "../../test/support/otp.ts";
import type { Section } from "../support/section.ts";
import { median, spread } from "../support/statistics.ts";
import { digits, duration, table } from "../support/table.ts";
import type { FirstCall } from "./page.ts";

/** The first answer, as a multiple of what the handshake's round trips take. */
const GOAL = 3;

export async function benchPage({ rounds }: { readonly rounds: number }): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  const erl = stack.use(await startErl());
  const bridge = await startBridge(["--port=0", `--dev=${erl.name}:${erl.portNo}`]);
  stack.defer(() => bridge.stop());
  const built = await buildPage({
    configFile: false,
    root: import.meta.dirname,
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: { lib: { entry: join(import.meta.dirname, "page.ts"), formats: ["es"], fileName: "page" } },
  });
  const html = `<!doctype html><title>bench</title><link rel="icon" href="data:," /><script type="module" src="/page.js"></script>`;
  const server = stack.use(await servePage(new Map([...built, ["/index.html", html]])));
  const browser = await chromium.launch(chromiumLaunch());
  stack.defer(() => browser.close());

  const loaded: FirstCall[] = [];
  const again: FirstCall[] = [];
  for (let round = 0; round <= rounds; round++) {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => "firstCall" in window);
    for (const samples of [loaded, again]) {
      const sample = await page.evaluate(([url, peer, cookie]) => window.firstCall(url, peer, cookie), [
        bridge.url,
        erl.name,
        erl.cookie,
      ] as const);
      // The first round warms up the bridge and the node.
      if (round > 0) samples.push(sample);
    }
    await page.close();
  }
  return { title: "A page's first call (`npm run bench:page`)", body: report({ "just loaded": loaded, again }), missing: [] };
}

function report(samples: Readonly<Record<string, readonly FirstCall[]>>): string {
  const rows = Object.entries(samples).map(([page, calls]) => {
    const handshakes = calls.map(({ openedMs, connectedMs }) => connectedMs - openedMs);
    const answers = calls.map(({ connectedMs, answeredMs }) => answeredMs - connectedMs);
    const ratios = calls.map(({ openedMs, connectedMs, answeredMs }) => (answeredMs - openedMs) / (connectedMs - openedMs));
    return [
      page,
      duration(median(calls.map(({ openedMs }) => openedMs)) * 1e6),
      duration(median(handshakes) * 1e6),
      duration(median(answers) * 1e6),
      `${digits(median(ratios))} (${(spread(ratios) * 100).toFixed(0)} %)`,
      median(ratios) <= GOAL ? "met" : "missed",
    ];
  });
  const head = ["page", "WebSocket opens", "handshake", "erpc", "answer ÷ handshake (spread)", `goal ${GOAL}`];
  return `From the open WebSocket to the first answer of an erpc, as a multiple of the handshake alone.\n\n${table(head, rows)}`;
}
