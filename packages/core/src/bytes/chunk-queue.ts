// Bytes as they came from the carrier, in any split. A packet that lies in one chunk is taken as a view of that chunk;
// only one that spans chunks is put together in new memory.

/** A queue of chunks that is read as one run of bytes. */
export class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  /** The first chunk still in use; those before it go when they are half of all, so that taking is not quadratic. */
  #first = 0;
  /** Bytes of the first chunk that were already taken. */
  #offset = 0;
  #length = 0;

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Of them, those of the first chunk: so many are taken as a view. */
  get run(): number {
    return (this.#chunks[this.#first]?.length ?? 0) - this.#offset;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The byte at `offset` from the front. The peeks throw a RangeError when the queue holds too little. */
  peekU8(offset = 0): number {
    if (offset < 0 || offset >= this.#length) throw new RangeError(`byte ${offset} of ${this.#length}`);
    let index = this.#first;
    let at = this.#offset + offset;
    for (let chunk = this.#at(index); at >= chunk.length; chunk = this.#at(++index)) at -= chunk.length;
    return this.#at(index)[at] ?? 0;
  }

  peekU16(offset = 0): number {
    return (this.peekU8(offset) << 8) | this.peekU8(offset + 1);
  }

  peekU32(offset = 0): number {
    const chunk = this.#chunks[this.#first];
    const at = this.#offset + offset;
    // The length of each packet is read here, and mostly lies in one chunk.
    if (chunk !== undefined && at + 4 <= chunk.length) {
      return (((chunk[at] ?? 0) << 24) | ((chunk[at + 1] ?? 0) << 16) | ((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0)) >>> 0;
    }
    return this.peekU16(offset) * 65_536 + this.peekU16(offset + 2);
  }

  /** The next `length` bytes: a view where one chunk holds them all, else a copy. */
  take(length: number): Uint8Array {
    this.#check(length);
    const chunk = this.#chunks[this.#first];
    const offset = this.#offset;
    if (chunk !== undefined && offset + length <= chunk.length) {
      this.#drop(length);
      return chunk.subarray(offset, offset + length);
    }
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const from = this.#at(this.#first);
      const part = from.subarray(this.#offset, this.#offset + length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#drop(part.length);
    }
    return bytes;
  }

  skip(length: number): void {
    this.#check(length);
    for (let left = length; left > 0; ) {
      const step = Math.min(left, this.#at(this.#first).length - this.#offset);
      this.#drop(step);
      left -= step;
    }
  }

  #check(length: number): void {
    if (length < 0 || length > this.#length) throw new RangeError(`${length} bytes of ${this.#length}`);
  }

  #at(index: number): Uint8Array {
    const chunk = this.#chunks[index];
    if (chunk === undefined) throw new RangeError("no such chunk");
    return chunk;
  }

  /** Takes bytes of the first chunk off. */
  #drop(length: number): void {
    if (length === 0) return;
    this.#length -= length;
    this.#offset += length;
    if (this.#offset < this.#at(this.#first).length) return;
    this.#offset = 0;
    this.#first += 1;
    if (this.#first * 2 >= this.#chunks.length) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
