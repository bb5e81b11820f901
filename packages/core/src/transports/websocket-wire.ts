// A standard WebSocket as a wire. It has no event for "you may send again" and no way to make its sender wait, so this
// file watches `bufferedAmount` while it is high, and gives up a connection whose reader has fallen far behind.
import { ChunkQueue } from "../bytes/chunk-queue.ts";
import { ConnectionError } from "../errors.ts";
import { BAD_REQUEST, ECHO_CHARS, NODE_ENDED, TOO_SLOW } from "./bridge-codes.ts";
import { type Wire, WireStream } from "./wire-stream.ts";

/** As much of the standard's WebSocket as the carrier uses. */
export interface WebSocketLike {
  binaryType: string;
  readonly protocol: string;
  /** Absent in some runtimes; then nothing is known, and nothing waits. */
  readonly bufferedAmount?: number;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: (event: object) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: CloseReport) => void): void;
}

export interface CloseReport {
  readonly code: number;
  readonly reason: string;
}

export interface WebSocketWireOptions {
  /** Unread bytes at which the connection is given up. */
  readonly unreadBytes: number;
  /** What a close other than the orderly one means. */
  readonly lossOf: (event: CloseReport) => ConnectionError;
}

/** The other side has ended the connection, and is well. 1005 stands for a close frame without a code. */
const ORDERLY: ReadonlySet<number> = new Set([NODE_ENDED, 1000, 1005]);

/** A message costs the bridge the same, small or large; above this nothing is gained. */
const MESSAGE_BYTES = 64 * 1024;

/** Bytes in the WebSocket's own buffer above which sending waits. */
const BUFFERED_BYTES = 1024 * 1024;

/** How often a full buffer is looked at. A page in the background is woken once a second: it sends 1 MiB in that time. */
const LOOK_AGAIN_MS = 1;

export class WebSocketWire implements Wire {
  readonly stream: WireStream;
  readonly #socket: WebSocketLike;
  readonly #unsent = new ChunkQueue();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(socket: WebSocketLike, { unreadBytes, lossOf }: WebSocketWireOptions) {
    this.#socket = socket;
    this.stream = new WireStream(this);
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string" && data.length <= ECHO_CHARS) {
        if (!this.#isClosed) socket.send(data);
        return;
      }
      if (!(data instanceof ArrayBuffer)) {
        this.#giveUp(BAD_REQUEST, "the bridge sent a long text, or something else that is not bytes");
        return;
      }
      this.stream.receive(new Uint8Array(data));
      if (this.stream.unreadBytes > unreadBytes) {
        this.#giveUp(TOO_SLOW, `more than ${unreadBytes} bytes were not read in time`);
      }
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(this.#timer);
      if (ORDERLY.has(event.code)) {
        this.stream.ended();
        this.stream.finished();
      } else this.stream.finished(lossOf(event));
    });
  }

  write(chunk: Uint8Array, more: boolean): boolean {
    this.#unsent.push(chunk);
    if (more && this.#unsent.length < MESSAGE_BYTES) return true;
    return this.#send();
  }

  end(): void {
    while (this.#unsent.length > 0) this.#sendMessage();
    this.#close(1000);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    // What a WebSocket knows of breaking off: the close event may come late or never, so nobody waits for it.
    this.#close(1000);
    this.stream.finished();
  }

  resume(): void {
    // Messages come as they come.
  }

  /** Sends until all is sent or the buffer is full; then looks again later, and says so when there is room. */
  #send(): boolean {
    while (this.#unsent.length > 0 && this.#buffered() <= BUFFERED_BYTES) this.#sendMessage();
    if (this.#buffered() <= BUFFERED_BYTES) return true;
    this.#timer = setTimeout(() => {
      if (this.#send()) this.stream.drained();
    }, LOOK_AGAIN_MS);
    return false;
  }

  #sendMessage(): void {
    const message = this.#unsent.take(Math.min(this.#unsent.length, MESSAGE_BYTES));
    // Nothing in this library makes a SharedArrayBuffer, and only that could not be sent.
    this.#socket.send(message as Uint8Array<ArrayBuffer>);
  }

  #buffered(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  #close(...report: [code: number, reason?: string]): void {
    this.#isClosed = true;
    this.#socket.close(...report);
  }

  #giveUp(code: number, words: string): void {
    clearTimeout(this.#timer);
    this.#close(code, words);
    this.stream.finished(new ConnectionError("closed", words));
  }
}
