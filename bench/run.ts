// `npm run bench`, or one of its parts: `node -C @erl-dist/source bench/run.ts etf dist`. Prints its tables; `--write` makes
// docs/BENCHMARKS.md of them; the parts that were not asked for stay in it as they were. `--quick` takes a minute, and is good for seeing whether a change matters.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchDist } from "./distribution/run.ts";
import { benchEtf } from "./etf/run.ts";
import { benchPage } from "./page/run.ts";
import { benchScale, FULL, QUICK } from "./scale/run.ts";
import { benchSize } from "./size/run.ts";
import { machine } from "./support/machine.ts";
import { printSection, type Section } from "./support/section.ts";

const BENCHMARKS = join(import.meta.dirname, "../docs/BENCHMARKS.md");
const PROFILE = join(import.meta.dirname, "profile.md");

const isQuick = process.argv.includes("--quick");
const QUICK_ETF = { rounds: 3, ms: 15, warmMs: 30, codecs: ["erl-dist", "JSON", "JSON and UTF-8", "msgpackr"] };
const PARTS: Readonly<Record<string, () => Promise<Section>>> = {
  etf: () => benchEtf(isQuick ? QUICK_ETF : { rounds: 7, ms: 40, warmMs: 120 }),
  dist: () => benchDist(isQuick ? { rounds: 3, less: 10 } : { rounds: 5, less: 1 }),
  scale: () => benchScale(isQuick ? QUICK : FULL),
  size: () => benchSize(),
  page: () => benchPage({ rounds: isQuick ? 3 : 15 }),
  console: () => benchOf("The console (`npm run bench:console`)", "console/run.ts"),
  bridge: () => benchOf("The bridge (`npm run bench:bridge`)", "bridge/run.ts", ...(isQuick ? ["--quick"] : [])),
  worker: () => benchOf("The Worker (`npm run bench:worker`)", "worker/bench.ts"),
};

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
for (const name of asked)
  if (!(name in PARTS)) throw new Error(`no bench is called ${name}: there are ${Object.keys(PARTS).join(", ")}`);
const earlier = readFileSync(BENCHMARKS, "utf8");
const bodies: string[] = [];
const made = machine();
for (const [name, run] of Object.entries(PARTS)) {
  const wasAsked = asked.length === 0 || asked.includes(name);
  const body = wasAsked ? textOf(await performed(run)) : earlierText(name);
  if (body !== undefined) bodies.push(body);
}
if (process.argv.includes("--write")) writeFileSync(BENCHMARKS, document());

async function performed(run: () => Promise<Section>): Promise<Section> {
  const section = await run();
  printSection(section);
  return section;
}

function document(): string {
  // What a part that stays was made with is said in it.
  const head = `# Benchmarks

Written by \`npm run bench -- --write\`. Figures of different machines, or of different days on one, say nothing about each other: only
the ratios within one table do, for their sides were measured in turn, round by round.
`;
  return [head, ...bodies, readFileSync(PROFILE, "utf8")].join("\n");
}

function textOf({ title, body, missing }: Section): string {
  const lacking = missing.length === 0 ? "" : `\n\n${missing.map((what) => `- Missing: ${what}`).join("\n")}`;
  return `## ${title}\n\n${made}\n\n${body}${lacking}\n`;
}

/** The section of a part as the document has it, up to the next one. */
function earlierText(name: string): string | undefined {
  const start = earlier.search(new RegExp(`^## .*\`npm run bench:${name}\``, "m"));
  if (start < 0) return undefined;
  const end = earlier.indexOf("\n## ", start);
  return `${earlier.slice(start, end < 0 ? undefined : end).trimEnd()}\n`;
}

/** The bridge and the Worker have benches of their own, which print what they found. */
async function benchOf(title: string, file: string, ...args: string[]): Promise<Section> {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["-C", "@erl-dist/source", join(import.meta.dirname, file), ...args],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  const missing = status === 0 ? [] : [`bench/${file} ended with ${status}: ${stderr.trim().split("\n").at(-1) ?? ""}`];
  return { title, body: `\`\`\`\n${stdout.trimEnd()}\n\`\`\``, missing };
}
