// Random terms of every kind, for property tests.
import fc from "fast-check";
import {
  type Atom,
  atom,
  BitString,
  Export,
  Float,
  ImproperList,
  map,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "../../src/etf/index.ts";

const atomName = fc.oneof(
  fc.constantFrom(
    "ok",
    "error",
    "undefined",
    "nil",
    "true",
    "false",
    "maybe",
    "else",
    "end",
    "a@b",
    "A",
    "",
    "ünï",
    "日本",
    "it's",
    "x\ny",
    "\u{1f600}",
  ),
  fc.string({ unit: "binary", maxLength: 20 }).filter((name) => name.isWellFormed()),
);

/** An atom, or the boolean of that name. */
const anyAtom: fc.Arbitrary<Atom | boolean> = atomName.map((name) =>
  name === "true" ? true : name === "false" ? false : atom(name),
);

const integer: fc.Arbitrary<Term> = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 700n), max: 2n ** 700n }).map(smallest),
  fc
    .tuple(fc.nat(2100), fc.integer({ min: -1, max: 1 }))
    .map(([power, offset]) => smallest(2n ** BigInt(power) + BigInt(offset))),
);

function smallest(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const float: fc.Arbitrary<Term> = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1_000_000, max: 1_000_000 }))
  .map((value) => (Number.isInteger(value) ? new Float(value) : value));

const binary: fc.Arbitrary<Term> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
  fc.string({ maxLength: 30 }).map((text) => new TextEncoder().encode(text)),
);

const bitString: fc.Arbitrary<Term> = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 7 }))
  .map(([bytes, bits]) => new BitString(bytes, bits));

const textList: fc.Arbitrary<Term> = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0)),
  fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }),
);

const u32 = fc.nat(0xffffffff);
const node = fc.constantFrom("a@b", "bob@example.com", "nonode@nohost").map((name) => atom(name));

/** Pids, ports and references of nodes that do not run. */
export const identifier: fc.Arbitrary<Term> = fc.oneof(
  fc.tuple(node, u32, u32, u32).map(([name, id, serial, creation]) => new Pid(name, id, serial, creation)),
  fc.tuple(node, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), u32).map(([name, id, creation]) => new Port(name, id, creation)),
  fc
    .tuple(node, u32, fc.nat(2 ** 18 - 1), fc.array(u32, { maxLength: 4 }))
    .map(([name, creation, first, rest]) => new Reference(name, creation, [first, ...rest])),
);

/** With names of ASCII only: OTP prints others in a fun as the bytes of their UTF-8 text, which reads back as another fun. */
const exportedName = fc.oneof(fc.constantFrom("map", "+", "it's", "end"), fc.string({ maxLength: 8 }));
const exported: fc.Arbitrary<Term> = fc
  .tuple(exportedName, exportedName, fc.nat(255))
  .map(([module, name, arity]) => new Export(atom(module), atom(name), arity));

export const leaf: fc.Arbitrary<Term> = fc.oneof(anyAtom, integer, float, binary, bitString, textList, exported);

/** Terms whose text does not depend on the node that prints them; with identifiers when asked for. */
export function arbitraryTerm(options: { readonly identifiers?: boolean; readonly mapKeys?: number } = {}): fc.Arbitrary<Term> {
  const leaves = options.identifiers === true ? fc.oneof({ weight: 4, arbitrary: leaf }, identifier) : leaf;
  const { term } = fc.letrec<{ term: Term }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 5, depthIdentifier: "term" },
      { weight: 3, arbitrary: leaves },
      fc.array(tie("term"), { maxLength: 6, depthIdentifier: "term" }),
      fc.array(tie("term"), { maxLength: 6, depthIdentifier: "term" }).map((elements) => new Tuple(elements)),
      fc
        .tuple(fc.array(tie("term"), { minLength: 1, maxLength: 4, depthIdentifier: "term" }), leaves)
        .map(([elements, tail]) => (Array.isArray(tail) ? elements : new ImproperList(elements, tail))),
      fc
        .array(fc.tuple(tie("term"), tie("term")), { maxLength: options.mapKeys ?? 8, depthIdentifier: "term" })
        .map((entries) => map(entries)),
    ),
  }));
  return term;
}
