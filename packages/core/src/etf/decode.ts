// erl_ext_dist, "External Term Format", from bytes to terms: the ways in. The work is done in term-reader.ts.
import { unzlibSync } from "fflate";
import { DecodeError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import * as TAG from "./tags.ts";
import { type DecodeOptions, TermReader } from "./term-reader.ts";
import type { Term } from "./terms.ts";
import { VERSION } from "./version.ts";

/**
 * The term in an external term (`term_to_binary`): 131, then the term, perhaps compressed. Bytes behind it are ignored,
 * as binary_to_term/1 does; decodeTerm tells where it ends. Throws DecodeError.
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions): Term {
  if (bytes[0] !== VERSION) throw noVersion(bytes);
  if (bytes[1] === TAG.COMPRESSED) return new TermReader(uncompress(bytes, options), 0, options).readTerm();
  if (options !== undefined) return new TermReader(bytes, 1, options).readTerm();
  standing.reset(bytes, 1);
  try {
    return standing.readTerm();
  } finally {
    standing.release();
  }
}

/** One term without the leading 131, from inside a packet; `end` is the offset behind it. Throws DecodeError. */
export function decodeTerm(
  bytes: Uint8Array,
  offset: number,
  options?: DecodeOptions,
): { readonly term: Term; readonly end: number } {
  const reader = new TermReader(bytes, offset, options);
  const term = reader.readTerm();
  return { term, end: reader.offset };
}

/** A reader that stays ready, since making one takes longer than reading a small message. Nothing that it calls decodes. */
const standing = new TermReader(new Uint8Array(0), 0);

function noVersion(bytes: Uint8Array): DecodeError {
  const got = bytes[0];
  if (got === undefined) return new DecodeError("truncated", { offset: 0, expected: "VERSION (131)", got: "no bytes" });
  return new DecodeError("bad_version", { offset: 0, expected: "VERSION (131)", got });
}

/**
 * COMPRESSED: the size that it unpacks to, and a zlib stream. The size is a claim: no more than it says is made, and a
 * stream that gives another is refused.
 */
function uncompress(bytes: Uint8Array, options: DecodeOptions | undefined): Uint8Array {
  const limit = options?.limits?.uncompressedBytes ?? DEFAULT_LIMITS.uncompressedBytes;
  if (bytes.length < 6) throw new DecodeError("truncated", { offset: 2, expected: "the size of COMPRESSED", got: "the end" });
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2);
  if (size > limit) throw new DecodeError("too_large", { offset: 2, expected: `at most ${limit} bytes`, got: `${size}` });
  const packed = bytes.subarray(6);
  const output = inflate(packed, size + 1);
  if (output.length !== size) {
    const got = output.length < size ? `${output.length}` : "more";
    throw new DecodeError("bad_compression", { offset: 6, expected: `${size} bytes in the zlib stream`, got });
  }
  if (!holdsChecksum(packed, adler32(output))) {
    throw new DecodeError("bad_compression", { offset: 6, expected: "the checksum of the zlib stream", got: "another" });
  }
  return output;
}

/** At most `limit` bytes: fflate stops where the memory ends that it was given. */
function inflate(packed: Uint8Array, limit: number): Uint8Array {
  try {
    return unzlibSync(packed, { out: new Uint8Array(limit) });
  } catch (cause) {
    throw new DecodeError("bad_compression", { offset: 6, expected: "a zlib stream", got: "another", cause });
  }
}

/** RFC 1950, "Adler-32", which fflate leaves to its callers. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; ) {
    // So many steps stay below 2^32.
    const end = Math.min(start + 5552, bytes.length);
    for (; start < end; start++) {
      low += bytes[start] ?? 0;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return high * 65_536 + low;
}

/** Whether the checksum stands in the bytes: at their end, or before others that are ignored behind a term. */
function holdsChecksum(packed: Uint8Array, checksum: number): boolean {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  for (let at = packed.length - 4; at >= 2; at--) if (view.getUint32(at) === checksum) return true;
  return false;
}
