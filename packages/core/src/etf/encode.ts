// erl_ext_dist, "External Term Format", from terms to bytes: the ways in. The work is done in term-writer.ts.
import { zlibSync } from "fflate";
import { SLAB_BYTES, Writer } from "../bytes/writer.ts";
import { EncodeError } from "../errors.ts";
import { pathTo } from "./path.ts";
import * as TAG from "./tags.ts";
import { canAppend, type EncodeTermOptions, append } from "./term-writer.ts";
import type { Term } from "./terms.ts";
import { VERSION } from "./version.ts";

export interface EncodeOptions {
  /** Level of zlib compression, 0 to 9 (true: 6). As in OTP, a term that it does not make smaller is not compressed. */
  readonly compressed?: boolean | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | undefined;
}

/**
 * The external form of a term, with the leading 131. Throws EncodeError for what is no term; its `path` leads there.
 * The result may share its `buffer` with others: to transfer it to another thread, transfer a copy.
 */
export function encode(term: Term, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
  standing.u8(VERSION);
  try {
    append(standing, term, PLAIN);
  } catch (error) {
    standing.truncate(0);
    throw located(error, term, PLAIN);
  }
  const plain = standing.bytes.length > SLAB_BYTES ? takeLarge() : standing.finish();
  const level = options?.compressed === true ? 6 : options?.compressed || 0;
  return level === 0 ? plain : compress(plain, level);
}

/** The slab that small messages share. Nothing that writes to it encodes a term on the way. */
const standing = /* @__PURE__ */ new Writer();

/**
 * What has outgrown the slab is handed out as a copy, and its memory stays for the next such message: that takes less than new
 * memory each time (`npm run bench:etf`: d a third of the time, h and h2 a tenth less). The first small message lets go of it.
 */
function takeLarge(): Uint8Array<ArrayBuffer> {
  const message = standing.written.slice();
  if (message.length > SLAB_BYTES && standing.bytes.length <= KEPT_BYTES) standing.truncate(0);
  else standing.clear();
  return message;
}

const KEPT_BYTES = 8_388_608;
const PLAIN: EncodeTermOptions = {};

/** One term without the leading 131. When it throws, the writer is as it was. */
export function appendTerm(writer: Writer, term: Term, options: EncodeTermOptions = PLAIN): void {
  const before = writer.length;
  try {
    append(writer, term, options);
  } catch (error) {
    writer.truncate(before);
    throw located(error, term, options);
  }
}

/** Adds where in the term the refused value is; a term that contains itself has no such place. */
function located(error: unknown, term: Term, options: EncodeTermOptions): unknown {
  if (!(error instanceof EncodeError) || error.path !== undefined || error.code === "too_deep") return error;
  const path = pathTo(term, (part) => !canAppend(part, options));
  return path === undefined ? error : new EncodeError(error.code, error.message, path);
}

/** 131, COMPRESSED, the size, and a zlib stream: only where that is shorter. */
function compress(plain: Uint8Array<ArrayBuffer>, level: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9): Uint8Array<ArrayBuffer> {
  const packed = zlibSync(plain.subarray(1), { level });
  if (packed.length + 5 >= plain.length) return plain;
  const writer = new Writer(packed.length + 6);
  writer.u8(VERSION);
  writer.u8(TAG.COMPRESSED);
  writer.u32(plain.length - 1);
  writer.append(packed);
  return writer.finish();
}
