// Terms for people to read.
import type { Atom } from "./atom.ts";
import { elixirSyntax, writeElixirLines } from "./elixir-text.ts";
import { erlangSyntax } from "./erlang-text.ts";
import { writeLines } from "./layout.ts";
import type { Term } from "./terms.ts";
import { writeLine } from "./text-writer.ts";

export interface FormatOptions {
  /** `"erlang"` prints as io:format("~0tp"), `"elixir"` as inspect/2 with `limit: :infinity`. Default `"erlang"`. */
  readonly syntax?: "erlang" | "elixir";
  /** Characters of a line, above which the text is broken into lines as `~80tp` would. Default: one line. */
  readonly width?: number;
  /** Levels of nesting shown; deeper parts become `…`. Default: all. */
  readonly depth?: number;
  /** Characters shown, after which `…` ends the text. Default: all. */
  readonly limit?: number;
  /** Which lists and binaries are text: those of Latin-1 (a node's default), or of all of Unicode (`+pc unicode`). Default `"latin1"`. */
  readonly printable?: "latin1" | "unicode";
  /**
   * The number for the node in pids, ports and references, as in `<0.84.0>`. Every node numbers the others in its own way, so
   * by default the name stands there: `<app@host.84.0>`.
   */
  readonly nodeNumber?: (node: Atom) => number | undefined;
}

/** The text of a term: by default exactly what `io:format("~0tp", [Term])` of OTP 27 and later prints. */
export function format(term: Term, options: FormatOptions = {}): string {
  const { depth = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY, width, nodeNumber = () => undefined } = options;
  if (!(depth >= 1)) throw new RangeError(`depth is at least 1, not ${depth}`);
  if (!(limit >= 1)) throw new RangeError(`limit is at least 1, not ${limit}`);
  if (width !== undefined && !(width >= 1)) throw new RangeError(`width is at least 1, not ${width}`);
  const bounds = { depth, limit };
  if (options.syntax === "elixir") {
    const syntax = elixirSyntax({ nodeNumber });
    return width === undefined ? writeLine(term, syntax, bounds) : writeElixirLines(term, syntax, bounds, width);
  }
  const syntax = erlangSyntax({ printable: options.printable ?? "latin1", nodeNumber });
  return width === undefined ? writeLine(term, syntax, bounds) : writeLines(term, syntax, bounds, width);
}
