import { describe, expect, it } from "vitest";
import order25 from "../../test/vectors/order-otp25.jsonl?raw";
import order27 from "../../test/vectors/order-otp27.jsonl?raw";
import order29 from "../../test/vectors/order-otp29.jsonl?raw";
import { bytesOf } from "../../test/support/hex.ts";
import { atom } from "./atom.ts";
import { compare, compareExact } from "./compare.ts";
import { decode } from "./decode.ts";
import { format } from "./format.ts";
import { map } from "./map.ts";
import { BitString, Export, Float, ImproperList, NativeRecord, type Term, tuple } from "./terms.ts";

describe("compare", () => {
  it.each([
    ["25", order25],
    ["27", order27],
    ["29", order29],
  ])("puts every pair of terms in the order of OTP %s", (_release, jsonl) => {
    const terms = jsonl
      .trim()
      .split("\n")
      .map((line) => decode(bytesOf(JSON.parse(line).etf)));
    expect(terms.length).toBe(55);
    terms.forEach((a, i) => {
      terms.forEach((b, j) => {
        const decided = Math.sign(compare(a, b));
        if (i === j) expect(decided).toBe(0);
        // Terms that are == stand side by side in the vectors.
        else if (decided !== 0) expect(decided, `${format(a)} and ${format(b)}`).toBe(Math.sign(i - j));
        else expect(Math.abs(i - j)).toBe(1);
      });
    });
  });

  it("compares an integer with a float by their exact values", () => {
    expect(compare(2n ** 53n + 1n, new Float(2 ** 53))).toBe(1);
    expect(compare(2n ** 1024n, 1.7976931348623157e308)).toBe(1);
    expect(compare(1, new Float(1))).toBe(0);
    expect(compare(-(2n ** 70n), -1.5)).toBe(-1);
  });

  it("puts integers before floats among the keys of maps", () => {
    expect(compareExact(2, new Float(1))).toBe(-1);
    expect(compare(map([[2, 0]]), map([[new Float(1), 0]]))).toBe(-1);
  });

  it("orders kinds of terms as Erlang does", () => {
    const record = new NativeRecord(atom("m"), atom("r"), true, [], []);
    const kinds: Term[] = [1, atom("a"), new Export(atom("m"), atom("f"), 0), tuple(), record, map(), [], [1], new Uint8Array()];
    expect(kinds.toReversed().toSorted(compare)).toEqual(kinds);
  });

  it("compares lists element by element, then their tails", () => {
    const ordered: Term[] = [[1], new ImproperList([1], new Uint8Array([1])), [1, 1], [1, 2], [2]];
    expect(compare([1], [1, 1])).toBeLessThan(0);
    expect(compare(new ImproperList([1], 5), [1])).toBeLessThan(0);
    expect(compare(new ImproperList([1], new Uint8Array()), [1, 1])).toBeGreaterThan(0);
    expect(ordered.toSorted(compare).at(-1)).toEqual([2]);
  });

  it("compares bitstrings bit by bit, then by length", () => {
    expect(compare(new BitString(new Uint8Array([0x80]), 1), new Uint8Array([0x80]))).toBeLessThan(0);
    expect(compare(new BitString(new Uint8Array([0xc0]), 2), new Uint8Array([0x80]))).toBeGreaterThan(0);
    expect(compare("ab", new Uint8Array([97, 98]))).toBe(0);
  });

  it("orders atoms by code points", () => {
    expect(compare(atom("\u{ff5e}"), atom("\u{1d11e}"))).toBeLessThan(0);
  });

  it("compares terms that nest 200,000 deep", () => {
    const nest = (): Term => {
      let term: Term = [];
      for (let level = 0; level < 200_000; level++) term = tuple(term);
      return term;
    };
    expect(compare(nest(), nest())).toBe(0);
  });
});
