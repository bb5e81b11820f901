// Erlang's =:= (erlang, "Term Comparisons"), as OTP 27 and later have it: 0.0 and -0.0 differ, 1 and 1.0 differ.
import { Atom } from "./atom.ts";
import { termKey } from "./term-key.ts";
import { ErlMap, Float, ImproperList, Pid, Reference, type Term, Tuple } from "./terms.ts";
import { utf8Bytes } from "./utf8.ts";

/**
 * Whether two terms are the same to Erlang (`=:=`). Never overflows the stack, however deep the terms are: what is inside
 * containers goes on a list of pairs still to compare.
 */
export function equals(a: Term, b: Term): boolean {
  if (a === b) return true;
  const pairs: Term[] = [];
  if (!same(a, b, pairs)) return false;
  while (pairs.length > 0) {
    // Two at a time are pushed, so two at a time are there.
    const right = pairs.pop() as Term;
    const left = pairs.pop() as Term;
    if (left !== right && !same(left, right, pairs)) return false;
  }
  return true;
}

/** Compares all but the insides, which it adds to `pairs`. */
function same(a: Term, b: Term, pairs: Term[]): boolean {
  switch (typeof a) {
    case "number":
      return sameNumber(a, b);
    case "bigint":
      return typeof b === "bigint" ? a === b : typeof b === "number" && Number.isInteger(b) && a === BigInt(b);
    case "boolean":
      return a === b || (b instanceof Atom && b.name === String(a));
    case "string":
      return typeof b === "string" ? a === b : b instanceof Uint8Array && sameBytes(utf8Bytes(a), b);
    default:
      return sameObject(a, b, pairs);
  }
}

function sameNumber(a: number, b: Term): boolean {
  if (typeof b === "number") return a === b;
  if (typeof b === "bigint") return Number.isInteger(a) && BigInt(a) === b;
  return b instanceof Float && !Number.isInteger(a) && a === b.value;
}

function sameObject(a: Exclude<Term, number | bigint | boolean | string>, b: Term, pairs: Term[]): boolean {
  // Two atom objects of one name are rare (atom.ts), but they are the same atom.
  if (a instanceof Atom) return b instanceof Atom ? a.name === b.name : typeof b === "boolean" && a.name === String(b);
  if (a instanceof Tuple) return b instanceof Tuple && push(a.elements, b.elements, pairs);
  if (Array.isArray(a)) return Array.isArray(b) && push(a, b, pairs);
  if (a instanceof Uint8Array) return sameBytes(a, typeof b === "string" ? utf8Bytes(b) : b);
  if (a instanceof Pid) {
    return b instanceof Pid && a.id === b.id && a.serial === b.serial && a.creation === b.creation && a.node.name === b.node.name;
  }
  if (a instanceof Reference) {
    return b instanceof Reference && a.creation === b.creation && a.node.name === b.node.name && sameWords(a.ids, b.ids);
  }
  if (a instanceof Float) {
    if (typeof b === "number") return sameNumber(b, a);
    return b instanceof Float && Object.is(a.value, b.value);
  }
  if (a instanceof ErlMap) return b instanceof ErlMap && sameMap(a, b, pairs);
  if (a instanceof ImproperList)
    return b instanceof ImproperList && push([...a.elements, a.tail], [...b.elements, b.tail], pairs);
  // The others are rare, and their keys say it in fewer words.
  return typeof b === "object" && a.constructor === b.constructor && termKey(a) === termKey(b);
}

function push(a: readonly Term[], b: readonly Term[], pairs: Term[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    // Both have this index.
    const left = a[index] as Term;
    const right = b[index] as Term;
    if (left === right) continue;
    if (isContainer(left)) pairs.push(left, right);
    else if (!same(left, right, pairs)) return false;
  }
  return true;
}

function isContainer(term: Term): boolean {
  return typeof term === "object" && !(term instanceof Atom) && !(term instanceof Uint8Array);
}

function sameMap(a: ErlMap, b: ErlMap, pairs: Term[]): boolean {
  if (a.size !== b.size) return false;
  const { keyList, valueList } = a;
  for (let index = 0; index < keyList.length; index++) {
    // Both lists have this index. Most maps that are equal have their keys in the same order.
    const key = keyList[index] as Term;
    const candidate = b.keyList[index] as Term;
    const isIt = key === candidate || (key instanceof Uint8Array && sameBytes(key, candidate));
    const other = isIt ? b.valueList[index] : b.get(key);
    if (other === undefined) return false;
    pairs.push(valueList[index] as Term, other);
  }
  return true;
}

function sameBytes(a: Uint8Array, b: Term): boolean {
  if (!(b instanceof Uint8Array) || a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function sameWords(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}
