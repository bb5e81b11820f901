import fc from "fast-check";
import { atom, BitString, equals, erl, Float, format, ImproperList, map, Pid, Reference, type Term, tuple } from "@erl-dist/core";
import { describe, expect, it } from "vitest";
import { arbitraryTerm } from "../../core/test/support/arbitrary-terms.ts";
import { jsonOfTerm, JsonTermError, termOfJson } from "./json-term.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PID = new Pid(atom("app@host"), 90, 0, 1234);

// docs/WORKER.md has this table.
describe.each<[string, Term, unknown]>([
  ["an atom", atom("ok"), { $atom: "ok" }],
  ["true", true, true],
  ["null", atom("null"), null],
  ["undefined", atom("undefined"), { $atom: "undefined" }],
  ["an integer", 42, 42],
  ["a large integer", 2n ** 64n, { $integer: "18446744073709551616" }],
  ["a float", 1.5, 1.5],
  ["an integral float", new Float(1), { $float: "1.0" }],
  ["minus zero", new Float(-0), { $float: "-0.0" }],
  ["a huge float", new Float(1e300), { $float: "1e+300" }],
  ["a binary with text", bytes("grüß dich"), "grüß dich"],
  ["a binary that begins with a byte order mark", bytes("\ufeffx"), "\ufeffx"],
  ["any other binary", Uint8Array.of(255, 0), { $binary: "/wA=" }],
  ["a list", [1, [], atom("a")], [1, [], { $atom: "a" }]],
  ["an improper list", new ImproperList([1, 2], 3), { $improper: [1, 2, 3] }],
  ["a tuple", tuple(atom("ok"), 1), { $tuple: [{ $atom: "ok" }, 1] }],
  ["a map with text as keys", map([["name", 1]]), { name: 1 }],
  ["a map with the key __proto__", map([["__proto__", 1]]), JSON.parse('{"__proto__": 1}')],
  ["any other map", map({ name: 1 }), { $map: [[{ $atom: "name" }, 1]] }],
  ["a map with a key that begins with $", map([["$x", 1]]), { $map: [["$x", 1]] }],
  ["a pid", PID, { $etf: "g1h3CGFwcEBob3N0AAAAWgAAAAAAAATS", text: "<app@host.90.0>" }],
])("%s", (_, term, value) => {
  it("is written", () => expect(jsonOfTerm(term)).toEqual(value));
  it("is read", () => {
    const read = termOfJson(JSON.parse(JSON.stringify(value)));
    expect(equals(read, term), format(read)).toBe(true);
  });
});

it("reads what it never writes: charlists, and what programs have beside JSON", () => {
  expect(termOfJson({ $charlist: "hé" })).toEqual([104, 233]);
  expect(termOfJson([2n ** 70n, Uint8Array.of(1)])).toEqual([2n ** 70n, Uint8Array.of(1)]);
});

it("gives every term back that is no code", () => {
  fc.assert(
    fc.property(arbitraryTerm({ identifiers: true }), (term) => {
      fc.pre(!/#Fun|fun /.test(format(term)));
      const read = termOfJson(JSON.parse(JSON.stringify(jsonOfTerm(term))));
      expect(equals(read, term), `${format(term)} became ${format(read)}`).toBe(true);
    }),
  );
});

it("tells of each atom that a term has", () => {
  const atoms: string[] = [];
  const value = [null, true, { $atom: "ok" }, { $map: [[{ $atom: "key" }, jsonOfTerm(PID)]] }, { key: "text" }];
  termOfJson(value, { onAtom: (name) => atoms.push(name) });
  expect(atoms).toEqual(["null", "ok", "key", "app@host"]);
});

it.each<[unknown, RegExp]>([
  [{ $atom: 1 }, /^at \.\$atom: expected a string, got 1$/],
  [{ $atom: "a".repeat(256) }, /^at \.\$atom: .*255/],
  [
    { $unknown: 1 },
    /^expected an object without keys that begin with "\$", or with one of \$atom, .* alone, got \{"\$unknown":1\}$/,
  ],
  [{ $atom: "a", b: 1 }, /or with one of \$atom/],
  [{ a: [1, { $tuple: {} }] }, /^at \.a\[1\]\.\$tuple: expected an array, got \{\}$/],
  [{ $improper: [1] }, /two items or more/],
  [{ $map: [[1]] }, /^at \.\$map\[0\]: expected a key and its value/],
  [{ $map: [[1, 2, 3]] }, /a key and its value/],
  [{ $integer: "1.5" }, /decimal digits/],
  [{ $integer: 1 }, /a string/],
  [{ $float: "1,5" }, /a float, as "1\.0"/],
  [{ $float: "1e999" }, /a float/],
  [{ $binary: "*" }, /base64/],
  [{ $etf: "g2o=", text: "[]" }, /a pid, a port, a reference or a bitstring that came from here, got "\[\]"/],
  [{ $etf: "g1g=" }, /^at \.\$etf: at byte 2/],
  [2 ** 53, /at most 53 bits; a larger one is written/],
  [Number.NaN, /a number that Erlang has, got NaN/],
  ["\ud800", /surrogate/],
  [undefined, /^expected a value of JSON, got undefined$/],
  [new Date(0), /a value of JSON/],
])("says what is wrong with %j", (value, message) => {
  expect(() => termOfJson(value)).toThrow(message);
  expect(() => termOfJson(value)).toThrow(TypeError);
});

it("takes no code from a caller", () => {
  for (const text of ["fun lists:sum/1"]) {
    const value = jsonOfTerm(erl`fun lists:sum/1`);
    expect(value).toMatchObject({ text });
    expect(() => termOfJson(value)).toThrow(JsonTermError);
  }
  expect(termOfJson(jsonOfTerm(new BitString(Uint8Array.of(0b10100000), 3)))).toEqual(
    new BitString(Uint8Array.of(0b10100000), 3),
  );
  const reference = new Reference(atom("app@host"), 7, [1, 2, 3]);
  expect(termOfJson(jsonOfTerm(reference))).toEqual(reference);
});

it("keeps to its number of levels, both ways", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  expect(jsonOfTerm(termOfJson(nested(500)))).toEqual(nested(500));
  expect(() => termOfJson(nested(502))).toThrow(/at most 500 levels/);
  let term: Term = [];
  for (let level = 0; level < 501; level++) term = [term];
  expect(() => jsonOfTerm(term)).toThrow(/more than 500 levels/);
});
