// `npm run test:matrix`: runs the tests that meet real nodes on every release that is there, and the slow ones beside them, prints what
// each shows row by row, and writes that table to docs/CONFORMANCE.md. `--report FILE` (again and again, if need be) reads the
// report of an earlier run instead of running anything.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { ROWS, rowsOf } from "../test/conformance/rows.ts";
import { type Report, readReport, type Shown, type Status, statusOf } from "../test/conformance/status.ts";
import { type Release, releases } from "../test/support/otp.ts";
import { readRepository } from "../test/support/sources.ts";

const ROOT = join(import.meta.dirname, "..");
const PROJECTS = ["core", "bridge", "web-demo-nodejs", "worker", "worker-tls", "project"];

const { values } = parseArgs({ options: { report: { type: "string", multiple: true } } });
const found = releases();
const { reports, ok } = values.report === undefined ? await runTests() : { reports: values.report.map(read), ok: true };
const shown = reports.flatMap(readReport);
const columns = found.map(({ otp }) => otp);
console.log(`\n${textTable(columns, shown)}`);
writeFileSync(join(ROOT, "docs/CONFORMANCE.md"), document(found, shown));
process.exitCode = ok ? 0 : 1;

async function runTests(): Promise<{ readonly reports: readonly Report[]; readonly ok: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-conformance-"));
  const runs = [
    { name: "slow tests", args: ["--config", "vitest.slow.config.ts"] },
    { name: "tests", args: [...PROJECTS.flatMap((name) => ["--project", name]), ...files()] },
  ];
  try {
    const done = await Promise.all(runs.map(({ name, args }) => run(args, join(folder, `${name}.json`))));
    for (const [index, { code }] of done.entries()) if (code !== 0) console.error(`FAIL ${runs[index]?.name}`);
    return { reports: done.map(({ report }) => report), ok: done.every(({ code }) => code === 0) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those that depend on the release, and those that show a row without a node. The others show the same as in `npm test`. */
function files(): string[] {
  const depends = (text: string): boolean => text.includes("releases(") || rowsOf(text).length > 0;
  return readRepository("*.test.ts")
    .filter(({ text }) => depends(text))
    .map(({ path }) => path);
}

async function run(args: readonly string[], file: string): Promise<{ readonly report: Report; readonly code: number | null }> {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const child = spawn("vitest", ["run", ...args, ...reporters], {
    cwd: ROOT,
    env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` },
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (!existsSync(file)) throw new Error(`vitest wrote no report: ${args.join(" ")}`);
  return { report: read(file), code };
}

function read(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

/** As in `27.3.4.1`; the emulator itself tells only the first number. */
function fullVersion({ prefix, otp }: Release): string {
  const program = `{ok, V} = file:read_file(filename:join([code:root_dir(), "releases", "${otp}", "OTP_VERSION"])), io:put_chars(V), halt().`;
  const [file, ...args] = [...prefix, "erl", "-noshell", "-eval", program];
  const environment = { ...process.env, HOME: tmpdir(), ERL_CRASH_DUMP: "/dev/null" };
  return execFileSync(file, args, { encoding: "utf8", env: environment }).trim();
}

function textTable(otps: readonly string[], shownRows: readonly Shown[]): string {
  const line = (head: string, cells: readonly string[], tail: string): string =>
    `${head.padStart(4)}  ${cells.map((cell) => cell.padEnd(23)).join("")}${tail}`;
  const lines = ROWS.map((row) =>
    line(
      row.row,
      otps.map((otp) => statusOf(row, otp, shownRows).status),
      row.behaviour,
    ),
  );
  return [
    line(
      "row",
      otps.map((otp) => `OTP ${otp}`),
      "",
    ),
    ...lines,
  ].join("\n");
}

function document(installed: readonly Release[], shownRows: readonly Shown[]): string {
  const versions = installed.map((release) => `OTP ${release.otp} (${fullVersion(release)})`);
  return `# Conformance

What erl-dist shows towards real Erlang nodes. \`npm run test:matrix\` writes this file: it runs the tests with each release and
looks up which rows they name (\`test/conformance/rows.ts\`). Last written with ${versions.join(", ")}.

A row *passes* on a release when every test that names it passed there, and there was one. Where no real node can take part in
what a row says, the tests have peers of our own, and the table says why.

${[...new Set(ROWS.map(({ area }) => area))].map((area) => section(area, installed, shownRows)).join("\n")}`;
}

function section(area: string, installed: readonly Release[], shownRows: readonly Shown[]): string {
  const rows = ROWS.filter((row) => row.area === area);
  const head = ["", "", ...installed.map(({ otp }) => `OTP ${otp}`)];
  const lines = rows.map((row) => {
    const cells = installed.map(({ otp }) => statusOf(row, otp, shownRows));
    return `| ${row.row} | ${row.behaviour} | ${cells.map((cell, index) => words(cell, cells[index - 1])).join(" | ")} |`;
  });
  return [`## ${area}`, "", `| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...lines, ""].join("\n");
}

/** A reason that was told beside is not told again. */
function words({ status, reason }: Status, beside: Status | undefined): string {
  return reason === undefined || reason === beside?.reason ? status : `${status}: ${reason}`;
}
