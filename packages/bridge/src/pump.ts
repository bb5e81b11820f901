// One direction of a link: what one end reads, the other writes; while the other has too much to write, the first does not read.
import type { End } from "./end.ts";

export class Pump {
  readonly #from: End;
  readonly #to: End;
  readonly #highBytes: number;
  #paused = false;
  #pauses = 0;
  #bytes = 0;
  #peakBytes = 0;

  constructor(from: End, to: End, highBytes: number) {
    this.#from = from;
    this.#to = to;
    this.#highBytes = highBytes;
  }

  /** Bytes that were passed on. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Most that ever waited in the receiving end. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** The sending end waits for the receiving one. */
  get paused(): boolean {
    return this.#paused;
  }

  /** How often it had to wait so far. */
  get pauses(): number {
    return this.#pauses;
  }

  chunk(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#to.write(chunk);
    const waiting = this.#to.bufferedBytes;
    if (waiting > this.#peakBytes) this.#peakBytes = waiting;
    if (waiting <= this.#highBytes || this.#paused) return;
    this.#paused = true;
    this.#pauses += 1;
    this.#from.pause();
  }

  room(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#from.resume();
  }
}
