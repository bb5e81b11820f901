import { describe, expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

describe("the wait before the next attempt", () => {
  it("doubles from half a second and stays at 30 s", () => {
    expect([1, 2, 3, 6, 7, 8, 100].map((attempt) => backOffMs(attempt, 0))).toEqual([
      500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("is shortened by up to a half", () => {
    expect(backOffMs(1, 0.5)).toBe(375);
    expect(backOffMs(1, 0.999)).toBe(250);
  });
});
