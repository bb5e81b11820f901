// An EPMD for programs that listen where there is none; real nodes register and look each other up in it.
import type { ByteStream } from "../transports/byte-stream.ts";
import type { NodeEntry } from "./messages.ts";
import { NameTable } from "./name-table.ts";
import { EpmdSession } from "./server-session.ts";

export interface EpmdServerOptions {
  /** The port where clients reach it: they compare. */
  readonly portNo: number;
  /** Called when a local client has asked EPMD to end (KILL_REQ) and no node is registered. Without it, the answer is NO. */
  readonly onKill?: (() => void) | undefined;
  /** Milliseconds that a client has for its request; by default 60,000, as with OTP. */
  readonly requestTimeMs?: number | undefined;
  /** Connections at a time, registered nodes included; those above are closed at once. By default 1000. */
  readonly connections?: number | undefined;
}

export interface AcceptOptions {
  /** The client is on this host: others may only ask for names and ports. */
  readonly isLocal: boolean;
}

const REQUEST_TIME_MS = 60_000;
const CONNECTIONS = 1_000;

/** EPMD over any byte streams: `accept` takes each connection that comes in. */
export class EpmdServer {
  readonly #options: EpmdServerOptions;
  readonly #table = new NameTable();
  readonly #connections = new Map<ByteStream, Promise<void>>();
  #isClosed = false;

  constructor(options: EpmdServerOptions) {
    this.#options = options;
  }

  /** The nodes that are registered. */
  get names(): NodeEntry[] {
    return this.#table.nodes.map(({ name, portNo }) => ({ name, portNo }));
  }

  /** Serves a client, to the end of its connection. */
  accept(stream: ByteStream, { isLocal }: AcceptOptions): void {
    const { connections = CONNECTIONS } = this.#options;
    if (this.#isClosed || this.#connections.size >= connections) {
      void stream.close();
      return;
    }
    const served = this.#serve(stream, isLocal).finally(() => this.#connections.delete(stream));
    this.#connections.set(stream, served);
  }

  /** Ends all connections, and with them all registrations. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#connections].flatMap(([stream, served]) => [stream.close(), served]));
  }

  async #serve(stream: ByteStream, isLocal: boolean): Promise<void> {
    const { portNo, onKill, requestTimeMs = REQUEST_TIME_MS } = this.#options;
    const deadline = performance.now() + requestTimeMs;
    const session = new EpmdSession({
      table: this.#table,
      isLocal,
      portNo,
      // As epmd has it: later lives of an EPMD give other creations than earlier ones.
      firstCreation: Math.max(4, Math.floor(Date.now() / 1_000) >>> 0),
      isKillable: onKill !== undefined,
      deadline,
    });
    const timer = setTimeout(() => {
      session.handleTimeout(deadline);
      if (session.isClosed) void stream.close();
    }, requestTimeMs);
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    try {
      while (!session.isClosed) {
        const { done, value } = await reader.read();
        if (done) break;
        session.receive(value);
        const reply = session.takeOutbound();
        if (reply !== undefined) await writer.write(reply);
      }
    } catch {
      // A connection that broke has ended: that is all there is to know of it.
    }
    clearTimeout(timer);
    session.close();
    await stream.close();
    if (session.isKilled) onKill?.();
  }
}
