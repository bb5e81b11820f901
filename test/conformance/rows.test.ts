// The table of rows and the titles of the tests have to agree, or docs/CONFORMANCE.md says less than the tests show.
import { expect, it } from "vitest";
import { readRepository } from "../support/sources.ts";
import { ROWS, rowsOf } from "./rows.ts";
import { readReport, statusOf } from "./status.ts";

const row = (label: string) => ROWS.find((each) => each.row === label) ?? expect.unreachable(`row ${label}`);

it("has one line for each row, in order", () => {
  const labels = ROWS.map((each) => each.row);
  expect(labels).toEqual([...new Set(labels)].toSorted(new Intl.Collator("en", { numeric: true }).compare));
});

it("knows every row that a test names, and gives no reason why it is not done", () => {
  const named = readRepository("*.test.ts")
    .filter(({ path }) => !path.endsWith("conformance/rows.test.ts"))
    .flatMap(({ path, text }) => rowsOf(text).map((label) => ({ path, label })));
  expect(named.filter(({ label }) => ROWS.every((each) => each.row !== label))).toEqual([]);
  expect(named.filter(({ label }) => row(label).notDone !== undefined)).toEqual([]);
});

it("reads rows from titles", () => {
  expect(rowsOf("with OTP 27 [C3] finds nothing")).toEqual(["C3"]);
  expect(rowsOf("[C8, C57] sends [x] and [C] things, [T1] too, [W2]")).toEqual(["C8", "C57", "W2"]);
});

it("says of a row what its tests say: those of the release, and those that need none", () => {
  const test = (ancestor: string, title: string, status: string) => ({ ancestorTitles: [ancestor], title, status });
  const shown = readReport({
    testResults: [
      { assertionResults: [test("OTP 25", "[C7] connects", "passed"), test("OTP 27", "[C7] connects", "failed")] },
      { assertionResults: [test("a fake peer", "[C13] is refused", "passed"), test("OTP 25", "[C13] too", "skipped")] },
    ],
  });
  expect(statusOf(row("C7"), "25", shown)).toEqual({ status: "passes" });
  expect(statusOf(row("C7"), "27", shown)).toEqual({ status: "fails" });
  expect(statusOf(row("C7"), "29", shown)).toMatchObject({ status: "not done" });
  expect(statusOf(row("C13"), "29", shown)).toEqual({
    status: "passes without a node",
    reason: row("C13").withoutNode ?? expect.any(String),
  });
  // A test that did not run shows nothing.
  expect(statusOf(row("C13"), "25", shown)).toEqual({ status: "fails" });
  const only29 = { ...row("C7"), notApplicable: { 25: "it came later" } };
  expect(statusOf(only29, "25", [])).toEqual({ status: "not applicable", reason: "it came later" });
});
