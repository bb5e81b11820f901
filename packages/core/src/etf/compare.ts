// Erlang's order of all terms (Erlang Reference Manual, "Term Comparisons"; the position of native records as OTP 29 has it):
// number < atom < reference < fun < port < pid < tuple < record < map < nil < list < bitstring.
import { Atom } from "./atom.ts";
import {
  BitString,
  ErlMap,
  Export,
  Float,
  Fun,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "./terms.ts";

/**
 * Negative where `a < b` in Erlang, 0 where `a == b`, positive where `a > b`. So an integer and a float of the same value are
 * the same here; `equals` tells them apart. Fits Array.prototype.sort.
 */
export function compare(a: Term, b: Term): number {
  return compareTerms(a, b, false);
}

/** As `compare`, but every integer comes before every float: the order of the keys of a map. */
export function compareExact(a: Term, b: Term): number {
  return compareTerms(a, b, true);
}

/** Items still to be compared, in order; the first that differ decide. */
interface Pending {
  readonly left: readonly Term[];
  readonly right: readonly Term[];
  readonly exact: boolean;
  next: number;
}

/** Depth first with a stack of its own: a term may nest deeper than calls can. */
function compareTerms(a: Term, b: Term, exact: boolean): number {
  const pending: Pending[] = [{ left: [a], right: [b], exact, next: 0 }];
  for (let current = pending.at(-1); current !== undefined; current = pending.at(-1)) {
    const left = current.left[current.next];
    const right = current.right[current.next];
    current.next++;
    if (left === undefined || right === undefined) pending.pop();
    else if (left !== right) {
      const decided = compareOne(left, right, current.exact, pending);
      if (decided !== 0) return decided;
    }
  }
  return 0;
}

/** Compares what is no part of the terms; their parts go to `pending`. */
function compareOne(a: Term, b: Term, exact: boolean, pending: Pending[]): number {
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  const later = (left: readonly Term[], right: readonly Term[], exactly = exact): void => {
    pending.push({ left, right, exact: exactly, next: 0 });
  };
  switch (rank) {
    case RANK.number:
      return compareNumbers(a as number | bigint | Float, b as number | bigint | Float, exact);
    case RANK.atom:
      return compareText(atomName(a as Atom | boolean), atomName(b as Atom | boolean));
    case RANK.reference:
      return compareReferences(a as Reference, b as Reference);
    case RANK.fun:
      return compareFuns(a as Fun | Export, b as Fun | Export, later);
    case RANK.port:
      return comparePorts(a as Port, b as Port);
    case RANK.pid:
      return comparePids(a as Pid, b as Pid);
    case RANK.tuple: {
      const [left, right] = [(a as Tuple).elements, (b as Tuple).elements];
      if (left.length !== right.length) return left.length - right.length;
      later(left, right);
      return 0;
    }
    case RANK.record:
      return compareRecords(a as NativeRecord, b as NativeRecord, later);
    case RANK.map:
      return compareMaps(a as ErlMap, b as ErlMap, later);
    case RANK.nil:
      return 0;
    case RANK.list:
      compareLists(a as Term[] | ImproperList, b as Term[] | ImproperList, later);
      return 0;
    default:
      return compareBits(a as Uint8Array | BitString | string, b as Uint8Array | BitString | string);
  }
}

type Later = (left: readonly Term[], right: readonly Term[], exactly?: boolean) => void;

const RANK = {
  number: 0,
  atom: 1,
  reference: 2,
  fun: 3,
  port: 4,
  pid: 5,
  tuple: 6,
  record: 7,
  map: 8,
  nil: 9,
  list: 10,
  bitstring: 11,
} as const;

function rankOf(term: Term): (typeof RANK)[keyof typeof RANK] {
  switch (typeof term) {
    case "number":
    case "bigint":
      return RANK.number;
    case "boolean":
      return RANK.atom;
    case "string":
      return RANK.bitstring;
    default:
  }
  if (term instanceof Atom) return RANK.atom;
  if (term instanceof Tuple) return RANK.tuple;
  if (Array.isArray(term)) return term.length === 0 ? RANK.nil : RANK.list;
  if (term instanceof Uint8Array || term instanceof BitString) return RANK.bitstring;
  if (term instanceof ErlMap) return RANK.map;
  if (term instanceof Float) return RANK.number;
  if (term instanceof Pid) return RANK.pid;
  if (term instanceof Reference) return RANK.reference;
  if (term instanceof ImproperList) return RANK.list;
  if (term instanceof Port) return RANK.port;
  if (term instanceof Fun || term instanceof Export) return RANK.fun;
  if (term instanceof NativeRecord) return RANK.record;
  throw new TypeError(`compare takes terms, not ${Object.prototype.toString.call(term)}`);
}

/**
 * JavaScript compares a bigint and a double by their exact values, as Erlang does. Among the keys of maps every integer comes
 * before every float.
 */
function compareNumbers(a: number | bigint | Float, b: number | bigint | Float, exact: boolean): number {
  if (exact && isFloat(a) !== isFloat(b)) return isFloat(a) ? 1 : -1;
  const left = a instanceof Float ? a.value : a;
  const right = b instanceof Float ? b.value : b;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isFloat(value: number | bigint | Float): boolean {
  return value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
}

function atomName(atom: Atom | boolean): string {
  return atom instanceof Atom ? atom.name : String(atom);
}

/** By code points, in which the halves of a surrogate pair come after the rest of the Basic Multilingual Plane. */
function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftIsHalf = (left & 0xf800) === 0xd800;
    const rightIsHalf = (right & 0xf800) === 0xd800;
    return leftIsHalf === rightIsHalf ? left - right : leftIsHalf ? 1 : -1;
  }
  return a.length - b.length;
}

/** The last word is the most significant; a shorter reference has zeros there. */
function compareReferences(a: Reference, b: Reference): number {
  const node = compareText(a.node.name, b.node.name) || a.creation - b.creation;
  if (node !== 0) return node;
  for (let index = Math.max(a.ids.length, b.ids.length) - 1; index >= 0; index--) {
    const difference = (a.ids[index] ?? 0) - (b.ids[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Those with an environment come before external ones. */
function compareFuns(a: Fun | Export, b: Fun | Export, later: Later): number {
  if (a instanceof Export && b instanceof Export) {
    return compareText(a.module.name, b.module.name) || compareText(a.function.name, b.function.name) || a.arity - b.arity;
  }
  if (a instanceof Export) return 1;
  if (b instanceof Export) return -1;
  const code = compareText(a.module.name, b.module.name) || a.oldIndex - b.oldIndex || a.oldUniq - b.oldUniq;
  if (code !== 0) return code;
  if (a.free.length !== b.free.length) return a.free.length - b.free.length;
  later(a.free, b.free);
  return 0;
}

function comparePorts(a: Port, b: Port): number {
  const node = compareText(a.node.name, b.node.name) || a.creation - b.creation;
  if (node !== 0) return node;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function comparePids(a: Pid, b: Pid): number {
  return a.serial - b.serial || a.id - b.id || compareText(a.node.name, b.node.name) || a.creation - b.creation;
}

function compareRecords(a: NativeRecord, b: NativeRecord, later: Later): number {
  const definition =
    compareText(a.module.name, b.module.name) ||
    compareText(a.name.name, b.name.name) ||
    Number(a.exported) - Number(b.exported) ||
    a.fields.length - b.fields.length;
  if (definition !== 0) return definition;
  later([...a.fields, ...a.values], [...b.fields, ...b.values]);
  return 0;
}

/** By size, then by the keys in their order, then by the values in the order of the keys. */
function compareMaps(a: ErlMap, b: ErlMap, later: Later): number {
  if (a.size !== b.size) return a.size - b.size;
  const left = sortedEntries(a);
  const right = sortedEntries(b);
  const values = (entries: readonly [Term, Term][]): Term[] => entries.map(([, value]) => value);
  const keys = (entries: readonly [Term, Term][]): Term[] => entries.map(([key]) => key);
  // What is pushed last is compared first.
  later(values(left), values(right));
  later(keys(left), keys(right), true);
  return 0;
}

function sortedEntries(map: ErlMap): [Term, Term][] {
  return [...map].toSorted(([left], [right]) => compareExact(left, right));
}

/** Element by element, and then the tails; where one list goes on, a list is its tail. */
function compareLists(a: Term[] | ImproperList, b: Term[] | ImproperList, later: Later): void {
  const left = Array.isArray(a) ? a : a.elements;
  const right = Array.isArray(b) ? b : b.elements;
  const shared = Math.min(left.length, right.length);
  later([tailAfter(a, left, shared)], [tailAfter(b, right, shared)]);
  later(left.length === shared ? left : left.slice(0, shared), right.length === shared ? right : right.slice(0, shared));
}

/** What stands for the rest needs only the right kind: at most one of two tails is a non-empty list. */
function tailAfter(list: Term[] | ImproperList, elements: readonly Term[], from: number): Term {
  if (from < elements.length) return SOME_LIST;
  return Array.isArray(list) ? [] : list.tail;
}

const SOME_LIST: Term[] = [0];

function compareBits(a: Uint8Array | BitString | string, b: Uint8Array | BitString | string): number {
  const [left, leftBits] = bitsOf(a);
  const [right, rightBits] = bitsOf(b);
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0 && Math.min(leftBits, rightBits) < (index + 1) * 8)
      return comparePartly(left, right, index, leftBits, rightBits);
    if (difference !== 0) return difference;
  }
  return leftBits - rightBits;
}

/** The byte in which one of them ends: only the bits that both have count, then the length. */
function comparePartly(left: Uint8Array, right: Uint8Array, index: number, leftBits: number, rightBits: number): number {
  const mask = 0xff00 >>> (Math.min(leftBits, rightBits) - index * 8);
  return ((left[index] ?? 0) & mask & 0xff) - ((right[index] ?? 0) & mask & 0xff) || leftBits - rightBits;
}

function bitsOf(term: Uint8Array | BitString | string): [Uint8Array, number] {
  if (term instanceof BitString) return [term.bytes, term.bitLength];
  const bytes = typeof term === "string" ? new TextEncoder().encode(term) : term;
  return [bytes, bytes.length * 8];
}
