import { expect, it } from "vitest";
import { creationAfter, nextCreation } from "./creation.ts";

it("counts, and begins anew where 32 bits end, above the values that old nodes fold", () => {
  expect(creationAfter(4)).toBe(5);
  expect(creationAfter(2 ** 32 - 2)).toBe(2 ** 32 - 1);
  expect(creationAfter(2 ** 32 - 1)).toBe(4);
});

it("begins anywhere, with more to come than any object lives", () => {
  const first = Array.from({ length: 100 }, () => creationAfter(undefined));
  expect(Math.min(...first)).toBeGreaterThanOrEqual(4);
  expect(Math.max(...first)).toBeLessThan(2 ** 31 + 4);
  expect(new Set(first).size).toBeGreaterThan(90);
});

it("writes down what it gives", () => {
  const values = new Map<string, unknown>();
  const kv = { get: (key: string) => values.get(key), put: (key: string, value: unknown) => void values.set(key, value) };
  // Only these two are used.
  const storage = { kv } as unknown as Parameters<typeof nextCreation>[0];
  const first = nextCreation(storage);
  expect([nextCreation(storage), nextCreation(storage)]).toEqual([first + 1, first + 2]);
  expect([...values.values()]).toEqual([first + 2]);
});
