// Integers beyond 32 bits: SMALL_BIG_EXT and LARGE_BIG_EXT carry a sign and the magnitude as little-endian digits of
// 8 bits. The digits become a bigint 64 bits at a time, and longer ones by halves: the plain loop takes quadratic time,
// and seconds for a megabyte that a peer sends at no cost.

const WORDWISE_BYTES = 256;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The integer of a sign and a magnitude of `length` bytes from `start`: a number where it is safe. Takes zero padding. */
export function readInteger(view: DataView, start: number, length: number, sign: number): number | bigint {
  if (length > 8) {
    const value = readMagnitude(view, start, length);
    // Only zeros at the high end make a small one of so many bytes.
    if (view.getUint8(start + length - 1) !== 0 || value > MAX_SAFE) return sign === 0 ? value : -value;
    return signed(Number(value), sign);
  }
  if (length < 4) {
    let value = 0;
    for (let at = start + length - 1; at >= start; at--) value = value * 256 + view.getUint8(at);
    return signed(value, sign);
  }
  // Two words that overlap; what they have in common is shifted out of the high one.
  const low = view.getUint32(start, true);
  const high = length === 4 ? 0 : view.getUint32(start + length - 4, true) >>> (8 * (8 - length));
  if (high < 0x20_0000) return signed(high * 4_294_967_296 + low, sign);
  const value = length === 8 ? view.getBigUint64(start, true) : (BigInt(high) << 32n) | BigInt(low);
  return sign === 0 ? value : -value;
}

/** Any sign but 0 is a minus; there is no negative zero among the integers. */
function signed(value: number, sign: number): number {
  return sign === 0 || value === 0 ? value : -value;
}

function readMagnitude(view: DataView, start: number, length: number): bigint {
  if (length > WORDWISE_BYTES) {
    const half = (length >>> 4) << 3;
    return readMagnitude(view, start, half) | (readMagnitude(view, start + half, length - half) << BigInt(half * 8));
  }
  // From the top down; the highest word is what a whole word there holds beyond the others.
  const odd = length & 7;
  let at = start + length - odd;
  let value = odd === 0 ? 0n : view.getBigUint64(start + length - 8, true) >> BigInt(64 - odd * 8);
  for (at -= 8; at >= start; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}
