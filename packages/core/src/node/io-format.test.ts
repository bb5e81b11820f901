import { describe, expect, it } from "vitest";
import { atom, charlist, Float, map, type Term, tuple } from "../etf/index.ts";
import { ioFormat } from "./io-format.ts";

describe("ioFormat", () => {
  // The texts are those that io_lib:format/2 of OTP 29 gives.
  it.each<[string, Term[], string]>([
    ["hi ~p~n", [tuple(atom("a"), charlist("b"))], 'hi {a,"b"}\n'],
    ["~w ~w", [charlist("ab"), new Uint8Array([1])], "[97,98] <<1>>"],
    ["~s|~ts|~s", [charlist("é"), "α", atom("ok")], "é|α|ok"],
    ["~p ~tp", [atom("α"), atom("α")], "'\\x{3B1}' 'α'"],
    ["~10s|~-10s|~5.2s|~.3s", ["abc", "abc", "abc", "abcdef"], "       abc|abc       |   ab|abc"],
    ["~5..0b ~.16b ~.16B ~.16+ ~.2#", [42, 255, 255, -255, 5], "00042 ff FF -16#ff 2#101"],
    ["~.16x ~10.16X", [255, "0x", 255, atom("h")], "0xff        hFF"],
    [
      "~f ~.2f ~e ~.3e ~g ~10.1f",
      [1.5, 2.345, 1.5, 12345.678, 0.05, -0.25],
      "1.500000 2.35 1.50000e+0 1.23e+4 5.00000e-2       -0.3",
    ],
    ["~f ~g", [new Float(100), new Float(1e22)], "100.000000 1.00000e+22"],
    ["~3c~c~tc", [42, 0x3b1, 0x3b1], "***\xb1α"],
    ["~i~~~2n", [1], "~\n\n"],
    ["~*.*.*s|", [6, 3, 46, "abcdef"], "...abc|"],
    ["~2w|~6w", [1234, 1234], "**|  1234"],
    ["key: ~30p", [tuple(atom("tag"), atom("first"), map({ second: 2 }))], "key: {tag,first,\n          #{second => 2}}"],
    ["~lp ~0p", [charlist("ab"), Array.from({ length: 40 }, () => 1000)], `[97,98] [${Array(40).fill(1000).join()}]`],
  ])("prints %j with %s", (format, args, text) => {
    expect(ioFormat(format, args)).toBe(text);
    expect(ioFormat(charlist(format), args)).toBe(text);
  });

  it.each<[string, Term[]]>([
    ["~p", []],
    ["", [1]],
    ["~q", [1]],
    ["~s", [0x3b1]],
    ["~s", [tuple(1)]],
    ["~f", [1]],
    ["~e", [charlist("x")]],
    ["~b", [1.5]],
    ["~.1b", [1]],
    ["~-10p", [1]],
    ["~", []],
    ["~3.5s", ["abc"]],
    ["~c", [-1.5]],
    ["~1000000000c", [65]],
    ["~.1000000000f", [1.5]],
    ["~100000s".repeat(200), Array(200).fill("a")],
    ["~.90000p", [Array(1000).fill(0)]],
  ])("refuses %j with %s", (format, args) => {
    expect(() => ioFormat(format, args)).toThrow(RangeError);
  });

  it("prints a term far to the right", () => {
    expect(ioFormat("~.2000p ~0p", [[1, 2], "x"])).toBe(`[1,\n${" ".repeat(2000)}2] <<"x">>`);
  });

  it("shows lists of all printable characters as text when it is told to", () => {
    expect(ioFormat("~tp", [charlist("α")])).toBe("[945]");
    expect(ioFormat("~tp ~p", [charlist("α"), charlist("α")], { printable: "unicode" })).toBe('"α" "\\x{3B1}"');
  });
});
