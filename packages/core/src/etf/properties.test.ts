import fc from "fast-check";
import { expect, it } from "vitest";
import { arbitraryTerm } from "../../test/support/arbitrary-terms.ts";
import { DecodeError } from "../errors.ts";
import { atom } from "./atom.ts";
import { decode, decodeTerm } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { termKey } from "./term-key.ts";
import { Fun, NativeRecord, Pid, type Term } from "./terms.ts";

const inner = arbitraryTerm({ identifiers: true, mapKeys: 20 });
const word = fc.nat(0xffffffff);
const fun: fc.Arbitrary<Term> = fc
  .tuple(fc.nat(255), fc.uint8Array({ minLength: 16, maxLength: 16 }), word, word, fc.array(inner, { maxLength: 4 }))
  .map(([arity, uniq, index, oldUniq, free]) => {
    const pid = new Pid(atom("a@b"), index, arity, 1);
    return new Fun({ arity, uniq, index, module: atom("m"), oldIndex: index, oldUniq, pid, free });
  });
const record: fc.Arbitrary<Term> = fc
  .tuple(
    fc.boolean(),
    fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 5 }),
    fc.array(inner, { minLength: 5, maxLength: 5 }),
  )
  .map(([exported, names, values]) => {
    const fields = names.map((name) => atom(name));
    return new NativeRecord(atom("m"), atom("r"), exported, fields, values.slice(0, names.length));
  });
const term = fc.oneof({ weight: 5, arbitrary: inner }, fun, record);

it("reads back every term that it writes", () => {
  fc.assert(
    fc.property(term, (value) => {
      const bytes = encode(value);
      const read = decode(bytes);
      expect(equals(read, value)).toBe(true);
      expect(equals(value, read)).toBe(true);
      expect(termKey(read)).toBe(termKey(value));
      expect(encode(read)).toEqual(bytes);
      expect(decodeTerm(bytes, 1).end).toBe(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

it("compresses and reads it back", () => {
  fc.assert(
    fc.property(term, fc.constantFrom(true, 1 as const, 9 as const), (value, compressed) => {
      const bytes = encode(value, { compressed });
      expect(bytes.length).toBeLessThanOrEqual(encode(value).length);
      expect(equals(decode(bytes), value)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("tells two terms apart by their keys exactly where equals does", () => {
  const small = fc.oneof(fc.nat(2), fc.constantFrom<Term>([], [1], "a", atom("a"), true));
  const pair: fc.Arbitrary<Term> = fc.array(small, { maxLength: 2 });
  fc.assert(
    fc.property(pair, pair, (a, b) => {
      expect(termKey(a) === termKey(b)).toBe(equals(a, b));
    }),
  );
});

it("gives a term or a DecodeError for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => readsOrRefuses(bytes)),
    { numRuns: 3000 },
  );
});

it("gives a term or a DecodeError for a message with some bytes changed", () => {
  const changes = fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(term, changes, (value, changed) => {
      const bytes = encode(value).slice(1);
      for (const [place, byte] of changed) bytes[place % bytes.length] = byte;
      readsOrRefuses(bytes);
    }),
    { numRuns: 2000 },
  );
});

function readsOrRefuses(bytes: Uint8Array): void {
  try {
    const { term: read, end } = decodeTerm(bytes, 0);
    expect(end).toBeLessThanOrEqual(bytes.length);
    expect(equals(decode(encode(read)), read)).toBe(true);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
  }
}
