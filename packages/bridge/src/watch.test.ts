import { expect, it } from "vitest";
import { DEFAULT_BRIDGE_LIMITS } from "./limits.ts";
import { beatTimeMs, isTicks, type Pulse, Watch } from "./watch.ts";

const CALM: Pulse = { ageMs: 0, toPagePause: 0, toNodePause: 0, pageAlive: true, active: true };

/** Beats of a second until the watch ends the link, and how it calls that; undefined if an hour is not enough. */
function overdueAfter(pulse: (beat: number) => Partial<Pulse>, limits = {}): readonly [number, string] | undefined {
  const watch = new Watch({ ...DEFAULT_BRIDGE_LIMITS, ...limits }, 1_000);
  for (let beat = 1; beat <= 3_600; beat++) {
    const overdue = watch.beat({ ...CALM, ageMs: beat * 1_000, ...pulse(beat) });
    if (overdue !== undefined) return [beat, overdue.close];
  }
  return undefined;
}

it("lets a link be that breaks no limit", () => {
  expect(overdueAfter(() => ({}))).toBeUndefined();
});

it.each<[string, Partial<Pulse>, number]>([
  ["tooSlow", { toPagePause: 1 }, 10],
  ["noPong", { pageAlive: false }, 30],
  ["nodeStuck", { toNodePause: 1 }, 75],
])("calls it %s after so many seconds at a stretch", (close, pulse, seconds) => {
  expect(overdueAfter(() => pulse)).toEqual([seconds, close]);
  // Not if it ever lets up.
  expect(overdueAfter((beat) => (beat % seconds === 0 ? {} : pulse))).toBeUndefined();
});

it("does not take many short pauses for one long", () => {
  expect(overdueAfter((beat) => ({ toPagePause: beat, toNodePause: beat }))).toBeUndefined();
  expect(overdueAfter((beat) => ({ toPagePause: Math.max(5, beat % 8) }))).toBeUndefined();
});

it("ends what is idle or lasts, where it is told to", () => {
  expect(overdueAfter(() => ({ active: false }))).toBeUndefined();
  expect(overdueAfter(() => ({ active: false }), { idleTimeMs: 600_000 })).toEqual([600, "idle"]);
  expect(overdueAfter((beat) => ({ active: beat % 599 === 0 }), { idleTimeMs: 600_000 })).toBeUndefined();
  expect(overdueAfter(() => ({}), { sessionTimeMs: 1_800_000 })).toEqual([1_800, "sessionEnded"]);
});

it("beats once a second, and oftener for finer limits", () => {
  expect(beatTimeMs(DEFAULT_BRIDGE_LIMITS)).toBe(1_000);
  expect(beatTimeMs({ ...DEFAULT_BRIDGE_LIMITS, stallTimeMs: 500 })).toBe(100);
  expect(beatTimeMs({ ...DEFAULT_BRIDGE_LIMITS, idleTimeMs: 1 })).toBe(5);
});

it("tells ticks from everything else", () => {
  expect(isTicks(new Uint8Array(4))).toBe(true);
  expect(isTicks(new Uint8Array(3))).toBe(true);
  expect(isTicks(new Uint8Array(64))).toBe(true);
  expect(isTicks(new Uint8Array(65))).toBe(false);
  expect(isTicks(Uint8Array.of(0, 0, 0, 1))).toBe(false);
  expect(isTicks(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 112))).toBe(false);
});
