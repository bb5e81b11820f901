// Line breaks for Erlang syntax, as ~p of io_lib places them (io_lib_pretty): what fits stays on one line; else tuples
// tagged with an atom, lists and maps are broken after a comma and indented below their first item.
import { Atom } from "./atom.ts";
import type { Term } from "./terms.ts";
import { type Bounds, type Compound, cut, type Syntax, writeLine } from "./text-writer.ts";

/** Deeper than this nothing is indented any more: it stays on one line. */
const LAID_OUT_LEVELS = 500;

interface Node {
  /** The whole term on one line. */
  readonly line: string;
  /** Of that line, in characters. */
  readonly length: number;
  readonly kind: "leaf" | "bytes" | Compound["kind"];
  readonly tagged: boolean;
  readonly items: readonly Node[];
  /** The last item is the tail of an improper list. */
  readonly improper: boolean;
}

/** `width` is the length of a line, at least 1; the text starts in `column`, which is at least 1. */
export function writeLines(term: Term, syntax: Syntax, bounds: Bounds, width: number, column = 1): string {
  const root = measure(term, syntax, bounds, 0);
  const text = root.kind === "leaf" || root.length < width - column ? root.line : layOut(root, width, column);
  return cut(text, bounds.limit);
}

/** Fields of records and tuples are indented by their tag where that leaves room, else by 4, else by 1. */
function layOut(root: Node, width: number, column: number): string {
  const margin = column - 1;
  for (const indent of [-1, 4]) {
    const text = new Layout(width, root.length, indent, true).write(root, column, margin, 0, 0);
    if (text !== undefined) return text;
  }
  return new Layout(width, root.length, 1, false).write(root, column, margin, 0, 0) ?? root.line;
}

function measure(term: Term, syntax: Syntax, bounds: Bounds, level: number): Node {
  const description = level < bounds.depth && level < LAID_OUT_LEVELS ? syntax(term, bounds.limit) : undefined;
  if (
    description === undefined ||
    typeof description === "string" ||
    description.kind === "record" ||
    description.items.length === 0
  ) {
    const line =
      typeof description === "string" ? description : writeLine(term, syntax, { ...bounds, depth: bounds.depth - level });
    const kind = typeof description === "string" && /^<<\d/.test(line) ? "bytes" : "leaf";
    return { line, length: characters(line), kind, tagged: false, items: [], improper: false };
  }
  const items = description.items.map((item) => measure(item, syntax, bounds, level + 1));
  let line = description.open;
  items.forEach((item, index) => {
    line += description.before(index) + item.line;
  });
  line += description.close;
  const [first] = description.items;
  const tagged = description.kind === "tuple" && items.length > 1 && (first instanceof Atom || typeof first === "boolean");
  const improper = description.kind === "list" && description.before(items.length - 1) === "|";
  return { line, length: characters(line), kind: description.kind, tagged, items, improper };
}

/** Grapheme clusters, by which string:length/1 counts. */
function characters(line: string): number {
  if (!BEYOND_LATIN1.test(line)) return line.length;
  return Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(line)).length;
}

const BEYOND_LATIN1 = /[^\0-\xff]/;

/** Thrown within this file when an indentation leaves too little of the line. */
class NoRoom {}

/** `column` is where the text goes on, `written` how much of the line is used, `closing` how many brackets must follow. */
class Layout {
  readonly #width: number;
  readonly #most: number;
  readonly #indent: number;
  readonly #strict: boolean;

  constructor(width: number, most: number, indent: number, strict: boolean) {
    this.#width = width;
    this.#most = most;
    this.#indent = indent;
    this.#strict = strict;
  }

  /** The text, or undefined when the indentation is too much for the width. */
  write(root: Node, column: number, margin: number, closing: number, written: number): string | undefined {
    try {
      return this.#term(root, column, margin, closing, written);
    } catch (problem) {
      if (problem instanceof NoRoom) return undefined;
      throw problem;
    }
  }

  #term(node: Node, column: number, margin: number, closing: number, written: number): string {
    if (this.#fits(node.length, column, closing, written)) return node.line;
    switch (node.kind) {
      case "list":
        return `[${this.#sequence(node, column + 1, margin + 1, closing, written + 1)}]`;
      case "tuple":
        return node.tagged
          ? `{${this.#taggedTuple(node, column, margin, closing, written + 1)}}`
          : `{${this.#sequence(node, column + 1, margin + 1, closing, written + 1)}}`;
      case "map":
        return `#{${this.#map(node.items, column + 2, margin + 2, closing, written + 1)}}`;
      case "bytes":
        return this.#bytes(node.line, column + 2, margin + 2, closing, written);
      default:
        return node.line;
    }
  }

  #fits(length: number, column: number, closing: number, written: number): boolean {
    return length < this.#width - column - closing && length + written + closing <= this.#most;
  }

  /** A comma or bar and an item without parts fit on this line. */
  #fitsHere(length: number, atomic: boolean, column: number, closing: number, written: number): boolean {
    if (!atomic) return false;
    return closing === 0 ? this.#fits(length + 1, column, 0, written) : this.#fits(length, column, closing, written);
  }

  #sequence(node: Node, column: number, margin: number, closing: number, written: number): string {
    return this.#items(node.items, 0, node.improper, column, column, margin, closing, written);
  }

  #taggedTuple({ items }: Node, column: number, margin: number, closing: number, written: number): string {
    const [tag, ...rest] = items;
    if (tag === undefined) return "";
    const afterTag = tag.length + 2;
    if (this.#indent > 0 && afterTag > this.#indent) {
      this.#check(column + this.#indent, this.#most + column + this.#indent <= this.#width, this.#width / 2);
      const left = column + this.#indent;
      return tag.line + this.#rest(rest, 0, false, left, column + afterTag, margin + this.#indent, closing, written + tag.length);
    }
    this.#check(column + afterTag + 1, this.#most + column + afterTag < this.#width, this.#width / 2);
    return `${tag.line},${this.#items(rest, 0, false, column + afterTag, column + afterTag, margin + afterTag, closing, written + tag.length + 1)}`;
  }

  /** An indentation may take half of the line, or whatever leaves room for the whole term. */
  #check(column: number, roomForAll: boolean, half: number): void {
    if (this.#strict && !roomForAll && column > Math.floor(half)) throw new NoRoom();
  }

  #items(
    items: readonly Node[],
    from: number,
    improper: boolean,
    left: number,
    column: number,
    margin: number,
    closing: number,
    written: number,
  ): string {
    const first = items[from];
    if (first === undefined) return "";
    const after = closingAfter(items, from, improper, closing);
    const [text, used] = this.#item(first, column, margin, after, written);
    return text + this.#rest(items, from + 1, improper, left, column + used, margin, closing, written + used);
  }

  #rest(
    items: readonly Node[],
    from: number,
    improper: boolean,
    left: number,
    start: number,
    margin: number,
    closing: number,
    used: number,
  ): string {
    let text = "";
    let column = start;
    let written = used;
    for (let index = from; index < items.length; index++) {
      const item = items[index];
      if (item === undefined) break;
      if (improper && index === items.length - 1) {
        const here = isAtomic(item) && this.#fits(item.length + 1, column, closing + 1, written);
        return `${text}|${here ? item.line : newLine(margin) + this.#term(item, left, margin, closing + 1, 0)}`;
      }
      const after = closingAfter(items, index, improper, closing);
      if (this.#fitsHere(1 + item.length, isAtomic(item), column, after, written)) {
        text += `,${item.line}`;
        column += 1 + item.length;
        written += 1 + item.length;
      } else {
        const [shown, length] = this.#item(item, left, margin, after, 0);
        text += `,${newLine(margin)}${shown}`;
        column = left + length;
        written = length;
      }
    }
    return text;
  }

  /** The text, and how much of the line it takes: all of it where it has parts, so that the next item starts a line. */
  #item(item: Node, column: number, margin: number, closing: number, written: number): [string, number] {
    if (isAtomic(item) && this.#fits(item.length, column, closing, written)) return [item.line, item.length];
    return [this.#term(item, column, margin, closing, written), this.#width];
  }

  #map(items: readonly Node[], left: number, margin: number, closing: number, start: number): string {
    let text = "";
    let column = left;
    let written = start;
    for (let index = 0; index + 1 < items.length; index += 2) {
      const [key, value] = [items[index], items[index + 1]];
      if (key === undefined || value === undefined) break;
      const after = index + 2 < items.length ? 0 : closing + 1;
      const length = key.length + 4 + value.length;
      const atomic = isAtomic(key) && isAtomic(value);
      if (index > 0 && this.#fitsHere(1 + length, atomic, column, after, written)) {
        text += `,${key.line} => ${value.line}`;
        column += 1 + length;
        written += 1 + length;
        continue;
      }
      const onNewLine = index > 0;
      const [shown, used] = this.#pair(key, value, length, left, margin, after, onNewLine ? 0 : written);
      text += onNewLine ? `,${newLine(margin)}${shown}` : shown;
      column = left + used;
      written = used;
    }
    return text;
  }

  #pair(
    key: Node,
    value: Node,
    length: number,
    column: number,
    margin: number,
    closing: number,
    written: number,
  ): [string, number] {
    if (this.#fits(length, column, closing, written)) {
      return [`${key.line} => ${value.line}`, isAtomic(key) && isAtomic(value) ? length : this.#width];
    }
    const indent = this.#indent > 0 ? this.#indent : 4;
    const below = this.#term(value, column + indent, margin + indent, closing, 0);
    return [`${this.#term(key, column, margin, closing, written)} =>${newLine(margin + indent)}${below}`, this.#width];
  }

  /** A binary that is no text is broken between its bytes. */
  #bytes(line: string, column: number, margin: number, closing: number, written: number): string {
    const most = Math.max(8, Math.min(this.#width - column, this.#most - 4 - written) - closing);
    const bytes = line.slice(2, -2).split(",");
    const last = bytes.pop() ?? "";
    let room = most;
    let text = "";
    for (const byte of bytes) {
      room -= byte.length + 1;
      if (room < 0) {
        text += newLine(margin);
        room = most - (byte.length + 1);
      }
      text += `${byte},`;
    }
    return `<<${text}${last.length > room ? newLine(margin) : ""}${last}>>`;
  }
}

function isAtomic(node: Node): boolean {
  return node.kind === "leaf";
}

/** Closing brackets that must follow this item: none while others come, else those of what is around, and its own. */
function closingAfter(items: readonly Node[], index: number, improper: boolean, closing: number): number {
  const last = improper ? items.length - 2 : items.length - 1;
  return index < last ? 0 : closing + 1;
}

function newLine(margin: number): string {
  return `\n${" ".repeat(margin)}`;
}
