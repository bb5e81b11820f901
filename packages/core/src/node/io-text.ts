// Text as the I/O protocol has it: chardata in either encoding, counted as Erlang counts it.
import { Atom, ImproperList, type Term } from "../etf/index.ts";
import { utf8Text } from "../etf/utf8.ts";

/**
 * The characters of an atom, a binary, or a list of characters, binaries and lists. In Latin-1 all are bytes; in Unicode a
 * binary is UTF-8, or Latin-1 where it is no UTF-8. Throws a RangeError for everything else.
 */
export function charactersOf(term: Term, unicode: boolean): string {
  if (term instanceof Atom || typeof term === "boolean") return checked(term instanceof Atom ? term.name : String(term), unicode);
  const parts: string[] = [];
  const stack: Term[] = [term];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item === "number" && Number.isInteger(item) && item >= 0 && item <= (unicode ? 0x10ffff : 0xff)) {
      parts.push(String.fromCodePoint(item));
    } else if (typeof item === "string") parts.push(unicode ? item : latin1(new TextEncoder().encode(item)));
    else if (item instanceof Uint8Array) parts.push((unicode ? utf8Text(item) : undefined) ?? latin1(item));
    else if (Array.isArray(item)) for (let index = item.length - 1; index >= 0; index--) stack.push(item[index] as Term);
    else if (item instanceof ImproperList && item.tail instanceof Uint8Array) stack.push(item.tail, item.elements);
    else throw new RangeError(`no ${unicode ? "text" : "text in Latin-1"}`);
  }
  return parts.join("");
}

function checked(text: string, unicode: boolean): string {
  if (!unicode && !isLatin1(text)) throw new RangeError("no text in Latin-1");
  return text;
}

export function isLatin1(text: string): boolean {
  return !BEYOND_LATIN1.test(text);
}

const BEYOND_LATIN1 = /[^\0-\xff]/;

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** What string:length/1 counts. */
export function graphemes(text: string): readonly string[] {
  if (isLatin1(text) && !text.includes("\r\n")) return Array.from(text);
  return Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ segment }) => segment);
}

/** What io_lib:chars_length/1 counts: bytes where it can, else as string:length/1. */
export function textLength(text: string): number {
  return isLatin1(text) ? text.length : graphemes(text).length;
}
