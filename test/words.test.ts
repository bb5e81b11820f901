// What no file of the repository may say: where it lay on somebody's machine, what is left to do, which tests do not run.
import { expect, it } from "vitest";
import { readRepository, type SourceFile } from "./support/sources.ts";

const RULES: readonly { readonly what: string; readonly files?: RegExp; readonly words: RegExp }[] = [
  { what: "a path of one machine", words: /(?<![\w.-])\/(?:work|root|home\/\w+|Users\/\w+|opt\/otp\d*)(?=[/\s"'`)]|$)/m },
  { what: "a note of unfinished work", words: /\b(?:TODO|FIXME|XXX)\b/ },
  {
    what: "a test that does not run, or keeps others from running",
    files: /\.(?:test|spec)\.ts$/,
    words:
      /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo|fixme|fails|skipIf|runIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(|\b(?:ctx|context|testInfo)\.(?:skip|fixme)\(/,
  },
];

// This file has to name the words; the lockfile's hashes are chance.
const APART = new Set(["test/words.test.ts", "package-lock.json"]);

function offences({ path, text }: SourceFile): string[] {
  return RULES.filter(({ files, words }) => (files?.test(path) ?? true) && words.test(text)).map(
    ({ what, words }) => `${path}: ${what}: ${words.exec(text)?.[0]}`,
  );
}

it("has no machine's paths, no unfinished notes, and no test that is skipped or alone", () => {
  const files = readRepository().filter(({ path }) => !APART.has(path));
  expect(files.map(({ path }) => path)).toContain("package.json");
  expect(files.flatMap(offences)).toEqual([]);
});

it.each([
  ["docs/A.md", "see /work/main/docs"],
  ["docs/A.md", "chroot /opt/otp27 erl"],
  ["a.ts", 'const home = "/home/ann/x";'],
  ["a.ts", 'const home = "/root";'],
  ["a.ts", "// TODO: later"],
  ["a.test.ts", 'it.skip("x", () => {});'],
  ["a.test.ts", 'describe.concurrent.only("x", () => {});'],
  ["a.test.ts", 'test.skipIf(windows)("x", () => {});'],
  ["a.test.ts", 'xit("x", () => {});'],
  ["a.test.ts", 'it("x", (context) => { context.skip(); });'],
])("catches in %s: %s", (path, text) => {
  expect(offences({ path, text })).toHaveLength(1);
});

it("takes words that only look like those", () => {
  const text =
    'queue.skip(4); split("a"); const path = "packages/root/x"; fetch("https://example.org/work/1"); // OTP_MATRIX_DIR=/opt';
  expect(offences({ path: "a.test.ts", text })).toEqual([]);
});
