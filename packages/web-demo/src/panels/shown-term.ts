// Terms of the node as panels show them: as text that the node has cut, so that nothing large crosses the connection; or, where the
// page wants to redact them, whole, and made text here. Large ones come only when a person asks for them.
import { atom, format, type Term, text, Tuple } from "@erl-dist/core";
import type { Words } from "../words.ts";
import { messageOf } from "./problem.ts";
import type { PanelKey } from "./strings.ts";

/** What a page puts in the place of a term before it is shown, so that no secret is. */
export type Redact = (term: Term) => Term;

/** How much is shown of a term. */
export interface Extent {
  readonly Depth: number;
  readonly Characters: number;
}

/** Larger terms are made text, or cross the connection to be redacted, only for a person who has read how large they are. */
const MOST_TEXT_BYTES = 1024 * 1024;
const MOST_WHOLE_BYTES = 256 * 1024;
/** Larger ones not at all. */
const MOST_ASKED_BYTES = 128 * 1024 * 1024;

/**
 * Begins a recipe that shows terms by `Show(Term)`. Bindings: those of `showBindings`. Gives `{text, Binary}`, `{term, Term}` or
 * `{large, Bytes}`.
 */
export const SHOW: string = `
  Show = fun(Term) ->
    case erlang:external_size(Term) of
      Bytes when Bytes > Most -> {large, Bytes};
      _ when Whole -> {term, Term};
      _ -> {text, unicode:characters_to_binary(io_lib:format("~tP", [Term, Depth], [{chars_limit, Characters}]))}
    end
  end`;

/** With `asked`, somebody wants to see large terms. */
export function showBindings({ Depth, Characters }: Extent, redact: Redact | undefined, asked = false): Record<string, Term> {
  const most = redact === undefined ? MOST_TEXT_BYTES : MOST_WHOLE_BYTES;
  return { Depth, Characters, Whole: redact !== undefined, Most: asked ? MOST_ASKED_BYTES : most };
}

/** The size of a term that `Show` found too large; 0 for one that it did not. */
export function largeBytes(shown: Term | undefined): number {
  return shown instanceof Tuple && shown.at(0) === LARGE ? Number(shown.at(1)) : 0;
}

/** What `Show` gave, as text. */
export function shownText(
  shown: Term | undefined,
  redact: Redact | undefined,
  { Characters }: Extent,
  words: Words<PanelKey>,
): string {
  if (!(shown instanceof Tuple)) return "";
  const value = shown.at(1);
  if (shown.at(0) === LARGE) return words.say("termNotLoaded", { size: words.bytes(Number(value)) });
  if (shown.at(0) === TEXT) return text(value);
  return redactedText(value, redact, Characters, words);
}

/** The text of a term that is here. */
export function redactedText(term: Term, redact: Redact | undefined, characters: number, words: Words<PanelKey>): string {
  let shown = term;
  try {
    if (redact !== undefined) shown = redact(term);
  } catch (error) {
    return words.say("redactFailed", { message: messageOf(error, words) });
  }
  return format(shown, { limit: characters, printable: "unicode" });
}

const TEXT = atom("text");
const LARGE = atom("large");
