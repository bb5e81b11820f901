// What the two ways of drawing make of single requests. What they make of whole shells is compared with a real terminal elsewhere.
import { atom, charlist, type Term, tuple } from "@erl-dist/core";
import { expect, it } from "vitest";
import { PrimTtyScreen } from "./prim-tty-screen.ts";
import type { Screen } from "./screen.ts";
import { parseScreenRequest } from "./screen-request.ts";
import { TtyslScreen } from "./ttysl-screen.ts";

const SIZE = { columns: 10, rows: 4 };
const unicode = atom("unicode");

function perform(screen: Screen, ...requests: readonly Term[]): string {
  return requests.map((request) => (parseScreenRequest(request) ?? []).map((each) => screen.perform(each)).join("")).join("");
}

it("[trap 5] put_chars means above the line in newer releases, and over what is there in OTP 25", () => {
  const newer = new PrimTtyScreen(() => SIZE);
  perform(newer, tuple(atom("insert_chars"), unicode, charlist("1> a")));
  expect(perform(newer, tuple(atom("put_chars"), unicode, "out\n"))).toBe("\x1b[4D\x1b[Jout\r\n1> a");
  expect(newer.line).toBe("1> a");

  const old = new TtyslScreen(() => SIZE);
  perform(old, tuple(atom("put_chars"), unicode, "1> a"), tuple(atom("move_rel"), -1));
  expect(perform(old, tuple(atom("put_chars"), unicode, "b"))).toBe("b");
  expect(old.line).toBe("1> b");
});

it("goes to the next row when one is full", () => {
  for (const screen of [new PrimTtyScreen(() => SIZE), new TtyslScreen(() => SIZE)]) {
    expect(perform(screen, tuple(atom("insert_chars"), unicode, charlist("0123456789")))).toBe("0123456789 \b");
    expect(perform(screen, tuple(atom("move_rel"), -1))).toBe("\x1b[1A\x1b[9C");
  }
});

it("counts code points, steps over colours, and takes two columns for a wide character", () => {
  const screen = new PrimTtyScreen(() => SIZE);
  perform(screen, tuple(atom("insert_chars"), unicode, "\x1b[1m日\x1b[0mx"));
  expect(perform(screen, tuple(atom("move_rel"), -2))).toBe("\x1b[3D");
  expect(perform(screen, tuple(atom("delete_chars"), 1))).toBe("\x1b[0mx  \x1b[3D");
  expect(screen.line).toBe("\x1b[1m\x1b[0mx");
});

it("joins a mark to the letter before it", () => {
  const screen = new PrimTtyScreen(() => SIZE);
  perform(screen, tuple(atom("insert_chars"), unicode, "e"), tuple(atom("insert_chars"), unicode, "\u0301"));
  expect(perform(screen, tuple(atom("move_rel"), -2))).toBe("\x1b[1D");
});

it("keeps the code points of a character in order where the node has the characters in reverse", () => {
  const screen = new PrimTtyScreen(() => ({ columns: 40, rows: 4 }));
  const family = [0x1f468, 0x200d, 0x1f469];
  const lines = tuple([], tuple([98, family, 97], []), []);
  perform(screen, tuple(atom("redraw_prompt"), charlist("> "), charlist(".. "), lines));
  expect(screen.line).toBe("> a\u{1f468}\u200d\u{1f469}b");
});

it("erases a line for another width wholly, also where a wide character did not fit into a row", () => {
  const prim = new PrimTtyScreen(() => SIZE);
  perform(prim, tuple(atom("insert_chars"), unicode, `a${"界".repeat(5)}`));
  expect(prim.erase()).toBe("\x1b[1A\x1b[2D\x1b[J");
  const old = new TtyslScreen(() => SIZE);
  perform(old, tuple(atom("put_chars"), unicode, `a${"界".repeat(5)}`));
  expect(old.erase()).toBe("\x1b[1A\x1b[2D\x1b[J");
});

it("shows as many rows of completions as asked for, and which", () => {
  const screen = new PrimTtyScreen(() => ({ columns: 20, rows: 10 }));
  perform(screen, tuple(atom("insert_chars"), unicode, "1> li"));
  const shown = perform(screen, tuple(atom("put_expand"), unicode, "a\nb\nc\nd", 2));
  expect(shown).toContain("1> li\r\na\r\nb\r\n");
  expect(shown).toContain("rows 1 to 2 of 4");
  expect(perform(screen, tuple(atom("move_expand"), 1))).toContain("rows 2 to 3 of 4");
  // Whatever comes next ends it.
  expect(perform(screen, tuple(atom("insert_chars"), unicode, "s"))).toBe("\x1b[5D\x1b[J1> lis");
});

it("knows no request that it does not know", () => {
  for (const term of [
    atom("dance"),
    tuple(atom("put_chars")),
    tuple(atom("move_rel"), "far"),
    tuple(1, 2),
    7,
    tuple(atom("requests"), 1),
  ]) {
    expect(parseScreenRequest(term)).toBeUndefined();
  }
  expect(parseScreenRequest(tuple(atom("put_chars"), unicode, atom("text")))).toBeUndefined();
});

it("takes bytes in Latin-1, in lists of lists", () => {
  const request = tuple(atom("put_chars"), atom("latin1"), [Uint8Array.of(0xe4), [98, "c"]]);
  expect(parseScreenRequest(request)).toEqual([{ type: "put_chars", text: "äbc" }]);
});
