import { expect, expectTypeOf, it } from "vitest";
import { Atom, atom } from "./atom.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { equals } from "./equal.ts";
import { map } from "./map.ts";
import { ErlMap, Float, type Term, tuple } from "./terms.ts";

it("makes atoms of an object's keys, and takes entries with keys of any kind", () => {
  expect(map({ name: 1 }).get(atom("name"))).toBe(1);
  const mixed = map<Term, Term>([
    [1, "integer"],
    [new Float(1), "float"],
    ["1", "binary"],
    [[49], "list"],
    [tuple(1), "tuple"],
  ]);
  expect([1, new Float(1), "1", Uint8Array.of(49), [49], tuple(1), 1n].map((key) => mixed.get(key))).toEqual([
    "integer",
    "float",
    "binary",
    "binary",
    "list",
    "tuple",
    "integer",
  ]);
  expect(mixed.get(atom("1"))).toBeUndefined();
  expect(map(new Map([["k", 1]])).get("k")).toBe(1);
  expectTypeOf(map({ name: 1 }).get(atom("name"))).toEqualTypeOf<number | undefined>();
});

it("finds a key of a decoded map by an atom of that name that is another object", () => {
  const decoded = decode(encode(map({ name: 1, size: 2 })));
  if (!(decoded instanceof ErlMap)) throw new TypeError("no map");
  expect(["size", "name", "other"].map((name) => decoded.get(new Atom(name)))).toEqual([2, 1, undefined]);
  expect(decoded.has("size")).toBe(false);
});

it("takes an object's __proto__ for a key like any other", () => {
  const made = map(JSON.parse('{"__proto__": 1}'));
  expect([made.size, made.get(atom("__proto__"))]).toEqual([1, 1]);
});

it("keeps the order of insertion; a later value takes the place of an earlier one", () => {
  const made = map<Term, Term>([
    ["b", 1],
    ["a", 2],
    ["b", 3],
  ]);
  expect([...made]).toEqual([
    ["b", 3],
    ["a", 2],
  ]);
  expect([[...made.keys()], [...made.values()], [...made.entries()]]).toEqual([["b", "a"], [3, 2], [...made]]);
});

// A map of atoms shares its keys with others of its shape, one of binaries with the last one of its size, one of others is scanned,
// a large one has an index.
const KINDS: [name: string, keys: Term[]][] = [
  ["atoms, as decoded", ["a", "b", "c"].map((name) => atom(name))],
  ["binaries, as decoded", ["a", "the second", "c"]],
  ["few others", [1, "two", tuple(3), 4.5, [5]]],
  [
    "many",
    Array.from({ length: 100 }, (_, index): Term => (index % 3 === 0 ? index : index % 3 === 1 ? `key${index}` : tuple(index))),
  ],
];

it.each(KINDS)("sets, gets and deletes as a Map does: %s", (_name, keys) => {
  const bytes = encode(map(keys.map((key, index): [Term, Term] => [key, index])));
  const made = decode(bytes) as ErlMap;
  const twin = decode(bytes) as ErlMap;
  expect(made).toBeInstanceOf(ErlMap);
  for (const [index, key] of keys.entries()) expect(made.get(key)).toBe(index);
  expect([made.get("none"), made.has("none"), made.get(tuple("none")), made.delete("none")]).toEqual([
    undefined,
    false,
    undefined,
    false,
  ]);

  made
    .set(keys[1] as Term, "new")
    .set("more", 1)
    .set(tuple("more"), 2);
  expect([made.size, made.get(keys[1] as Term), made.get("more"), made.get(tuple("more"))]).toEqual([
    keys.length + 2,
    "new",
    1,
    2,
  ]);
  expect(made.delete(keys[0] as Term)).toBe(true);
  expect([made.size, made.has(keys[0] as Term), made.get(keys[2] as Term), made.get("more")]).toEqual([
    keys.length + 1,
    false,
    2,
    1,
  ]);
  expect([...made.values()].slice(0, 2)).toEqual(["new", 2]);

  expect(encode(twin)).toEqual(bytes);
  expect(equals(made, twin)).toBe(false);
  for (const [index, key] of keys.entries()) expect(twin.get(key)).toBe(index);
});

it("can grow to a large one", () => {
  const made = map();
  for (let index = 0; index < 20_000; index++) made.set(`k${index}`, index);
  expect([made.size, made.get("k19999"), made.get("k0"), made.has("k20000")]).toEqual([20_000, 19_999, 0, false]);
});

it.each(["view", "copy"] as const)(
  "reads maps of binaries one after the other, whatever their keys have in common: as a %s",
  (binaries) => {
    const KEYS = [
      ["id", "name", "a longer key"],
      ["id", "name", "a longer key"],
      ["id", "name", "a longer kez"],
      ["id", "name", "a longer key!"],
      ["id", "namf", "a longer key"],
      ["if", "name", "a longer key"],
      ["a longer key", "name", "id"],
      ["id", "name"],
      ["id", "name", ""],
      ["", "name", "id"],
      ["id", "name", "a longer key", "more"],
      ["id", "name", "a longer key"],
    ];
    const maps = KEYS.map((keys, number) => map(keys.map((key): [Term, Term] => [key, [number, map([["id", key]])]])));
    const bytes = encode(maps);
    const read = decode(bytes, { binaries }) as ErlMap[];
    expect(encode(read)).toEqual(bytes);
    for (const [number, keys] of KEYS.entries()) {
      for (const key of keys) expect(equals(read[number]?.get(key) ?? 0, [number, map([["id", key]])])).toBe(true);
      expect(read[number]?.size).toBe(keys.length);
    }
    expect([read[7]?.has("a longer key"), read[2]?.has("a longer key")]).toEqual([false, false]);
    // What one map is told, the others that share its keys do not see.
    read[1]?.set("new", 1).delete("id");
    expect([read[0]?.has("id"), read[0]?.has("new"), read[1]?.has("id"), read[1]?.get("new")]).toEqual([true, false, false, 1]);
    expect(encode(read.slice(2))).toEqual(encode(maps.slice(2)));
  },
);

it("keeps nothing of one message for the next, which may have come into the same memory", () => {
  const bytes = encode(map([["key1", 1]]));
  expect((decode(bytes) as ErlMap).get("key1")).toBe(1);
  const place = bytes.indexOf(0x31);
  bytes[place] = 0x32;
  expect((decode(bytes) as ErlMap).get("key2")).toBe(1);
});
