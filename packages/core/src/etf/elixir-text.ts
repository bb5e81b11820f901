// The text of a term in Elixir syntax, as Kernel.inspect/2 of Elixir 1.15 and later prints it.
import { Atom } from "./atom.ts";
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
import { type Bounds, type Compound, cut, type Syntax, writeLine } from "./text-writer.ts";

export interface ElixirTextOptions {
  readonly nodeNumber: (node: Atom) => number | undefined;
}

export function elixirSyntax({ nodeNumber }: ElixirTextOptions): Syntax {
  const node = (name: Atom): string => String(nodeNumber(name) ?? name.name);
  return (term, room) => {
    switch (typeof term) {
      case "number":
        return Number.isInteger(term) ? BigInt(term).toString() : numberText(term);
      case "bigint":
      case "boolean":
        return String(term);
      case "string":
        return stringText(term.slice(0, room + 1)) ?? bytesText(new TextEncoder().encode(term));
      default:
        return objectText(term, room, node);
    }
  };
}

function objectText(
  term: Exclude<Term, number | bigint | boolean | string>,
  room: number,
  node: (name: Atom) => string,
): string | Compound {
  if (term instanceof Atom) return atomText(term.name);
  if (term instanceof Tuple) return sequence("tuple", "{", term.elements, "}");
  if (Array.isArray(term)) return charlistText(term, room) ?? listParts(term);
  if (term instanceof Uint8Array) return binaryText(term, room);
  if (term instanceof ErlMap) return mapParts(term);
  if (term instanceof Float) return numberText(term.value);
  if (term instanceof Pid) return `#PID<${node(term.node)}.${term.id}.${term.serial}>`;
  if (term instanceof Reference) return `#Reference<${node(term.node)}.${term.ids.toReversed().join(".")}>`;
  if (term instanceof Port) return `#Port<${node(term.node)}.${term.id}>`;
  if (term instanceof ImproperList) return improper(term);
  if (term instanceof BitString) return bitStringText(term);
  if (term instanceof Export) return `&${atomText(term.module.name)}.${functionName(term.function.name)}/${term.arity}`;
  if (term instanceof Fun) return `#Function<${term.index}.${term.oldUniq}/${term.arity} in ${atomText(term.module.name)}>`;
  if (term instanceof NativeRecord) return record(term);
  throw new TypeError(`format takes a term, not ${Object.prototype.toString.call(term)}`);
}

/** Elixir takes fewer letters than Unicode has; those of the Basic Multilingual Plane are near enough. */
const IDENTIFIER = /^(?!.*[^\0-\uffff])[\p{L}_][\p{L}\p{Mn}\p{Nd}_@]*[?!]?$/u;
const ALIAS = /^Elixir(\.[A-Z][A-Za-z0-9_]*)*$/;
const OPERATORS: ReadonlySet<string> = new Set(
  (
    "! && || & @ ^ = + - * / ++ -- +++ --- ** == != === !== < > <= >= =~ | |> ||| &&& <<< >>> <<~ ~>> <~ ~> <~> ^^^ ~~~ :: -> <- => " +
    ".. ... ..// . % <> \\\\ {} %{} <<>> <|>"
  ).split(" "),
);

function atomText(name: string): string {
  if (name === "nil" || name === "true" || name === "false") return name;
  if (ALIAS.test(name)) return name === "Elixir" ? name : name.slice("Elixir.".length);
  return `:${callName(name)}`;
}

function callName(name: string): string {
  return IDENTIFIER.test(name) || OPERATORS.has(name) ? name : quote(name);
}

/** A function after a module: what reads as an alias there needs quotes. */
function functionName(name: string): string {
  return (IDENTIFIER.test(name) && !/^_*\p{Lu}|@/u.test(name)) || (OPERATORS.has(name) && name !== ".") ? name : quote(name);
}

/** As OTP lays floats out, but for integral ones below 10^16, which get all their digits. */
function numberText(value: number): string {
  const size = Math.abs(value);
  return size >= 1 && size < 1e16 && Number.isInteger(value) ? `${value}.0` : floatText(value);
}

/** The key as it stands before a value in a keyword list or map; undefined when it cannot stand there. */
function keywordKey(key: Term | undefined): string | undefined {
  if (typeof key === "boolean") return `${key}: `;
  if (!(key instanceof Atom) || key.name === "Elixir" || key.name.startsWith("Elixir.")) return undefined;
  const bare = IDENTIFIER.test(key.name) || (OPERATORS.has(key.name) && key.name !== "::");
  return `${bare ? key.name : quote(key.name)}: `;
}

function sequence(kind: "list" | "tuple", open: string, items: readonly Term[], close: string): Compound {
  return { kind, open, close, items, before: (index) => (index === 0 ? "" : ", ") };
}

function listParts(list: readonly Term[]): Compound {
  const keys = list.map((item) => (item instanceof Tuple && item.length === 2 ? keywordKey(item.elements[0]) : undefined));
  if (list.length === 0 || keys.includes(undefined)) return sequence("list", "[", list, "]");
  const values = list.map((item) => (item instanceof Tuple ? (item.elements[1] ?? []) : []));
  return { kind: "list", open: "[", close: "]", items: values, before: (index) => `${index === 0 ? "" : ", "}${keys[index]}` };
}

function improper({ elements, tail }: ImproperList): Compound {
  const last = elements.length;
  return {
    kind: "list",
    open: "[",
    close: "]",
    items: [...elements, tail],
    before: (index) => (index === 0 ? "" : index === last ? " | " : ", "),
  };
}

function mapParts(term: ErlMap): Compound {
  const entries = [...term];
  const struct = entries.find(([key]) => key instanceof Atom && key.name === "__struct__")?.[1];
  const isStruct = struct instanceof Atom && ALIAS.test(struct.name) && struct.name !== "Elixir";
  const shown = isStruct ? entries.filter(([key]) => !(key instanceof Atom && key.name === "__struct__")) : entries;
  const keys = shown.map(([key]) => keywordKey(key));
  const open = isStruct ? `%${atomText(struct.name)}{` : "%{";
  if (!keys.includes(undefined)) {
    const items = shown.map(([, value]) => value);
    return { kind: "map", open, close: "}", items, before: (index) => `${index === 0 ? "" : ", "}${keys[index]}` };
  }
  return {
    kind: "map",
    open,
    close: "}",
    items: shown.flat(),
    before: (index) => (index % 2 === 1 ? " => " : index === 0 ? "" : ", "),
  };
}

/** Elixir has no syntax of its own for a native record; this is Erlang's, with the names as Elixir writes them. */
function record({ module, name, fields, values }: NativeRecord): Compound {
  return {
    kind: "record",
    open: `#${callName(module.name)}:${callName(name.name)}{`,
    close: "}",
    items: values,
    before: (index) => `${index === 0 ? "" : ", "}${callName(fields[index]?.name ?? "")} = `,
  };
}

/** List.ascii_printable?/1 */
function charlistText(list: readonly Term[], room: number): string | undefined {
  if (list.length === 0) return undefined;
  let text = "";
  for (const element of list) {
    if (
      typeof element !== "number" ||
      !((element >= 0x20 && element <= 0x7e) || (element >= 7 && element <= 13) || element === 27)
    )
      return undefined;
    if (text.length <= room) text += String.fromCharCode(element);
  }
  return `~c${quote(text)}`;
}

function binaryText(bytes: Uint8Array, room: number): string {
  let end = Math.min(bytes.length, room + 1);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end++;
  const part = bytes.subarray(0, end);
  try {
    return stringText(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part)) ?? bytesText(part);
  } catch {
    // Not UTF-8: no string.
    return bytesText(part);
  }
}

// String.printable?/1
const PRINTABLE = /^[\x07-\x0d\x1b\x20-\x7f\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

function stringText(text: string): string | undefined {
  return PRINTABLE.test(text) ? quote(text) : undefined;
}

function bytesText(bytes: Uint8Array): string {
  return `<<${bytes.join(", ")}>>`;
}

function bitStringText({ bytes, bits }: BitString): string {
  const whole = bytes.subarray(0, -1).join(", ");
  return `<<${whole === "" ? "" : `${whole}, `}${(bytes.at(-1) ?? 0) >>> (8 - bits)}::size(${bits})>>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  "\x7f": "\\d",
  '"': '\\"',
  "\\": "\\\\",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
const SPECIAL = /[\0-\x1f\x7f-\x9f\\"]|#(?=\{)/g;

function quote(text: string): string {
  const inside = text.replace(SPECIAL, (character) => {
    if (character === "#") return "\\#";
    return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `"${inside}"`;
}

/** Deeper than this nothing is broken into lines any more. */
const LAID_OUT_LEVELS = 500;

/**
 * Breaks what does not fit: each item of a map, and of a list of compound items, on a line of its own, indented by two; the items of a
 * tuple, and of a list of simple items, as many to a line as fit.
 */
export function writeElixirLines(term: Term, syntax: Syntax, bounds: Bounds, width: number): string {
  return cut(lines(term, syntax, bounds, width, { margin: 0, column: 0, level: 0 }), bounds.limit);
}

/** Where a part goes: the margin of the line it is in, the column it starts at, how deep it nests. */
interface Place {
  readonly margin: number;
  readonly column: number;
  readonly level: number;
}

function lines(term: Term, syntax: Syntax, bounds: Bounds, width: number, { margin, column, level }: Place): string {
  const line = writeLine(term, syntax, { ...bounds, depth: Math.max(1, bounds.depth - level) });
  const description = syntax(term, bounds.limit);
  const isWhole = column + line.length <= width || level >= Math.min(LAID_OUT_LEVELS, bounds.depth - 1);
  if (typeof description === "string" || isWhole) return line;
  const { open, close, kind, items } = description;
  const flexible = kind === "tuple" || (kind === "list" && items.every((item) => isSimple(syntax(item, bounds.limit))));
  const own = kind === "tuple" ? margin + 1 : margin + 2;
  let text = open + (kind === "tuple" ? "" : newLine(own));
  let at = own;
  items.forEach((item, index) => {
    const [separator, lead] = split(description.before(index));
    const startsLine = index > 0 && lead !== " => " && lead !== " | ";
    const short = writeLine(item, syntax, { ...bounds, depth: Math.max(1, bounds.depth - level - 1) });
    const here = startsLine && flexible && at + 2 + lead.length + short.length <= width;
    if (startsLine) text += separator + (here ? " " : newLine(own));
    at = startsLine ? (here ? at + 2 : own) : at;
    const shown = lines(item, syntax, bounds, width, { margin: own, column: at + lead.length, level: level + 1 });
    text += lead + shown;
    at += lead.length + (shown.includes("\n") ? width : shown.length);
  });
  return text + (kind === "tuple" ? close : newLine(margin) + close);
}

/** What stands beside others on a line: not a container, and a binary that is no text is one. */
function isSimple(description: string | Compound): boolean {
  return typeof description === "string" && !description.startsWith("<<");
}

function newLine(margin: number): string {
  return `\n${" ".repeat(margin)}`;
}

/** `", key: "` is a comma, after which a line may end, and what stands before the item. */
function split(before: string): [string, string] {
  return before.startsWith(", ") ? [",", before.slice(2)] : ["", before];
}
