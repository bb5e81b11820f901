// From a socket with callbacks to a ByteStream. Every runtime's socket says the same few things in its own words
// ("data", "drain", "end", "close"); this class keeps the promises of byte-stream.ts for all of them:
// backpressure both ways, one end ends both directions, bytes that came before a failure are read before it.
import { ConnectionError } from "../errors.ts";
import type { ByteStream } from "./byte-stream.ts";

/** What a connection of some runtime can do. What it has to say, it says by the methods of its WireStream. */
export interface Wire {
  /**
   * Takes a chunk; false means: no more until `drained()`. `more` is true when the next chunk waits already and follows
   * at once, so that a wire with a price for each message can gather them.
   */
  write(chunk: Uint8Array, more: boolean): boolean;
  /** Ends our direction after everything that was written. */
  end(): void;
  /** Breaks off without waiting; `finished()` follows. */
  destroy(): void;
  /** Goes on after `receive()` answered false. */
  resume(): void;
}

/** Bytes that wait on each side of the streams before the other side has to. */
const HIGH_WATER_MARK = 256 * 1024;

/** How long the peer may take to end its direction after we ended ours. */
const LINGER_MS = 2_000;

const BYTES = { highWaterMark: HIGH_WATER_MARK, size: (chunk: Uint8Array): number => chunk.byteLength };

export class WireStream implements ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly closed: Promise<void>;
  readonly handshakePacketBytes: 2 | 4;

  readonly #wire: Wire;
  readonly #settled: Promise<void>;
  #settle!: { resolve(): void; reject(error: ConnectionError): void };
  #inbound!: ReadableStreamDefaultController<Uint8Array>;
  #outbound!: WritableStreamDefaultController;
  #failure: ConnectionError | undefined;
  #release: (() => void) | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  /** Chunks accepted by the writable that have not reached the wire. */
  #queued = 0;
  #paused = false;
  #readEnded = false;
  /** The writable takes no more: it has failed, or its writer has closed or aborted it. */
  #writeStopped = false;
  #writeEnded = false;
  /** We hang up: what still comes in is dropped. */
  #closing = false;
  #finished = false;

  constructor(wire: Wire, handshakePacketBytes: 2 | 4 = 2) {
    this.#wire = wire;
    this.handshakePacketBytes = handshakePacketBytes;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Also what keeps a failure that nobody watches from being reported as an unhandled rejection.
    this.#settled = this.closed.catch(() => undefined);
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#inbound = controller;
        },
        pull: () => this.#pull(),
        cancel: () => {
          this.#readEnded = true;
          void this.close();
        },
      },
      BYTES,
    );
    this.writable = new WritableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#outbound = controller;
          // The sink's own abort() would wait for a write that is stalled.
          controller.signal.addEventListener("abort", () => this.#breakOff());
        },
        write: (chunk) => this.#write(chunk),
        close: () => {
          this.#writeStopped = true;
          this.#endWriting();
        },
      },
      {
        highWaterMark: HIGH_WATER_MARK,
        // Called exactly once for each chunk, when it is accepted.
        size: (chunk) => {
          this.#queued += 1;
          return chunk.byteLength;
        },
      },
    );
  }

  close(): Promise<void> {
    if (!this.#closing && !this.#finished) {
      this.#closing = true;
      this.#endReading();
      this.#resume();
      this.#release?.();
      if (this.#queued === 0) this.#endWriting();
      this.#startLinger();
    }
    return this.#settled;
  }

  /** Bytes came in. False means: no more until the wire's `resume()`. The chunk is the reader's from now on. */
  receive(chunk: Uint8Array): boolean {
    if (this.#closing || this.#readEnded || this.#finished || chunk.byteLength === 0) return true;
    this.#inbound.enqueue(chunk);
    this.#paused = this.#room() <= 0;
    return !this.#paused;
  }

  /** Bytes that came in and were not read. */
  get unreadBytes(): number {
    return HIGH_WATER_MARK - this.#room();
  }

  /** The wire can take more after `write` answered false. */
  drained(): void {
    this.#release?.();
  }

  /** The peer ended its direction. There is no half-open connection in the distribution protocol, so ours ends too. */
  ended(): void {
    if (this.#finished) return;
    this.#endReading();
    this.#stopWriting(new ConnectionError("closed", "the peer ended the connection"));
    this.#endWriting();
    this.#startLinger();
  }

  /** The wire is gone: by its own failure if there is an error, else as one side wished. */
  finished(error?: ConnectionError): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#linger);
    // After an end from either side, what else the wire has to complain about changes nothing.
    if (error === undefined || this.#closing || this.#readEnded) {
      this.#endReading();
      this.#stopWriting(new ConnectionError("closed", "the connection is closed"));
      this.#settle.resolve();
      return;
    }
    this.#failure = error;
    // An error discards what is queued, so it waits until that has been read.
    if (this.#room() === HIGH_WATER_MARK) this.#inbound.error(error);
    this.#stopWriting(error);
    this.#settle.reject(error);
  }

  #room(): number {
    return this.#inbound.desiredSize ?? HIGH_WATER_MARK;
  }

  #pull(): void {
    if (this.#failure === undefined) this.#resume();
    else if (this.#room() === HIGH_WATER_MARK) this.#inbound.error(this.#failure);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#wire.resume();
  }

  #endReading(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    this.#inbound.close();
  }

  #write(chunk: Uint8Array): void | Promise<void> {
    this.#queued -= 1;
    const room = this.#wire.write(chunk, this.#queued > 0);
    if (this.#closing) {
      if (this.#queued === 0) this.#endWriting();
    } else if (!room && !this.#finished) {
      return new Promise((resolve) => {
        this.#release = () => {
          this.#release = undefined;
          resolve();
        };
      });
    }
  }

  /** Everything accepted has reached the wire. */
  #endWriting(): void {
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    this.#stopWriting(new ConnectionError("closed", "the connection is closed"));
    if (!this.#finished) this.#wire.end();
  }

  #stopWriting(error: ConnectionError): void {
    if (!this.#writeStopped) this.#outbound.error(error);
    this.#writeStopped = true;
    this.#release?.();
  }

  #breakOff(): void {
    this.#writeStopped = true;
    this.#release?.();
    if (this.#finished) return;
    this.#closing = true;
    this.#endReading();
    this.#wire.destroy();
  }

  #startLinger(): void {
    if (!this.#finished) this.#linger ??= setTimeout(() => this.#wire.destroy(), LINGER_MS);
  }
}
