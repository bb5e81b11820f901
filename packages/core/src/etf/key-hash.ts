// Hashes of the keys of maps. Equal keys (by =:=) have equal hashes, whatever layout they came in; how good the hash is
// decides about speed alone, since hashes only ever choose what is compared.
import { Atom } from "./atom.ts";
import { BitString, Export, Float, Pid, Port, Reference, type Term } from "./terms.ts";
import { utf8Bytes } from "./utf8.ts";

/** The hash of a leaf, 32 bits. */
export function hashLeaf(term: Term): number {
  if (term instanceof Atom) return hashAtom(term);
  switch (typeof term) {
    case "number":
      return hashNumber(term);
    case "bigint":
      return Number.isSafeInteger(Number(term)) ? hashNumber(Number(term)) : mix(Number(BigInt.asIntN(32, term ^ (term >> 32n))));
    case "boolean":
      return term ? HASH_OF_TRUE : HASH_OF_FALSE;
    case "string":
      return hashBytes(utf8Bytes(term));
    default:
  }
  if (term instanceof Uint8Array) return hashBytes(term);
  if (term instanceof Pid) return mix(Math.imul(term.id, 31) + Math.imul(term.serial, 17) + term.creation);
  if (term instanceof Reference) return mix(term.ids.reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, term.creation));
  if (term instanceof Float) return hashNumber(term.value);
  if (term instanceof Port) return mix(Number(BigInt.asIntN(32, term.id)) ^ term.creation);
  if (term instanceof BitString) return mix(hashBytes(term.bytes) + term.bits);
  return term instanceof Export ? mix(Math.imul(term.module.hash, 31) + term.function.hash + term.arity) : 0;
}

const HASH_OF_TRUE = 1;
const HASH_OF_FALSE = 2;

function hashAtom(key: Atom): number {
  return key.name === "true" ? HASH_OF_TRUE : key.name === "false" ? HASH_OF_FALSE : key.hash;
}

/** The hash of an integer of 32 bits. */
export function hashInteger(value: number): number {
  return mix(value);
}

function hashNumber(value: number): number {
  if (value === (value | 0)) return hashInteger(value);
  if (Number.isInteger(value)) return mix((value | 0) ^ Math.imul((value / 4_294_967_296) | 0, 0x9e3779b1));
  return mix(Math.imul((value * 65_536) | 0, 0x9e3779b1) ^ (value / 65_536));
}

function mix(value: number): number {
  const hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** A long binary counts with its head and its tail of so many bytes. */
const END_BYTES = 32;

/** The hash of a binary in place, by words. */
export function hashView(view: DataView, start: number, length: number): number {
  let hash = length;
  const end = start + length;
  let at = start;
  if (length > 2 * END_BYTES) {
    for (; at < start + END_BYTES; at += 4) hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1) ^ (hash >>> 15);
    at = end - END_BYTES;
  }
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1) ^ (hash >>> 15);
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return mix(hash);
}

function hashBytes(bytes: Uint8Array): number {
  return hashView(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
}
