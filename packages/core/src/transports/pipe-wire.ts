// A wire made of two web streams that somebody else owns: a runtime's socket, a subprocess, a test's throttle.
import { ConnectionError } from "../errors.ts";
import { reasonOf } from "./dial.ts";
import { type Wire, WireStream } from "./wire-stream.ts";

export interface PipeWireOptions {
  /** Rejects when the connection broke, where the streams alone do not tell. */
  readonly closed?: Promise<unknown> | undefined;
  readonly handshakePacketBytes?: 2 | 4 | undefined;
  /** What a failure of the streams means, in words. */
  readonly lossOf?: ((cause: unknown) => ConnectionError) | undefined;
  /** Closes what is behind the streams; called when they have ended, and in place of breaking them off. */
  readonly close?: (() => void) | undefined;
}

/** Bytes that may be on their way into the stream before the writer has to wait. */
const UNWRITTEN_BYTES = 64 * 1024;

export class PipeWire implements Wire {
  readonly stream: WireStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #options: PipeWireOptions;
  #goOn: (() => void) | undefined;
  #openDirections = 2;
  #unwritten = 0;

  constructor(readable: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>, options: PipeWireOptions = {}) {
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#options = options;
    this.stream = new WireStream(this, options.handshakePacketBytes);
    void this.#read();
    this.#writer.closed.catch((error: unknown) => this.#fail(error));
    options.closed?.catch((error: unknown) => this.#fail(error));
  }

  write(chunk: Uint8Array): boolean {
    // The promise of the write itself, and not desiredSize or `ready`: those of a socket of workerd never say "wait".
    this.#unwritten += chunk.length;
    this.#writer.write(chunk).then(
      () => {
        this.#unwritten -= chunk.length;
        if (this.#unwritten <= UNWRITTEN_BYTES) this.stream.drained();
      },
      // Also rejects the writer's `closed`, which is watched.
      () => undefined,
    );
    return this.#unwritten <= UNWRITTEN_BYTES;
  }

  resume(): void {
    this.#goOn?.();
  }

  end(): void {
    this.#writer.close().then(
      () => this.#directionEnded(),
      (error: unknown) => this.#fail(error),
    );
  }

  destroy(): void {
    this.#letGo(new ConnectionError("closed", "the connection was broken off"));
    this.stream.finished();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        if (!this.stream.receive(value)) {
          await new Promise<void>((resolve) => {
            this.#goOn = resolve;
          });
        }
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.stream.ended();
    this.#directionEnded();
  }

  #directionEnded(): void {
    this.#openDirections -= 1;
    if (this.#openDirections > 0) return;
    this.#options.close?.();
    this.stream.finished();
  }

  #fail(cause: unknown): void {
    this.#letGo(cause);
    this.stream.finished(cause instanceof ConnectionError ? cause : (this.#options.lossOf ?? lossOf)(cause));
  }

  #letGo(reason: unknown): void {
    if (this.#options.close !== undefined) {
      this.#options.close();
      return;
    }
    // Both reject only with what has already failed, and is reported by the caller.
    this.#writer.abort(reason).catch(() => undefined);
    this.#reader.cancel(reason).catch(() => undefined);
  }
}

function lossOf(cause: unknown): ConnectionError {
  return new ConnectionError("closed", `lost the connection: ${reasonOf(cause)}`, { cause });
}
