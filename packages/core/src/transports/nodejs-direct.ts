// A socket of Node.js without web streams around it, for the driver of a connection. Keeps the promises of wire-stream.ts.
import type { Socket } from "node:net";
import { ConnectionError } from "../errors.ts";
import type { DirectStream } from "./byte-stream.ts";

/** Bytes that wait in the socket before the writer has to. */
const HIGH_WATER_MARK = 512 * 1024;

/** So much is not held back for the end of the turn: a program may send and await by turns without ever ending it. */
const GATHERED_BYTES = 64 * 1024;

/** How long the peer may take to end its direction after we ended ours. */
const LINGER_MS = 2_000;

type Take = (chunk: Uint8Array) => Promise<void> | undefined;

export class DirectSocket implements DirectStream {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #destroy: () => void;
  readonly #settled: Promise<void>;
  #settle!: { resolve(): void; reject(error: ConnectionError): void };
  /** Until reading has ended. */
  #reader: { readonly take: Take; readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  /** What the reader does with the last chunk, as long as that takes. */
  #taking: Promise<void> | undefined;
  #release: (() => void) | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** Either side has ended. */
  #isEnding = false;
  #isFinished = false;

  constructor(socket: Socket, destroy: () => void) {
    this.#socket = socket;
    this.#destroy = destroy;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Also what keeps a failure that nobody watches from being reported as an unhandled rejection.
    this.#settled = this.closed.catch(() => undefined);
  }

  read(take: Take): Promise<void> {
    if (this.#isFinished || this.#isEnding) return this.closed;
    return new Promise((resolve, reject) => {
      this.#reader = { take, resolve, reject };
    });
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#isEnding || this.#isFinished) return Promise.reject(new ConnectionError("closed", "the connection is closed"));
    const socket = this.#socket;
    if (socket.writableCorked === 0) {
      // What a turn gathers leaves by one call of the system: what the end of a call has to say goes along with the next call
      // (`npm run bench:dist`, gen_server:call), whose caller hears of that end only some promises later.
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(chunk);
    if (socket.writableLength > GATHERED_BYTES) socket.uncork();
    if (socket.writableLength <= HIGH_WATER_MARK) return undefined;
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  /** What was written before is still sent, and what comes in is dropped. */
  close(): Promise<void> {
    this.ended();
    return this.#settled;
  }

  /** What was written and not sent is lost. */
  abort(): Promise<void> {
    // Not by way of an orderly end, which is no reset, and cannot be followed by one.
    if (!this.#isFinished) {
      this.#end();
      this.#destroy();
    }
    return this.#settled;
  }

  /** Bytes came in. False: no more until the socket's `resume()`. */
  receive(chunk: Uint8Array): boolean {
    const reader = this.#reader;
    if (reader === undefined) return true;
    try {
      this.#taking = reader.take(chunk);
      if (this.#taking === undefined) return true;
      void this.#taking.catch(reader.reject).then(() => {
        this.#taking = undefined;
        this.#socket.resume();
      });
    } catch (error) {
      reader.reject(error);
    }
    return false;
  }

  drained(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** One side has ended its direction. There is no half-open connection in the distribution protocol. */
  ended(): void {
    if (this.#isEnding || this.#isFinished) return;
    this.#end();
    this.#socket.end();
    // The peer's end has to be read.
    this.#socket.resume();
    this.#linger = setTimeout(() => this.#destroy(), LINGER_MS);
  }

  /** The socket is gone. */
  finished(error?: ConnectionError): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    clearTimeout(this.#linger);
    // After an end from either side, what else the socket has to complain about changes nothing.
    const failure = this.#isEnding ? undefined : error;
    this.#endReading(failure);
    this.drained();
    if (failure === undefined) this.#settle.resolve();
    else this.#settle.reject(failure);
  }

  /** From now on nothing is taken, from either side. */
  #end(): void {
    this.#isEnding = true;
    this.#endReading();
    this.drained();
  }

  #endReading(failure?: ConnectionError): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) return;
    const end = (): void => (failure === undefined ? reader.resolve() : reader.reject(failure));
    if (this.#taking === undefined) end();
    else void this.#taking.then(end, reader.reject);
  }
}
