// `npm run bench:console`: what the console costs, with a log of thousands of lines a second and with 100,000 processes on the node; each
// figure beside what it is held to. Nothing else should run meanwhile. `npm run bench:console -- log list` does parts alone.
import { chromium } from "@playwright/test";
import { startBench } from "../../e2e/support/console.ts";
import { chromiumLaunch } from "../../scripts/chromium.ts";
import { cost } from "./cost.ts";
import { firstPanel } from "./first-panel.ts";
import { list } from "./list.ts";
import { log } from "./log.ts";
import { memory } from "./memory.ts";
import { scroll } from "./scroll.ts";
import { fillWith, type Setting } from "./setting.ts";
import { traffic } from "./traffic.ts";

const MANY = 100_000;

/** In this order: there are ever more processes on the node. */
const PARTS: Readonly<Record<string, (setting: Setting) => Promise<void>>> = {
  first: firstPanel,
  log,
  traffic,
  memory,
  cost: (setting) => cost(setting, 10_000),
  "cost-of-many": (setting) => cost(setting, MANY),
  list: (setting) => withMany(setting, list),
  scroll: (setting) => withMany(setting, scroll),
};

const asked = process.argv.slice(2);
for (const name of asked)
  if (!(name in PARTS)) throw new Error(`no part is called ${name}: there are ${Object.keys(PARTS).join(", ")}`);
await using stack = new AsyncDisposableStack();
// Schedulers that wait actively would be taken for ones that work.
const bench = stack.adopt(await startBench({ erl: { args: ["+P", "1000000", "+sbwt", "none"] } }), (each) => each.stop());
const browser = stack.adopt(await chromium.launch(chromiumLaunch()), (each) => each.close());
for (const [name, run] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  await run({ bench, browser });
}

async function withMany(setting: Setting, run: (setting: Setting) => Promise<void>): Promise<void> {
  await fillWith(setting, MANY);
  await run(setting);
}
