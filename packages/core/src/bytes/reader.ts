// Big-endian reading inside one whole packet or message. Too few bytes is an error here: whoever waits for more bytes
// asks a ChunkQueue for its length first.
import { DecodeError } from "../errors.ts";

/** Reads fields one after the other; every read past the end throws DecodeError "truncated" with the offset. */
export class Reader {
  readonly bytes: Uint8Array;
  /** Position of the next byte to read, counted from the start of `bytes`. */
  offset: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** A view of the next `length` bytes, not a copy. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    const start = this.offset;
    if (length > this.bytes.length - start) {
      throw new DecodeError("truncated", { offset: start, expected: `${length} more bytes`, got: String(this.remaining) });
    }
    this.offset = start + length;
    return start;
  }
}
