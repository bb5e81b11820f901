// TCP and TLS with Node.js, and with Deno and Bun, which have node:net too.
import { once } from "node:events";
import { createServer, isIP, connect as netConnect, type Server, type Socket } from "node:net";
import { type ConnectionOptions, createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { EpmdServer } from "../epmd/server.ts";
import { stayRegistered } from "../epmd/stay-registered.ts";
import { ConnectionError } from "../errors.ts";
import type { ByteStream, Connector, Listener, Listening, ListenOptions } from "./byte-stream.ts";
import { abortError, reasonOf, splitName, watchDial } from "./dial.ts";
import { findPort } from "./find-port.ts";
import { dialError, socketStream } from "./nodejs-socket.ts";
import { resetsBy, tlsOver } from "./nodejs-reset.ts";
import { silentInTls, tlsError } from "./nodejs-tls.ts";

/** As long as OTP gives one step of setting up a connection (`net_setuptime`). */
const CONNECT_TIMEOUT_MS = 7_000;

export interface ConnectTcpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Speak TLS; handshake messages then have 4 bytes of length. */
  readonly tls?: ConnectionOptions | undefined;
  /** By default 7000. */
  readonly timeoutMs?: number | undefined;
  /** The node behind the address, for errors. */
  readonly peer?: string | undefined;
}

/** Connects to an address. Rejects with a ConnectionError: `refused`, `unreachable`, `tls_failed`, `timeout` or `aborted`. */
export function connectTcp(host: string, portNo: number, options: ConnectTcpOptions = {}): Promise<ByteStream> {
  const { signal, tls, timeoutMs = CONNECT_TIMEOUT_MS, peer } = options;
  const where = `${host}:${portNo}`;
  const target = peer ?? where;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(target, signal));
      return;
    }
    let socket = netConnect({ host, port: portNo, noDelay: true, keepAlive: true });
    let isSecuring = false;
    const fail = (error: ConnectionError): void => {
      endWatch();
      // The socket may go on to report that it was destroyed; the dial is over.
      socket.off("error", onError).on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const onLate = (error: ConnectionError): void =>
      fail(isSecuring && error.code === "timeout" ? silentInTls(target, where, timeoutMs, peer) : error);
    const endWatch = watchDial(target, { signal, timeoutMs, from: where }, onLate);
    const onError = (error: Error): void =>
      fail(isSecuring ? tlsError(error, target, peer) : dialError(error, target, host, portNo, peer));
    const onReached = (): void => {
      endWatch();
      socket.off("error", onError);
      resolve(socketStream(socket, target));
    };
    socket.on("error", onError).once("connect", () => {
      if (tls === undefined) {
        onReached();
        return;
      }
      isSecuring = true;
      socket.off("error", onError);
      // A name for SNI and for the certificate's check; an address has no SNI.
      const name = isIP(host) === 0 ? { servername: host } : {};
      socket = tlsOver(socket, { ...name, ...tls, host })
        .on("error", onError)
        .once("secureConnect", onReached);
    });
  });
}

export interface TcpOptions {
  /** Address to dial instead of the host part of the node name. */
  readonly host?: string | undefined;
  /** By default the environment's ERL_EPMD_PORT, else 4369, as with OTP. */
  readonly epmdPortNo?: number | undefined;
  /** The node's distribution port, where it is fixed; EPMD is not asked then. */
  readonly portNo?: number | undefined;
  readonly tls?: ConnectionOptions | undefined;
  /** For each step: asking EPMD, connecting. By default 7000. */
  readonly timeoutMs?: number | undefined;
}

/** Connects as an Erlang node does: asks EPMD on the node's host for its port, then dials that. */
export function tcp(options: TcpOptions = {}): Connector {
  return async (peer, { signal }) => {
    const { tls, timeoutMs = CONNECT_TIMEOUT_MS } = options;
    const host = options.host ?? splitName(peer).host;
    const dial = (to: string, at: number): Promise<ByteStream> => connectTcp(to, at, { signal, timeoutMs, peer });
    const epmdPortNo = options.epmdPortNo ?? defaultEpmdPortNo();
    const portNo = options.portNo ?? (await findPort(peer, { host, epmdPortNo, timeoutMs, signal, dial }));
    return connectTcp(host, portNo, { signal, tls, timeoutMs, peer });
  };
}

export interface ListenTcpOptions {
  /** By default any free port. */
  readonly portNo?: number | undefined;
  /** Address to listen on; by default all, as OTP. Everybody who can reach it can try the cookie. */
  readonly host?: string | undefined;
  /** Where to register the name; by default on this host. `false`: peers must know the port. */
  readonly epmd?: boolean | { readonly host?: string | undefined; readonly portNo?: number | undefined } | undefined;
  /** Certificate and key; peers then have to speak TLS (`-proto_dist inet_tls`). */
  readonly tls?: TlsOptions | undefined;
}

/**
 * Listens as an Erlang node does, and registers the name in EPMD for as long as it listens, in another one when that ends
 * (each 2 seconds it tries). Rejects with an EpmdError (`duplicate_name`) or a ConnectionError (`epmd_unreachable`,
 * `cannot_listen`). EPMD takes names from its own host only.
 */
export function listenTcp(options: ListenTcpOptions = {}): Listener {
  return async (listen) => {
    const { server, portNo } = await openServer(options, listen);
    if (options.epmd === false) return { portNo, close: () => closeServer(server) };
    try {
      const epmd = typeof options.epmd === "object" ? options.epmd : {};
      return await registered(server, portNo, epmd, listen);
    } catch (error) {
      await closeServer(server);
      throw error;
    }
  };
}

export interface ServeEpmdOptions {
  /** By default 4369; 0 for any free port. */
  readonly portNo?: number | undefined;
  /** Address to listen on; by default 127.0.0.1, where the nodes of this host register. Nodes elsewhere need another one. */
  readonly host?: string | undefined;
  /** Programs of this host may end it (`epmd -kill`) while no node is registered; by default not. */
  readonly killable?: boolean | undefined;
  /** Milliseconds that a client has for its request; by default 60,000, as with OTP. */
  readonly requestTimeMs?: number | undefined;
}

export interface ServingEpmd {
  readonly portNo: number;
  /** The nodes that are registered. */
  readonly names: EpmdServer["names"];
  /** Resolves when it has ended: by close(), or because it was killed. */
  readonly closed: Promise<void>;
  /** Ends it, and all registrations. */
  close(): Promise<void>;
}

/** Runs an EPMD in this process. Rejects with a ConnectionError `cannot_listen`: there may be one already. */
export async function serveEpmd({
  portNo: wanted = 4369,
  host = "127.0.0.1",
  killable = false,
  requestTimeMs,
}: ServeEpmdOptions = {}): Promise<ServingEpmd> {
  const listener = createServer({ noDelay: true });
  const portNo = await listenOn(listener, { portNo: wanted, host });
  const epmd = new EpmdServer({ portNo, requestTimeMs, onKill: killable ? () => void close() : undefined });
  listener.on("connection", (socket) => {
    epmd.accept(socketStream(socket, addressOf(socket)), { isLocal: isLocal(socket) });
  });
  const closed = once(listener, "close").then(() => undefined);
  const close = async (): Promise<void> => {
    listener.close();
    await epmd.close();
    await closed;
  };
  return {
    portNo,
    get names() {
      return epmd.names;
    },
    closed,
    close,
  };
}

/** From a loopback address, or from the address that it was connected to. */
function isLocal({ remoteAddress = "", localAddress }: Socket): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress) || remoteAddress === localAddress;
}

async function openServer(
  { host, portNo = 0, tls }: ListenTcpOptions,
  { accept }: ListenOptions,
): Promise<{ readonly server: Server; readonly portNo: number }> {
  const options = { noDelay: true, keepAlive: true };
  // A client that does not go on with its handshake is let go as in the handshake of nodes.
  const server =
    tls === undefined ? createServer(options) : createTlsServer({ handshakeTimeout: CONNECT_TIMEOUT_MS, ...tls, ...options });
  const take = (socket: Socket): void => accept(socketStream(socket, addressOf(socket)));
  if (tls === undefined) server.on("connection", take);
  else {
    /** By their addresses, until they have gone. */
    const below = new Map<string, Socket>();
    server.on("connection", (socket: Socket) => {
      const address = addressOf(socket);
      below.set(address, socket);
      socket.once("close", () => below.delete(address));
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      const tcp = below.get(addressOf(socket));
      take(tcp === undefined ? socket : resetsBy(socket, tcp));
    });
  }
  return { server, portNo: await listenOn(server, { portNo, host }) };
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

/** The port that it then listens on. */
async function listenOn(server: Server, { portNo, host }: Pick<ListenTcpOptions, "portNo" | "host">): Promise<number> {
  try {
    server.listen({ port: portNo, host });
    await once(server, "listening");
  } catch (error) {
    throw new ConnectionError("cannot_listen", `cannot listen on port ${portNo}: ${reasonOf(error)}`, { cause: error });
  }
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function registered(
  server: Server,
  portNo: number,
  epmd: { readonly host?: string | undefined; readonly portNo?: number | undefined },
  { name, hidden, signal }: ListenOptions,
): Promise<Listening> {
  const host = epmd.host ?? "localhost";
  const epmdPortNo = epmd.portNo ?? defaultEpmdPortNo();
  const connect = (options: ConnectTcpOptions): Promise<ByteStream> => connectTcp(host, epmdPortNo, options);
  const stream = await connect({ signal }).catch((error: unknown) => {
    if (!(error instanceof ConnectionError) || error.code !== "refused") throw error;
    const words = `cannot register ${name}: no EPMD at ${host}:${epmdPortNo}; start one (epmd -daemon), or listen with { epmd: false }`;
    throw new ConnectionError("epmd_unreachable", words, { cause: error });
  });
  const registration = await stayRegistered(stream, { name: splitName(name).alive, portNo, hidden }, { connect });
  return {
    creation: registration.creation,
    portNo,
    async close() {
      await Promise.all([registration.close(), closeServer(server)]);
    },
  };
}

/** Stops accepting at once; connections that were accepted belong to others and live on. */
async function closeServer(server: Server): Promise<void> {
  server.close();
}

function defaultEpmdPortNo(): number {
  return Number(process.env["ERL_EPMD_PORT"] ?? 4369);
}
