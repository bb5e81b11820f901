// A link has two ends of one shape: the page's WebSocket and the node's socket. Bytes read from one are written to the other.
import type { Ending } from "./link-record.ts";

/** What a waiting chunk costs besides its bytes: without it, half a megabyte in messages of one byte would take a hundred. */
export const CHUNK_BYTES = 256;

export interface End {
  /** Bytes that were written here and have not reached the operating system, and CHUNK_BYTES for each piece of them. */
  readonly bufferedBytes: number;
  /** Never refuses; the caller watches `bufferedBytes` and pauses the other end. */
  write(chunk: Uint8Array): void;
  /** Stops reading, so that the operating system makes the sender wait. A little that was read already may still come. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends as the ending says. What still comes in is dropped. */
  end(ending: Ending): void;
  /** Ends at once; what was written and not sent is lost. */
  cut(): void;
}

export interface EndEvents {
  chunk(chunk: Buffer): void;
  /** Much of what was buffered has been sent; this may come without need. */
  room(): void;
  /** This end is over by its own doing, or will be soon: nothing more comes from it. May come more than once. */
  ended(ending: Ending): void;
  /** It holds nothing any more. Comes once. */
  gone(): void;
}

/** Whether the operating system has taken something since the last beat, though it could not take all: so the other side reads. */
export class Progress {
  #waiting = 0;
  #taken = 0;

  /** `taken`: bytes that it has taken so far; only asked where something waits or has been waiting, for a socket has to add it up. */
  beat(waiting: number, taken: () => number): boolean {
    if (waiting === 0 && this.#waiting === 0) return false;
    const now = taken();
    const progress = this.#waiting > 0 && now > this.#taken;
    this.#taken = now;
    this.#waiting = waiting;
    return progress;
  }
}
