// Integers beyond 32 bits: SMALL_BIG_EXT and LARGE_BIG_EXT carry a sign and the magnitude as little-endian digits of
// 8 bits. The digits become a bigint 64 bits at a time, and longer ones by halves: the plain loop takes quadratic time,
// and seconds for a megabyte that a peer sends at no cost.

const WORDWISE_BYTES = 256;

/** The magnitude in `length` bytes from `start`. */
export function readMagnitude(view: DataView, start: number, length: number): bigint {
  if (length > WORDWISE_BYTES) {
    const half = (length >>> 4) << 3;
    return readMagnitude(view, start, half) | (readMagnitude(view, start + half, length - half) << BigInt(half * 8));
  }
  let value = 0n;
  let end = start + length;
  for (; end - start >= 8; end -= 8) value = (value << 64n) | view.getBigUint64(end - 8, true);
  for (; end > start; end--) value = (value << 8n) | BigInt(view.getUint8(end - 1));
  return value;
}

/** How many bytes the magnitude needs: none for 0. */
export function magnitudeBytes(magnitude: bigint): number {
  // A radix that is a power of two is converted in linear time.
  if (magnitude < 0x1_0000_0000n) return (39 - Math.clz32(Number(magnitude))) >>> 3;
  if (magnitude < 0x1_0000_0000_0000_0000n) return (71 - Math.clz32(Number(magnitude >> 32n))) >>> 3;
  return (magnitude.toString(16).length + 1) >>> 1;
}

/** Writes the magnitude into `length` bytes from `start`; these must be enough. */
export function writeMagnitude(view: DataView, start: number, length: number, magnitude: bigint): void {
  if (length > WORDWISE_BYTES) {
    const half = (length >>> 4) << 3;
    writeMagnitude(view, start, half, BigInt.asUintN(half * 8, magnitude));
    writeMagnitude(view, start + half, length - half, magnitude >> BigInt(half * 8));
    return;
  }
  let left = magnitude;
  let at = start;
  for (; start + length - at >= 8; at += 8) {
    view.setBigUint64(at, left, true);
    left >>= 64n;
  }
  // Fewer than 8 bytes are left: too many for one number, so they go in two.
  let low = Number(left & 0xffff_ffffn);
  const high = Number(left >> 32n);
  for (let count = 0; at < start + length; at++, count++) {
    if (count === 4) low = high;
    view.setUint8(at, low);
    low >>>= 8;
  }
}
