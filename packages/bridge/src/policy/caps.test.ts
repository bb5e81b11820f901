import { expect, it } from "vitest";
import { Caps, Rate } from "./caps.ts";
import { SpentTokens } from "./spent-tokens.ts";

it("counts what is there, and forgets what is not", () => {
  const caps = new Caps();
  caps.add("a");
  caps.add("a");
  caps.remove("a");
  expect([caps.count("a"), caps.count("b")]).toEqual([1, 0]);
  caps.remove("a");
  expect(caps.count("a")).toBe(0);
});

it("lets so many through each minute, by name", () => {
  const rate = new Rate(3);
  expect([1, 2, 3, 4].map(() => rate.take("a", 0))).toEqual([true, true, true, false]);
  expect(rate.take("b", 0)).toBe(true);
  expect(rate.take("a", 19_999)).toBe(false);
  expect(rate.take("a", 20_000)).toBe(true);
  expect(rate.take("a", 20_000)).toBe(false);
  expect([1, 2, 3, 4].map(() => rate.take("a", 1e9))).toEqual([true, true, true, false]);
});

it("remembers only so many names, and those that came last", () => {
  const rate = new Rate(1, 2);
  for (const name of ["a", "b", "a", "c"]) rate.take(name, 0);
  // "b" was unseen for longest.
  expect([rate.take("a", 0), rate.take("b", 0)]).toEqual([false, true]);
});

it("takes a token once, until it has expired anyway, and none that it cannot remember", () => {
  const spent = new SpentTokens(2);
  expect([spent.spend("a", 100, 0), spent.spend("a", 100, 100), spent.spend("a", 200, 101)]).toEqual([true, false, true]);
  expect(spent.spend("b", 150, 101)).toBe(true);
  expect(spent.spend("c", 300, 150)).toBe(false);
  expect(spent.spend("c", 300, 151)).toBe(true);
});
