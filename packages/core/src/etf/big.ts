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

/** Room that writeWords needs. */
export const WORDWISE_ROOM: number = WORDWISE_BYTES + 8;

/** Writes the magnitude from `start` on and gives its length in bytes; -1, with nothing of use written, if that is above 256. */
export function writeWords(view: DataView, start: number, magnitude: bigint): number {
  let left = magnitude;
  let at = start;
  for (; left !== 0n; left >>= 64n, at += 8) {
    if (at - start === WORDWISE_BYTES) return -1;
    // Writes the lowest 64 bits.
    view.setBigUint64(at, left, true);
  }
  if (at === start) return 0;
  const high = view.getUint32(at - 4, true);
  const unused = high === 0 ? 4 + (Math.clz32(view.getUint32(at - 8, true)) >>> 3) : Math.clz32(high) >>> 3;
  return at - start - unused;
}

/** How many bytes a magnitude needs: its hexadecimal text is made in linear time. */
export function magnitudeBytes(magnitude: bigint): number {
  return (magnitude.toString(16).length + 1) >>> 1;
}

/** Writes the magnitude into `length` bytes from `start`, of which there must be a few more. */
export function writeMagnitude(view: DataView, start: number, length: number, magnitude: bigint): void {
  if (length <= WORDWISE_BYTES) {
    for (let at = start, left = magnitude; at < start + length; at += 8, left >>= 64n) view.setBigUint64(at, left, true);
    return;
  }
  const half = (length >>> 4) << 3;
  writeMagnitude(view, start, half, BigInt.asUintN(half * 8, magnitude));
  writeMagnitude(view, start + half, length - half, magnitude >> BigInt(half * 8));
}
