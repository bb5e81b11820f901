import { describe, expect, it } from "vitest";
import vectors25 from "../../test/vectors/etf-otp25.jsonl?raw";
import vectors27 from "../../test/vectors/etf-otp27.jsonl?raw";
import vectors29 from "../../test/vectors/etf-otp29.jsonl?raw";
import floats from "../../test/vectors/float-otp29.jsonl?raw";
import { bytesOf } from "../../test/support/hex.ts";
import { atom } from "./atom.ts";
import { decode } from "./decode.ts";
import { floatText } from "./float-text.ts";
import { format } from "./format.ts";
import { map } from "./map.ts";
import { BitString, Export, Float, Fun, ImproperList, NativeRecord, Pid, Port, Reference, type Term, tuple } from "./terms.ts";
import { charlist } from "./text.ts";

interface Vector {
  readonly hex: string;
  readonly tp: string | null;
}

function linesOf<T>(jsonl: string): T[] {
  return jsonl
    .trim()
    .split("\n")
    .map((line): T => JSON.parse(line));
}

/** A map of more than 32 pairs prints in another order than it is encoded. */
function sorted(text: string): string {
  return Array.from(text).toSorted().join("");
}

describe("format", () => {
  it.each([
    ["27", vectors27],
    ["29", vectors29],
  ])("prints what OTP %s printed, for every term of the vectors", (_release, jsonl) => {
    const vectors = linesOf<Vector>(jsonl).filter(({ tp }) => tp !== null);
    expect(vectors.length).toBeGreaterThan(400);
    for (const { hex, tp } of vectors) {
      const term = decode(bytesOf(hex));
      const large = hex.startsWith("8374") && format(term) !== tp;
      if (large) expect(sorted(format(term))).toBe(sorted(tp ?? ""));
      else expect(format(term)).toBe(tp);
    }
  });

  it("prints what OTP 25 printed, but for the atom maybe and for binaries that only OTP 25 took for Latin-1", () => {
    const vectors = linesOf<Vector>(vectors25).filter(({ tp }) => tp !== null);
    const different = vectors.filter(({ hex, tp }) => sorted(format(decode(bytesOf(hex)))) !== sorted(tp ?? ""));
    expect(different.length).toBe(3);
  });

  it("lays out all floats of the vectors as OTP does", () => {
    const vectors = linesOf<{ ieee: string; w: string }>(floats);
    expect(vectors.length).toBe(3055);
    for (const { ieee, w } of vectors) {
      const bytes = bytesOf(ieee);
      expect(floatText(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0))).toBe(w);
    }
  });

  const node = atom("app@host");
  const readable: [string, Term, string][] = [
    ["pids with the node's name", new Pid(node, 84, 0, 7), "<app@host.84.0>"],
    ["references from the last word on", new Reference(node, 7, [3, 2, 1]), "#Ref<app@host.1.2.3>"],
    ["ports", new Port(node, 6n, 7), "#Port<app@host.6>"],
    ["external funs", new Export(atom("erlang"), atom("+"), 2), "fun erlang:'+'/2"],
    [
      "native records",
      new NativeRecord(atom("m"), atom("point"), true, [atom("x"), atom("Y")], [1, [2]]),
      "#m:point{x = 1,'Y' = [2]}",
    ],
    ["strings given for binaries", "grün", '<<"grün"/utf8>>'],
    ["integers that a double holds beyond 2^53", 2 ** 70, "1180591620717411303424"],
    ["text that is not printable as bytes", tuple(charlist("a\x00"), new Uint8Array([97, 0])), "{[97,0],<<97,0>>}"],
    ["atoms that need quotes", [atom("hello world"), atom("maybe"), atom("Ünï"), atom("")], "['hello world','maybe','Ünï','']"],
    ["floats in a list that look like characters", [new Float(97), 97.5], "[97.0,97.5]"],
    ["bitstrings", new BitString(new Uint8Array([1, 0xa0]), 3), "<<1,5:3>>"],
    ["improper lists", new ImproperList([1, 2], atom("tail")), "[1,2|tail]"],
  ];
  it.each(readable)("prints %s", (_what, term, text) => {
    expect(format(term)).toBe(text);
  });

  it("prints a fun with the numbers that Erlang prints", () => {
    const fields = { arity: 1, uniq: new Uint8Array(16), index: 3, oldIndex: 3, oldUniq: 1234, free: [] };
    expect(format(new Fun({ ...fields, module: atom("m"), pid: new Pid(node, 1, 0, 7) }))).toBe("#Fun<m.3.1234>");
  });

  it("numbers nodes as the caller says", () => {
    expect(format(new Pid(node, 84, 0, 7), { nodeNumber: () => 0 })).toBe("<0.84.0>");
  });

  it("takes all of Unicode for text when asked to", () => {
    expect(format(charlist("日本"), { printable: "unicode" })).toBe('"日本"');
    expect(format("日本", { printable: "unicode" })).toBe('<<"日本"/utf8>>');
    expect(format("日本")).toBe("<<230,151,165,230,156,172>>");
  });

  it("shows no more levels than asked for", () => {
    expect(format(tuple(1, [2, [3, [4]]], map({ a: [] })), { depth: 2 })).toBe("{1,[2,…],#{a => []}}");
  });

  it("shows no more characters than asked for, and reads no more of the term", () => {
    expect(format(charlist("abcdef"), { limit: 4 })).toBe('"abc…');
    expect(format(new Uint8Array(10_000_000).fill(97), { limit: 6 })).toBe('<<"aaa…');
    expect(format([1, 2, 3], { limit: 7 })).toBe("[1,2,3]");
  });

  it("prints a list that nests 200,000 deep", () => {
    let term: Term = [];
    for (let level = 0; level < 200_000; level++) term = [term];
    expect(format(term).length).toBe(400_002);
    expect(format(term, { width: 80, limit: 10 })).toBe(`${"[".repeat(10)}…`);
  });

  it("refuses limits that show nothing", () => {
    expect(() => format(1, { depth: 0 })).toThrow("depth is at least 1, not 0");
    expect(() => format(1, { width: Number.NaN })).toThrow(RangeError);
  });
});

describe("format with a width", () => {
  it("breaks lines where ~p does", () => {
    const term = tuple(atom("state"), map({ name: "a name of some length", values: [1000000, 2000000, 3000000] }));
    expect(format(term, { width: 40 })).toBe(
      '{state,#{name =>\n             <<"a name of some length">>,\n         values =>\n             [1000000,2000000,\n              3000000]}}',
    );
  });

  it("stays on one line where that fits", () => {
    expect(format(tuple(atom("ok"), 1), { width: 80 })).toBe("{ok,1}");
  });
});

describe("format in Elixir's syntax", () => {
  const cases: [string, Term][] = [
    [":ok", atom("ok")],
    ["nil", atom("nil")],
    [":undefined", atom("undefined")],
    ["true", true],
    [':"hello world"', atom("hello world")],
    [":Foo", atom("Foo")],
    ["Foo.Bar", atom("Elixir.Foo.Bar")],
    [":+", atom("+")],
    ["{:ok, 1.0}", tuple(atom("ok"), new Float(1))],
    ['"text \\"quoted\\" \\#{x}\\n"', 'text "quoted" #{x}\n'],
    ["<<255, 1>>", new Uint8Array([255, 1])],
    ['""', new Uint8Array()],
    ['~c"abc"', charlist("abc")],
    ["[1, 2 | 3]", new ImproperList([1, 2], 3)],
    ["[a: 1, b: [c: 2]]", [tuple(atom("a"), 1), tuple(atom("b"), [tuple(atom("c"), 2)])]],
    ["[{Foo, 1}]", [tuple(atom("Elixir.Foo"), 1)]],
    ["%{a: 1}", map({ a: 1 })],
    [
      '%{1 => 2, "k" => :v}',
      map<Term, Term>([
        [1, 2],
        ["k", atom("v")],
      ]),
    ],
    ["%Date{day: 1}", map({ __struct__: atom("Elixir.Date"), day: 1 })],
    ["<<1, 5::size(3)>>", new BitString(new Uint8Array([1, 0xa0]), 3)],
    ["1000.0", new Float(1000)],
    ["1.0e16", new Float(1e16)],
    ['&:m."F"/1', new Export(atom("m"), atom("F"), 1)],
    ["&:lists.map/2", new Export(atom("lists"), atom("map"), 2)],
    ["#PID<app@host.84.0>", new Pid(atom("app@host"), 84, 0, 7)],
  ];
  it.each(cases)("prints %s", (text, term) => {
    expect(format(term, { syntax: "elixir" })).toBe(text);
  });

  it("breaks what does not fit", () => {
    expect(format(map({ alpha: charlist("first"), beta: "second" }), { syntax: "elixir", width: 20 })).toBe(
      '%{\n  alpha: ~c"first",\n  beta: "second"\n}',
    );
    expect(
      format(map({ list: [100, 200, 300, 400], pair: tuple(atom("first"), "and second") }), { syntax: "elixir", width: 22 }),
    ).toBe('%{\n  list: [\n    100, 200, 300, 400\n  ],\n  pair: {:first,\n   "and second"}\n}');
  });
});
