import { describe, expect, it } from "vitest";
import { atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { map } from "./map.ts";
import { termKey } from "./term-key.ts";
import {
  BitString,
  Export,
  Float,
  Fun,
  type FunFields,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  tuple,
} from "./terms.ts";

const node = atom("a@b");
const other = atom("c@d");
const fun: FunFields = {
  arity: 1,
  uniq: new Uint8Array(16),
  index: 2,
  module: atom("m"),
  oldIndex: 2,
  oldUniq: 3,
  pid: new Pid(node, 1, 2, 3),
  free: [1],
};

function binaryKeys(keys: readonly number[], values: readonly number[]): Term {
  return map(keys.map((key, index) => [Uint8Array.of(key), values[index] ?? 0] as const));
}

/** Each row holds spellings of one term; terms of different rows differ. */
const DIFFERENT: Term[][] = [
  [atom("a")],
  [atom("b")],
  [atom("")],
  [true, atom("true")],
  [false, atom("false")],
  [1, 1n],
  [new Float(1)],
  [1.5, new Float(1.5)],
  [0, -0, 0n],
  [new Float(0)],
  [new Float(-0)],
  [-1],
  [2 ** 32, 4294967296n],
  [Number.MAX_SAFE_INTEGER, 9007199254740991n],
  [2n ** 53n],
  [2n ** 64n],
  [-(2n ** 64n)],
  [new Float(2 ** 53)],
  [new Float(1e300)],
  ["a", Uint8Array.of(97)],
  ["", new Uint8Array(0)],
  ["é", Uint8Array.of(0xc3, 0xa9)],
  [Uint8Array.of(0xe0)],
  [new BitString(Uint8Array.of(0xe0), 3), new BitString(Uint8Array.of(0xff), 3)],
  [new BitString(Uint8Array.of(0xe0), 4)],
  [[]],
  [[97], [97n]],
  [[[97]]],
  [[97, 98]],
  [[98, 97]],
  [new ImproperList([97], 98)],
  [new ImproperList([97, 98], 99)],
  [new ImproperList([97], 99)],
  [tuple(), tuple()],
  [tuple(97), tuple(97n)],
  [tuple(tuple())],
  [tuple(tuple(), tuple())],
  [tuple(tuple(tuple()))],
  [map()],
  [map({ a: 1, b: [] }), map({ b: [], a: 1n })],
  [map({ a: 1, b: tuple() })],
  [map({ a: 1 })],
  [map({ b: 1 })],
  [map([[1, 1]]), map([[1n, 1]])],
  [map([[new Float(1), 1]])],
  [map([["a", 1]]), map([[Uint8Array.of(97), 1]])],
  [binaryKeys([97, 98], [1, 2]), binaryKeys([97, 98], [1, 2]), binaryKeys([98, 97], [2, 1])],
  [binaryKeys([97, 98], [2, 1])],
  [binaryKeys([97, 99], [1, 2])],
  [map([[map({ a: 1, b: 2 }), 1]]), map([[map({ b: 2, a: 1 }), 1]])],
  [map([[[], 1]])],
  [new Pid(node, 1, 2, 3)],
  [new Pid(node, 2, 2, 3)],
  [new Pid(node, 1, 1, 3)],
  [new Pid(node, 1, 2, 4)],
  [new Pid(other, 1, 2, 3)],
  [new Port(node, 1n, 3)],
  [new Port(node, 2n, 3)],
  [new Port(node, 1n, 4)],
  [new Port(other, 1n, 3)],
  [new Reference(node, 3, [1, 2])],
  [new Reference(node, 3, [2, 1])],
  [new Reference(node, 3, [1, 2, 0])],
  [new Reference(node, 4, [1, 2])],
  [new Reference(other, 3, [1, 2])],
  [new Export(atom("m"), atom("f"), 1)],
  [new Export(atom("m"), atom("f"), 2)],
  [new Export(atom("m"), atom("g"), 1)],
  [new Export(atom("n"), atom("f"), 1)],
  [new Fun(fun), new Fun({ ...fun, free: [1n] })],
  [new Fun({ ...fun, arity: 2 })],
  [new Fun({ ...fun, uniq: new Uint8Array(16).fill(1) })],
  [new Fun({ ...fun, index: 3 })],
  [new Fun({ ...fun, module: atom("n") })],
  [new Fun({ ...fun, pid: new Pid(node, 1, 2, 4) })],
  [new Fun({ ...fun, free: [] })],
  [
    new NativeRecord(atom("m"), atom("r"), true, [atom("a")], [1]),
    new NativeRecord(atom("m"), atom("r"), true, [atom("a")], [1n]),
  ],
  [new NativeRecord(atom("m"), atom("r"), false, [atom("a")], [1])],
  [new NativeRecord(atom("m"), atom("s"), true, [atom("a")], [1])],
  [new NativeRecord(atom("n"), atom("r"), true, [atom("a")], [1])],
  [new NativeRecord(atom("m"), atom("r"), true, [atom("b")], [1])],
  [new NativeRecord(atom("m"), atom("r"), true, [atom("a")], [2])],
];

/** Each term of the table alone, and inside of each kind of container. */
const WRAPPED: [name: string, wrap: (term: Term) => Term][] = [
  ["alone", (term) => term],
  ["in a tuple", (term) => tuple(1, term)],
  ["in a list", (term) => [atom("x"), term]],
  [
    "as a tail",
    (term) => (Array.isArray(term) || term instanceof ImproperList ? tuple(atom("y"), term) : new ImproperList([1], term)),
  ],
  ["as a value", (term) => map([["k", term]])],
  ["as a key", (term) => map([[term, "v"]])],
  [
    "as a key of many",
    (term) => map([[term, "v"], ...Array.from({ length: 20 }, (_, index): [Term, Term] => [`k${index}`, index])]),
  ],
];

describe.each(WRAPPED)("terms %s", (_name, wrap) => {
  const rows = DIFFERENT.map((row) => row.map((inner) => wrap(inner)).map((term) => ({ term, key: termKey(term) })));

  it("are equal, and have the same key, exactly where Erlang's =:= says so", () => {
    for (const [index, row] of rows.entries()) {
      for (const [otherIndex, otherRow] of rows.entries()) {
        for (const a of row) {
          for (const b of otherRow) {
            const found = { equal: equals(a.term, b.term), sameKey: a.key === b.key };
            const isSame = index === otherIndex;
            // Matchers and texts for each of the many pairs would take most of the time.
            if (found.equal === isSame && found.sameKey === isSame) continue;
            expect(found, `${String(a.term)} and ${String(b.term)} (${index}, ${otherIndex})`).toEqual({
              equal: isSame,
              sameKey: isSame,
            });
          }
        }
      }
    }
  });
});
