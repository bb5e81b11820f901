// The table that `npm run test:faults` ends with: a line for each test, in the order of the rows, with what it measured.
import type { Reporter, TestCase, TestModule } from "vitest/node";

interface Row {
  readonly number: number;
  readonly words: string;
  readonly state: string;
  readonly seconds: string;
  readonly note: string;
}

export default class FaultTable implements Reporter {
  readonly #errors: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    if (state === "skipped") return;
    process.stderr.write(`${state === "passed" ? "ok  " : "FAIL"} ${test.fullName}\n`);
    for (const error of errors) this.#errors.push(`${test.fullName}\n${error.stack ?? error.message}`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message: string }[]): void {
    const rows = modules.flatMap((module) => [...module.children.allTests()]).flatMap(rowsOf);
    rows.sort((one, other) => one.number - other.number || one.words.localeCompare(other.words));
    for (const error of [...this.#errors, ...unhandled.map(({ message }) => message)]) process.stderr.write(`\n${error}\n`);
    for (const module of modules)
      for (const error of module.errors()) process.stderr.write(`\n${module.moduleId}: ${error.message}\n`);
    const lines = rows.map(
      ({ number, words, state, seconds, note }) =>
        `T${String(number).padEnd(3)} ${state}  ${seconds} s  ${words}${note && ` (${note})`}`,
    );
    const passed = rows.filter(({ state }) => state === "ok  ").length;
    process.stdout.write(`\n${lines.join("\n")}\n\n${passed} passed, ${rows.length - passed} failed\n`);
  }
}

function rowsOf(test: TestCase): Row[] {
  const { state } = test.result();
  const [, number] = /\[T(\d+)\]/.exec(test.fullName) ?? [];
  if (state === "skipped" || number === undefined) return [];
  const otp = /OTP \d+/.exec(test.fullName)?.[0];
  const { note = "" } = test.meta() as { readonly note?: string };
  return [
    {
      number: Number(number),
      words: `${test.name.replace(/^\[T\d+\] /, "")}${otp === undefined ? "" : `, ${otp}`}`,
      state: state === "passed" ? "ok  " : "FAIL",
      seconds: ((test.diagnostic()?.duration ?? 0) / 1_000).toFixed(1).padStart(5),
      note,
    },
  ];
}
