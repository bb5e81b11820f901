// MD5 (RFC 1321), which the handshake's digest is made of: no runtime that a page has offers it, and libraries of hashes bring
// four times as much code for streams and options that nobody needs here. It keeps no secret safe that a listener could not
// have anyway; see docs/DECISIONS.md.

/** The hash of less than 2^29 bytes, 16 bytes. For short messages: all of it is put together first. */
export function md5(message: Uint8Array): Uint8Array {
  const view = padded(message);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < view.byteLength; block += BLOCK_BYTES) {
    let [a, b, c, d] = state as unknown as Words;
    for (let step = 0; step < 64; step++) {
      const round = step >>> 4;
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      // Each round takes the words of the block in another order.
      const word = (step * (MULTIPLIERS[round] as number) + (OFFSETS[round] as number)) & 15;
      const sum = (a + mixed + (SINES[step] as number) + view.getUint32(block + word * 4, true)) | 0;
      const turn = TURNS[round * 4 + (step & 3)] as number;
      // One after the other and as 32 bits: an array for each step takes 20 times as long.
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
    }
    [a, b, c, d].forEach((word, index) => {
      state[index] = (state[index] as number) + word;
    });
  }
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, index) => digest.setUint32(index * 4, word, true));
  return new Uint8Array(digest.buffer);
}

type Words = readonly [number, number, number, number];

const BLOCK_BYTES = 64;
const MULTIPLIERS = [1, 5, 3, 7];
const OFFSETS = [0, 1, 5, 0];
const TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
/** RFC 1321, 3.4: "the integer part of 4294967296 times abs(sin(i))". */
const SINES = Uint32Array.from({ length: 64 }, (_, step) => Math.abs(Math.sin(step + 1)) * 2 ** 32);

/** RFC 1321, 3.1 and 3.2: a bit 1, zeros up to 8 bytes before the end of a block, and the length in bits. */
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array((((message.length + 8) >>> 6) + 1) * BLOCK_BYTES);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 8, message.length * 8, true);
  return view;
}
