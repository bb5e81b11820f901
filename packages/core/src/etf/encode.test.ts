import { expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import { Writer } from "../bytes/writer.ts";
import { EncodeError } from "../errors.ts";
import { atom } from "./atom.ts";
import { decode } from "./decode.ts";
import { appendTerm, encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { map } from "./map.ts";
import { BitString, Export, Float, ImproperList, NativeRecord, Pid, Reference, type Term, Tuple, tuple } from "./terms.ts";

it.each([
  ["undefined", undefined, 'use atom("undefined")'],
  ["null", null, 'use atom("nil")'],
  ["a plain object", {}, "use map(object) for atoms as keys, or json(value)"],
  ["an object without prototype", Object.create(null), "use map(object)"],
  ["a Map", new Map(), "use map(entries)"],
  ["a Date", new Date(0), "a Date is no term"],
  ["a function", () => 1, "a function is no term"],
  ["a symbol", Symbol("s"), "a symbol is no term"],
  ["NaN", Number.NaN, "no float for NaN"],
  ["an infinity", Number.NEGATIVE_INFINITY, "no float for -Infinity"],
  ["an infinite Float", new Float(Number.POSITIVE_INFINITY), "no float for Infinity"],
  ["an integer that may have lost digits", 2 ** 53, "give a bigint"],
  ["half a surrogate pair", "a\ud83d", "surrogate"],
  ["a long string with half a surrogate pair", `${"a".repeat(100)}\ud83d`, "surrogate"],
  ["a reference of six words", new Reference(atom("a@b"), 1, [1, 2, 3, 4, 5, 6]), "1 to 5 words"],
  ["an arity of 256", new Export(atom("m"), atom("f"), 256), "0 to 255"],
  ["a tuple of 2^24 elements", new Tuple(new Array<Term>(2 ** 24).fill(1)), "16777216 elements"],
  ["an improper list of nothing", new ImproperList([], 1), "at least one"],
  ["a list with a hole", [1, , 2], "undefined"], // oxlint-disable-line no-sparse-arrays
])("refuses %s in words that help", (_name, value, words) => {
  // Whatever it is: refusing what is no term is the point.
  const refuse = (): unknown => encode(value as Term);
  expect(refuse).toThrow(EncodeError);
  expect(refuse).toThrow(TypeError);
  expect(refuse).toThrow(words);
});

it("says where in a term the refused value is", () => {
  // No term, for the sake of it.
  const bad = undefined as unknown as Term;
  const pathOf = (term: Term): string | undefined => {
    try {
      encode(term);
    } catch (error) {
      return error instanceof EncodeError ? error.path : String(error);
    }
    return "no error";
  };
  expect(pathOf(bad)).toBeUndefined();
  expect(pathOf(tuple(atom("ok"), [1, bad]))).toBe("elements[1][1]");
  expect(pathOf([map({ a: 1, b: tuple(bad) })])).toBe("[0].get(b).elements[0]");
  expect(pathOf(map([[tuple(bad), 1]]))).toBe("keys()[0].elements[0]");
  expect(pathOf(new ImproperList([1], bad))).toBe("tail");
  expect(pathOf(new NativeRecord(atom("m"), atom("r"), true, [atom("a")], [bad]))).toBe("values[0]");
  let deep: Term = bad;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(pathOf(deep)).toHaveLength(300_000);
});

it("refuses a term that contains itself", () => {
  const circle: Term[] = [1];
  circle.push(tuple(circle));
  expect(() => encode(circle)).toThrow("contains itself");
});

it("leaves the writer as it was when it refuses", () => {
  const writer = new Writer();
  writer.u8(1);
  expect(() => appendTerm(writer, [1, Number.NaN])).toThrow(EncodeError);
  appendTerm(writer, 2);
  expect(writer.finish()).toEqual(bytesOf("01 6102"));
  expect(() => encode([1, Number.NaN])).toThrow(EncodeError);
  expect(encode(1)).toEqual(bytesOf("83 6101"));
});

it("writes a string as the binary of its UTF-8 text, of any length", () => {
  for (const text of ["", "a", "é", "a".repeat(48), "a".repeat(49), `${"a".repeat(47)}é`, "😀".repeat(1000), "\ufeffa"]) {
    expect(decode(encode(text))).toEqual(new TextEncoder().encode(text));
  }
});

it("writes -0 as the integer 0, since only a Float is a negative zero", () => {
  expect(encode(-0)).toEqual(bytesOf("83 6100"));
});

it("writes lists of bytes as strings up to 65,535 of them", () => {
  expect(encode(new Array<Term>(65_535).fill(1))[1]).toBe(107);
  expect(encode(new Array<Term>(65_536).fill(1))[1]).toBe(108);
  expect(encode([1, 256])[1]).toBe(108);
  expect(encode([1, -1])[1]).toBe(108);
});

it("masks the bits that do not count", () => {
  expect(encode(new BitString(bytesOf("ff"), 1))).toEqual(bytesOf("83 4d 00000001 01 80"));
});

it("lets a connection write its atoms, all of them", () => {
  const writer = new Writer();
  const seen: string[] = [];
  const term = tuple(atom("ok"), true, new Pid(atom("a@b"), 1, 2, 3), new Export(atom("m"), atom("f"), 1), map({ k: [] }));
  appendTerm(writer, term, {
    appendAtom(to, { name }) {
      seen.push(name);
      if (name === "m") return false;
      to.u8(82);
      to.u8(seen.length - 1);
      return true;
    },
  });
  expect(seen).toEqual(["ok", "true", "a@b", "m", "f", "k"]);
  expect(writer.finish()).toEqual(
    bytesOf("68 05 5200 5201 58 5202 00000001 00000002 00000003 71 77016d 5204 6101 74 00000001 5205 6a"),
  );
});

it("compresses on demand, and only what gets smaller", () => {
  const text = "abc".repeat(1000);
  const bytes = encode(text, { compressed: true });
  expect([bytes[0], bytes[1]]).toEqual([131, 80]);
  expect(bytes.length).toBeLessThan(100);
  expect(equals(decode(bytes), text)).toBe(true);
  expect(encode(1, { compressed: 9 })).toEqual(encode(1));
  expect(encode(text, { compressed: 0 })).toEqual(encode(text));
});

it("never writes into a message that it has given away", () => {
  const messages = Array.from({ length: 3000 }, (_, index) => encode(tuple(atom("message"), index, "x".repeat(index % 100))));
  for (const [index, message] of messages.entries()) expect((decode(message) as Tuple).at(1)).toBe(index);
});

it("hands out large messages that no later one writes over, large or small", () => {
  const terms = [70_000, 200_000, 3, 100_000, 9_000_000, 80_000, 3, 3].map((bytes, number) =>
    tuple(number, new Uint8Array(bytes).fill(number + 1)),
  );
  const messages = terms.map((term) => encode(term));
  for (const [number, message] of messages.entries()) {
    expect(equals(decode(message), terms[number] as Term)).toBe(true);
    // A small one must not keep the memory of a large one alive.
    if (message.length < 100) expect(message.buffer.byteLength).toBeLessThanOrEqual(65_536);
  }
});
