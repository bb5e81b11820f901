// Writes a term on one line, whatever its syntax and however deep it nests: a syntax only tells what a term consists of.
import type { Term } from "./terms.ts";

/** A term that holds others: `open`, the items with what goes before each, `close`. */
export interface Compound {
  readonly kind: "list" | "tuple" | "map" | "record";
  readonly open: string;
  readonly close: string;
  readonly items: readonly Term[];
  /** Separator, key or field name before the item of this index. */
  before(index: number): string;
}

/** The text of a term without parts, or its parts. `room` is how many characters can be of use. */
export type Syntax = (term: Term, room: number) => string | Compound;

export interface Bounds {
  /** Levels that are shown; what is deeper is an ellipsis. */
  readonly depth: number;
  /** Characters, beyond which an ellipsis ends the text. */
  readonly limit: number;
}

export const ELLIPSIS = "…";

export function writeLine(root: Term, syntax: Syntax, { depth, limit }: Bounds): string {
  const open: { readonly compound: Compound; next: number }[] = [];
  let text = "";
  let term = root;
  for (;;) {
    const description = open.length < depth ? syntax(term, limit - text.length) : shallow(term, syntax, limit - text.length);
    if (typeof description === "string") text += description;
    else {
      text += description.open;
      open.push({ compound: description, next: 0 });
    }
    let found = false;
    while (!found) {
      const innermost = open.at(-1);
      if (innermost === undefined || text.length > limit) return cut(text, limit);
      const { compound, next } = innermost;
      const item = compound.items[next];
      if (item === undefined) {
        text += compound.close;
        open.pop();
      } else {
        text += compound.before(next);
        innermost.next = next + 1;
        term = item;
        found = true;
      }
    }
  }
}

/** Below the last level only what has no parts is shown. */
function shallow(term: Term, syntax: Syntax, room: number): string {
  const description = syntax(term, room);
  if (typeof description === "string") return description;
  return description.items.length === 0 ? description.open + description.close : ELLIPSIS;
}

/** Not inside a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return text.slice(0, end) + ELLIPSIS;
}
