// Terms as ~w and ~p print them, on top of the Erlang syntax of `format`, which is that of ~tp.
import { atomText, quote } from "../etf/atom-text.ts";
import { erlangSyntax, isPrintable } from "../etf/erlang-text.ts";
import { Atom, type Term } from "../etf/index.ts";
import { writeLines } from "../etf/layout.ts";
import { type Syntax, writeLine } from "../etf/text-writer.ts";

export interface TermStyle {
  /** Modifier `t`: characters beyond Latin-1 stay; otherwise they are written as `\x{…}`. */
  readonly unicode: boolean;
  /** Lists and binaries of printable characters are shown as text: `~p` without the modifier `l`. */
  readonly strings: boolean;
  /** Which characters are printable, as the node's `+pc` says in Erlang. */
  readonly printable: "latin1" | "unicode";
}

const ALL = { depth: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY };

/** The term on one line; with a `width`, on lines of that length, the first of which starts in `column`. */
export function termText(term: Term, style: TermStyle, layout?: { readonly width: number; readonly column: number }): string {
  const syntax = syntaxOf(style);
  if (layout === undefined || layout.width === 0) return writeLine(term, syntax, ALL);
  return writeLines(term, syntax, ALL, layout.width, Math.max(1, layout.column));
}

function syntaxOf({ unicode, strings, printable }: TermStyle): Syntax {
  const erlang = erlangSyntax({ printable, nodeNumber: () => undefined });
  return (term, room) => {
    if (Array.isArray(term) && !strings) return plainList(term);
    if (typeof term === "string" || term instanceof Uint8Array) {
      const bytes = typeof term === "string" ? new TextEncoder().encode(term) : term;
      if (!strings) return bytes.length === 0 ? "<<>>" : `<<${bytes.join(",")}>>`;
      if (!unicode) return latin1Binary(bytes);
    }
    const text = term instanceof Atom ? atomText(term.name) : erlang(term, room);
    return typeof text === "string" && !unicode ? asLatin1(text) : text;
  };
}

function plainList(items: readonly Term[]): ReturnType<Syntax> {
  return { kind: "list", open: "[", close: "]", items, before: (index) => (index === 0 ? "" : ",") };
}

/** Without modifier `t` a binary is not read as UTF-8. */
function latin1Binary(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<<>>";
  if (!bytes.every((byte) => isPrintable(byte, "latin1"))) return `<<${bytes.join(",")}>>`;
  return `<<${quote(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""), '"')}>>`;
}

/** Characters beyond Latin-1 as Erlang source writes them in Latin-1. */
export function asLatin1(text: string): string {
  return text.replace(BEYOND_LATIN1, (character) => `\\x{${character.codePointAt(0)?.toString(16).toUpperCase()}}`);
}

const BEYOND_LATIN1 = /[^\0-\xff]/gu;
