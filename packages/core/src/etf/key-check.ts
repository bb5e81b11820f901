// Sees that no key of a map that arrived comes twice, which binary_to_term/1 refuses. Most maps have no two keys of one
// hash, and finding that out takes a bit for each key; only keys under suspicion are compared.
import { spread } from "./key-hash.ts";
import { KeyIndex } from "./key-index.ts";
import type { Term } from "./terms.ts";

/** Position of a key that equals an earlier one, or -1. */
export function duplicateKey(keys: readonly Term[]): number {
  const index = new KeyIndex(keys, keys.length);
  return keys.findIndex((_, position) => !index.add(position));
}

/** The same, for leaves only; their hashes stand in `hashes` from `start` on. */
export function duplicateLeaf(keys: readonly Term[], hashes: Int32Array, start: number): number {
  const suspects = suspected(hashes, start, keys.length);
  if (suspects === undefined) return -1;
  const index = new KeyIndex(keys, suspects.length);
  return suspects.find((position) => !index.add(position, hashes[start + position])) ?? -1;
}

/**
 * 32 to 64 bits for each key, so that one or two in a hundred are suspect by chance. Hashes that lie close together, as those of
 * integers that count something, have a bit each: none is suspect without being there twice.
 */
function suspected(hashes: Int32Array, start: number, count: number): number[] | undefined {
  let least = hashes[start] ?? 0;
  let most = least;
  for (let position = 1; position < count; position++) {
    const hash = hashes[start + position] ?? 0;
    if (hash < least) least = hash;
    else if (hash > most) most = hash;
  }
  const isDense = most - least < count * 32;
  const mask = isDense ? most - least : (1 << (37 - Math.clz32(Math.min(count, 1 << 24) - 1))) - 1;
  const placeOf = (hash: number): number => (isDense ? hash - least : spread(hash) & mask);
  const seen = new Int32Array((mask >>> 5) + 1);
  const twice: number[] = [];
  for (let position = 0; position < count; position++) {
    const place = placeOf(hashes[start + position] ?? 0);
    const word = seen[place >>> 5] ?? 0;
    const bit = 1 << (place & 31);
    if ((word & bit) === 0) seen[place >>> 5] = word | bit;
    else twice.push(place);
  }
  if (twice.length === 0) return undefined;
  const suspects: number[] = [];
  // Now only their bits are set: both keys of each pair are found by them.
  seen.fill(0);
  for (const place of twice) seen[place >>> 5] = (seen[place >>> 5] ?? 0) | (1 << (place & 31));
  for (let position = 0; position < count; position++) {
    const place = placeOf(hashes[start + position] ?? 0);
    if (((seen[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0) suspects.push(position);
  }
  return suspects;
}
