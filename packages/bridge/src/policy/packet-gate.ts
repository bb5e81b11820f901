// After the handshake: packets, each behind its length in 4 bytes. A node allocates what a length announces before the rest has
// come, so one header of a gigabyte costs it a gigabyte; this is what sees it first. Bytes pass as they are, and uncopied.
import type { Refusal } from "./stage.ts";

export class PacketGate {
  readonly #limitBytes: number;
  #headerBytes = 0;
  #length = 0;
  /** Bytes of the present packet that have not come. */
  #left = 0;
  #packets = 0;
  #ticks = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Packets that have begun, ticks among them. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets of length 0. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Looks at a chunk before it goes on; with a refusal, it must not. */
  inspect(chunk: Uint8Array): Refusal | undefined {
    let at = this.#left;
    for (; at < chunk.length; at += this.#left) {
      this.#left = 0;
      this.#length = this.#length * 256 + (chunk[at] ?? 0);
      at += 1;
      this.#headerBytes += 1;
      if (this.#headerBytes < HEADER_BYTES) continue;
      if (this.#length > this.#limitBytes) {
        const detail = `a packet of ${this.#length} bytes was announced, ${this.#limitBytes} are allowed`;
        return { close: "tooLarge", detail };
      }
      this.#packets += 1;
      if (this.#length === 0) this.#ticks += 1;
      this.#left = this.#length;
      this.#headerBytes = 0;
      this.#length = 0;
    }
    this.#left = at - chunk.length;
    return undefined;
  }
}

const HEADER_BYTES = 4;
