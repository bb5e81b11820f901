// Terms written by real nodes of OTP 25, 27 and 29, and the doubles that are hard to print.
import { expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import floats from "../../test/vectors/float-otp29.jsonl?raw";
import otp25 from "../../test/vectors/etf-otp25.jsonl?raw";
import otp27 from "../../test/vectors/etf-otp27.jsonl?raw";
import otp29 from "../../test/vectors/etf-otp29.jsonl?raw";
import { decode, decodeTerm } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { termKey } from "./term-key.ts";
import { Float, type Term } from "./terms.ts";

interface Vector {
  readonly hex: string;
  /** By `~0tp`; null for identifiers and funs, which print alike and differ. */
  readonly tp: string | null;
  readonly how: "plain" | "random" | "ids" | "minor0" | "minor1" | "compressed";
}

function linesOf<T>(text: string): T[] {
  const lines = text.trim().split("\n");
  return lines.map((line): T => JSON.parse(line));
}

const releases: [string, Vector[]][] = [
  ["OTP 25", linesOf(otp25)],
  ["OTP 27", linesOf(otp27)],
  ["OTP 29", linesOf(otp29)],
];

it.each(releases)("reads all that %s wrote, and what we write of it is the same term", (_release, vectors) => {
  expect(vectors.length).toBe(521);
  for (const { hex } of vectors) {
    const term = decode(bytesOf(hex));
    const again = decode(encode(term));
    expect(equals(term, again), hex).toBe(true);
    expect(termKey(again), hex).toBe(termKey(term));
  }
});

it.each(releases.slice(1))("writes what %s wrote, byte for byte", (_release, vectors) => {
  const canonical = vectors.filter(({ how }) => how === "plain" || how === "random" || how === "ids");
  expect(canonical.length).toBeGreaterThan(400);
  for (const { hex } of canonical) expect(encode(decode(bytesOf(hex))), hex).toEqual(bytesOf(hex));
});

it("[C28] reads the same term from all that prints the same, whatever the release and the layout", () => {
  const terms = new Map<string, Term>();
  let compared = 0;
  for (const { hex, tp } of releases.flatMap(([, vectors]) => vectors)) {
    if (tp === null) continue;
    const term = decode(bytesOf(hex));
    const other = terms.get(tp);
    terms.set(tp, term);
    if (other === undefined) continue;
    compared += 1;
    expect(equals(term, other), tp).toBe(true);
  }
  expect(compared).toBeGreaterThan(350);
});

it("throws for every one of them when it is cut short", () => {
  // The releases write most of them alike.
  const all = new Set(releases.flatMap(([, vectors]) => vectors.filter(({ how }) => how !== "compressed").map(({ hex }) => hex)));
  expect(all.size).toBeGreaterThan(400);
  for (const hex of all) {
    const bytes = bytesOf(hex);
    if (bytes.length > 200) continue;
    for (let length = 1; length < bytes.length; length++) {
      // A matcher for each would take most of the time.
      const message = messageOf(() => decodeTerm(bytes.subarray(0, length), 1));
      if (!message.includes("more byte")) expect(message, `${hex} at ${length}`).toContain("more byte");
    }
  }
});

it("keeps every bit of a double", () => {
  const doubles = linesOf<{ ieee: string; w: string }>(floats);
  expect(doubles.length).toBe(3055);
  for (const { ieee, w } of doubles) {
    const bytes = bytesOf(`8346${ieee}`);
    const term = decode(bytes);
    const value = term instanceof Float ? term.value : term;
    expect(value, ieee).toBe(Number(w));
    expect(encode(term), ieee).toEqual(bytes);
  }
});

function messageOf(failing: () => unknown): string {
  try {
    failing();
    return "no error";
  } catch (error) {
    return String(error);
  }
}
