// The carrier's shape: that of the platform's own sockets (cloudflare:sockets, Deno.Conn).
// A carrier moves bytes and knows no tag.

/**
 * A duplex byte stream under a connection. There is no half-open one: when one direction has ended, so does the other.
 * A chunk that was written belongs to the carrier, one that was read to the reader; nobody else changes it later.
 * A connection that broke fails `readable` (after the bytes that came before), `writable` and `closed` with one
 * ConnectionError; a `closed` that nobody watches is never an unhandled rejection.
 */
export interface ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when both directions have ended; rejects with the carrier's error when it broke. */
  readonly closed: Promise<void>;
  /** Ends both directions at once; what was written before is still sent where the carrier can. Never rejects. */
  close(): Promise<void>;
  /**
   * Width of the length before a handshake message: 2 over TCP, 4 over TLS, where `inet_tls_dist` frames the whole
   * stream with 4 bytes. Absent means 2.
   */
  readonly handshakePacketBytes?: 2 | 4;
  /** A way around both streams, where the carrier has one; whoever has asked for it leaves the streams alone. @internal */
  readonly direct?: DirectStream;
}

/**
 * The same bytes by calls: streams take several turns of promises for each chunk (`npm run bench:dist`, a message there and one
 * back). `close` and `closed` of the stream hold for it too.
 */
export interface DirectStream {
  readonly closed: Promise<void>;
  /** Gives each chunk to `take`, the next one when what that returns has resolved. Settles as a loop over `readable` would. */
  read(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void>;
  /** What is written in one turn leaves together. When it gives a promise, that settles when more may be written. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Breaks off. */
  abort(): Promise<void>;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How a full node name (`"app@host"`) becomes a byte stream. Rejects with a ConnectionError that says which step failed. */
export type Connector = (peer: string, options: ConnectOptions) => Promise<ByteStream>;

export interface ListenOptions {
  /** Our full node name. */
  readonly name: string;
  /** Registered in EPMD as a hidden node (type 72) or a visible one (77). */
  readonly hidden: boolean;
  /** Called for each connection that comes in; the callee owns the stream. */
  readonly accept: (stream: ByteStream) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Listening {
  /** The creation that EPMD gave, where one was asked. */
  readonly creation?: number | undefined;
  readonly portNo?: number | undefined;
  /** Stops listening and gives the name back to EPMD. */
  close(): Promise<void>;
}

/** How a node accepts connections. */
export type Listener = (options: ListenOptions) => Promise<Listening>;
