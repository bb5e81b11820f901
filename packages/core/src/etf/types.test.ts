// What the compiler knows of terms. `expectTypeOf` is checked by tsc; the tests themselves check what runs.
import { describe, expect, expectTypeOf, it } from "vitest";
import { type Atom, atom, decode, encode, type ErlMap, map, type Pid, type Term, type Tuple, tuple } from "./index.ts";

describe("the types of terms", () => {
  it("keeps the names of atoms and the shape of tuples", () => {
    const reply = tuple(atom("ok"), 1);
    expectTypeOf(reply).toEqualTypeOf<Tuple<[Atom<"ok">, number]>>();
    const [tag, value] = reply.elements;
    expectTypeOf(tag).toEqualTypeOf<Atom<"ok">>();
    expectTypeOf(value).toBeNumber();
    expect(value).toBe(1);
    expectTypeOf(tuple("text", 1n, [1], tuple())).toEqualTypeOf<Tuple<[string, bigint, number[], Tuple<[]>]>>();
  });

  it("narrows a union by the first element", () => {
    const replies: (Tuple<[Atom<"ok">, number]> | Tuple<[Atom<"error">, string]>)[] = [
      tuple(atom("ok"), 1),
      tuple(atom("error"), "why"),
    ];
    const read = replies.map((reply) => {
      if (reply.is(atom("ok"))) {
        expectTypeOf(reply.elements[1]).toBeNumber();
        return reply.elements[1];
      }
      expectTypeOf(reply.elements[1]).toBeString();
      return reply.elements[1].length;
    });
    expect(read).toEqual([1, 3]);
  });

  it("gives decode any term, and encode nothing that is none", () => {
    expectTypeOf(decode).returns.toEqualTypeOf<Term>();
    expectTypeOf<undefined>().not.toExtend<Term>();
    expectTypeOf<null>().not.toExtend<Term>();
    expectTypeOf<{ a: number }>().not.toExtend<Term>();
    expectTypeOf<Date>().not.toExtend<Term>();
    // @ts-expect-error a plain object is no term
    expect(() => encode({ a: 1 })).toThrow(TypeError);
  });

  it("knows the keys and values of maps", () => {
    const counts = map([[1, "one"]]);
    expectTypeOf(counts).toExtend<ErlMap<number, string>>();
    expectTypeOf(counts.get(1)).toEqualTypeOf<string | undefined>();
    expect(counts.get(1)).toBe("one");
    expectTypeOf<Pid>().toExtend<Term>();
  });
});
