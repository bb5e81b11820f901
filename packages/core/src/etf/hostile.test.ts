// What a peer can send to make us crash, hang or fill the memory. Sizes are such that a stack overflows many times over, and that
// a way which is worse than linear does not end before the test does.
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { codeOf } from "../../test/support/decoder-laws.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { termKey } from "./term-key.ts";
import { ErlMap, type Term, Tuple } from "./terms.ts";

const LEVELS = 300_000;

/** `head` again and again, then `last`, then `tail` again and again. */
function nested(head: string, last: string, tail: string, levels = LEVELS): Uint8Array {
  const [before, middle, behind] = [bytesOf(head), bytesOf(last), bytesOf(tail)];
  const bytes = new Uint8Array(1 + levels * (before.length + behind.length) + middle.length);
  bytes[0] = 131;
  for (let level = 0; level < levels; level++) bytes.set(before, 1 + level * before.length);
  const rest = 1 + levels * before.length;
  bytes.set(middle, rest);
  for (let level = 0; level < levels; level++) bytes.set(behind, rest + middle.length + level * behind.length);
  return bytes;
}

describe.each([
  ["tuples", nested("68 01", "6a", "")],
  ["tuples whose first element is deep", nested("68 02", "6a", "6101", 200_000)],
  ["lists", nested("6c 00000001", "6a", "6a", 200_000)],
  ["values of maps", nested("74 00000001 6101", "6a", "", 100_000)],
  [
    "free variables of funs",
    nested(`70 00000000 00 ${"00".repeat(16)} 00000000 00000001 77016d 6100 6100 58 770161 ${"00".repeat(12)}`, "6a", "", 30_000),
  ],
  ["values of records", nested("43 00000001 00 77016d 770172 770166", "6a", "", 100_000)],
])("deep %s", (_name, bytes) => {
  it("are read, written and compared without the stack", () => {
    const term = decode(bytes);
    const again = encode(term);
    expect(again.length).toBeGreaterThan(1000);
    expect(equals(decode(again), term)).toBe(true);
  });

  it("are refused beyond the limit that was asked for", () => {
    for (const termDepth of [0, 10, 1000]) expect(codeOf(() => decode(bytes, { limits: { termDepth } }))).toBe("too_deep");
  });
});

it.each([
  ["at the top", ""],
  ["deep inside", "68 01".repeat(1000)],
])("reads a list whose tail is a list whose tail is a list as one list, %s", (_name, around) => {
  const tails = nested("6c 00000001 62ffffffff", "6c 00000002 6101 6102 6b 0002 0304", "", 200_000).subarray(1);
  let list = decode(Uint8Array.from([131, ...bytesOf(around), ...tails]));
  while (list instanceof Tuple) list = list.at(0);
  expect(list).toHaveLength(200_004);
  expect((list as Term[]).slice(199_999)).toEqual([-1, 1, 2, 3, 4]);
});

it("keys of maps in keys of maps are read to 32 levels", () => {
  const nest = (levels: number): Uint8Array => nested("74 00000001", "6a", "6a", levels);
  expect(decode(nest(32))).toBeInstanceOf(ErlMap);
  expect(codeOf(() => decode(nest(33)))).toBe("too_deep");
  expect(codeOf(() => decode(nest(200_000)))).toBe("too_deep");
  expect(decode(nest(100), { limits: { mapKeyDepth: 100 } })).toBeInstanceOf(ErlMap);
  // The same inside of a deep term, where the stack is another.
  const deep = (levels: number): Uint8Array => {
    const inside = nest(levels).subarray(1);
    const around = nested("68 01", "", "", 1000);
    return Uint8Array.from([...around, ...inside]);
  };
  expect(decode(deep(32))).toBeInstanceOf(Tuple);
  expect(codeOf(() => decode(deep(33)))).toBe("too_deep");
});

it.each([
  ["a list of 4 billion", "83 6c ffffffff"],
  ["a tuple of 4 billion", "83 69 ffffffff"],
  ["a map of 4 billion", "83 74 ffffffff"],
  ["a record of 4 billion fields", "83 43 ffffffff 00 77016d 770172"],
  ["a fun with 4 billion variables", `83 70 00000000 00 ${"00".repeat(16)} 00000000 ffffffff 77016d 6100 6100`],
  ["a binary of 4 GiB", "83 6d ffffffff 00"],
  ["a bitstring of 4 GiB", "83 4d ffffffff 01 00"],
  ["a string of 64 KiB", "83 6b ffff 00"],
  ["an atom of 255 bytes", "83 77 ff 61"],
])("claims %s and sends nothing: refused at once", (_name, hex) => {
  expect(codeOf(() => decode(bytesOf(hex)))).toBe("truncated");
});

it("refuses a nesting of containers that each claim all the bytes that are left", () => {
  const bytes = new Uint8Array(1_000_000);
  bytes[0] = 131;
  const view = new DataView(bytes.buffer);
  for (let at = 1; at + 5 < bytes.length; at += 5) {
    bytes[at] = 105;
    view.setUint32(at + 1, bytes.length - at - 5);
  }
  expect(codeOf(() => decode(bytes))).toBe("truncated");
});

it("an integer beyond what OTP takes is refused, and the greatest is not", () => {
  const big = (length: number): Uint8Array => {
    const bytes = new Uint8Array(7 + length).fill(255);
    bytes.set([131, 111, length >>> 24, length >>> 16, length >>> 8, length, 1]);
    return bytes;
  };
  const greatest = decode(big(524_280));
  expect(encode(greatest)).toEqual(big(524_280));
  expect(codeOf(() => decode(big(524_281)))).toBe("too_large");
  expect(() => encode((greatest as bigint) * 256n)).toThrow("524281 bytes");
});

describe("maps with keys made to collide", () => {
  const COUNT = 50_000;

  function mapOf(keys: Iterable<Uint8Array>): Uint8Array {
    const list = [...keys];
    const bytes = new Uint8Array(6 + list.reduce((sum, key) => sum + key.length + 1, 0));
    bytes.set([131, 116, 0, 0, list.length >>> 8, list.length]);
    let at = 6;
    for (const key of list) {
      bytes.set(key, at);
      bytes[at + key.length] = 106;
      at += key.length + 1;
    }
    return bytes;
  }

  function binaryKey(index: number): Uint8Array {
    // The hash of a long binary looks at its two ends alone.
    const key = new Uint8Array(5 + 100);
    key.set([109, 0, 0, 0, 100]);
    new DataView(key.buffer).setUint32(50, index);
    return key;
  }

  function tupleKey(index: number): Uint8Array {
    return Uint8Array.of(104, 1, 98, index >>> 24, index >>> 16, index >>> 8, index);
  }

  it.each([
    ["binaries", binaryKey],
    ["tuples", tupleKey],
  ])("%s are read in linear time, and found", (_name, keyOf) => {
    const keys = Array.from({ length: COUNT }, (_, index) => keyOf(index));
    const read = decode(mapOf(keys)) as ErlMap;
    expect(read.size).toBe(COUNT);
    for (const key of [...read.keys()].slice(0, 1000)) expect(read.has(key)).toBe(true);
    const found = decode(Uint8Array.from([131, ...keyOf(COUNT - 1)]));
    expect([read.has(found), read.has("none"), read.has(1)]).toEqual([true, false, false]);
    expect(codeOf(() => decode(mapOf([...keys, keyOf(COUNT / 2)])))).toBe("duplicate_key");
  });

  it("finds a duplicate among many keys, wherever it is", () => {
    const integer = (index: number): Uint8Array => Uint8Array.of(98, 0, 0, index >>> 8, index);
    const keys = Array.from({ length: 1000 }, (_, index) => integer(index));
    expect(decode(mapOf(keys))).toBeInstanceOf(ErlMap);
    for (const index of [0, 499, 999]) {
      expect(codeOf(() => decode(mapOf([...keys, integer(index)])))).toBe("duplicate_key");
      expect(codeOf(() => decode(mapOf([...keys.slice(index), ...keys])))).toBe("duplicate_key");
    }
  });

  it("compares maps in keys of maps without trying all pairs", () => {
    let key: Term = 1;
    const levels = 11;
    for (let level = 0; level < levels; level++) {
      const one = encode(key).subarray(1);
      const another = encode([key]).subarray(1);
      key = decode(Uint8Array.from([131, 116, 0, 0, 0, 2, ...one, 106, ...another, 106]));
    }
    expect(equals(key, decode(encode(key)))).toBe(true);
    expect(termKey(key)).toBe(termKey(decode(encode(key))));
  });
});

describe("COMPRESSED", () => {
  function compressed(size: number, packed: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(6 + packed.length);
    bytes.set([131, 80]);
    new DataView(bytes.buffer).setUint32(2, size);
    bytes.set(packed, 6);
    return bytes;
  }

  const zeros = zlibSync(new Uint8Array(8_000_000));
  const binary = encode(new Uint8Array(1000)).subarray(1);

  it("is read when the size is what it says", () => {
    expect(decode(compressed(binary.length, zlibSync(binary)))).toEqual(new Uint8Array(1000));
  });

  it.each([
    ["a size beyond the limit", compressed(0xffffffff, zeros), "too_large"],
    ["a bomb that unpacks to more than it says", compressed(10, zeros), "bad_compression"],
    ["less than it says", compressed(binary.length + 1, zlibSync(binary)), "bad_compression"],
    ["nothing", compressed(10, new Uint8Array(0)), "bad_compression"],
    ["no zlib stream", compressed(10, new Uint8Array(20).fill(7)), "bad_compression"],
    ["a stream cut short", compressed(binary.length, zlibSync(binary).subarray(0, 10)), "bad_compression"],
    ["a head cut short", Uint8Array.of(131, 80, 0, 0), "truncated"],
    ["another compressed term", compressed(8, zlibSync(Uint8Array.of(80, 0, 0, 0, 1, 1, 2, 3))), "bad_tag"],
  ])("with %s is refused", (_name, bytes, code) => {
    expect(codeOf(() => decode(bytes))).toBe(code);
  });

  it("[C38] unpacks to no more than the limit that was asked for", () => {
    const bytes = compressed(binary.length, zlibSync(binary));
    expect(codeOf(() => decode(bytes, { limits: { uncompressedBytes: 999 } }))).toBe("too_large");
  });

  it("is read with other bytes behind it", () => {
    const bytes = compressed(binary.length, zlibSync(binary));
    expect(decode(Uint8Array.from([...bytes, 1, 2, 3]))).toEqual(new Uint8Array(1000));
  });

  it("with a wrong checksum is refused", () => {
    const packed = zlibSync(binary);
    packed[packed.length - 1] = (packed.at(-1) ?? 0) ^ 1;
    expect(codeOf(() => decode(compressed(binary.length, packed)))).toBe("bad_compression");
  });
});
