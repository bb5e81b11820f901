import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as TAG from "./tags.ts";

// In the code that reads and writes terms the tags stand as numbers, with their names behind them: a switch of numbers is a
// table for the JavaScript engine, one of names is not (10 to 20 % for whole messages, `npm run bench:etf`).
it.each([
  ["term-reader.ts", 40],
  ["term-writer.ts", 20],
  ["atom.ts", 2],
])("names the tags of %s rightly", (file, atLeast) => {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const tags = [...source.matchAll(/(\d+) \/\* ([A-Z][A-Z0-9_]+) \*\//g)].map(([, tag, name]) => [name, Number(tag)]);
  expect(tags.length).toBeGreaterThanOrEqual(atLeast);
  const right = new Map(Object.entries(TAG));
  for (const [name, tag] of tags) expect([name, tag]).toEqual([name, right.get(String(name))]);
  expect(source).not.toContain("TAG.");
});
