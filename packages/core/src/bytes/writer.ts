// Big-endian writing into a slab of memory. A message is what was written since the last finish(); finish() hands out a
// view of the slab and the next message starts behind it, so that a small message costs neither a copy nor a buffer.

export const SLAB_BYTES = 65_536;
const LARGE_BYTES = 4_194_304;

/**
 * Collects one message at a time. `bytes`, `view` and `position` are open to the term encoder, which writes through them
 * after asking `ensure` for room; others use the methods.
 */
export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Where the next byte goes in `bytes`. */
  position = 0;
  #start = 0;
  readonly #slabBytes: number;

  constructor(slabBytes: number = SLAB_BYTES) {
    this.#slabBytes = slabBytes;
    this.bytes = new Uint8Array(slabBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes written since the last finish(). */
  get length(): number {
    return this.position - this.#start;
  }

  /** Makes room for `length` more bytes. `bytes` and `view` may be others afterwards. */
  ensure(length: number): void {
    if (this.position + length > this.bytes.length) this.#grow(length);
  }

  /** The same for a message that gets no longer than that: a new slab is no larger than needed. */
  ensureExactly(length: number): void {
    if (this.position + length > this.bytes.length) this.#move(Math.max(this.#slabBytes, this.length + length));
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.position++] = value;
  }

  u16(value: number): void {
    this.ensure(2);
    this.view.setUint16(this.position, value);
    this.position += 2;
  }

  u32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.position, value);
    this.position += 4;
  }

  u64(value: bigint): void {
    this.ensure(8);
    this.view.setBigUint64(this.position, value);
    this.position += 8;
  }

  /** Copies `source` in. */
  append(source: Uint8Array): void {
    this.ensure(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** Leaves `length` bytes open, to be filled by a patch method, and returns their place for it. */
  reserve(length: number): number {
    this.ensure(length);
    const place = this.length;
    this.position += length;
    return place;
  }

  patchU8(place: number, value: number): void {
    this.view.setUint8(this.#start + place, value);
  }

  patchU16(place: number, value: number): void {
    this.view.setUint16(this.#start + place, value);
  }

  patchU32(place: number, value: number): void {
    this.view.setUint32(this.#start + place, value);
  }

  /** Takes back what was written after the first `length` bytes of this message. */
  truncate(length: number): void {
    this.position = this.#start + length;
  }

  /** The message so far: a view, to be copied before anything else is written. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#start, this.position);
  }

  /** Throws the message away. */
  clear(): void {
    this.truncate(0);
    this.#leaveLargeSlab();
  }

  /** The message. Its memory is never written again, but its `buffer` may hold other messages too. */
  finish(): Uint8Array<ArrayBuffer> {
    const message = this.written;
    this.#start = this.position;
    this.#leaveLargeSlab();
    return message;
  }

  /** What a large message has left over would keep all of it alive for a small one. */
  #leaveLargeSlab(): void {
    if (this.bytes.length > this.#slabBytes) this.#use(EMPTY);
  }

  /** A message that outgrows its slab moves to one of its own, with room for four times as much, or twice if it is large. */
  #grow(length: number): void {
    const needed = this.length + length;
    this.#move(Math.max(this.#slabBytes, needed * (needed < LARGE_BYTES ? 4 : 2)));
  }

  /** Moves the message to a slab of this size. */
  #move(size: number): void {
    const written = this.length;
    const bytes = new Uint8Array(size);
    // Nothing is written, and the slab gone, when somebody has transferred the buffer of an earlier message.
    if (written > 0) bytes.set(this.bytes.subarray(this.#start, this.position));
    this.#use(bytes);
    this.position = written;
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.#start = 0;
    this.position = 0;
  }
}

const EMPTY = new Uint8Array(0);
