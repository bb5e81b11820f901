// Sees that no key of a map that arrived comes twice, which binary_to_term/1 refuses. Most maps have no two keys of one
// hash, and finding that out takes a bit for each key; only keys under suspicion are compared.
import { hashLeaf } from "./key-hash.ts";
import { KeyIndex } from "./key-index.ts";
import { isLeaf } from "./leaf.ts";
import { termKey } from "./term-key.ts";
import type { Term } from "./terms.ts";

/** Position of a key that equals an earlier one, or -1. */
export function duplicateKey(keys: readonly Term[]): number {
  if (keys.length < 2) return -1;
  const hashes = new Int32Array(keys.length);
  for (let position = 0; position < keys.length; position++) hashes[position] = hashLeaf(keys[position] as Term);
  const found = duplicateLeaf(keys, hashes, 0);
  return found >= 0 ? found : duplicateContainer(keys);
}

/** The same, for keys that are containers only. */
export function duplicateContainer(keys: readonly Term[]): number {
  const seen = new Set<string>();
  const containers = keys.flatMap((key, position) => (isLeaf(key) ? [] : [position]));
  if (containers.length < 2) return -1;
  for (const position of containers) {
    const text = termKey(keys[position] as Term);
    if (seen.has(text)) return position;
    seen.add(text);
  }
  return -1;
}

/** The same, for leaves only; their hashes stand in `hashes` from `start` on, those of containers are ignored. */
export function duplicateLeaf(keys: readonly Term[], hashes: Int32Array, start: number): number {
  const count = keys.length;
  const suspects = count <= SMALL_MAP ? suspectsAmongFew(hashes, start, count) : suspectsAmongMany(hashes, start, count);
  if (suspects === undefined) return -1;
  const index = new KeyIndex(keys, suspects.length);
  for (const position of suspects) if (isLeaf(keys[position] as Term) && !index.add(position)) return position;
  return -1;
}

const SMALL_MAP = 64;
const STAMPS = 4096;

/** A stamp with the number of the latest map says that this map has a key there; so nothing needs to be cleared. */
const stamps = { places: new Uint32Array(STAMPS), latest: 0 };

function suspectsAmongFew(hashes: Int32Array, start: number, count: number): number[] | undefined {
  const { places } = stamps;
  stamps.latest = (stamps.latest + 1) >>> 0;
  if (stamps.latest === 0) places.fill(0);
  const { latest } = stamps;
  for (let position = 0; position < count; position++) {
    const place = (hashes[start + position] ?? 0) & (STAMPS - 1);
    if (places[place] === latest) return Array.from({ length: count }, (_, index) => index);
    places[place] = latest;
  }
  return undefined;
}

/** 32 to 64 bits for each key, so that one or two in a hundred are suspect by chance. */
function suspectsAmongMany(hashes: Int32Array, start: number, count: number): number[] | undefined {
  const mask = (1 << (37 - Math.clz32(Math.min(count, 1 << 24) - 1))) - 1;
  const seen = new Int32Array((mask >>> 5) + 1);
  const twice = new Set<number>();
  for (let position = 0; position < count; position++) {
    const place = (hashes[start + position] ?? 0) & mask;
    const word = seen[place >>> 5] ?? 0;
    const bit = 1 << (place & 31);
    if ((word & bit) === 0) seen[place >>> 5] = word | bit;
    else twice.add(place);
  }
  if (twice.size === 0) return undefined;
  const suspects: number[] = [];
  // Now only their bits are set: both keys of each pair are found by them.
  seen.fill(0);
  for (const place of twice) seen[place >>> 5] = (seen[place >>> 5] ?? 0) | (1 << (place & 31));
  for (let position = 0; position < count; position++) {
    const place = (hashes[start + position] ?? 0) & mask;
    if (((seen[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0) suspects.push(position);
  }
  return suspects;
}
