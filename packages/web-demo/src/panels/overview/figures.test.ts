import { atom, type Term, tuple } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { ratesBetween, sampleOf, timeRange } from "./figures.ts";

const values = (over: { readonly io?: number; readonly active?: number; readonly total?: number }): Term[] => [
  1_000_000,
  [tuple(atom("total"), 500), tuple(atom("ets"), 7)],
  3,
  tuple(tuple(atom("input"), over.io ?? 0), tuple(atom("output"), 5)),
  tuple(10_000, 10),
  over.total === undefined ? atom("undefined") : [tuple(2, 0, over.total), tuple(1, over.active ?? 0, over.total)],
  50,
  1000,
  3,
  100,
  9000,
  10_000,
  20,
  30,
  1_002_500,
];

describe("figures of a node", () => {
  it("are read from what it answers", () => {
    expect(sampleOf(values({ io: 11 }), 100)).toMatchObject({
      time: 100,
      tookMs: 2.5,
      memory: { total: 500, ets: 7, binary: 0 },
      runQueue: 3,
      inputBytes: 11,
      outputBytes: 5,
      counts: { process: [50, 1000], port: [3, 100], atom: [9000, 10_000], ets: [20, 30] },
      schedulers: undefined,
    });
  });

  it("give rates by what has grown between two looks", () => {
    const before = sampleOf(values({ io: 1_000, active: 10, total: 100 }), 100);
    const now = sampleOf(values({ io: 3_000, active: 60, total: 200 }), 102);
    expect(ratesBetween(before, now)).toMatchObject({
      inputBytes: 1_000,
      utilisation: [
        { id: 1, share: 0.5 },
        { id: 2, share: 0 },
      ],
    });
  });

  it("know no utilisation before the node measures it", () => {
    expect(ratesBetween(sampleOf(values({}), 1), sampleOf(values({ active: 1, total: 2 }), 2)).utilisation).toEqual([]);
  });
});

describe("the time axis", () => {
  it.each([
    ["is the last minute with one value", [5_000], [4_940, 5_000]],
    ["is the last minute with values of less", [4_990, 5_000], [4_940, 5_000]],
    ["begins with the first of more", [4_000, 4_500, 5_000], [4_000, 5_000]],
  ])("%s", (_, times, range) => expect(timeRange(times)).toEqual(range));
});
