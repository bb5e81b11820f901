// One page's WebSocket and the node's connection behind it, with the policy's stage in between. It ends once: the first reason counts.
//
// A WebSocket of a Worker cannot say how much of what was sent has been taken. So marks go with the bytes: texts that nobody can guess,
// and that a page sends back when it has read them, and with them all that came before. The node is not read on while too much was
// sent after the last mark that came back; and a page that lets the node wait for too long is cut off, so that no process of the node
// waits for it. That a page says something else, as a tick, shows nothing: it can do so and read nothing.
import type { Refusal, Side, Stage } from "@erl-dist/bridge/policy";
import { type ByteStream, ConnectionError, type ConnectionErrorCode } from "@erl-dist/core";
import {
  BRIDGE_CLOSE,
  type BridgeCloseName,
  CLOSE_REASON_BYTES,
  ECHO_PROTOCOL,
  NODE_ENDED,
} from "@erl-dist/core/transports/bridge-protocol";

export interface EdgeEnding {
  readonly code: number;
  readonly reason: string;
  /** For the operator. */
  readonly detail?: string | undefined;
  /** Full node name that the page had. */
  readonly name?: string | undefined;
  readonly toPageBytes: number;
  readonly toNodeBytes: number;
  readonly durationMs: number;
}

export interface EdgeLinkOptions {
  /** When the session ends, in milliseconds since 1970. */
  readonly endsAt: number;
  /** The page sends marks back (ECHO_PROTOCOL). */
  readonly echoes: boolean;
  /** The same for all links of an object. */
  readonly untaken: Untaken;
  readonly ended: (ending: EdgeEnding) => void;
}

/** What pages have sent and their nodes have not taken. */
export interface Untaken {
  bytes: number;
}

interface Mark {
  readonly text: string;
  /** Bytes that were sent before it. */
  readonly atBytes: number;
}

/** Sent to a page and perhaps not read; above that the node waits. It is what each of an object's links may hold of its memory. */
const UNREAD_BYTES = 512 * 1024;
const MARK_BYTES = 128 * 1024;
/** All that a page is ever sent that sends no marks back. */
const UNMARKED_BYTES = 1024 * 1024;
/**
 * From the pages of one object, and not taken by their nodes. A page with a fast line that sends three messages of 8 MB has up to 10 MB
 * there for a moment, and a Worker cannot make it wait; so there is no smaller limit for each.
 */
const UNTAKEN_BYTES = 16 * 1024 * 1024;
/** So much of it each page may have, however much is there of others. */
const UNTAKEN_SHARE_BYTES = 256 * 1024;
/** What a chunk costs besides its bytes. */
const CHUNK_BYTES = 256;
/** A page ticks each 15 s at the least, and a browser may be late with that. */
const SILENT_MS = 75_000;
/** So long may the node wait for a page. */
const STALL_MS = 20_000;
const BEAT_MS = 1_000;

export class EdgeLink {
  readonly #page: WebSocket;
  readonly #stage: Stage;
  readonly #options: EdgeLinkOptions;
  readonly #dialing = new AbortController();
  readonly #started: number = Date.now();
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #stream: ByteStream | undefined;
  #heardAt: number = Date.now();
  #pausedAt: number | undefined;
  #goOn: (() => void) | undefined;
  #marks: Mark[] = [];
  #markedBytes = 0;
  #readBytes = 0;
  #untaken = 0;
  #toPageBytes = 0;
  #toNodeBytes = 0;
  #timer: number | null = null;
  #isEnded = false;

  constructor(page: WebSocket, stage: Stage, options: EdgeLinkOptions) {
    this.#page = page;
    this.#stage = stage;
    this.#options = options;
    page.addEventListener("message", ({ data }) => this.#fromPage(data));
    page.addEventListener("close", ({ code, reason }) => this.#end({ code, reason: reason || "the page has left" }));
    page.addEventListener("error", () => this.#end({ code: 1006, reason: "the page is gone" }));
    this.#beatSoon();
  }

  /** Dials the node, then relays until the link ends. Never rejects. */
  async open(dial: (signal: AbortSignal) => Promise<ByteStream>): Promise<void> {
    try {
      const stream = await dial(this.#dialing.signal);
      if (this.#isEnded) {
        await stream.close();
        return;
      }
      this.#stream = stream;
      this.#writer = stream.writable.getWriter();
      // The reader learns of the same failure.
      this.#writer.closed.catch(() => undefined);
      stream.closed.catch(() => undefined);
      this.#stage.nodeReached(Date.now());
      this.#pass();
    } catch (error) {
      this.#refuse({ close: closeOf(error), detail: error instanceof Error ? error.message : String(error) });
      return;
    }
    await this.#fromNode();
  }

  #fromPage(data: unknown): void {
    if (this.#isEnded) return;
    if (!(data instanceof ArrayBuffer)) {
      if (!this.#takeMark(data)) this.#end({ code: 1003, reason: "text messages mean nothing here" });
      return;
    }
    this.#heardAt = Date.now();
    this.#receive("page", new Uint8Array(data));
  }

  /** False for what is not the mark that has to come back next. */
  #takeMark(text: unknown): boolean {
    const [mark] = this.#marks;
    if (mark === undefined || mark.text !== text) return false;
    this.#marks.shift();
    this.#readBytes = mark.atBytes;
    this.#heardAt = Date.now();
    if (this.#unreadBytes <= UNREAD_BYTES) this.#goOn?.();
    return true;
  }

  get #unreadBytes(): number {
    return this.#toPageBytes - this.#readBytes;
  }

  async #fromNode(): Promise<void> {
    const reader = this.#stream?.readable.getReader();
    try {
      while (!this.#isEnded) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done || value === undefined) break;
        this.#receive("node", value);
        if (this.#unreadBytes > UNREAD_BYTES && this.#options.echoes) await this.#pageReads();
      }
      const refusal = this.#stage.explainEnd("node");
      if (refusal !== undefined) this.#refuse(refusal);
      else this.#end({ code: NODE_ENDED, reason: "the node closed the connection" });
    } catch (error) {
      this.#refuse({ close: "nodeLost", detail: error instanceof Error ? error.message : String(error) });
    }
  }

  #pageReads(): Promise<void> {
    this.#pausedAt = Date.now();
    return new Promise((resolve) => {
      this.#goOn = () => {
        this.#goOn = undefined;
        this.#pausedAt = undefined;
        resolve();
      };
    });
  }

  #receive(from: Side, chunk: Uint8Array): void {
    this.#stage.receive(from, chunk);
    this.#pass();
  }

  /** What the stage has to say. */
  #pass(): void {
    for (let chunk = this.#stage.takeOutbound("node"); chunk !== undefined; chunk = this.#stage.takeOutbound("node")) {
      this.#toNode(chunk);
    }
    for (let chunk = this.#stage.takeOutbound("page"); chunk !== undefined; chunk = this.#stage.takeOutbound("page")) {
      this.#toPage(chunk);
    }
    if (this.#stage.refusal !== undefined) this.#refuse(this.#stage.refusal);
  }

  #toPage(chunk: Uint8Array): void {
    if (this.#page.readyState !== WebSocket.OPEN) return;
    this.#toPageBytes += chunk.length;
    this.#page.send(chunk);
    if (!this.#options.echoes) {
      if (this.#toPageBytes <= UNMARKED_BYTES) return;
      const words = `whoever does not offer ${ECHO_PROTOCOL} is sent ${UNMARKED_BYTES} bytes and no more`;
      this.#refuse({ close: "tooSlow", reason: words, detail: words });
    } else if (this.#toPageBytes - this.#markedBytes >= MARK_BYTES) {
      const mark = { text: crypto.randomUUID(), atBytes: this.#toPageBytes };
      this.#marks.push(mark);
      this.#markedBytes = mark.atBytes;
      this.#page.send(mark.text);
    }
  }

  #toNode(chunk: Uint8Array): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#toNodeBytes += chunk.length;
    const bytes = chunk.length + CHUNK_BYTES;
    const { untaken } = this.#options;
    this.#untaken += bytes;
    untaken.bytes += bytes;
    const taken = (): void => {
      this.#untaken -= bytes;
      untaken.bytes -= bytes;
    };
    // When it fails, the reader fails with the same, and tells it.
    writer.write(chunk).then(taken, taken);
    if (untaken.bytes <= UNTAKEN_BYTES || this.#untaken <= UNTAKEN_SHARE_BYTES) return;
    this.#refuse({ close: "nodeStuck", detail: `${this.#untaken} bytes wait for the node, of ${untaken.bytes} for all` });
    // Or all that would still be tried for a while.
    writer.abort().catch(() => undefined);
  }

  #beatSoon(): void {
    this.#timer = setTimeout(() => this.#beat(), BEAT_MS);
  }

  /** Looks whether something has taken too long. */
  #beat(): void {
    if (this.#isEnded) return;
    const now = Date.now();
    this.#stage.handleTimeout(now);
    this.#pass();
    if (now >= this.#options.endsAt) this.#refuse({ close: "sessionEnded", detail: "its time is over" });
    else if (now - this.#heardAt > SILENT_MS)
      this.#refuse({ close: "noPong", detail: `the page said nothing for ${SILENT_MS} ms` });
    else if (this.#pausedAt !== undefined && now - this.#pausedAt > STALL_MS) {
      this.#refuse({ close: "tooSlow", detail: `the node waited for the page for ${STALL_MS} ms` });
    }
    if (!this.#isEnded) this.#beatSoon();
  }

  #refuse(refusal: Refusal): void {
    this.#end({ ...closing(refusal), detail: refusal.detail });
  }

  #end({ code, reason, detail }: Pick<EdgeEnding, "code" | "reason" | "detail">): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#dialing.abort();
    this.#goOn?.();
    // Codes that no endpoint may send stand for a page that is gone already.
    if (this.#page.readyState === WebSocket.OPEN) this.#page.close(code === 1005 || code === 1006 ? 1000 : code, clip(reason));
    void this.#stream?.close();
    const name = this.#stage.connected?.name;
    const durationMs = Date.now() - this.#started;
    this.#options.ended({
      code,
      reason,
      detail,
      name,
      toPageBytes: this.#toPageBytes,
      toNodeBytes: this.#toNodeBytes,
      durationMs,
    });
  }
}

/** What a page is told of a refusal. */
export function closing({ close, reason }: Refusal): { readonly code: number; readonly reason: string } {
  const { code, meaning } = BRIDGE_CLOSE[close];
  return { code, reason: clip(reason ?? meaning) };
}

const CLOSES: Partial<Record<ConnectionErrorCode, BridgeCloseName>> = {
  no_such_node: "noSuchNode",
  epmd_unreachable: "epmdUnreachable",
  // One text of Cloudflare's stands for a refused port, an unknown host and an address that is not allowed.
  refused: "refused",
  timeout: "dialTimeout",
};

function closeOf(error: unknown): BridgeCloseName {
  return (error instanceof ConnectionError ? CLOSES[error.code] : undefined) ?? "internal";
}

function clip(text: string): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(CLOSE_REASON_BYTES)).read);
}
