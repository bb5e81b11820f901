import { EventEmitter } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { devNull } from "node:os";
import type { Duplex } from "node:stream";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { type ServerOptions, WebSocketServer } from "ws";
import { askedOf, openingOf, refusalEnding } from "./admission.ts";
import { type BridgeConfig, type Settings, settingsOf } from "./config.ts";
import { tcpDial } from "./dial.ts";
import { Link } from "./link.ts";
import { Metrics } from "./metrics.ts";
import { Monitor } from "./monitor.ts";
import { endingOf, type LinkRecord } from "./link-record.ts";
import { Admissions, type Admitted, goesBy, hostNameOf, type Refused } from "./policy/index.ts";
import { Session } from "./session.ts";
import { type Dial, findTarget, type StageFactory, type Target } from "./target.ts";
import { beatTimeMs } from "./watch.ts";

/** Makes a bridge; it does nothing until it gets a WebSocket. Throws a TypeError or RangeError that names the wrong field. */
export function createBridge(config: BridgeConfig): Bridge {
  return new Bridge(config);
}

export interface BridgeEvents {
  /** A page was let in and its node reached: bytes flow. */
  readonly link: [link: Link];
  /** Nothing is left of a WebSocket, whether it had been let in or not. */
  readonly linkclose: [record: LinkRecord, link: Link];
}

export interface BridgeAddress {
  readonly host: string;
  readonly portNo: number;
  /** For core's `bridge(url)`. */
  readonly url: string;
}

/** Relays Erlang distribution bytes between WebSockets and nodes. */
export class Bridge extends EventEmitter<BridgeEvents> {
  #settings: Settings;
  readonly #dial: Dial;
  readonly #stage: StageFactory | undefined;
  readonly #webSockets: WebSocketServer;
  readonly #admissions: Admissions;
  readonly #links = new Set<Link>();
  readonly #sessions = new Map<Link, Session>();
  /** Openings that wait for a verifier. */
  readonly #openings = new Set<Duplex>();
  readonly #closing = new AbortController();
  readonly #metrics = new Metrics();
  #monitor: Monitor | undefined;
  #monitorUrl: string | undefined;
  #lastId = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #server: Server | undefined;
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** Use `createBridge`. */
  constructor(config: BridgeConfig) {
    super();
    this.#settings = settingsOf(config);
    const { epmdPortNo, limits } = this.#settings;
    this.#dial = config.dial ?? tcpDial({ epmdPortNo, timeoutMs: limits.dialTimeMs });
    this.#stage = config.stage;
    this.#admissions = new Admissions(this.#settings.admission, { spent: config.spent });
    this.#webSockets = new WebSocketServer(webSocketOptions(limits));
  }

  get targets(): ReadonlyMap<string, Target> {
    return this.#settings.targets;
  }

  /** Those that are there now, refused ones included until they are gone. */
  get links(): ReadonlySet<Link> {
    return this.#links;
  }

  /** Where /metrics, /healthz and /readyz are served; undefined before `listen`, and without `monitor` in the configuration. */
  get monitorUrl(): string | undefined {
    return this.#monitorUrl;
  }

  /** What /metrics serves: Prometheus' text format. */
  metrics(): string {
    return this.#metrics.text(this.#links);
  }

  /** Why no new link would be taken now, as /readyz tells it; undefined if one would. */
  unready(): string | undefined {
    if (this.#closed !== undefined || this.isDraining) return "the bridge is shutting down";
    if (this.#server?.listening === false) return "the bridge does not listen";
    const { links } = this.#settings.limits;
    if (this.#links.size >= links) return `there are ${links} links, and no more are taken`;
    return hasFileDescriptor() ? undefined : "there is no file descriptor left";
  }

  /** For the "upgrade" event of any HTTP server: takes over a request whose path begins with `/dist/`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever is refused holds a WebSocket for a moment, too, and there may be many of them.
    if (this.#closed !== undefined || this.#links.size + this.#openings.size >= 2 * this.#settings.limits.links) {
      answerUnavailable(socket);
      return;
    }
    // Nobody is left to tell that it broke; "close" follows.
    socket.on("error", ignore);
    this.#openings.add(socket);
    void this.#admit(request, socket, head).finally(() => this.#openings.delete(socket));
  }

  /**
   * Goes on with another configuration: targets, tokens, levels, limits and certificates hold from now on, and links that they
   * would not let in any more end. Throws as `createBridge` does, and for what cannot change while a bridge runs; then all stays.
   */
  reconfigure(config: BridgeConfig): void {
    const settings = settingsOf(config);
    for (const field of ["host", "portNo", "monitor"] as const) {
      if (JSON.stringify(settings[field]) !== JSON.stringify(this.#settings[field]))
        throw new TypeError(`${field}: cannot change while the bridge runs`);
    }
    if ((settings.tls === undefined) !== (this.#settings.tls === undefined)) {
      throw new TypeError("tls: cannot come or go while the bridge runs");
    }
    if (settings.tls !== undefined && this.#server !== undefined) (this.#server as TlsServer).setSecureContext(settings.tls);
    this.#settings = settings;
    this.#admissions.configure(settings.admission);
    this.#recheck();
  }

  /** Ends the links of these subjects, and of these tokens by their ids, and lets none of them in again. */
  revoke({ subjects = [], ids = [] }: { readonly subjects?: readonly string[]; readonly ids?: readonly string[] }): void {
    const { revoked, ...rest } = this.#admissions.settings;
    this.#admissions.configure({
      ...rest,
      revoked: { subjects: new Set([...revoked.subjects, ...subjects]), ids: new Set([...revoked.ids, ...ids]) },
    });
    this.#recheck();
  }

  /** Serves where the configuration says. Rejects with the system's error if that is taken. */
  async listen(): Promise<BridgeAddress> {
    if (this.#server !== undefined || this.#closed !== undefined) throw new TypeError("the bridge listens or is closed");
    const { tls } = this.#settings;
    const answer = this.#answerPlainRequest.bind(this);
    const server = tls === undefined ? createServer(HTTP_LIMITS, answer) : createTlsServer({ ...HTTP_LIMITS, ...tls }, answer);
    this.#server = server;
    server.on("upgrade", (request, socket, head) => this.handleUpgrade(request, socket, head));
    const { host, portNo } = this.#settings;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port: portNo }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    const { monitor } = this.#settings;
    if (monitor !== undefined) {
      this.#monitor = new Monitor({ ...monitor, metrics: () => this.metrics(), unready: () => this.unready() });
      this.#monitorUrl = await this.#monitor.listen();
    }
    const address = server.address();
    // A server that listens on TCP has an address with a port.
    const bound = typeof address === "object" && address !== null ? address.port : portNo;
    return {
      host,
      portNo: bound,
      url: `${tls === undefined ? "ws" : "wss"}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    };
  }

  /** It takes no more pages. */
  get isDraining(): boolean {
    return this.#drained !== undefined;
  }

  /** Takes no more pages, and lets the links that there are go on: closes when they have ended, or after `limits.drainTimeMs`. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Takes no more, tells each page why, sends what is on the way, and leaves nothing behind. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#settings.limits.drainTimeMs);
    });
    await Promise.race([this.#allGone(), late]);
    clearTimeout(timer);
    await this.close();
  }

  /** Resolves when the last link has gone. */
  #allGone(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#links.size > 0) return;
        this.off("linkclose", look);
        resolve();
      };
      this.on("linkclose", look);
      look();
    });
  }

  async #close(): Promise<void> {
    const server = this.#server;
    const serverClosed = server?.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    server?.closeIdleConnections();
    this.#closing.abort();
    for (const socket of this.#openings) socket.destroy();
    const allGone = this.#allGone();
    for (const link of this.#links) link.end(endingOf("shuttingDown"));
    const deadline = setTimeout(() => {
      for (const link of this.#links) link.cut();
    }, this.#settings.limits.closeTimeMs);
    await allGone;
    clearTimeout(deadline);
    clearInterval(this.#heartbeat);
    server?.closeAllConnections();
    await serverClosed;
    await this.#monitor?.close();
  }

  /** Never rejects. */
  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const opening = openingOf(request, this.#settings.proxies);
    const decided = await this.#admissions.admit(opening, { now: Date.now(), signal: this.#closing.signal });
    const outcome = this.isDraining ? this.#turnAway(decided) : decided;
    if (outcome === undefined) {
      answerUnavailable(socket);
      return;
    }
    const isAdmitted = outcome.refusal === undefined;
    // The functions below live as long as the link, and must not keep the request: it is large, and has the token in it.
    const asked = askedOf(opening, outcome.grant?.subject);
    if (socket.destroyed || this.#closed !== undefined) {
      socket.destroy();
      if (isAdmitted) this.#admissions.leave(outcome);
      return;
    }
    let link: Link | undefined;
    // What is no WebSocket after all is answered and closed by ws, and makes no link.
    socket.once("close", () => {
      if (isAdmitted && link === undefined) this.#admissions.leave(outcome);
    });
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { limits } = this.#settings;
      link = new Link(webSocket, {
        id: ++this.#lastId,
        asked,
        limits,
        stage: this.#stage ?? (isAdmitted ? (target, now) => this.#admissions.stage(outcome, widthOf(target), now) : undefined),
        gone: this.#linkGone.bind(this),
      });
      this.#links.add(link);
      this.#metrics.opened();
      this.#heartbeat ??= setInterval(() => this.#beat(), beatTimeMs(limits));
      void this.#start(link, outcome);
    });
  }

  /** A page that would have been let in can read why it is not; for all others there is the HTTP status. */
  #turnAway(outcome: Admitted | Refused): Refused | undefined {
    if (outcome.refusal !== undefined) return undefined;
    this.#admissions.leave(outcome);
    return { refusal: { close: "restarting" }, grant: outcome.grant };
  }

  async #start(link: Link, outcome: Admitted | Refused): Promise<void> {
    if (outcome.refusal !== undefined) {
      link.end(refusalEnding(outcome.refusal));
      return;
    }
    this.#sessions.set(link, new Session(this.#admissions, outcome, link));
    const target = findTarget(this.#settings.targets, outcome.id);
    if (target === undefined) link.end(endingOf("unknownTarget"));
    else if (await link.open(target, this.#dial)) this.emit("link", link);
  }

  #recheck(): void {
    for (const session of this.#sessions.values()) void session.recheck();
  }

  #linkGone(link: Link, record: LinkRecord): void {
    this.#links.delete(link);
    this.#sessions.get(link)?.end();
    this.#sessions.delete(link);
    if (this.#links.size === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    this.#metrics.ended(record);
    this.#settings.log(record);
    this.emit("linkclose", record, link);
  }

  /** Somebody has opened the bridge's address in a browser. */
  #answerPlainRequest(request: IncomingMessage, response: ServerResponse): void {
    const host = hostNameOf(request.headers.host);
    const known = host !== undefined && goesBy(host, this.#settings.admission.hostNames);
    const headers = { "content-type": "text/plain; charset=utf-8", connection: "close" };
    response.writeHead(known ? 426 : 421, known ? { ...headers, upgrade: "websocket" } : headers);
    response.end(
      known ? "This is erl-bridge: WebSockets only, at /dist/<target>.\n" : "The bridge does not go by this host name.\n",
    );
  }

  #beat(): void {
    for (const link of this.#links) link.beat();
  }
}

function webSocketOptions({ messageBytes, closeTimeMs }: Settings["limits"]): ServerOptions {
  // closeTimeout and maxPendingAutoPongs are newer than the type declarations.
  const options: ServerOptions & { readonly closeTimeout: number; readonly maxPendingAutoPongs: number } = {
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    // It would cost memory on every link, and a bomb would have to be unpacked to be seen.
    perMessageDeflate: false,
    maxPayload: messageBytes,
    // A message in many tiny pieces costs far more memory than its bytes (CVE-2026-48779).
    maxFragments: 4_096,
    maxBufferedChunks: 16_384,
    maxPendingAutoPongs: 60,
    closeTimeout: closeTimeMs,
  };
  return options;
}

/** For who opens a connection and sends no request, or a slow one. */
const HTTP_LIMITS = { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };

/** Without one a connection can neither be taken nor made, and the system does not say how many are left. */
function hasFileDescriptor(): boolean {
  try {
    closeSync(openSync(devNull, "r"));
    return true;
  } catch {
    // EMFILE, or ENFILE where the whole machine has none.
    return false;
  }
}

function answerUnavailable(socket: Duplex): void {
  // Nobody is left to tell that it broke.
  socket.on("error", () => undefined);
  socket.once("finish", () => socket.destroy());
  socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

function widthOf({ tls }: Target): 2 | 4 {
  return tls === undefined ? 2 : 4;
}

function ignore(): void {
  // The reader of the other event knows.
}
