// io_lib:format/2 (stdlib, io:fwrite/3): what a group leader has to do when it is asked to print, for processes send it the
// format and the arguments. All control sequences but ~P and ~W (depth limits) and the modifiers k and K (order of maps).
import { Atom, Float, type Term } from "../etf/index.ts";
import { exponentText, fixedText, generalText } from "./io-format-float.ts";
import { termText } from "./io-format-term.ts";
import { charactersOf, graphemes, textLength } from "./io-text.ts";

export interface IoFormatOptions {
  /** Which lists `~p` shows as text: those of Latin-1 characters, as a node does by default, or of all (`+pc unicode`). */
  readonly printable?: "latin1" | "unicode" | undefined;
}

/** A format of a few characters could ask for any amount of padding: these bound the field, and the whole with all indentation. */
const MAX_FIELD = 100_000;
const FAR_COLUMN = 1_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

interface Directive {
  readonly control: string;
  readonly args: readonly Term[];
  readonly width: number | undefined;
  /** Padding goes behind the text. */
  readonly left: boolean;
  readonly precision: number | undefined;
  readonly pad: string;
  readonly unicode: boolean;
  readonly strings: boolean;
}

/**
 * The text that `io:format(Format, Args)` prints. The format is a string, or the term that Erlang has for one. Pids show the
 * name of their node, as in `format`.
 *
 * Throws a RangeError where Erlang raises badarg (arguments too many, too few, or of another type than the format says), for the
 * few control sequences that are not known here, and for fields of more than 100,000 and texts of more than 16 Mi characters.
 */
export function ioFormat(format: Term, args: readonly Term[], { printable = "latin1" }: IoFormatOptions = {}): string {
  let text = "";
  for (const piece of parse(formatCharacters(format), args)) {
    text += typeof piece === "string" ? piece : write(piece, text, printable);
    if (text.length > MAX_CHARACTERS) throw bad("the text is too long");
  }
  return text;
}

/** A binary is read byte by byte, as io_lib does it. */
function formatCharacters(format: Term): string[] {
  if (format instanceof Atom) return Array.from(format.name);
  if (format instanceof Uint8Array) return Array.from(format, (byte) => String.fromCharCode(byte));
  if (typeof format === "string") return Array.from(format);
  if (Array.isArray(format)) return format.map((character) => characterOf(character));
  throw bad("a format is a string, a binary or an atom");
}

const ARGUMENTS: Readonly<Record<string, number>> = {
  w: 1,
  p: 1,
  s: 1,
  e: 1,
  f: 1,
  g: 1,
  b: 1,
  B: 1,
  x: 2,
  X: 2,
  "+": 1,
  "#": 1,
  c: 1,
  i: 1,
  n: 0,
  "~": 0,
};

function* parse(format: readonly string[], args: readonly Term[]): Generator<string | Directive> {
  let at = 0;
  let used = 0;
  const argument = (): Term => {
    const term = args[used++];
    if (term === undefined) throw bad("there are fewer arguments than the format has control sequences");
    return term;
  };
  /** A number in the format, or the argument that `*` stands for. */
  const field = (): number | undefined => {
    if (format[at] === "*") {
      at++;
      return integerOf(argument());
    }
    const start = at;
    while (/^\d$/.test(format[at] ?? "")) at++;
    return start === at ? undefined : Number(format.slice(start, at).join(""));
  };
  while (at < format.length) {
    const character = format[at++] ?? "";
    if (character !== "~") {
      yield character;
      continue;
    }
    const isNegative = format[at] === "-";
    if (isNegative) at++;
    const width = field();
    if (isNegative && width === undefined) throw bad("after the minus comes a field width");
    const left = (isNegative ? -1 : 1) * (width ?? 0) < 0;
    let precision: number | undefined;
    if (format[at] === ".") {
      at++;
      precision = field();
      if ((precision ?? 0) < 0) throw bad("a precision is not negative");
    }
    let pad = " ";
    if (format[at] === ".") {
      // An asterisk behind the last argument stands for itself.
      pad = format[at + 1] === "*" && used < args.length ? characterOf(argument()) : (format[at + 1] ?? "");
      at += 2;
    }
    let unicode = false;
    let strings = true;
    for (; format[at] === "t" || format[at] === "l"; at++) {
      if (format[at] === "t") unicode = true;
      else strings = false;
    }
    if (Math.abs(width ?? 0) > MAX_FIELD || (precision ?? 0) > MAX_FIELD) throw bad("a field is too wide");
    const control = format[at++] ?? "";
    const count = ARGUMENTS[control];
    if (count === undefined) throw bad(`~${control} is no control sequence that is known here`);
    const absolute = width === undefined ? undefined : Math.abs(width);
    const own = Array.from({ length: count }, argument);
    yield { control, args: own, width: absolute, left, precision, pad, unicode, strings };
  }
  if (used < args.length) throw bad("there are more arguments than the format has control sequences");
}

function write(directive: Directive, before: string, printable: "latin1" | "unicode"): string {
  const { control, args, width, left, precision, pad, unicode, strings } = directive;
  // As many as the control sequence takes.
  const [value, prefix] = args as [Term, Term];
  switch (control) {
    case "w":
      return inField(termText(value, { unicode, strings: false, printable }), directive, precision);
    case "p": {
      if (left) throw bad("~p is not adjusted to the left");
      const column = precision ?? columnAfter(before);
      const style = { unicode, strings, printable };
      // Each part of the term may get a line of its own, with that much space before it.
      const isFar = width !== 0 && column > FAR_COLUMN;
      if (isFar && column * termText(value, style).length > MAX_CHARACTERS) throw bad("~p is too far to the right");
      return termText(value, style, { width: width ?? 80, column });
    }
    case "s":
      return stringInField(charactersOf(value, unicode), directive);
    case "e":
      return float(directive, 2, exponentText);
    case "f":
      return float(directive, 1, fixedText);
    case "g":
      return float(directive, 1, generalText);
    case "b":
    case "B":
    case "x":
    case "X":
    case "+":
    case "#":
      return integer(directive, prefix);
    case "c": {
      const code = integerOf(value);
      return repeated(characterOf(unicode ? code : code & 0xff), directive);
    }
    case "~":
      return repeated("~", directive);
    case "n":
      if (left) throw bad("~n is not adjusted to the left");
      return "\n".repeat(width ?? 1);
    case "i":
      return "";
    default:
      throw bad(`~${control}${pad} is not known here`);
  }
}

/** The column, counted from 1, in which the text goes on behind this one. */
function columnAfter(text: string): number {
  let column = 0;
  for (const character of text.slice(text.lastIndexOf("\n") + 1)) column = character === "\t" ? (column + 8) & ~7 : column + 1;
  return column + 1;
}

/** Padded to the field's width; a text that is too long for it becomes asterisks. */
function inField(text: string, { width, left, pad, unicode }: Directive, precision: number | undefined): string {
  const field = width ?? precision;
  if (field === undefined) return text;
  const length = unicode ? graphemes(text).length : textLength(text);
  const room = Math.min(length, precision ?? field, field);
  if (length > room) return padded("*".repeat(room), field - room, left, pad);
  return padded(text, field - length, left, pad);
}

/** Cut to the precision, and that padded to the field's width. */
function stringInField(text: string, { width, left, precision, pad }: Directive): string {
  if (width === undefined && precision === undefined) return text;
  if (width === undefined) return fitted(text, precision ?? 0, true, pad);
  if (precision === undefined || precision === width) return fitted(text, width, left, pad);
  if (precision > width) throw bad("the precision of ~s is greater than its field width");
  return padded(fitted(text, precision, true, pad), width - precision, left, pad);
}

function fitted(text: string, width: number, left: boolean, pad: string): string {
  const length = textLength(text);
  if (length > width) return graphemes(text).slice(0, width).join("");
  return padded(text, width - length, left, pad);
}

function padded(text: string, count: number, left: boolean, pad: string): string {
  return left ? text + pad.repeat(count) : pad.repeat(count) + text;
}

function repeated(character: string, { width, left, precision, pad }: Directive): string {
  if (width === undefined || precision === undefined) return character.repeat(width ?? precision ?? 1);
  if (precision > width) throw bad("the precision is greater than the field width");
  return padded(character.repeat(precision), width - precision, left, pad);
}

function float(directive: Directive, least: number, toText: (value: number, precision: number) => string): string {
  const [value] = directive.args;
  const number = value instanceof Float ? value.value : value;
  if (typeof number !== "number" || (value === number && Number.isInteger(number)))
    throw bad(`~${directive.control} takes a float`);
  const { precision = 6, width } = directive;
  if (precision < least) throw bad(`~${directive.control} needs a precision of at least ${least}`);
  return inField(toText(number, precision), directive, width);
}

function integer(directive: Directive, prefix: Term | undefined): string {
  const { control, args, precision: base = 10 } = directive;
  const [value] = args;
  if (typeof value !== "bigint" && !(typeof value === "number" && Number.isInteger(value)))
    throw bad(`~${control} takes an integer`);
  if (base < 2 || base > 36) throw bad("a base is from 2 to 36");
  const digits = (value < 0 ? -value : value).toString(base);
  const shown = "BX#".includes(control) ? digits.toUpperCase() : digits;
  let before = "";
  if (control === "+" || control === "#") before = `${base}#`;
  else if (prefix !== undefined) before = charactersOf(prefix, true);
  return inField(`${value < 0 ? "-" : ""}${before}${shown}`, directive, undefined);
}

function integerOf(term: Term): number {
  if (typeof term !== "number" || !Number.isInteger(term)) throw bad("an integer is expected");
  return term;
}

function characterOf(term: Term): string {
  if (typeof term !== "number" || !Number.isInteger(term) || term < 0 || term > 0x10ffff) throw bad("a character is expected");
  return String.fromCodePoint(term);
}

function bad(why: string): RangeError {
  return new RangeError(`io format: ${why}`);
}
