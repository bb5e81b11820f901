import { describe, expect, it } from "vitest";
import { bytes, compact, count, duration, milliseconds, percent } from "./units.ts";

describe("figures for people", () => {
  it("group the digits of counts, and shorten them where room is short", () => {
    expect([count(1_234_567), compact(41_203)]).toEqual(["1,234,567", "41.2K"]);
  });

  it("give sizes in the unit that keeps them short", () => {
    expect([0, 1023, 1024, 50_541_363, 5 * 2 ** 40].map(bytes)).toEqual(["0 B", "1023 B", "1.0 kB", "48.2 MB", "5.0 TB"]);
  });

  it("give times in their two largest units", () => {
    expect([0, 8_400, 185_000, 3_600_000, 1_051_200_000].map(duration)).toEqual([
      "0 s",
      "8 s",
      "3 min 5 s",
      "1 h 0 min",
      "12 d 4 h",
    ]);
    expect([milliseconds(0.42), milliseconds(18.4)]).toEqual(["0.4 ms", "18 ms"]);
  });

  it("give shares", () => {
    expect([percent(0.004), percent(0.42)]).toEqual(["0.4 %", "42 %"]);
  });
});
