import { inspect } from "node:util";
import { expect, it } from "vitest";
import { atom, parse, type Term, tuple } from "./index.ts";

it("shows terms in the console as text", () => {
  const shown: Term[] = [parse("{ok, #{a => [1.0]}}"), parse("fun lists:map/2"), parse("<<1:3>>"), parse("[a | b]")];
  expect(shown.map((term) => inspect(term))).toEqual(["{ok,#{a=>[1.0]}}", "fun lists:map/2", "<<1:3>>", "[a|b]"]);
  expect(inspect({ reply: tuple(1), atom: atom("ok") })).toBe("{ reply: {1}, atom: ok }");
});
