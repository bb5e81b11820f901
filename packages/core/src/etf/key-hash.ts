// Hashes of the keys of maps. Equal keys (by =:=) have equal hashes, whatever layout they came in; how good the hash is
// decides about speed alone, since hashes only ever choose what is compared. That of an integer of 32 bits is the integer,
// so that a dense range of them shows; who takes some bits of a hash spreads it first.
import { Atom } from "./atom.ts";
import { Float, Pid, Port, Reference, type Term } from "./terms.ts";
import { utf8Bytes } from "./utf8.ts";

/** The hash of a leaf, 32 bits. */
export function hashLeaf(term: Term): number {
  return whole(term) | 0;
}

/** Perhaps more than 32 bits. */
function whole(term: Term): number {
  // The atom true is the boolean.
  if (term instanceof Atom) return term.term === term ? term.hash : whole(term.term);
  switch (typeof term) {
    case "number":
      return hashNumber(term);
    case "bigint":
      return Number.isSafeInteger(Number(term)) ? hashNumber(Number(term)) : Number(BigInt.asIntN(32, term ^ (term >> 32n)));
    case "boolean":
      return term ? 1 : 2;
    case "string":
      return hashBytes(utf8Bytes(term));
    default:
  }
  if (term instanceof Uint8Array) return hashBytes(term);
  if (term instanceof Pid) return Math.imul(term.id, 31) + Math.imul(term.serial, 17) + term.creation;
  if (term instanceof Reference) return term.ids.reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, term.creation);
  if (term instanceof Float) return hashNumber(term.value);
  if (term instanceof Port) return Number(BigInt.asIntN(32, term.id)) ^ term.creation;
  // The others are too rare as keys to be worth more.
  return 0;
}

/** Beyond 32 bits: the bits around the point, and those above them. */
function hashNumber(value: number): number {
  return value === (value | 0) ? value : Math.imul((value * 65_536) | 0, 0x9e3779b1) ^ (value / 65_536);
}

/** Every bit of the result depends on every bit of the hash, and no two hashes become one. */
export function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
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
  return hash;
}

function hashBytes(bytes: Uint8Array): number {
  return hashView(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
}
