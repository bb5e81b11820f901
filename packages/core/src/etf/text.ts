// Text: Erlang has no type for it, but three conventions.
import { ImproperList, type Term } from "./terms.ts";
import { utf8Text } from "./utf8.ts";

/** Erlang's string: the list of the text's code points, `[104, 105]` for "hi". */
export function charlist(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/**
 * The text of a binary (UTF-8), a charlist, or any nesting of both (chardata, as unicode:characters_to_binary/1 takes it).
 * Bytes in a list are code points. Throws a TypeError for other terms and for bytes that are no UTF-8.
 */
export function text(term: Term): string {
  const parts: string[] = [];
  const stack: Term[] = [term];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item === "string") parts.push(item);
    else if (typeof item === "number" && item >= 0 && item <= 0x10ffff && Number.isInteger(item))
      parts.push(String.fromCodePoint(item));
    else if (item instanceof Uint8Array) {
      const decoded = utf8Text(item);
      if (decoded === undefined) throw new TypeError("the binary is no UTF-8 text");
      parts.push(decoded);
    } else if (Array.isArray(item)) for (let index = item.length - 1; index >= 0; index--) stack.push(item[index] as Term);
    else if (item instanceof ImproperList) stack.push(item.tail, item.elements);
    else throw new TypeError("no text: expected a binary, a charlist or a list of these");
  }
  return parts.join("");
}
