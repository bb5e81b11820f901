// The kinds of fields that control messages are made of: for each its JavaScript type, and how it becomes a term;
// control-reader.ts checks those that come from the peer. Names of processes are strings here, for `true` is an atom too.
import { atoms } from "../etf/atom.ts";
import { Atom, type Pid, type Reference, type Term, tuple } from "../etf/index.ts";

/** Module, function and arity in a SPAWN_REQUEST. */
export interface Mfa {
  readonly module: string;
  readonly function: string;
  readonly arity: number;
}

export interface FieldTypes {
  pid: Pid;
  reference: Reference;
  name: string;
  pidOrName: Pid | string;
  /** Pid, alias or name: the flags of ALTACT_SIG_SEND say which. */
  destination: Pid | Reference | string;
  /** 1 to 2^64 - 1. */
  unlinkId: bigint;
  /** Bits; those above 32 carry no meaning and are dropped. */
  flags: number;
  mfa: Mfa;
  list: readonly Term[];
  term: Term;
  /** An element without meaning: OTP writes the empty atom and reads anything. */
  unused: undefined;
}

export type FieldKind = keyof FieldTypes;

/** The name of an atom, booleans included; undefined for any other term. */
export function atomName(term: Term): string | undefined {
  if (term instanceof Atom) return term.name;
  return typeof term === "boolean" ? String(term) : undefined;
}

/** The atom of a name as a term: "true" and "false" are booleans. Names come from peers too, so they are not kept for good. */
export function nameTerm(name: string): Atom | boolean {
  return atoms.intern(name).term;
}

const asIs = <T extends Term>(value: T): T => value;
const writeNamed = (value: Pid | Reference | string): Term => (typeof value === "string" ? nameTerm(value) : value);
const EMPTY_ATOM = "";

export const FIELD_WRITERS: { readonly [K in FieldKind]: (value: FieldTypes[K]) => Term } = {
  pid: asIs,
  reference: asIs,
  name: nameTerm,
  pidOrName: writeNamed,
  destination: writeNamed,
  unlinkId: asIs,
  flags: asIs,
  mfa: (mfa) => tuple(nameTerm(mfa.module), nameTerm(mfa.function), mfa.arity),
  list: (list) => [...list],
  term: asIs,
  unused: () => nameTerm(EMPTY_ATOM),
};
