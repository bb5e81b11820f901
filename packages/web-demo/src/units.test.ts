import { describe, expect, it } from "vitest";
import { Figures } from "./units.ts";

const english = new Figures();
const german = new Figures("de");

describe("figures for people", () => {
  it("group the digits of counts, and shorten them where room is short", () => {
    expect([english.count(1_234_567), english.compact(41_203)]).toEqual(["1,234,567", "41.2K"]);
    expect([german.count(1_234_567), german.count(1.25, 1)]).toEqual(["1.234.567", "1,3"]);
  });

  it("give sizes in the unit that keeps them short", () => {
    const sizes = [0, 1, 1023, 1024, 50_541_363, 5 * 2 ** 40];
    expect(sizes.map((size) => english.bytes(size))).toEqual(["0 bytes", "1 byte", "1,023 bytes", "1.0 kB", "48.2 MB", "5.0 TB"]);
    expect(sizes.map((size) => german.bytes(size).replace("\u00a0", " "))).toEqual([
      "0 Byte",
      "1 Byte",
      "1.023 Byte",
      "1,0 kB",
      "48,2 MB",
      "5,0 TB",
    ]);
  });

  it("give times in their two largest units", () => {
    const times = [0, 8_400, 185_000, 3_600_000, 1_051_200_000];
    expect(times.map((time) => english.duration(time))).toEqual(["0s", "8s", "3m 5s", "1h 0m", "12d 4h"]);
    expect([english.milliseconds(0.42), english.milliseconds(18.4)]).toEqual(["0.4 ms", "18 ms"]);
  });

  it("are English in a language that is none", () => {
    expect(new Figures("en_GB!").count(1_234)).toBe("1,234");
  });
});
