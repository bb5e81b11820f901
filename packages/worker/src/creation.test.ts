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

it("writes down what it gives when that is about to be used, once", async () => {
  const values = new Map<string, unknown>();
  let [puts, syncs] = [0, 0];
  const kv = {
    get: (key: string) => values.get(key),
    put(key: string, value: unknown) {
      puts += 1;
      values.set(key, value);
    },
  };
  const sync = async (): Promise<void> => void (syncs += 1);
  // Only these are used.
  const storage = { kv, sync } as unknown as Parameters<typeof nextCreation>[0];
  const first = nextCreation(storage);
  expect(values.size).toBe(0);
  await Promise.all([first.keep(), first.keep()]);
  expect([...values.values()]).toEqual([first.creation]);
  const second = nextCreation(storage);
  await second.keep();
  expect(second.creation).toBe(first.creation + 1);
  expect([puts, syncs]).toEqual([2, 2]);
});
