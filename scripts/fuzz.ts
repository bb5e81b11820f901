// npm run fuzz -- --seconds 60 [--seed N] [--target decode]: mutated input for whatever reads what a peer or a person sent.
// Each input must give a value or the one error that says why not, in bounded time and memory. Prints what it saw; exits
// with 1 on the first finding, whose input and seed it shows.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { connectionTarget } from "../packages/core/test/fuzz/connection-target.ts";
import { seeded } from "../packages/core/test/fuzz/random.ts";
import { type FuzzTarget, termTargets } from "../packages/core/test/fuzz/term-targets.ts";

/** No input of a few kilobytes may keep a node busy for longer, in time of this thread: others may use the machine too. */
const MAX_MS = 250;
/** Heap that is left in use after a run and a collection, above what was there before. */
const MAX_HEAP_MB = 64;
const BATCH = 1000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    target: { type: "string" },
  },
});
const vectors = (name: string): string => readFileSync(new URL(`../packages/core/test/vectors/${name}`, import.meta.url), "utf8");
const targets = [...termTargets(vectors("etf-otp29.jsonl")), connectionTarget(vectors("packets.txt"))].filter(
  ({ name }) => values.target === undefined || values.target === name,
);
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed) || targets.length === 0) {
  console.error("usage: npm run fuzz -- --seconds 60 [--seed N] [--target NAME]");
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s`);
for (const target of targets) run(target, (seconds * 1000) / targets.length);

function run(target: FuzzTarget, forMs: number): void {
  const random = seeded(seed);
  const before = heapMb();
  const end = performance.now() + forMs;
  let inputs = 0;
  let accepted = 0;
  let slowest = 0;
  while (performance.now() < end) {
    for (let count = 0; count < BATCH; count++) {
      const started = process.threadCpuUsage();
      if (target.once(random)) accepted++;
      const { user, system } = process.threadCpuUsage(started);
      slowest = Math.max(slowest, (user + system) / 1000);
      inputs++;
    }
  }
  const grown = Math.round(heapMb() - before);
  console.log(`${target.name}: ${inputs} inputs, ${accepted} accepted, slowest ${slowest.toFixed(1)} ms, heap +${grown} MB`);
  if (slowest > MAX_MS) fail(`an input of ${target.name} took ${slowest.toFixed(0)} ms, more than ${MAX_MS}`);
  if (grown > MAX_HEAP_MB) fail(`${target.name} left ${grown} MB, more than ${MAX_HEAP_MB}`);
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function fail(what: string): never {
  console.error(`${what} (seed ${seed})`);
  process.exit(1);
}
