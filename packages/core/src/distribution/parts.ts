// Large messages go out without being copied: a large binary stays where the program has it until it is written. What is on
// its way out is therefore not one run of bytes but a list of them. A carrier that takes one after the other gets the list
// (`npm run bench:dist`, binaries of 1 MiB out); for all others it is put together once.
import { Writer } from "../bytes/writer.ts";

/** Binaries of more bytes are lent and not copied. */
export const LENT_BYTES = 65_536;
/** A copy of fewer bytes costs less than a part of its own. */
const PART_BYTES = 4_096;

/** What goes out next, in order: bytes that are written by `writer`, and such as are lent. */
export class Parts {
  readonly writer: Writer = new Writer();
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #isBroken = false;

  /** Bytes that wait for one of the takes. */
  get length(): number {
    return this.#bytes + this.writer.length;
  }

  lend(bytes: Uint8Array): void {
    if (bytes.length < PART_BYTES) {
      this.writer.append(bytes);
      return;
    }
    if (this.writer.length > 0) this.#push(this.writer.finish());
    this.#push(bytes);
  }

  /** The memory of a binary has been transferred elsewhere since it was lent: what is to follow cannot. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  break(): void {
    this.#isBroken = true;
    this.#parts = [];
    this.#bytes = 0;
    this.writer.clear();
  }

  /** All as one chunk. */
  take(): Uint8Array | undefined {
    if (this.#parts.length === 0) return this.#takeWritten();
    const chunk = new Uint8Array(this.length);
    let at = 0;
    for (let part = this.takePart(); part !== undefined; part = this.takePart()) {
      chunk.set(part, at);
      at += part.length;
    }
    return this.#isBroken ? undefined : chunk;
  }

  /** The next part. */
  takePart(): Uint8Array | undefined {
    const part = this.#parts.shift();
    if (part === undefined) return this.#takeWritten();
    // None was when it was lent.
    if (part.length === 0) {
      this.break();
      return undefined;
    }
    this.#bytes -= part.length;
    return part;
  }

  #takeWritten(): Uint8Array | undefined {
    return this.writer.length === 0 ? undefined : this.writer.finish();
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
  }
}

/** An encoded message: what was written, and between it the binaries that were lent. Taken once, from the front on. */
export class Segments {
  /** Bytes of all. */
  readonly length: number;
  readonly #segments: readonly Uint8Array[];
  #index = 0;
  #offset = 0;

  constructor(segments: readonly Uint8Array[]) {
    this.#segments = segments;
    this.length = segments.reduce((sum, segment) => sum + segment.length, 0);
  }

  /** The next bytes; when they are not there, fewer. */
  appendTo(parts: Parts, length: number): void {
    for (let missing = length; missing > 0; ) {
      const segment = this.#segments[this.#index];
      // What has been transferred is empty.
      if (segment === undefined || segment.length === 0) return parts.break();
      const part = segment.subarray(this.#offset, this.#offset + missing);
      parts.lend(part);
      missing -= part.length;
      this.#offset += part.length;
      if (this.#offset < segment.length) continue;
      this.#index += 1;
      this.#offset = 0;
    }
  }
}
