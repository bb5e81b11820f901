// The link's end at the page: a WebSocket. The standard gives a page no way to make its sender wait, but TCP does: while we do
// not read, the browser's buffer grows, and a page that watches `bufferedAmount` stops.
import { CLOSE_REASON_BYTES } from "@erl-dist/core/transports/bridge-protocol";
import type { WebSocket } from "ws";
import { CHUNK_BYTES, type End, type EndEvents, Progress } from "./end.ts";
import type { Ending } from "./link-record.ts";
import { givePieces } from "./piecewise.ts";

export interface PageBeat {
  /** It said something, took something, or we did not listen. */
  readonly alive: boolean;
  /** It took something of what had been waiting for it. */
  readonly taking: boolean;
}

export class PageEnd implements End {
  readonly #socket: WebSocket;
  readonly #events: EndEvents;
  readonly #lowBytes: number;
  readonly #progress = new Progress();
  /** Messages and pings whose bytes have not all reached the operating system. */
  #unsent = 0;
  #ending: Ending | undefined;
  #heard = true;
  #writtenBytes = 0;

  /** `lowBytes`: buffered bytes at which there is room again. */
  constructor(socket: WebSocket, events: EndEvents, lowBytes: number) {
    this.#socket = socket;
    this.#events = events;
    this.#lowBytes = lowBytes;
    givePieces(socket);
    socket.on("message", (data, isBinary) => {
      this.#heard = true;
      if (this.#ending !== undefined) return;
      // As long as nobody sets binaryType, ws gives a Buffer.
      if (isBinary) events.chunk(data as Buffer);
      else events.ended(TEXT);
    });
    socket.on("pong", () => {
      this.#heard = true;
    });
    // ws answers a breach of RFC 6455 by itself, with the right code; "close" follows.
    socket.on("error", (error) => events.ended({ ...PAGE_LOST, reason: "the page broke the protocol", detail: error.message }));
    socket.on("close", (code, reason) => {
      events.ended(
        code === 1006 ? PAGE_LOST : { by: "page", code, reason: reason.toString() || "the page closed the connection" },
      );
      events.gone();
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount + this.#unsent * CHUNK_BYTES;
  }

  write(chunk: Uint8Array): void {
    if (this.#ending !== undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#unsent += 1;
    this.#writtenBytes += chunk.length;
    this.#socket.send(chunk, BINARY, this.#sent);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    // What it said while nobody read is still on the way.
    this.#heard = true;
    this.#socket.resume();
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    // Its answer to our close frame must be read.
    this.resume();
    if (this.#unsent === 0) this.#close();
  }

  /** As `end`, but whoever does not read in time loses the rest. */
  endSoon(ending: Ending): void {
    this.end(ending);
    this.#close();
  }

  cut(): void {
    this.#socket.terminate();
  }

  /** Call at intervals: signs of life since the last time. */
  beat(): PageBeat {
    const waiting = this.#socket.bufferedAmount;
    const taking = this.#progress.beat(waiting, () => this.#writtenBytes - waiting);
    // What it says while we do not read is no less a sign of life for that.
    const alive = this.#heard || taking || this.#socket.isPaused;
    this.#heard = false;
    return { alive, taking };
  }

  ping(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#unsent += 1;
    this.#socket.ping(undefined, undefined, this.#sent);
  }

  // One function for all messages: a closure for each would be most of what a small one costs here.
  readonly #sent = (): void => {
    this.#unsent -= 1;
    if (this.#unsent === 0 && this.#ending !== undefined) this.#close();
    else if (this.bufferedBytes <= this.#lowBytes) this.#events.room();
  };

  /** The closing handshake has a deadline (ws' closeTimeout), so it starts when everything else is on its way. */
  #close(): void {
    if (this.#ending === undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    const { code, reason } = this.#ending;
    this.#socket.close(code, clipUtf8(reason, CLOSE_REASON_BYTES));
  }
}

const BINARY = { binary: true } as const;
const TEXT: Ending = { by: "page", code: 1003, reason: "text messages mean nothing here" };
const PAGE_LOST: Ending = { by: "page", code: 1006, reason: "the page is gone" };

function clipUtf8(text: string, bytes: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytes)).read);
}
