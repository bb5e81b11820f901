// Whether a value can be sent at all, found out before anything depends on it.
import { Writer } from "../bytes/writer.ts";
import { appendTerm, type Term } from "../etf/index.ts";

/** Throws an EncodeError for what has no external form. */
export function checkTerm(term: Term): void {
  appendTerm(new Writer(0), term);
}
