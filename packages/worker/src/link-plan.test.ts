import { describe, expect, it } from "vitest";
import { failuresAfterLoss, type Link, nextDial, planLinks } from "./link-plan.ts";

const OPTIONS = { keepAliveMs: 30_000, idleMs: 300_000 };
const NOW = 1_000_000;
const UP: Link = {
  peer: "app@host",
  alwaysOn: false,
  isUp: true,
  isTheirs: false,
  isInUse: false,
  usedAt: NOW,
  wasUp: true,
  failures: 0,
  dialAt: 0,
};
const DOWN: Link = { ...UP, isUp: false };
const plan = (link: Link, now = NOW) => planLinks([link], now, OPTIONS);
const NOTHING = { dial: [], hangUp: [], forget: [] };

it("lets an object without links sleep", () => {
  expect(planLinks([], NOW, OPTIONS)).toEqual({ ...NOTHING, wakeAt: undefined });
});

describe("a link that is up", () => {
  it("wakes the object at its next turn", () => expect(plan(UP)).toEqual({ ...NOTHING, wakeAt: NOW + 30_000 }));
  it("is given up when nobody has used it for long enough, and not before", () => {
    expect(plan(UP, NOW + 299_999).hangUp).toEqual([]);
    expect(plan(UP, NOW + 300_000)).toEqual({ ...NOTHING, hangUp: ["app@host"], wakeAt: undefined });
  });
  it.each([
    ["is in use", { isInUse: true }],
    ["is always on", { alwaysOn: true }],
    ["is the peer's own", { isTheirs: true }],
  ])("is kept while it %s", (_, change) => {
    expect(plan({ ...UP, ...change }, NOW + 10 ** 9)).toEqual({ ...NOTHING, wakeAt: NOW + 10 ** 9 + 30_000 });
  });
});

describe("a link that was lost", () => {
  it("is dialled when that is due", () => expect(plan(DOWN)).toEqual({ ...NOTHING, dial: ["app@host"], wakeAt: NOW + 30_000 }));
  it("is not dialled before, and wakes the object for it", () => {
    expect(plan({ ...DOWN, dialAt: NOW + 2_000 })).toEqual({ ...NOTHING, wakeAt: NOW + 2_000 });
    expect(plan({ ...DOWN, dialAt: NOW + 2_000 }, NOW + 2_000).dial).toEqual(["app@host"]);
  });
  it("is forgotten when nobody uses it", () => {
    expect(plan(DOWN, NOW + 300_000)).toEqual({ ...NOTHING, forget: ["app@host"], wakeAt: undefined });
    expect(plan({ ...DOWN, alwaysOn: true }, NOW + 300_000).dial).toEqual(["app@host"]);
  });
  it("is forgotten at once when it has never been up", () => {
    expect(plan({ ...DOWN, wasUp: false })).toEqual({ ...NOTHING, forget: ["app@host"], wakeAt: undefined });
    expect(plan({ ...DOWN, wasUp: false, alwaysOn: true }).dial).toEqual(["app@host"]);
  });
  it("is not dialled when it was the peer's own, and nobody here used it", () => {
    expect(plan({ ...DOWN, isTheirs: true, usedAt: 0 }).forget).toEqual(["app@host"]);
  });
});

it("wakes for the earliest of several links", () => {
  const links = [UP, { ...DOWN, dialAt: NOW + 5_000 }, { ...DOWN, dialAt: NOW + 1_000 }, { ...DOWN, dialAt: NOW + 40_000 }];
  expect(planLinks(links, NOW, OPTIONS).wakeAt).toBe(NOW + 1_000);
});

it("pauses twice as long after each attempt in vain, up to a minute, less up to half by chance", () => {
  expect([0, 1, 2, 6, 7, 50].map((failures) => nextDial(failures, NOW, 0) - NOW)).toEqual([
    500, 1_000, 2_000, 32_000, 60_000, 60_000,
  ]);
  expect(nextDial(2, NOW, 1) - NOW).toBe(1_000);
});

it("takes a link that soon is lost again for one more attempt in vain", () => {
  expect(failuresAfterLoss(3, NOW, NOW + 9_999)).toBe(3);
  expect(failuresAfterLoss(3, NOW, NOW + 10_000)).toBe(0);
});
