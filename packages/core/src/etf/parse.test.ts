import { describe, expect, it } from "vitest";
import vectors25 from "../../test/vectors/etf-otp25.jsonl?raw";
import vectors27 from "../../test/vectors/etf-otp27.jsonl?raw";
import vectors29 from "../../test/vectors/etf-otp29.jsonl?raw";
import { bytesOf } from "../../test/support/hex.ts";
import { atom } from "./atom.ts";
import { decode } from "./decode.ts";
import { equals } from "./equal.ts";
import { format } from "./format.ts";
import { map } from "./map.ts";
import { consult, parse } from "./parse.ts";
import { BitString, Export, Float, ImproperList, NativeRecord, type Term, tuple } from "./terms.ts";
import { charlist } from "./text.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("parse", () => {
  it.each([
    ["25", vectors25],
    ["27", vectors27],
    ["29", vectors29],
  ])("reads back every term that OTP %s printed", (_release, jsonl) => {
    let read = 0;
    for (const line of jsonl.trim().split("\n")) {
      const { hex, tp }: { hex: string; tp: string | null } = JSON.parse(line);
      if (tp === null) continue;
      expect(equals(parse(tp), decode(bytesOf(hex))), tp.slice(0, 200)).toBe(true);
      read++;
    }
    expect(read).toBeGreaterThan(400);
  });

  const terms: [string, Term][] = [
    ["ok", atom("ok")],
    ["'hello world'", atom("hello world")],
    ["'it\\'s'", atom("it's")],
    ["true", true],
    ["-42", -42],
    ["- 42", -42],
    ["+7", 7],
    ["1_000_000", 1_000_000],
    ["16#fF", 255],
    ["36#z", 35],
    ["2#1_01", 5],
    ["9007199254740993", 9007199254740993n],
    ["1.0", new Float(1)],
    ["-0.0", new Float(-0)],
    ["1.5e-3", 0.0015],
    ["2#0.11#e1", 1.5],
    ["$a", 97],
    ["$\\n", 10],
    ["$\\x{1F600}", 0x1f600],
    ["$😀", 0x1f600],
    ["$\\^A", 1],
    ["$\\101", 65],
    ['"abc"', charlist("abc")],
    ['"a\\tb\\s\\x41\\\\"', charlist("a\tb A\\")],
    ['"one " "two"', charlist("one two")],
    ['""', []],
    ['"""\n  first\n    "second"\n  """', charlist('first\n  "second"')],
    ['""""\n"""\n""""', charlist('"""')],
    ['~"grün\\n"', new TextEncoder().encode("grün\n")],
    ["~B[a\\n]", new TextEncoder().encode("a\\n")],
    ["~s(ab)", charlist("ab")],
    ['~"""\n text\n """', new TextEncoder().encode("text")],
    ["[]", []],
    ["[1,2|[3]]", [1, 2, 3]],
    ["[1|2]", new ImproperList([1], 2)],
    ["{}", tuple()],
    ["{a,{b}}", tuple(atom("a"), tuple(atom("b")))],
    ["#{}", map()],
    [
      '#{a => 1, <<"k">> => [2]}',
      map<Term, Term>([
        [atom("a"), 1],
        [bytes(107), [2]],
      ]),
    ],
    ["<<>>", bytes()],
    ["<<1,2,255>>", bytes(1, 2, 255)],
    ["<<-1, 256>>", bytes(255, 0)],
    ['<<"abc">>', bytes(97, 98, 99)],
    ['<<"é">>', bytes(0xe9)],
    ['<<"é"/utf8>>', bytes(0xc3, 0xa9)],
    ["<<1:16/little, 2:16>>", bytes(1, 0, 0, 2)],
    ["<<5:3>>", new BitString(bytes(0xa0), 3)],
    ["<<1:4, 2:4>>", bytes(0x12)],
    ["<<1.5:32/float>>", bytes(0x3f, 0xc0, 0, 0)],
    ["<<1.5/float>>", bytes(0x3f, 0xf8, 0, 0, 0, 0, 0, 0)],
    ["<<1:2/unit:8>>", bytes(0, 1)],
    ["fun lists:map/2", new Export(atom("lists"), atom("map"), 2)],
    ["fun 'a b':'+'/2", new Export(atom("a b"), atom("+"), 2)],
    ["#m:r{x = 1,y = [a]}", new NativeRecord(atom("m"), atom("r"), true, [atom("x"), atom("y")], [1, [atom("a")]])],
    ["% a comment\n{ok, % and\n 1}\n.", tuple(atom("ok"), 1)],
  ];
  it.each(terms)("reads %s", (text, term) => {
    const parsed = parse(text);
    expect(equals(parsed, term), format(parsed)).toBe(true);
  });

  const errors: [string, string][] = [
    ["", "line 1, column 1: expected a term, got the end of the text"],
    ["{a,", "line 1, column 4: expected a term, got the end of the text"],
    ["{a b}", 'line 1, column 4: expected "," or "}", got "b}"'],
    ["[1,\n 2 3]", 'line 2, column 4: expected ",", "|" or "]", got "3]"'],
    ["Var", "line 1, column 1: expected a term, got the variable Var"],
    ["{ok, case}", "line 1, column 6: expected a term, got the reserved word case (an atom needs quotes: 'case')"],
    ["#{a => 1, a => 2}", "line 1, column 1: expected each key once"],
    ["#{a := 1}", 'line 1, column 5: expected "=>" after a key, got ":="'],
    ["'abc", "line 1, column 1: expected the end of the quoted atom (')"],
    ['"abc', 'line 1, column 1: expected the end of the string (")'],
    ["17#zz", "line 1, column 1: expected digits of base 17, got zz"],
    ["12ab", 'line 1, column 1: expected a number, got "12ab"'],
    ["#point{x = 1}", "line 1, column 1: expected a term, got the record #point{}, whose definition is not known here"],
    ["fun (X) -> X end", 'line 1, column 5: expected a module after fun (only external funs are terms), got "("'],
    ["1 2", 'line 1, column 3: expected the end of the text, got "2"'],
    ["f(1)", 'line 1, column 2: expected the end of the text, got "("'],
    ["<<x>>", 'line 1, column 3: expected a number or a string in the binary, got "x>>"'],
    ["<<1:7/banana>>", "line 1, column 3: expected a type of the bit syntax, not banana"],
    ["<<0:99999999999>>", "line 1, column 3: expected sizes that add up to no more than 64 KiB"],
    ["1.0e999", 'line 1, column 1: expected a float in the range of a double, got "1.0e999"'],
    ["a ; b", 'line 1, column 3: expected a term, got ";"'],
    ['"\\xzz"', 'line 1, column 2: expected two hexadecimal digits, or \\x{...}, got "\\xzz""'],
  ];
  it.each(errors)("says what is wrong with %j", (text, message) => {
    expect(problemWith(text)).toBe(`ParseError: ${message}`);
  });

  it("refuses what nests too deep, and reads what may", () => {
    expect(format(parse("[".repeat(100_000) + "]".repeat(100_000))).length).toBe(200_000);
    expect(() => parse("[".repeat(2_000_000))).toThrow("at most 100000 levels of nesting");
    expect(() => parse("{{a}}", { depth: 1 })).toThrow("at most 1 levels of nesting");
  });

  it("refuses a text, and an integer, that is too large", () => {
    expect(() => parse("[1,2,3]", { size: 5 })).toThrow("a text of at most 5 characters, got 7");
    expect(() => parse("9".repeat(1_300_000))).toThrow("an integer of at most 1262593 digits");
  });

  it("reads a file of terms, each with its full stop", () => {
    expect(consult("{a,1}.\n%% next\n[b].\n").map((term) => format(term))).toEqual(["{a,1}", "[b]"]);
    expect(() => consult("{a,1}.\n[b]")).toThrow('line 2, column 4: expected a full stop (".") after the term');
  });
});

function problemWith(text: string): string {
  try {
    return `no error, but ${format(parse(text))}`;
  } catch (error) {
    return String(error);
  }
}
