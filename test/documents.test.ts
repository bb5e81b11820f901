// What the documents say is there, is there.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { readRepository, readText } from "./support/sources.ts";

const ROOT = join(import.meta.dirname, "..");
const DOCUMENTS = readRepository("*.md");
// Where a path in the text may begin.
const BASES = ["", "packages/core/src", "packages/bridge/src", "test"];

/** Each thing that the pattern's first group finds, with the document's folder. */
function mentions(pattern: RegExp): { readonly folder: string; readonly word: string }[] {
  return DOCUMENTS.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, word = ""]) => ({ folder: dirname(path), word })),
  );
}

it("names only files and folders that exist", () => {
  const paths = mentions(/`((?:[\w@.-]+\/)+(?:[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|sh|json|md))?)`/g);
  expect(paths.length).toBeGreaterThan(20);
  const missing = paths.filter(({ folder, word }) => ![folder, ...BASES].some((base) => existsSync(join(ROOT, base, word))));
  expect(missing).toEqual([]);
});

it("links only to files that exist", () => {
  const missing = mentions(/\]\((?!https?:|#)([^)#]+)/g).filter(({ folder, word }) => !existsSync(join(ROOT, folder, word)));
  expect(missing).toEqual([]);
});

it("names only scripts and test projects that exist", () => {
  const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
  expect(mentions(/npm run ([\w:-]+)/g).filter(({ word }) => !(word in scripts))).toEqual([]);
  const config = readText("vitest.config.ts");
  expect(mentions(/--project ([\w-]+)/g).filter(({ word }) => !config.includes(`"${word}"`))).toEqual([]);
});
