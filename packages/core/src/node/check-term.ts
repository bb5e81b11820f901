// Whether a value can be sent at all, found out before anything depends on it.
import { Writer } from "../bytes/writer.ts";
import { EncodeError } from "../errors.ts";
import { appendTerm, type Term } from "../etf/index.ts";

/** Throws an EncodeError for what has no external form. */
export function checkTerm(term: Term): void {
  appendTerm(new Writer(0), term);
}

/** The error of sending a message that this term is a part of; what a program learns of it is where in its own term the fault lies. */
export function aboutTerm(error: unknown, term: Term): unknown {
  if (!(error instanceof EncodeError)) return error;
  try {
    checkTerm(term);
    return error;
  } catch (own) {
    return own;
  }
}
