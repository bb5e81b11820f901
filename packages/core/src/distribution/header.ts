// The distribution header (erl_ext_dist, "Distribution Header"), which packets start with when the nodes negotiated the
// atom cache or fragments:
//
//   131, 68,                                atoms, control message, payload
//   131, 69, sequence id, fragment id,      atoms, control message, start of the payload
//   131, 70, sequence id, fragment id,      more of the payload
//
// where "atoms" is their number, four bits for each and four more, and for each its slot in the cache and perhaps its text.
import { ProtocolError } from "../errors.ts";
import { atoms, isAtomName } from "../etf/atom.ts";
import type { Atom } from "../etf/index.ts";
import { utf8Text } from "../etf/utf8.ts";
import { type InboundAtomCache, LONG_ATOMS, NEW_ENTRY, SEGMENT } from "./atom-cache.ts";

export const DIST_HEADER = 68;
export const DIST_FRAG_HEADER = 69;
export const DIST_FRAG_CONT = 70;

/** Where what follows the two ids starts in a fragment. */
export const FRAGMENT_IDS_END = 18;

/**
 * Reads the atoms of a header into `references`, and those that are new into the cache. Returns the offset behind them.
 * Throws ProtocolError "bad_distribution_header". `cache` is undefined where none was negotiated.
 */
export function readReferences(
  bytes: Uint8Array,
  offset: number,
  cache: InboundAtomCache | undefined,
  references: Atom[],
): number {
  references.length = 0;
  const count = bytes[offset];
  if (count === 0) return offset + 1;
  if (count === undefined) throw cutOff();
  if (cache === undefined) throw badHeader("it refers to an atom cache, and none was negotiated");
  cache.refresh();
  const flagsAt = offset + 1;
  const lengthBytes = (flagsOf(bytes, flagsAt, count) & LONG_ATOMS) === 0 ? 1 : 2;
  let at = flagsAt + (count >>> 1) + 1;
  for (let number = 0; number < count; number++) {
    const flags = flagsOf(bytes, flagsAt, number);
    if (at >= bytes.length) throw cutOff();
    const slot = ((flags & SEGMENT) << 8) | (bytes[at] ?? 0);
    at += 1;
    let atom = cache.at(slot);
    if ((flags & NEW_ENTRY) !== 0) {
      const start = at + lengthBytes;
      const length = lengthBytes === 1 ? (bytes[at] ?? 0) : ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      at = start + length;
      if (at > bytes.length) throw cutOff();
      atom = atomOf(bytes.subarray(start, at));
      cache.put(slot, atom);
    } else if (atom === undefined) {
      throw badHeader(`it refers to slot ${slot} of the atom cache, where nothing is`);
    }
    references.push(atom);
  }
  return at;
}

/** The four bits of a reference: the lower half of a byte for an even number. */
function flagsOf(bytes: Uint8Array, flagsAt: number, number: number): number {
  return ((bytes[flagsAt + (number >>> 1)] ?? 0) >>> ((number & 1) * 4)) & 15;
}

function atomOf(text: Uint8Array): Atom {
  const name = utf8Text(text);
  if (name === undefined || !isAtomName(name)) throw badHeader("one of its atoms is not UTF-8, or longer than 255 characters");
  return atoms.intern(name);
}

function cutOff(): ProtocolError {
  return badHeader("the packet ends in it");
}

function badHeader(problem: string): ProtocolError {
  return new ProtocolError("bad_distribution_header", `a distribution header is wrong: ${problem}`);
}
