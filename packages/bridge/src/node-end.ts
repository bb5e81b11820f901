// The link's end at the node: a TCP socket. It takes bytes before there is one, for a page may start its handshake at once.
import type { Socket } from "node:net";
import { NODE_ENDED } from "@erl-dist/core/transports/bridge-protocol";
import { breakOff } from "@erl-dist/core/transports/nodejs-reset";
import { isAlert } from "@erl-dist/core/transports/nodejs-tls";
import { CHUNK_BYTES, type End, type EndEvents, Progress } from "./end.ts";
import { type Ending, endingOf } from "./link-record.ts";

export interface NodeEndOptions {
  /** Buffered bytes at which there is room again. */
  readonly lowBytes: number;
  /** Milliseconds that the node has to end its direction after we have ended ours. */
  readonly closeTimeMs: number;
}

export class NodeEnd implements End {
  readonly #events: EndEvents;
  readonly #options: NodeEndOptions;
  readonly #progress = new Progress();
  #socket: Socket | undefined;
  readonly #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #unsent = 0;
  #isCorked = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(events: EndEvents, options: NodeEndOptions) {
    this.#events = events;
    this.#options = options;
  }

  /** Takes the socket over, and sends what has waited for it. */
  open(socket: Socket): void {
    if (this.#over) {
      socket.on("error", () => undefined).destroy();
      return;
    }
    this.#socket = socket;
    socket.setNoDelay();
    socket.on("data", (chunk: Buffer) => {
      if (!this.#over) this.#events.chunk(chunk);
    });
    // Its other direction is ended by Node.js then; the distribution protocol knows no half-open connection.
    socket.on("end", () => this.#events.ended(ENDED));
    socket.on("error", (error) => {
      // With TLS 1.3 a node says only after our side of the handshake that it does not take our certificate.
      const ending = isAlert(error) ? NO_TLS : LOST;
      this.#events.ended({ ...ending, detail: error.message });
    });
    socket.on("close", () => {
      clearTimeout(this.#timer);
      this.#events.ended(LOST);
      this.#events.gone();
    });
    for (const chunk of this.#early.splice(0)) socket.write(chunk, this.#sent);
  }

  /** The node is reached. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  get bufferedBytes(): number {
    return (this.#socket?.writableLength ?? this.#earlyBytes) + this.#unsent * CHUNK_BYTES;
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#unsent += 1;
    if (this.#socket !== undefined) {
      this.#cork(this.#socket);
      this.#socket.write(chunk, this.#sent);
      return;
    }
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    const socket = this.#socket;
    if (socket === undefined) {
      this.#events.gone();
      return;
    }
    // Reading goes on, or the node's own end would not be seen.
    socket.resume().end(() => {
      // A socket that broke calls this, too, and its "close" may have come before.
      if (!socket.destroyed) this.#timer = setTimeout(() => this.cut(), this.#options.closeTimeMs);
    });
  }

  /** By a reset, so that the node's processes that are suspended because they send to this connection run again at once. */
  cut(): void {
    const socket = this.#socket;
    if (socket === undefined) this.end();
    else breakOff(socket);
    this.#over = true;
  }

  /** Call at intervals. True: the node has taken something of what has been waiting for it. */
  beat(): boolean {
    const socket = this.#socket;
    if (socket === undefined) return false;
    return this.#progress.beat(socket.writableLength, () => socket.bytesWritten - socket.writableLength);
  }

  /** Gathers what one read of the page's socket brings: many small messages then cost the system one call, and the node one read. */
  #cork(socket: Socket): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    socket.cork();
    process.nextTick(this.#uncork);
  }

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#socket?.uncork();
  };

  // Not the socket's "drain": that comes only above the socket's own mark, and only when everything is gone.
  readonly #sent = (): void => {
    this.#unsent -= 1;
    if (this.bufferedBytes <= this.#options.lowBytes) this.#events.room();
  };
}

const ENDED: Ending = { by: "node", code: NODE_ENDED, reason: "the node closed the connection" };
const LOST: Ending = { ...endingOf("nodeLost"), by: "node" };
const NO_TLS: Ending = { ...endingOf("tlsFailed"), by: "node" };
