// `npm test`: every check, the cheap ones first, and side by side what does not need each other. All are run even when one fails;
// the last line gives the sum of all tests, where a check without tests of its own counts when it fails. No cache stands between the
// tests and what they test.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startTestRun } from "../test/support/leftovers.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}
interface Result extends Counts {
  readonly line: string;
}
interface Performed extends Result {
  /** Where its output is, when it was not shown yet. */
  readonly file?: string | undefined;
}
interface Check {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
  /** Reads the report that a test runner wrote to this file. */
  readonly report?: { readonly file: string; read: (report: unknown) => Counts };
}

const ROOT = join(import.meta.dirname, "..");
const REPORTS = mkdtempSync(join(tmpdir(), "erl-dist-reports-"));
const VITEST_REPORT = join(REPORTS, "vitest.json");
const PLAYWRIGHT_REPORT = join(REPORTS, "playwright.json");

/** One after the other. In a stage, lanes run side by side; in a lane, checks one after the other. */
const STAGES: readonly (readonly (readonly Check[])[])[] = [
  [
    [
      { name: "types", commands: [["tsc", "-b"]] },
      { name: "build", commands: [["turbo", "run", "build", "--output-logs=errors-only"]] },
      {
        name: "packages",
        commands: ["core", "bridge", "web-demo"].map((name) => ["publint", "run", `packages/${name}`, "--strict"]),
      },
    ],
    [
      { name: "format", commands: [["biome", "format"]] },
      { name: "lint", commands: [["oxlint", "--type-aware"]] },
      { name: "size", commands: [["node", "scripts/size.ts"]] },
    ],
  ],
  [
    [
      {
        name: "tests",
        commands: [["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${VITEST_REPORT}`]],
        report: { file: VITEST_REPORT, read: readVitest },
      },
    ],
    [
      {
        name: "end-to-end tests",
        commands: [["playwright", "test", "--reporter=list,json"]],
        report: { file: PLAYWRIGHT_REPORT, read: readPlaywright },
      },
    ],
  ],
];

const run = startTestRun();
const environment = {
  ...process.env,
  ...run.environment,
  PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`,
  PLAYWRIGHT_JSON_OUTPUT_NAME: PLAYWRIGHT_REPORT,
  // Playwright's caches are kept, not thrown away with the temporary folder.
  PWTEST_CACHE_DIR: join(ROOT, "node_modules/.cache/playwright"),
  NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/node"),
  TURBO_TELEMETRY_DISABLED: "1",
};
const started = performance.now();
const treeBefore = untracked();
const results: Result[] = [];
for (const stage of STAGES) await performStage(stage);
results.push(clean([...(await run.leftovers()), ...untracked().filter((path) => !treeBefore.includes(path))]));
rmSync(REPORTS, { recursive: true });
summarize();

/** The first lane writes as it runs; the others are shown when all have ended, since nobody could read them mixed. */
async function performStage(lanes: readonly (readonly Check[])[]): Promise<void> {
  const performed = lanes.map(async (checks, lane) => {
    const done = [];
    for (const check of checks) done.push(await perform(check, lane === 0 ? undefined : join(REPORTS, `${check.name}.txt`)));
    return done;
  });
  for (const { file, ...each } of (await Promise.all(performed)).flat()) {
    if (file !== undefined) process.stdout.write(readFileSync(file));
    results.push(each);
  }
}

async function perform({ name, commands, report }: Check, file?: string): Promise<Performed> {
  const head = `\n── ${name}\n`;
  const output = file === undefined ? "inherit" : openSync(file, "w");
  if (output === "inherit") process.stdout.write(head);
  else writeSync(output, head);
  const from = performance.now();
  let ok = true;
  for (const command of commands) ok = (await succeeds(command, output)) && ok;
  if (output !== "inherit") closeSync(output);
  const counts = report === undefined ? { passed: 0, failed: 0 } : readReport(report);
  // A crash, an error outside of any test, or no test at all is a failure too.
  const broken = (!ok && counts.failed === 0) || (report !== undefined && counts.passed + counts.failed === 0);
  return { ...result(name, { passed: counts.passed, failed: counts.failed + (broken ? 1 : 0) }, performance.now() - from), file };
}

function readReport({ file, read }: NonNullable<Check["report"]>): Counts {
  return existsSync(file) ? read(JSON.parse(readFileSync(file, "utf8"))) : { passed: 0, failed: 0 };
}

async function succeeds([command = "", ...args]: readonly string[], output: "inherit" | number): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment,
    stdio: ["inherit", output, output],
    shell: process.platform === "win32",
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

function clean(left: readonly string[]): Result {
  for (const thing of left) console.error(`left behind: ${thing}`);
  return result("nothing left behind", { passed: 0, failed: left.length > 0 ? 1 : 0 }, 0);
}

function result(name: string, counts: Counts, ms: number): Result {
  const tests = counts.passed > 0 ? `  ${counts.passed} passed, ${counts.failed} failed` : "";
  return { ...counts, line: `${counts.failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(20)} ${seconds(ms)}${tests}` };
}

function summarize(): void {
  const failed = results.reduce((sum, each) => sum + each.failed, 0);
  console.log(
    `\n${results.map(({ line }) => line).join("\n")}\n     ${"all".padEnd(20)} ${seconds(performance.now() - started)}\n`,
  );
  console.log(`${results.reduce((sum, each) => sum + each.passed, 0)} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}

// Files that git neither keeps nor is told to ignore.
function untracked(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "");
}

// A test that was skipped is one that nobody ran: it counts as failed.
function readVitest(report: unknown): Counts {
  const { numPassedTests: passed, numTotalTests } = report as { numPassedTests: number; numTotalTests: number };
  return { passed, failed: numTotalTests - passed };
}

function readPlaywright(report: unknown): Counts {
  const { expected, unexpected, flaky, skipped } = (
    report as { stats: Record<"expected" | "unexpected" | "flaky" | "skipped", number> }
  ).stats;
  return { passed: expected, failed: unexpected + flaky + skipped };
}
