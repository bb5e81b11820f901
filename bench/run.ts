// `npm run bench`, or one of its parts: `node -C @erl-dist/source bench/run.ts etf dist`. Prints its tables; `--write` makes
// docs/BENCHMARKS.md of them. `--quick` takes a minute, and is good for seeing whether a change matters.
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
const sections: Section[] = [];
const made = machine();
for (const [name, run] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const section = await run();
  printSection(section);
  sections.push(section);
}
if (process.argv.includes("--write")) writeFileSync(BENCHMARKS, document(sections));

function document(parts: readonly Section[]): string {
  const head = `# Benchmarks

Written by \`npm run bench -- --write\`. Figures of different machines, or of different days on one, say nothing about each other: only
the ratios within one table do, for their sides were measured in turn, round by round.

${made}
`;
  const bodies = parts.map(({ title, body, missing }) => {
    const lacking = missing.length === 0 ? "" : `\n\n${missing.map((what) => `- Missing: ${what}`).join("\n")}`;
    return `## ${title}\n\n${body}${lacking}\n`;
  });
  return [head, ...bodies, readFileSync(PROFILE, "utf8")].join("\n");
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
