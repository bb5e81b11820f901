import { describe, expect, it } from "vitest";
import { atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { format } from "./format.ts";
import { map } from "./map.ts";
import { parse } from "./parse.ts";
import { pattern } from "./pattern.ts";
import { erl } from "./template.ts";
import { Reference, type Term, tuple } from "./terms.ts";

describe("erl", () => {
  it("builds the term that the text says, with values in it", () => {
    const ref = new Reference(atom("a@b"), 1, [1, 2, 3]);
    const rest = [3, 4];
    const term = erl`{reply, ${ref}, [1, 2 | ${rest}], #{key => ${"text"}}}`;
    expect(equals(term, tuple(atom("reply"), ref, [1, 2, 3, 4], map({ key: "text" })))).toBe(true);
  });

  it("keeps Erlang's own escapes", () => {
    expect(format(erl`"a\tb\x{e9}"`)).toBe('"a\\tbé"');
  });

  it("parses once for each place and builds anew each time", () => {
    const make = (value: Term): Term => erl`[${value}, {${value}}]`;
    expect([format(make(1)), format(make(2))]).toEqual(["[1,{1}]", "[2,{2}]"]);
    expect(make(1)).not.toBe(make(1));
  });

  it("says where the text is wrong", () => {
    expect(() => erl`{ok, ${1} ${2}}`).toThrow('line 1, column 10: expected "," or "}", got ${1}');
    expect(() => erl`"a${1}"`).toThrow('line 1, column 3: expected the end of the string (")');
    expect(() => erl`#{${1} => a, ${1} => b}`).toThrow("a key of the map comes twice");
  });
});

describe("pattern", () => {
  it("binds variables, and gives undefined for what does not match", () => {
    const reply = pattern`{ok, Value, [H|T], #{key := V}, _}`;
    const bound = reply.match(parse("{ok, 1, [2, 3, 4], #{key => x, other => y}, <<1>>}"));
    expect(bound && Object.keys(bound)).toEqual(["Value", "H", "T", "V"]);
    expect(bound?.["Value"]).toBe(1);
    expect(bound?.["T"]).toEqual([3, 4]);
    expect(bound?.["V"]).toBe(atom("x"));
    expect(reply.match(parse("{ok, 1, [], #{key => x}, 1}"))).toBeUndefined();
    expect(reply.match(parse("{error, 1}"))).toBeUndefined();
  });

  it("asks a variable that comes twice for the same term", () => {
    const twice = pattern`{X, X}`;
    expect(twice.test(parse("{1, 1}"))).toBe(true);
    expect(twice.test(parse("{1, 1.0}"))).toBe(false);
  });

  it("takes _ for anything each time, and _Name for one thing", () => {
    expect(pattern`{_, _}`.match(tuple(1, 2))).toEqual({});
    expect(pattern`{_A, _A}`.test(tuple(1, 2))).toBe(false);
  });

  it("compares literals by =:=", () => {
    expect(pattern`1`.test(parse("1.0"))).toBe(false);
    expect(pattern`"ab"`.test([97, 98])).toBe(true);
    expect(pattern`<<"ab">>`.test(new Uint8Array([97, 98]))).toBe(true);
  });

  it("takes terms and other patterns from outside", () => {
    const ref = new Reference(atom("a@b"), 1, [7]);
    const inner = pattern`{value, V}`;
    const outer = pattern`{${ref}, ${inner}}`;
    expect(outer.match(tuple(ref, parse("{value, 5}")))).toEqual({ V: 5 });
    expect(outer.test(tuple(new Reference(atom("a@b"), 1, [8]), parse("{value, 5}")))).toBe(false);
  });

  it("finds keys of any kind in maps, and leaves others alone", () => {
    const term = parse('#{1 => a, 1.0 => b, {t, [x]} => c, <<"k">> => d}');
    expect(pattern`#{1 := A, 1.0 := B, {t, [x]} := C, ${"k"} := D}`.match(term)).toMatchObject({
      A: atom("a"),
      B: atom("b"),
      C: atom("c"),
      D: atom("d"),
    });
    expect(pattern`#{missing := _}`.test(term)).toBe(false);
    expect(() => pattern`#{K := _}`.test(term)).toThrow("a key of a map pattern has no variables");
  });

  it("matches improper lists and records", () => {
    expect(pattern`[alias | R]`.match(parse("[alias | 5]"))).toEqual({ R: 5 });
    expect(pattern`[A | T]`.match(parse("[1, 2 | 3]"))).toMatchObject({ A: 1 });
    expect(pattern`#m:r{y = Y}`.match(parse("#m:r{x = 1, y = 2}"))).toEqual({ Y: 2 });
  });

  it("shows its source", () => {
    expect(String(pattern`{ok, ${1}}`)).toBe("{ok, ${}}");
  });
});
