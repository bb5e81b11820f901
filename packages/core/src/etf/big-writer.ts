// Integers beyond 32 bits as SMALL_BIG_EXT and LARGE_BIG_EXT have them: see big.ts for the way back.

/** Longer magnitudes are written by halves, as they are read. */
const WORDWISE_BYTES = 256;

/** Room that writeWords needs. */
export const WORDWISE_ROOM: number = WORDWISE_BYTES + 8;

/** Writes the magnitude from `start` on and gives its length in bytes; -1, with nothing of use written, if that is above 256. */
export function writeWords(view: DataView, start: number, magnitude: bigint): number {
  let left = magnitude;
  let at = start;
  do {
    if (at - start === WORDWISE_BYTES) return -1;
    // Writes the lowest 64 bits.
    view.setBigUint64(at, left, true);
    left >>= 64n;
    at += 8;
  } while (left !== 0n);
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
