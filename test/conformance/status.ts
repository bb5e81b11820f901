// From the report of a test run to the status of each row on each release.
import { type Row, rowsOf } from "./rows.ts";

/** What we need of vitest's JSON report. */
export interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly TestResult[] }[];
}

interface TestResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/** One test that names a row. */
export interface Shown {
  readonly row: string;
  /** Undefined when the test is about all releases, since it needs none. */
  readonly otp: string | undefined;
  readonly passed: boolean;
}

export interface Status {
  readonly status: "passes" | "passes without a node" | "fails" | "not applicable" | "not done";
  readonly reason?: string;
}

export function readReport(report: Report): Shown[] {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return tests.flatMap(({ ancestorTitles, title, status }) => {
    const path = [...ancestorTitles, title].join(" ");
    const otp = /\bOTP (\d+)\b/.exec(path)?.[1];
    return rowsOf(path).map((row) => ({ row, otp, passed: status === "passed" }));
  });
}

export function statusOf(row: Row, otp: string, shown: readonly Shown[]): Status {
  const tests = shown.filter((test) => test.row === row.row && (test.otp === undefined || test.otp === otp));
  if (tests.some(({ passed }) => !passed)) return { status: "fails" };
  if (tests.some((test) => test.otp === otp)) return { status: "passes" };
  const meaningless = row.notApplicable?.[otp];
  if (meaningless !== undefined) return { status: "not applicable", reason: meaningless };
  if (tests.length > 0) return { status: "passes without a node", reason: row.withoutNode ?? "its tests need none" };
  return { status: "not done", reason: row.notDone ?? "no test names it yet" };
}
