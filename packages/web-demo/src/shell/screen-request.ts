// The requests of a `group` process to its driver (kernel, group.erl and user_drv.erl), as data.
import { Atom, atom, format, type Term, text, Tuple } from "@erl-dist/core";

/** Lines around the one with the cursor. */
export interface EditedLines {
  readonly above: readonly string[];
  readonly before: string;
  readonly after: string;
  readonly below: readonly string[];
}

export type ScreenRequest =
  | { readonly type: "put_chars" | "insert_chars" | "insert_chars_over"; readonly text: string }
  | { readonly type: "put_expand"; readonly text: string; readonly rows: number }
  | { readonly type: "delete_chars" | "move_rel" | "move_line" | "move_expand"; readonly count: number }
  | { readonly type: "move_combo"; readonly before: number; readonly lines: number; readonly after: number }
  | { readonly type: "redraw_prompt"; readonly prompt: string; readonly nextPrompt: string; readonly lines: EditedLines }
  | { readonly type: "delete_line" | "delete_after_cursor" | "redraw" | "new_prompt" | "clear" | "beep" };

/** Longest list of requests in one message, and longest text: a node sends far less. */
const MAX_REQUESTS = 100_000;

/** The requests in a term, in order; undefined for what is none. */
export function parseScreenRequest(term: Term): ScreenRequest[] | undefined {
  try {
    return parsed(term);
  } catch (error) {
    // A text that is none.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function parsed(term: Term): ScreenRequest[] | undefined {
  if (term instanceof Atom) {
    switch (term.name) {
      case "beep":
      case "clear":
      case "new_prompt":
      case "delete_line":
      case "delete_after_cursor":
        return [{ type: term.name }];
      case "redraw_prompt":
        return [{ type: "redraw" }];
      default:
        return undefined;
    }
  }
  if (!(term instanceof Tuple) || !(term.at(0) instanceof Atom)) return undefined;
  const [tag, first, second, third] = term.elements as readonly [Atom, Term?, Term?, Term?];
  switch (tag.name) {
    case "requests":
      return Array.isArray(first) && first.length <= MAX_REQUESTS ? all(first) : undefined;
    case "put_chars":
    case "insert_chars":
    case "insert_chars_over":
      return second === undefined ? undefined : [{ type: tag.name, text: charsOf(first, second) }];
    case "put_expand":
    case "put_expand_no_trim": {
      if (second === undefined) return undefined;
      const chars = charsOf(first, second);
      if (typeof third === "number") return [{ type: "put_expand", text: chars, rows: third }];
      // OTP 26 knows no number of rows, and two names.
      return [{ type: "put_expand", text: tag.name === "put_expand" ? chars.trim() : chars, rows: 0 }];
    }
    case "delete_chars":
    case "move_rel":
    case "move_line":
    case "move_expand":
      return typeof first === "number" ? [{ type: tag.name, count: first }] : undefined;
    case "move_combo":
      if (typeof first !== "number" || typeof second !== "number" || typeof third !== "number") return undefined;
      return [{ type: "move_combo", before: first, lines: second, after: third }];
    case "redraw_prompt": {
      const lines = editedLines(third);
      if (first === undefined || second === undefined || lines === undefined) return undefined;
      return [{ type: "redraw_prompt", prompt: text(first), nextPrompt: text(second), lines }];
    }
    default:
      return undefined;
  }
}

function all(terms: readonly Term[]): ScreenRequest[] | undefined {
  const requests: ScreenRequest[] = [];
  for (const term of terms) {
    const more = parsed(term);
    if (more === undefined) return undefined;
    for (const request of more) requests.push(request);
  }
  return requests;
}

/**
 * `{LinesBefore, {Before, After}, LinesAfter}`: what lies before is reversed, lines as well as characters. A character of several code
 * points is a list of its own there, which is not reversed.
 */
function editedLines(term: Term | undefined): EditedLines | undefined {
  if (!(term instanceof Tuple) || term.length !== 3) return undefined;
  const [above, line, below] = term.elements as readonly [Term, Term, Term];
  if (!Array.isArray(above) || !Array.isArray(below) || !(line instanceof Tuple) || line.length !== 2) return undefined;
  const [before, after] = line.elements as readonly [Term, Term];
  return {
    above: above.map((each: Term) => text(each)).toReversed(),
    before: text(Array.isArray(before) ? before.toReversed() : before),
    after: text(after),
    below: below.map((each: Term) => text(each)),
  };
}

/** Text in the encoding that the request names. In Latin-1 each byte is a character. */
export function charsOf(encoding: Term | undefined, chars: Term): string {
  return encoding === atom("latin1") ? latin1(chars) : text(chars);
}

function latin1(term: Term): string {
  if (term instanceof Uint8Array) return Array.from(term, (byte) => String.fromCharCode(byte)).join("");
  if (typeof term === "number") return String.fromCodePoint(term);
  if (Array.isArray(term)) return term.map(latin1).join("");
  return text(term);
}

/** For messages to people. */
export function requestText(term: Term): string {
  const shown = format(term);
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
