import { expect, it } from "vitest";
import { atom } from "./atom.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { json, toJs } from "./json.ts";
import { map } from "./map.ts";
import { BitString, Float, ImproperList, NativeRecord, Pid, type Term, tuple } from "./terms.ts";

it("makes maps with binary keys of objects, as json:decode/1 does", () => {
  const term = json({ name: "é", list: [1, 1.5, null, true], empty: {} });
  const expected = map<Term, Term>([
    ["name", "é"],
    ["list", [1, 1.5, atom("null"), true]],
    ["empty", map()],
  ]);
  expect(equals(term, expected)).toBe(true);
});

it("makes a float of an integer that JavaScript cannot keep", () => {
  expect(json(1e300)).toEqual(new Float(1e300));
});

it("leaves out what JSON.stringify leaves out, and calls toJSON", () => {
  const term = json({ gone: undefined, run() {}, list: [undefined], date: new Date(0) });
  expect(toJs(term)).toEqual({ list: [null], date: "1970-01-01T00:00:00.000Z" });
});

it("refuses what JSON has no form for", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [1n, Number.NaN, Number.POSITIVE_INFINITY, undefined, Symbol("s"), () => 1, circle]) {
    expect(() => json(value)).toThrow(TypeError);
  }
  const shared = {};
  expect(toJs(json([shared, shared]))).toEqual([{}, {}]);
});

it("gives back the data that json was given", () => {
  const data = { a: [1, 2.5, "x", { b: null }], __proto__x: "y", c: [] };
  expect(toJs(decode(encode(json(data))))).toEqual(data);
});

it("gives plain data for each kind of term", () => {
  const pid = new Pid(atom("a@b"), 1, 2, 3);
  const bits = new BitString(Uint8Array.of(0xe0), 3);
  const record = new NativeRecord(atom("m"), atom("r"), true, [atom("f")], [new Float(1)]);
  const term = tuple(
    atom("ok"),
    atom("undefined"),
    true,
    2n ** 64n,
    new Float(1),
    Uint8Array.of(0xff),
    pid,
    bits,
    record,
    new ImproperList([1], 2),
  );
  expect(toJs(term)).toEqual(["ok", null, true, 2n ** 64n, 1, Uint8Array.of(0xff), pid, bits, { f: 1 }, [1, 2]]);
});

it("gives an object for a map with names, and a Map where names do not do", () => {
  expect(
    toJs(
      map<Term, Term>([
        [atom("a"), 1],
        ["b", map({ c: 2 })],
      ]),
    ),
  ).toEqual({ a: 1, b: { c: 2 } });
  expect(
    toJs(
      map<Term, Term>([
        [atom("a"), 1],
        ["a", 2],
      ]),
    ),
  ).toEqual(new Map([["a", 2]]));
  expect(
    toJs(
      map<Term, Term>([
        [1, 2],
        [tuple(), 3],
      ]),
    ),
  ).toEqual(
    new Map<unknown, unknown>([
      [1, 2],
      [[], 3],
    ]),
  );
});

it("does not touch prototypes", () => {
  const value = toJs(map([["__proto__", map([["polluted", true]])]]));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect("polluted" in {}).toBe(false);
});

it("refuses a nesting that nobody could read", () => {
  let deep: Term = [];
  for (let level = 0; level < 5000; level++) deep = [deep];
  expect(() => toJs(deep)).toThrow(RangeError);
});
