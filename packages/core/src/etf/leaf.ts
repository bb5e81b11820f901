// Which terms are made of others. Apart from the rest, since the encoder asks too and needs nothing else of keys and hashes.
import { Atom } from "./atom.ts";
import { BitString, Export, Float, Pid, Port, Reference, type Term } from "./terms.ts";

/** Whether a term has no terms inside, as nearly all keys. */
export function isLeaf(term: Term): boolean {
  return (
    typeof term !== "object" ||
    term instanceof Atom ||
    term instanceof Uint8Array ||
    term instanceof Pid ||
    term instanceof Reference ||
    term instanceof Float ||
    term instanceof Port ||
    term instanceof BitString ||
    term instanceof Export
  );
}
