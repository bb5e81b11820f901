// TCP from a Cloudflare Worker or Durable Object, by connect() of cloudflare:sockets.
// In a plain Worker a socket belongs to the request that opened it, so a node that lives on belongs in a Durable Object.
import { ConnectionError } from "../errors.ts";
import type { ByteStream, Connector } from "./byte-stream.ts";
import { abortError, reasonOf, splitName, watchDial } from "./dial.ts";
import { findPort } from "./find-port.ts";
import { PipeWire } from "./pipe-wire.ts";

/** As much of the `Socket` of cloudflare:sockets as the carrier uses. */
export interface CloudflareSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/** `connect` of cloudflare:sockets, of a VPC network binding, or of a test. */
export type CloudflareConnect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly secureTransport: "on" | "off"; readonly allowHalfOpen: boolean },
) => CloudflareSocket;

export interface CloudflareOptions {
  /** Address to dial instead of the host part of the node name. */
  readonly hostname?: string | undefined;
  /** By default 4369. */
  readonly epmdPortNo?: number | undefined;
  /** The node's distribution port, where it is fixed; EPMD is not asked then. */
  readonly portNo?: number | undefined;
  /** "on" speaks TLS to the node (`-proto_dist inet_tls`), never to EPMD. By default "off". */
  readonly secureTransport?: "on" | "off" | undefined;
  /** By default that of cloudflare:sockets; `(address, options) => env.NET.connect(address, options)` for a VPC network. */
  readonly connect?: CloudflareConnect | undefined;
  /** For each step: asking EPMD, connecting. By default 7000, as OTP's `net_setuptime`. */
  readonly timeoutMs?: number | undefined;
}

/** Connects from a Worker. Errors are ConnectionErrors as those of the other carriers. */
export function cloudflare(options: CloudflareOptions = {}): Connector {
  return async (peer, { signal }) => {
    const { secureTransport = "off", epmdPortNo = 4369, timeoutMs = 7_000 } = options;
    const host = options.hostname ?? splitName(peer).host;
    const connect = options.connect ?? (await platformConnect());
    const dialAs = (secure: "on" | "off") => (hostname: string, port: number) =>
      dial(
        () => connect({ hostname, port }, { secureTransport: secure, allowHalfOpen: false }),
        { peer, where: `${hostname}:${port}`, timeoutMs, signal },
        secure === "on" ? 4 : 2,
      );
    const portNo = options.portNo ?? (await findPort(peer, { host, epmdPortNo, timeoutMs, signal, dial: dialAs("off") }));
    return dialAs(secureTransport)(host, portNo);
  };
}

/**
 * Imported when first needed, so that this module loads where there is no such thing; and by a name that is not written
 * in the import itself, since bundlers for pages look those up.
 */
async function platformConnect(): Promise<CloudflareConnect> {
  try {
    const specifier = "cloudflare:sockets";
    // What is there is known (@cloudflare/workers-types), only not to the compiler.
    const sockets = (await import(/* @vite-ignore */ specifier)) as { readonly connect: CloudflareConnect };
    return sockets.connect;
  } catch (cause) {
    throw new TypeError("cloudflare() works in Cloudflare Workers only; elsewhere give it a connect function", { cause });
  }
}

interface Dial {
  readonly peer: string;
  readonly where: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function dial(open: () => CloudflareSocket, to: Dial, handshakePacketBytes: 2 | 4): Promise<ByteStream> {
  const { peer, where, timeoutMs, signal } = to;
  if (signal?.aborted) throw abortError(peer, signal);
  const socket = openSocket(open, to);
  // It rejects beside `opened`, and later beside the streams.
  socket.closed.catch(() => undefined);
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const endWatch = watchDial(peer, { signal, timeoutMs, from: where }, stop);
  try {
    await Promise.race([socket.opened, stopped]);
  } catch (error) {
    // workerd does not break off what it is opening, and closes it once it has opened: until then `opened` is pending.
    socket.close().catch(() => undefined);
    throw error instanceof ConnectionError ? error : dialError(error, to);
  } finally {
    endWatch();
  }
  const wire = new PipeWire(socket.readable, socket.writable, {
    closed: socket.closed,
    handshakePacketBytes,
    lossOf: (cause) => new ConnectionError("closed", `lost the connection to ${peer}: ${reasonOf(cause)}`, { peer, cause }),
    // Not by abort(): that leaves the TCP connection open until the socket is collected as garbage. This reference is
    // also what keeps a socket in use from that.
    close: () => void socket.close().catch(() => undefined),
  });
  return wire.stream;
}

function openSocket(open: () => CloudflareSocket, to: Dial): CloudflareSocket {
  try {
    return open();
  } catch (error) {
    throw dialError(error, to);
  }
}

/** Cloudflare tells no errno: one text stands for a refused port, an unknown host and an address that is not allowed. */
function dialError(cause: unknown, { peer, where }: Dial): ConnectionError {
  const words =
    `cannot connect to ${peer}: no connection to ${where} (${reasonOf(cause)}). Is it running, and are host and port right? ` +
    "A deployed Worker reaches no private address, except by a tunnel";
  return new ConnectionError("refused", words, { peer, cause });
}
