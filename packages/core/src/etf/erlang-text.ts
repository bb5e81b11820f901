// The text of a term in Erlang syntax, as ~p of io_lib writes it: lists of printable characters as strings, binaries of
// printable characters as <<"...">>, everything else as in source.
import { Atom } from "./atom.ts";
import { atomText, funNameText, quote } from "./atom-text.ts";
import { floatText } from "./float-text.ts";
import {
  BitString,
  ErlMap,
  Export,
  Float,
  Fun,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "./terms.ts";
import type { Compound, Syntax } from "./text-writer.ts";

export interface ErlangTextOptions {
  /** Which characters count as printable: those of Latin-1, as without `+pc unicode`, or all of Unicode. */
  readonly printable: "latin1" | "unicode";
  /** The number shown in place of a node's name in `<0.84.0>`; the name itself when it gives undefined. */
  readonly nodeNumber: (node: Atom) => number | undefined;
}

export function erlangSyntax(options: ErlangTextOptions): Syntax {
  const node = (name: Atom): string => String(options.nodeNumber(name) ?? name.name);
  return (term, room) => {
    switch (typeof term) {
      case "number":
        return Number.isInteger(term) ? BigInt(term).toString() : floatText(term);
      case "bigint":
        return term.toString();
      case "boolean":
        return String(term);
      case "string":
        return binaryText(new TextEncoder().encode(term.slice(0, room + 1)), options.printable);
      default:
        return objectText(term, room, options.printable, node);
    }
  };
}

function objectText(
  term: Exclude<Term, number | bigint | boolean | string>,
  room: number,
  printable: "latin1" | "unicode",
  node: (name: Atom) => string,
): string | Compound {
  if (term instanceof Atom) return atomText(term.name);
  if (term instanceof Tuple) return sequence("tuple", "{", term.elements, "}");
  if (Array.isArray(term)) return stringText(term, room, printable) ?? sequence("list", "[", term, "]");
  if (term instanceof Uint8Array) return binaryText(bounded(term, room), printable);
  if (term instanceof ErlMap) return mapParts(term);
  if (term instanceof Float) return floatText(term.value);
  if (term instanceof Pid) return `<${node(term.node)}.${term.id}.${term.serial}>`;
  if (term instanceof Reference) return `#Ref<${node(term.node)}.${term.ids.toReversed().join(".")}>`;
  if (term instanceof Port) return `#Port<${node(term.node)}.${term.id}>`;
  if (term instanceof ImproperList) return improper(term);
  if (term instanceof BitString) return bitStringText(term);
  if (term instanceof Export) return `fun ${funNameText(term.module.name)}:${funNameText(term.function.name)}/${term.arity}`;
  if (term instanceof Fun) return `#Fun<${atomText(term.module.name)}.${term.oldIndex}.${term.oldUniq}>`;
  if (term instanceof NativeRecord) return record(term);
  throw new TypeError(`format takes a term, not ${Object.prototype.toString.call(term)}`);
}

function sequence(kind: "list" | "tuple", open: string, items: readonly Term[], close: string): Compound {
  return { kind, open, close, items, before: (index) => (index === 0 ? "" : ",") };
}

function improper({ elements, tail }: ImproperList): Compound {
  const last = elements.length;
  return {
    kind: "list",
    open: "[",
    close: "]",
    items: [...elements, tail],
    before: (index) => (index === 0 ? "" : index === last ? "|" : ","),
  };
}

function mapParts(term: ErlMap): Compound {
  const items: Term[] = [];
  for (const [key, value] of term) items.push(key, value);
  return { kind: "map", open: "#{", close: "}", items, before: (index) => (index % 2 === 1 ? " => " : index === 0 ? "" : ",") };
}

function record({ module, name, fields, values }: NativeRecord): Compound {
  return {
    kind: "record",
    open: `#${atomText(module.name)}:${atomText(name.name)}{`,
    close: "}",
    items: values,
    before: (index) => `${index === 0 ? "" : ","}${atomText(fields[index]?.name ?? "")} = `,
  };
}

/** A non-empty list of printable characters in double quotes; undefined for any other list. */
function stringText(list: readonly Term[], room: number, printable: "latin1" | "unicode"): string | undefined {
  if (list.length === 0) return undefined;
  let text = "";
  for (const element of list) {
    if (typeof element !== "number" || !Number.isInteger(element) || !isPrintable(element, printable)) return undefined;
    if (text.length <= room) text += String.fromCodePoint(element);
  }
  return quote(text, '"');
}

/** io_lib:printable_latin1_list/1, printable_unicode_list/1. */
export function isPrintable(character: number, range: "latin1" | "unicode"): boolean {
  if (character < 0x20) return (character >= 8 && character <= 13) || character === 27;
  if (character < 0x7f) return true;
  if (character < 0xa0) return false;
  if (range === "latin1") return character <= 0xff;
  return character < 0xd800 || (character > 0xdfff && character < 0xfffe) || (character > 0xffff && character <= 0x10ffff);
}

/** The part that can matter when only `room` characters are shown, not cut inside a UTF-8 sequence. */
function bounded(bytes: Uint8Array, room: number): Uint8Array {
  if (bytes.length <= room) return bytes;
  let end = room + 1;
  while (end < bytes.length && end < room + 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end++;
  return bytes.subarray(0, end);
}

function binaryText(bytes: Uint8Array, range: "latin1" | "unicode"): string {
  if (bytes.length === 0) return "<<>>";
  const verdict = readUtf8(bytes, range);
  if (verdict === "ascii") return `<<${quote(latin1(bytes), '"')}>>`;
  if (verdict === "utf8") return `<<${quote(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), '"')}/utf8>>`;
  if (verdict === "not_utf8" && bytes.every((byte) => isPrintable(byte, "latin1"))) return `<<${quote(latin1(bytes), '"')}>>`;
  return `<<${bytes.join(",")}>>`;
}

/**
 * Reads up to the first character that is not printable, as io_lib_pretty does: a malformed sequence behind that one is
 * never seen, so the binary is then not tried as Latin-1.
 */
function readUtf8(bytes: Uint8Array, range: "latin1" | "unicode"): "ascii" | "utf8" | "unprintable" | "not_utf8" {
  let offset = 0;
  let ascii = true;
  while (offset < bytes.length) {
    const byte = bytes[offset] ?? 0;
    if (byte < 0x80) {
      if (!isPrintable(byte, range)) return "unprintable";
      offset++;
      continue;
    }
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const character = sequenceAt(bytes, offset, length);
    if (character === undefined) return "not_utf8";
    if (!isPrintable(character, range)) return "unprintable";
    ascii = false;
    offset += length;
  }
  return ascii ? "ascii" : "utf8";
}

const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/** The character of a well-formed sequence of 2 to 4 bytes: neither overlong nor a surrogate. */
function sequenceAt(bytes: Uint8Array, offset: number, length: number): number | undefined {
  const first = bytes[offset] ?? 0;
  if (first < 0xc0 || first > 0xf7 || offset + length > bytes.length) return undefined;
  let character = first & (0x7f >> length);
  for (let index = 1; index < length; index++) {
    const byte = bytes[offset + index] ?? 0;
    if ((byte & 0xc0) !== 0x80) return undefined;
    character = (character << 6) | (byte & 0x3f);
  }
  const surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < (SMALLEST[length] ?? 0) || character > 0x10ffff || surrogate ? undefined : character;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function bitStringText({ bytes, bits }: BitString): string {
  const whole = bytes.subarray(0, -1).join(",");
  const last = (bytes.at(-1) ?? 0) >>> (8 - bits);
  return `<<${whole === "" ? "" : `${whole},`}${last}:${bits}>>`;
}
