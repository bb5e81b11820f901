import { expect, it } from "vitest";
import { atom } from "./atom.ts";
import { ImproperList, tuple } from "./terms.ts";
import { charlist, text } from "./text.ts";

it("makes a charlist of code points", () => {
  expect(charlist("hé😀")).toEqual([104, 233, 128512]);
});

it("reads the text of binaries, charlists and all that is made of them", () => {
  expect(text("hé")).toBe("hé");
  expect(text(new TextEncoder().encode("hé😀"))).toBe("hé😀");
  expect(text(charlist("hé😀"))).toBe("hé😀");
  expect(text([])).toBe("");
  expect(text(["a", [98, ["c"], []], new ImproperList([100, "e"], "f")])).toBe("abcdef");
});

it("refuses what is no text", () => {
  for (const term of [atom("a"), tuple(), 1.5, -1, 0x110000, [1, atom("a")]]) expect(() => text(term)).toThrow(TypeError);
  expect(() => text(Uint8Array.of(0xff))).toThrow("UTF-8");
});

it("reads a deep nesting", () => {
  let deep: string | unknown[] = "x";
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(text(deep as never)).toBe("x");
});
