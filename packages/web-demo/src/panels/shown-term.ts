// Terms of the node as panels show them: as text that the node has cut, so that nothing large crosses the connection; or, where the
// page wants to redact them, whole, and made text here. What cannot be redacted is not shown.
import { atom, format, type Term, text, Tuple } from "@erl-dist/core";

/** What a page puts in the place of a term before it is shown, so that no secret is. */
export type Redact = (term: Term) => Term;

/** How much is shown of a term. */
export interface Extent {
  readonly Depth: number;
  readonly Characters: number;
}

/** What may cross the connection whole; larger terms are not shown where they would have to be redacted. */
const WHOLE_BYTES = 256 * 1024;

/**
 * Begins a recipe that shows terms by `Show(Term)`. Bindings: those of `showBindings`. Gives `{text, Binary}`, `{term, Term}` or
 * `too_large`.
 */
export const SHOW: string = `
  Show = fun
    (Term) when Whole ->
      case erlang:external_size(Term) =< ${WHOLE_BYTES} of true -> {term, Term}; false -> too_large end;
    (Term) -> {text, unicode:characters_to_binary(io_lib:format("~tP", [Term, Depth], [{chars_limit, Characters}]))}
  end`;

export function showBindings({ Depth, Characters }: Extent, redact: Redact | undefined): Record<string, Term> {
  return { Depth, Characters, Whole: redact !== undefined };
}

/** What `Show` gave, as text. */
export function shownText(shown: Term | undefined, redact: Redact | undefined, { Characters }: Extent): string {
  if (!(shown instanceof Tuple)) return "Too large to be redacted, so it is not shown.";
  const value = shown.at(1);
  if (shown.at(0) === TEXT) return text(value);
  return redactedText(value, redact, Characters);
}

/** The text of a term that is here. */
export function redactedText(term: Term, redact: Redact | undefined, characters: number): string {
  let shown = term;
  try {
    if (redact !== undefined) shown = redact(term);
  } catch (error) {
    return `Not shown, since redacting it failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return format(shown, { limit: characters, printable: "unicode" });
}

const TEXT = atom("text");
