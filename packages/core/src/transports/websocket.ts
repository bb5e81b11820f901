// From a page (or wherever there is a standard WebSocket) to a node, by way of the bridge.
import { ConnectionError } from "../errors.ts";
import { closeErrorCode, DIST_PATH, ECHO_PROTOCOL, SUBPROTOCOL, TOKEN_PREFIX } from "./bridge-codes.ts";
import type { ByteStream, Connector } from "./byte-stream.ts";
import { abortError, watchDial } from "./dial.ts";
import { type CloseReport, type WebSocketLike, WebSocketWire } from "./websocket-wire.ts";

export type { WebSocketLike } from "./websocket-wire.ts";

export interface BridgeOptions {
  /** The bridge's id of the target; by default the full name of the node that we connect to. */
  readonly target?: string | undefined;
  /**
   * Shown to the bridge as a subprotocol entry, since a page cannot set headers on a WebSocket. A function is asked for each
   * connection with the peer's name, for a token that is good for one only.
   */
  readonly token?: string | ((peer: string) => string | Promise<string>) | undefined;
  /** Further subprotocols to offer, for what stands between us and the bridge. */
  readonly protocols?: readonly string[] | undefined;
  /** By default the runtime's own. */
  readonly WebSocket?: (new (url: string, protocols: string[]) => WebSocketLike) | undefined;
  /** For the WebSocket to open; by default 7000. The bridge's own dial has the bridge's limits. */
  readonly timeoutMs?: number | undefined;
  /** Unread bytes at which the connection is given up, by default 64 MiB: a WebSocket cannot ask its sender to wait. */
  readonly unreadBytes?: number | undefined;
}

/**
 * Connects through the bridge at `url` (ws:, wss:, http: or https:; in a page also relative to it).
 *
 * The WebSocket opens before the bridge has reached the node, because a page cannot read why one did not open. So a node
 * that is down is not an error of this connector but of the stream: its `readable` fails with, and its `closed` rejects
 * with, a ConnectionError `no_such_node`, `refused`, `epmd_unreachable`, `unreachable`, `timeout`, `bridge_refused` or
 * `closed`. The connector itself rejects with `bridge_unreachable`, `bridge_refused`, `timeout` or `aborted`.
 */
export function bridge(url: string | URL, options: BridgeOptions = {}): Connector {
  const base = new URL(url, globalThis.location?.href);
  base.protocol = base.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(base.protocol)) throw new TypeError(`the bridge's address must be a ws: or wss: URL, not ${base.href}`);
  base.hash = "";
  const Constructor = options.WebSocket ?? globalThis.WebSocket;
  if (Constructor === undefined) throw new TypeError("this runtime has no WebSocket; give one in the options");
  const protocols = [SUBPROTOCOL, ECHO_PROTOCOL, ...(options.protocols ?? [])];
  const { token } = options;
  return async (peer, { signal }) => {
    const text = typeof token === "function" ? await token(peer) : token;
    const offered = text === undefined ? protocols : [...protocols, TOKEN_PREFIX + base64url(text)];
    const address = new URL(base);
    address.pathname = address.pathname.replace(/\/$/, "") + DIST_PATH + encodeURIComponent(options.target ?? peer);
    return open(() => new Constructor(address.href, offered), {
      peer,
      // Without the query, in which somebody may have put a secret.
      via: `the bridge at ${base.origin}${base.pathname}`,
      signal,
      timeoutMs: options.timeoutMs ?? 7_000,
      unreadBytes: options.unreadBytes ?? 64 * 1024 * 1024,
    });
  };
}

/** What an application's server hands out for one connection through a bridge that keeps the cookie. */
export interface Ticket {
  readonly token: string;
  /** Takes the cookie's place in the handshake. */
  readonly secret: string;
}

/**
 * For a bridge that keeps the cookie: `ErlangNode.start({ ...withTickets(url, getTicket) })`. `getTicket` is called with the
 * peer's name once for each connection, and what it throws is what connecting fails with.
 */
export function withTickets(
  url: string | URL,
  getTicket: (peer: string) => Ticket | Promise<Ticket>,
  options: Omit<BridgeOptions, "token"> = {},
): { readonly cookie: (peer: string) => Promise<string>; readonly connect: Connector } {
  const tickets = new Map<string, Ticket>();
  return {
    // A node asks for the cookie, then connects.
    async cookie(peer) {
      const ticket = await getTicket(peer);
      tickets.set(peer, ticket);
      return ticket.secret;
    },
    connect: bridge(url, {
      ...options,
      token(peer) {
        const { token = "" } = tickets.get(peer) ?? {};
        tickets.delete(peer);
        return token;
      },
    }),
  };
}

interface Dial {
  readonly peer: string;
  /** The bridge, for people. */
  readonly via: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly unreadBytes: number;
}

function open(create: () => WebSocketLike, dial: Dial): Promise<ByteStream> {
  const { peer, via, signal, timeoutMs, unreadBytes } = dial;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(peer, signal));
      return;
    }
    const socket = createSocket(create, dial);
    const lossOf = (event: CloseReport): ConnectionError => closeError(event, dial) ?? loss(event, dial);
    let settled = false;
    const fail = (error: ConnectionError): void => {
      if (settled) return;
      settled = true;
      endWatch();
      socket.close();
      reject(error);
    };
    const endWatch = watchDial(peer, { signal, timeoutMs, from: via }, fail);
    socket.addEventListener("error", (event) => fail(unreachable(dial, causeOf(event))));
    socket.addEventListener("close", (event) => fail(closeError(event, dial) ?? unreachable(dial)));
    socket.addEventListener("open", () => {
      if (settled) return;
      if (socket.protocol !== SUBPROTOCOL) {
        const words = `cannot connect to ${peer}: what answers is not ${via}, or one of another version`;
        fail(new ConnectionError("bridge_refused", words, { peer }));
        return;
      }
      settled = true;
      endWatch();
      resolve(new WebSocketWire(socket, { unreadBytes, lossOf }).stream);
    });
  });
}

function createSocket(create: () => WebSocketLike, dial: Dial): WebSocketLike {
  try {
    const socket = create();
    socket.binaryType = "arraybuffer";
    return socket;
  } catch (error) {
    // As a page that came by https: may not open ws:.
    throw unreachable(dial, error);
  }
}

/** A page is told nothing of why a WebSocket did not open, not even an HTTP status, lest it explore networks. */
function unreachable({ peer, via }: Dial, cause?: unknown): ConnectionError {
  const words = `cannot connect to ${peer}: cannot reach ${via}; is it running, and does it take pages of this origin?`;
  return new ConnectionError("bridge_unreachable", words, { peer, cause });
}

/** What the bridge itself says by its code. */
function closeError({ code, reason }: CloseReport, { peer, via }: Dial): ConnectionError | undefined {
  const error = closeErrorCode(code);
  if (error === undefined) return undefined;
  // The bridge gives a reason with each code.
  const why = reason || "the bridge gave no reason";
  return new ConnectionError(error, `no connection to ${peer}: ${why} (${via}, code ${code})`, { peer });
}

function loss({ code, reason }: CloseReport, { peer, via }: Dial): ConnectionError {
  // 1006 (RFC 6455, section 7.1.5) stands for no close frame at all.
  const words = code === 1006 ? `${via} is gone` : `${via} closed with code ${code}${reason && `, ${reason}`}`;
  return new ConnectionError("closed", `lost the connection to ${peer}: ${words}`, { peer });
}

function causeOf(event: object): unknown {
  // Node.js tells more than the standard allows a page to know.
  return "error" in event ? event.error : undefined;
}

function base64url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
