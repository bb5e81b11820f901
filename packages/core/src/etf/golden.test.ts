// Bytes written by OTP (term_to_binary on 25 to 29, or a peer in an old layout), one term for each tag at least.
import { expect, it } from "vitest";
import { codeOf, expectDecoderLaws } from "../../test/support/decoder-laws.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { atom } from "./atom.ts";
import { decode, decodeTerm } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { map } from "./map.ts";
import {
  BitString,
  Export,
  Float,
  Fun,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
  tuple,
} from "./terms.ts";

const node = atom("x@y");
const NODE = "77 03 784079";
const UNIQ = "00112233445566778899aabbccddeeff";

/** What OTP 26 and later write, so both ways. */
const CANONICAL: [name: string, hex: string, term: Term][] = [
  ["SMALL_ATOM_UTF8_EXT", "77 02 6f6b", atom("ok")],
  ["SMALL_ATOM_UTF8_EXT, empty", "77 00", atom("")],
  ["SMALL_ATOM_UTF8_EXT, one character", "77 01 61", atom("a")],
  ["SMALL_ATOM_UTF8_EXT, one character of two bytes", "77 02 c3a9", atom("é")],
  ["SMALL_ATOM_UTF8_EXT, a boolean", "77 04 74727565", true],
  ["SMALL_ATOM_UTF8_EXT, the other one", "77 05 66616c7365", false],
  ["SMALL_ATOM_UTF8_EXT, 255 bytes", `77 ff ${"78".repeat(255)}`, atom("x".repeat(255))],
  ["ATOM_UTF8_EXT, 255 characters of four bytes", `76 03fc ${"f09f9880".repeat(255)}`, atom("😀".repeat(255))],
  ["SMALL_INTEGER_EXT", "61 00", 0],
  ["SMALL_INTEGER_EXT, greatest", "61 ff", 255],
  ["INTEGER_EXT", "62 00000100", 256],
  ["INTEGER_EXT, negative", "62 ffffffff", -1],
  ["INTEGER_EXT, least", "62 80000000", -2147483648],
  ["INTEGER_EXT, greatest", "62 7fffffff", 2147483647],
  ["SMALL_BIG_EXT, four bytes", "6e 04 00 00000080", 2147483648],
  ["SMALL_BIG_EXT, negative", "6e 04 01 01000080", -2147483649],
  ["SMALL_BIG_EXT, the greatest safe integer", "6e 07 00 ffffffffffff1f", Number.MAX_SAFE_INTEGER],
  ["SMALL_BIG_EXT, one more", "6e 07 00 00000000000020", 2n ** 53n],
  ["SMALL_BIG_EXT, seven bytes with all bits", "6e 07 01 ffffffffffffff", -(2n ** 56n - 1n)],
  ["SMALL_BIG_EXT, eight bytes", "6e 08 00 ffffffffffffffff", 2n ** 64n - 1n],
  ["SMALL_BIG_EXT, nine bytes", "6e 09 01 000000000000000001", -(2n ** 64n)],
  ["SMALL_BIG_EXT, 255 bytes", `6e ff 00 ${"00".repeat(254)} 80`, 2n ** 2039n],
  ["LARGE_BIG_EXT", `6f 00000100 00 ${"00".repeat(255)} 01`, 2n ** 2040n],
  ["LARGE_BIG_EXT, 1001 bytes", `6f 000003e9 01 ${"ff".repeat(1000)} 7f`, -(2n ** 8007n - 1n)],
  ["NEW_FLOAT_EXT", "46 3ff8000000000000", 1.5],
  ["NEW_FLOAT_EXT, integral", "46 3ff0000000000000", new Float(1)],
  ["NEW_FLOAT_EXT, zero", "46 0000000000000000", new Float(0)],
  ["NEW_FLOAT_EXT, negative zero", "46 8000000000000000", new Float(-0)],
  ["NEW_FLOAT_EXT, greatest", "46 7fefffffffffffff", new Float(Number.MAX_VALUE)],
  ["SMALL_TUPLE_EXT, empty", "68 00", tuple()],
  ["SMALL_TUPLE_EXT", "68 02 77026f6b 6101", tuple(atom("ok"), 1)],
  ["LARGE_TUPLE_EXT", `69 00000100 ${"6a".repeat(256)}`, new Tuple(Array.from({ length: 256 }, (): Term => []))],
  ["NIL_EXT", "6a", []],
  ["STRING_EXT", "6b 0003 00ff61", [0, 255, 97]],
  ["LIST_EXT", "6c 00000002 6101 62ffffffff 6a", [1, -1]],
  ["LIST_EXT, nested", "6c 00000002 6b000101 6a 6a", [[1], []]],
  ["LIST_EXT, improper", "6c 00000001 6101 6102", new ImproperList([1], 2)],
  ["BINARY_EXT", "6d 00000002 00ff", bytesOf("00ff")],
  ["BINARY_EXT, empty", "6d 00000000", new Uint8Array(0)],
  ["BIT_BINARY_EXT", "4d 00000002 03 ffe0", new BitString(bytesOf("ffe0"), 3)],
  ["MAP_EXT, empty", "74 00000000", map()],
  ["MAP_EXT of atoms", "74 00000002 770162 6101 770161 6102", map({ b: 1, a: 2 })],
  [
    "MAP_EXT of others",
    "74 00000004 6101 6a 46 3ff0000000000000 6a 6d0000000131 6a 6b000131 6a",
    map<Term, Term>([
      [1, []],
      [new Float(1), []],
      [bytesOf("31"), []],
      [[0x31], []],
    ]),
  ],
  ["NEW_PID_EXT", `58 ${NODE} 00000001 00000002 00000003`, new Pid(node, 1, 2, 3)],
  ["NEW_PID_EXT, greatest", `58 ${NODE} ffffffff ffffffff ffffffff`, new Pid(node, 0xffffffff, 0xffffffff, 0xffffffff)],
  ["V4_PORT_EXT", `78 ${NODE} 0100000000000001 00000009`, new Port(node, 2n ** 56n + 1n, 9)],
  ["NEWER_REFERENCE_EXT", `5a 0003 ${NODE} 00000009 00000001 00000002 ffffffff`, new Reference(node, 9, [1, 2, 0xffffffff])],
  ["NEWER_REFERENCE_EXT, one word", `5a 0001 ${NODE} 00000009 00000001`, new Reference(node, 9, [1])],
  [
    "NEWER_REFERENCE_EXT, an alias",
    `5a 0005 ${NODE} 00000009 00000001 00000002 00000003 00000004 00000005`,
    new Reference(node, 9, [1, 2, 3, 4, 5]),
  ],
  ["EXPORT_EXT", "71 77 05 6c69737473 77 03 6d6170 61 02", new Export(atom("lists"), atom("map"), 2)],
  [
    "NEW_FUN_EXT",
    `70 0000003c 01 ${UNIQ} 00000005 00000002 77016d 6105 6203bdf2a5 58 ${NODE} 00000001 00000000 00000003 6107 6a`,
    new Fun({
      arity: 1,
      uniq: bytesOf(UNIQ),
      index: 5,
      module: atom("m"),
      oldIndex: 5,
      oldUniq: 62780069,
      pid: new Pid(node, 1, 0, 3),
      free: [7, []],
    }),
  ],
  [
    "RECORD_EXT",
    "43 00000002 01 77016d 770172 770162 770161 6101 6a",
    new NativeRecord(atom("m"), atom("r"), true, [atom("b"), atom("a")], [1, []]),
  ],
  ["RECORD_EXT, not exported and empty", "43 00000000 00 77016d 770172", new NativeRecord(atom("m"), atom("r"), false, [], [])],
];

/** What OTP accepts and writes otherwise, or does not write any more. */
const ACCEPTED: [name: string, hex: string, term: Term][] = [
  ["ATOM_EXT", "64 0003 68e9ff", atom("héÿ")],
  ["ATOM_EXT, a boolean", "64 0004 74727565", true],
  ["SMALL_ATOM_EXT", "73 02 68e9", atom("hé")],
  ["ATOM_UTF8_EXT, short", "76 0002 6f6b", atom("ok")],
  ["INTEGER_EXT, small", "62 00000005", 5],
  ["SMALL_BIG_EXT, small", "6e 01 00 05", 5],
  ["SMALL_BIG_EXT, no bytes", "6e 00 00", 0],
  ["SMALL_BIG_EXT, padded", "6e 0a 01 05000000000000000000", -5],
  ["SMALL_BIG_EXT, padded, three bytes", "6e 03 00 050000", 5],
  ["SMALL_BIG_EXT, negative zero", "6e 01 01 00", 0],
  ["SMALL_BIG_EXT, any sign", "6e 01 02 09", -9],
  ["LARGE_BIG_EXT, small", "6f 00000001 00 09", 9],
  ["FLOAT_EXT", `63 ${ascii("1.50000000000000000000e+00")} 0000000000`, 1.5],
  ["FLOAT_EXT, integral", `63 ${ascii("-2.00000000000000000000e+00")} 00000000`, new Float(-2)],
  ["LARGE_TUPLE_EXT, small", "69 00000001 6101", tuple(1)],
  ["STRING_EXT, empty", "6b 0000", []],
  ["LIST_EXT of nothing", "6c 00000000 6a", []],
  ["LIST_EXT of nothing, with a tail", "6c 00000000 6107", 7],
  ["LIST_EXT of bytes", "6c 00000001 6161 6a", [97]],
  ["LIST_EXT whose tail is a list", "6c 00000001 6101 6c 00000001 6102 6a", [1, 2]],
  ["LIST_EXT whose tail is STRING_EXT", "6c 00000001 62ffffffff 6b 0001 02", [-1, 2]],
  ["LIST_EXT whose tail is improper", "6c 00000001 6101 6c 00000001 6102 6103", new ImproperList([1, 2], 3)],
  ["BIT_BINARY_EXT of whole bytes", "4d 00000001 08 ff", bytesOf("ff")],
  ["BIT_BINARY_EXT with bits that do not count", "4d 00000001 03 ff", new BitString(bytesOf("e0"), 3)],
  ["PID_EXT", `67 ${NODE} 00000001 00000002 03`, new Pid(node, 1, 2, 3)],
  ["NEW_PID_EXT of an atom in Latin-1", "58 64 0003 784079 00000001 00000002 00000003", new Pid(node, 1, 2, 3)],
  ["PORT_EXT", `66 ${NODE} 00000001 01`, new Port(node, 1n, 1)],
  ["NEW_PORT_EXT", `59 ${NODE} 00000001 00000009`, new Port(node, 1n, 9)],
  ["REFERENCE_EXT", `65 ${NODE} 00000001 01`, new Reference(node, 1, [1])],
  ["NEW_REFERENCE_EXT", `72 0003 ${NODE} 01 00000001 00000002 00000003`, new Reference(node, 1, [1, 2, 3])],
  [
    "NEW_FUN_EXT with a size that is wrong",
    `70 00000000 01 ${UNIQ} 00000005 00000000 77016d 6105 6105 67 ${NODE} 00000001 00000000 03`,
    new Fun({
      arity: 1,
      uniq: bytesOf(UNIQ),
      index: 5,
      module: atom("m"),
      oldIndex: 5,
      oldUniq: 5,
      pid: new Pid(node, 1, 0, 3),
      free: [],
    }),
  ],
];

function ascii(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16)).join("");
}

function expectTerm(actual: Term, expected: Term): void {
  expect(equals(actual, expected), `${String(actual)} is ${String(expected)}`).toBe(true);
}

it.each(CANONICAL)("reads and writes %s", (_name, hex, term) => {
  const bytes = bytesOf(`83 ${hex}`);
  expectTerm(decode(bytes), term);
  expect(encode(term)).toEqual(bytes);
});

it.each(ACCEPTED)("reads %s", (_name, hex, term) => {
  const bytes = bytesOf(`83 ${hex}`);
  expectTerm(decode(bytes), term);
  expect(encode(decode(bytes))).toEqual(encode(term));
});

it.each([...CANONICAL, ...ACCEPTED])("reads %s whole only, and nothing else", (_name, hex) => {
  expectDecoderLaws(bytesOf(hex), (bytes) => {
    const { term, end } = decodeTerm(bytes, 0);
    // Two maps look the same to `toEqual`.
    return { value: encode(term), end };
  });
});

/** What binary_to_term refuses and what closes a connection. */
it.each([
  ["no bytes", "", "truncated"],
  ["another version", "82 6a", "bad_version"],
  ["no term", "83", "truncated"],
  ["an unknown tag", "83 c8", "bad_tag"],
  ["a second version", "83 83 6a", "bad_tag"],
  ["FUN_EXT", `83 75 00000000 58 ${NODE} 00000001 00000000 00000003 77016d 6100 6100`, "bad_tag"],
  ["LOCAL_EXT", "83 79 00000000 6a", "bad_tag"],
  ["ATOM_CACHE_REF without a header", "83 52 00", "bad_value"],
  ["an internal tag", "83 49 0000", "bad_tag"],
  ["COMPRESSED inside a term", "83 68 01 50 00000001 789c4b020000620062", "bad_tag"],
  ["an atom that is no UTF-8", "83 77 02 c328", "bad_utf8"],
  ["an atom with half a surrogate pair", "83 77 03 eda080", "bad_utf8"],
  ["an atom of 256 characters", `83 76 0100 ${"78".repeat(256)}`, "too_large"],
  ["an atom of 256 characters in Latin-1", `83 64 0100 ${"78".repeat(256)}`, "too_large"],
  ["NaN", "83 46 7ff8000000000000", "bad_value"],
  ["an infinity", "83 46 fff0000000000000", "bad_value"],
  ["FLOAT_EXT with an infinity", `83 63 ${ascii("1.0e999")} ${"00".repeat(24)}`, "bad_value"],
  ["FLOAT_EXT without a point", `83 63 31 ${"00".repeat(30)}`, "bad_value"],
  ["FLOAT_EXT with other text", `83 63 ${ascii("nan")} ${"00".repeat(28)}`, "bad_value"],
  ["BIT_BINARY_EXT of 0 bits", "83 4d 00000001 00 ff", "bad_value"],
  ["BIT_BINARY_EXT of 9 bits", "83 4d 00000001 09 ff", "bad_value"],
  ["BIT_BINARY_EXT of no bytes", "83 4d 00000000 00", "bad_value"],
  ["BIT_BINARY_EXT of no bytes and 3 bits", "83 4d 00000000 03", "bad_value"],
  ["a key twice", "83 74 00000002 6101 6101 6101 6102", "duplicate_key"],
  ["an atom as a key twice", "83 74 00000002 770161 6101 770161 6102", "duplicate_key"],
  ["a boolean as a key twice", "83 74 00000002 770474727565 6101 640004 74727565 6102", "duplicate_key"],
  ["an atom as a key twice, with another between", "83 74 00000003 770161 6101 6a 6a 770161 6102", "duplicate_key"],
  ["a binary as a key twice", "83 74 00000002 6d0000000161 6101 6d0000000161 6102", "duplicate_key"],
  [
    "a binary as a key twice, behind what the map before begins with",
    "83 68 02 74 00000002 6d0000000161 6a 6d0000000162 6a 74 00000002 6d0000000161 6a 6d0000000161 6a",
    "duplicate_key",
  ],
  [
    "an integer as a key twice, among others that lie close",
    "83 74 00000003 62ffffffff 6a 6101 6a 62ffffffff 6a",
    "duplicate_key",
  ],
  ["an integer as a key in two forms", "83 74 00000002 6101 6101 6e010001 6102", "duplicate_key"],
  ["a map as a key in two orders", "83 74 00000002 7400000002 6101 6a 6102 6a 6a 7400000002 6102 6a 6101 6a 6a", "duplicate_key"],
  ["a list as a key in two forms", "83 74 00000002 6b000101 6a 6c000000016101 6a 6a", "duplicate_key"],
  ["PID_EXT with a creation of 4", `83 67 ${NODE} 00000001 00000002 04`, "bad_value"],
  ["a pid whose node is no atom", "83 58 6a 00000001 00000002 00000003", "bad_tag"],
  ["a reference of six words", `83 5a 0006 ${NODE} ${"00000001".repeat(7)}`, "bad_value"],
  ["a reference of no words", `83 5a 0000 ${NODE} 00000001`, "bad_value"],
  ["EXPORT_EXT with an arity of 256", "83 71 77016d 770166 62 00000100", "bad_tag"],
  ["NEW_FUN_EXT with an atom for its old index", `83 70 00000000 01 ${UNIQ} 00000005 00000000 77016d 770161 6105`, "bad_value"],
  ["RECORD_EXT with other flags", "83 43 00000000 02 77016d 770172", "bad_value"],
  ["RECORD_EXT with a field twice", "83 43 00000002 01 77016d 770172 770162 770162 6101 6a", "duplicate_key"],
])("refuses %s", (_name, hex, code) => {
  expect(codeOf(() => decode(bytesOf(hex)))).toBe(code);
});

it("takes the pairs of a map in any order, and keeps it", () => {
  const bytes = bytesOf("83 74 00000002 770162 6101 770161 6102");
  expectTerm(decode(bytes), map({ a: 2, b: 1 }));
  expect(encode(decode(bytes))).toEqual(bytes);
});

it("says at which byte it stopped, counted from the start of what it was given", () => {
  const bytes = bytesOf("ffff 83 68 02 6101 c8");
  expect(() => decode(bytes.subarray(2))).toThrow("at byte 5: expected a term, got tag 0xc8");
  expect(() => decodeTerm(bytes, 3)).toThrow("at byte 7: expected a term, got tag 0xc8");
});

it("reads the references of a distribution header, in every place of an atom", () => {
  const atoms = [atom("ok"), node, atom("true")];
  const read = (hex: string): Term => decodeTerm(bytesOf(hex), 0, { atoms }).term;
  expectTerm(read("68 02 52 00 58 52 01 00000001 00000002 00000003"), tuple(atom("ok"), new Pid(node, 1, 2, 3)));
  const entries: [Term, Term][] = [
    [atom("ok"), 1],
    [true, 2],
  ];
  expectTerm(read("74 00000002 52 00 6101 52 02 6102"), map(entries));
  expect(read("52 02")).toBe(true);
  expect(codeOf(() => read("52 03"))).toBe("bad_value");
});

it("gives binaries as views, or as copies on demand", () => {
  const bytes = bytesOf("83 68 02 6d 00000001 01 4d 00000001 03 20");
  const read = (binaries: "view" | "copy"): Uint8Array[] => {
    const [binary, bits] = (decode(bytes, { binaries }) as Tuple).elements;
    return [binary as Uint8Array, (bits as BitString).bytes];
  };
  expect(read("view").map(({ buffer }) => buffer === bytes.buffer)).toEqual([true, true]);
  expect(read("copy").map(({ buffer }) => buffer.byteLength)).toEqual([1, 1]);
  expect(read("copy")).toEqual(read("view"));
});

it("gives plain Uint8Arrays also for a subclass of it", () => {
  class Special extends Uint8Array {}
  const binary = decode(Special.from(bytesOf("83 6d 00000001 01")));
  expect(Object.getPrototypeOf(binary)).toBe(Uint8Array.prototype);
});
