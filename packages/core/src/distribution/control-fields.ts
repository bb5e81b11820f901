// The kinds of fields that control messages are made of: for each its JavaScript type, how it is checked when it comes
// from the peer, and how it becomes a term. Names of processes are strings here, for `true` is an atom too.
import { atoms } from "../etf/atom.ts";
import { Atom, Pid, Reference, type Term, Tuple, tuple } from "../etf/index.ts";

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

interface FieldCodec<T> {
  /** The value, or undefined when the term is not of this kind. */
  read(term: Term): T | undefined;
  write(value: T): Term;
}

/** The name of an atom, booleans included; undefined for any other term. */
export function atomName(term: Term): string | undefined {
  if (term instanceof Atom) return term.name;
  return typeof term === "boolean" ? String(term) : undefined;
}

/** The atom of a name as a term: "true" and "false" are booleans. Names come from peers too, so they are not kept for good. */
export function nameTerm(name: string): Atom | boolean {
  return atoms.intern(name).term;
}

const readPid = (term: Term): Pid | undefined => (term instanceof Pid ? term : undefined);
const readReference = (term: Term): Reference | undefined => (term instanceof Reference ? term : undefined);
const writeNamed = (value: Pid | Reference | string): Term => (typeof value === "string" ? nameTerm(value) : value);

const MAX_UNLINK_ID = 2n ** 64n - 1n;
const EMPTY_ATOM = "";

export const FIELD_CODECS: { readonly [K in FieldKind]: FieldCodec<FieldTypes[K]> } = {
  pid: { read: readPid, write: (pid) => pid },
  reference: { read: readReference, write: (reference) => reference },
  name: { read: atomName, write: nameTerm },
  pidOrName: { read: (term) => readPid(term) ?? atomName(term), write: writeNamed },
  destination: { read: (term) => readPid(term) ?? readReference(term) ?? atomName(term), write: writeNamed },
  unlinkId: { read: readUnlinkId, write: (id) => id },
  flags: { read: readFlags, write: (flags) => flags },
  mfa: { read: readMfa, write: (mfa) => tuple(nameTerm(mfa.module), nameTerm(mfa.function), mfa.arity) },
  list: { read: (term) => (Array.isArray(term) ? term : undefined), write: (list) => [...list] },
  term: { read: (term) => term, write: (term) => term },
  unused: { read: () => undefined, write: () => nameTerm(EMPTY_ATOM) },
};

function readUnlinkId(term: Term): bigint | undefined {
  if (typeof term !== "bigint" && !Number.isSafeInteger(term)) return undefined;
  const id = BigInt(term as number | bigint);
  return id >= 1n && id <= MAX_UNLINK_ID ? id : undefined;
}

function readFlags(term: Term): number | undefined {
  if (typeof term === "bigint") return term < 0n ? undefined : Number(BigInt.asUintN(32, term));
  return typeof term === "number" && Number.isSafeInteger(term) && term >= 0 ? term % 2 ** 32 : undefined;
}

function readMfa(term: Term): Mfa | undefined {
  if (!(term instanceof Tuple) || term.length !== 3) return undefined;
  const [module, name, arity] = [...term] as [Term, Term, Term];
  const moduleName = atomName(module);
  const functionName = atomName(name);
  if (moduleName === undefined || functionName === undefined || typeof arity !== "number") return undefined;
  return { module: moduleName, function: functionName, arity };
}
