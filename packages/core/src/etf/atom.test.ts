import { expect, expectTypeOf, it } from "vitest";
import { type Atom, AtomTable, atom, atoms } from "./atom.ts";
import { cacheSlot, internRead } from "./atom-slots.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { map } from "./map.ts";
import { Tuple } from "./terms.ts";

const NAMES = ["", "a", "é", "ok", "abc", "undefined", "héllo", "日本", "x".repeat(62), "x".repeat(63), "x".repeat(255)];

it("gives one object for one name", () => {
  for (const name of NAMES) expect(atom(name)).toBe(atom(name));
  expect(atom("ok").toString()).toBe("ok");
});

it("has the name in its type", () => {
  expectTypeOf(atom("ok")).toEqualTypeOf<Atom<"ok">>();
  expectTypeOf(atom("ok").name).toEqualTypeOf<"ok">();
});

it("gives that object for what was decoded, in every layout, before and after", () => {
  for (const name of NAMES) {
    const bytes = new TextEncoder().encode(name);
    const utf8 = Uint8Array.of(131, 118, bytes.length >> 8, bytes.length, ...bytes);
    const first = decode(utf8);
    expect(atom(name)).toBe(first);
    expect(decode(encode(atom(name)))).toBe(first);
    expect(decode(encode(atom(name)))).toBe(first);
  }
  expect(decode(Uint8Array.of(131, 100, 0, 1, 0xe9))).toBe(atom("é"));
});

it("does not mix up atoms that look alike to the cache", () => {
  // Same length, same first, second and last word.
  const names = Array.from({ length: 50 }, (_, index) => `same_start_${String.fromCharCode(65 + index)}_same_end`);
  for (const name of names) atom(name);
  for (const name of [...names, ...names]) expect(decode(encode(atom(name)))).toBe(atom(name));
});

it("takes 255 characters of any size, and no half of a surrogate pair", () => {
  expect(atom("😀".repeat(255)).name).toHaveLength(510);
  expect(() => atom("x".repeat(256))).toThrow(RangeError);
  expect(() => atom("😀".repeat(256))).toThrow(RangeError);
  expect(() => atom("\ud83d")).toThrow(RangeError);
});

it("is a boolean where a boolean is meant, and an atom where only an atom can be", () => {
  expect(decode(encode(atom("true")))).toBe(true);
  expect(equals(atom("true"), true)).toBe(true);
  expect(equals(false, atom("false"))).toBe(true);
  expect(equals(atom("true"), false)).toBe(false);
  expect(map([[atom("true"), 1]]).get(true)).toBe(1);
});

/** A list of atoms that nobody has seen, as one message. */
function hostileMessage(from: number, count: number): Uint8Array {
  const bytes: number[] = [131, 108, 0, 0, count >>> 8, count & 255];
  for (let index = from; index < from + count; index++) {
    const name = `hostile${index.toString(36)}`;
    bytes.push(119, name.length);
    for (let at = 0; at < name.length; at++) bytes.push(name.charCodeAt(at));
  }
  return Uint8Array.from([...bytes, 106]);
}

it("holds a bounded number of atoms when a peer sends many more new ones, and keeps the identity of those in use", () => {
  const mine = ["ok", "my_own_atom", "a", "an_atom_of_mine_that_is_seen_once_in_a_while"].map((name) => atom(name));
  const message = encode(new Tuple(mine));
  const fromWire = Uint8Array.of(131, 119, 9, ...new TextEncoder().encode("wire_seen"));
  const seen = decode(fromWire);
  const before = atoms.size;
  for (let sent = 0; sent < 250_000; sent += 10_000) {
    expect(decode(hostileMessage(sent, 10_000))).toHaveLength(10_000);
    expect(decode(fromWire)).toBe(seen);
  }
  expect(atoms.size - before).toBeLessThanOrEqual(65_536 + 2048);
  const decoded = decode(message) as Tuple;
  for (const [index, own] of mine.entries()) expect(decoded.at(index)).toBe(own);
  expect(atom("wire_seen")).toBe(seen);
});

it("still equals its successor when it was let go while somebody held it", () => {
  const table = new AtomTable(8);
  const held = internRead(table, "held");
  // The cache of the table keeps what it holds: overwrite its place with others.
  const slot = cacheSlot(held.first, held.words?.[1] ?? 0, held.last, held.size);
  for (let index = 0; table.slots[slot] === held; index++) internRead(table, `other${index}`);
  for (let index = 0; index < 20; index++) internRead(table, `more${index}`);
  const successor = table.intern("held");
  expect(successor).not.toBe(held);
  expect(equals(successor, held)).toBe(true);
  expect(map([[held, 1]]).get(successor)).toBe(1);
  expect(encode(successor)).toEqual(encode(held));
});
