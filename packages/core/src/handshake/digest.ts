// How two nodes prove to each other that they know the same cookie (erl_dist_protocol, "gen_digest").
import { md5 } from "./md5.ts";

export const DIGEST_BYTES = 16;

/**
 * MD5 of the cookie's characters as Latin-1 bytes, followed by the challenge (an unsigned 32-bit number) in decimal digits.
 * Throws RangeError for a cookie that Erlang could not have.
 */
export function digest(cookie: string, challenge: number): Uint8Array {
  checkCookie(cookie);
  const text = cookie + challenge;
  return md5(new Uint8Array(text.length).map((_, index) => text.charCodeAt(index)));
}

/** A cookie is an atom of Latin-1 characters. */
export function checkCookie(cookie: string): void {
  if (/[\u0100-\uffff]/.test(cookie)) {
    throw new RangeError("a cookie has Latin-1 characters only: this one holds a character above U+00FF");
  }
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function equalDigests(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
  return difference === 0;
}
