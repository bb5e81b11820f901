// erl_ext_dist, "External Term Format", from bytes to terms: the ways in. The work is done in term-reader.ts.
import { unzlibSync } from "fflate";
import { DecodeError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { TAG, VERSION } from "./tags.ts";
import { type DecodeOptions, TermReader } from "./term-reader.ts";
import type { Term } from "./terms.ts";

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

/** COMPRESSED: the size that it unpacks to, and a zlib stream. The size is a claim; only as much as it says is made. */
function uncompress(bytes: Uint8Array, options: DecodeOptions | undefined): Uint8Array {
  const limit = options?.limits?.uncompressedBytes ?? DEFAULT_LIMITS.uncompressedBytes;
  if (bytes.length < 6)
    throw new DecodeError("truncated", { offset: 1, expected: "COMPRESSED with a size", got: `${bytes.length} bytes` });
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2);
  if (size > limit) throw new DecodeError("too_large", { offset: 2, expected: `at most ${limit} bytes`, got: `${size}` });
  try {
    const output = unzlibSync(bytes.subarray(6), { out: new Uint8Array(size) });
    if (output.length === size) return output;
  } catch (cause) {
    throw new DecodeError("bad_compression", { offset: 6, expected: "a zlib stream", got: "another", cause });
  }
  throw new DecodeError("bad_compression", { offset: 6, expected: `${size} bytes in the zlib stream`, got: "fewer" });
}
