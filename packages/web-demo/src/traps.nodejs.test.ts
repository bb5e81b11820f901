// What is known to make a console of an Erlang node hang, leak or break, by number: each has a test of that name with real nodes.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const TRAPS = 18;

it(`has a test for each of the ${TRAPS} traps`, () => {
  const texts = globSync(join(import.meta.dirname, "**/*.nodejs.test.ts")).map((file) => readFileSync(file, "utf8"));
  const named = new Set(
    texts.flatMap((text) => [...text.matchAll(/\bit(?:\.each\(.*\))?\("\[trap (\d+)\] /g)].map(([, number]) => Number(number))),
  );
  expect([...named].toSorted((a, b) => a - b)).toEqual(Array.from({ length: TRAPS }, (_, index) => index + 1));
});
