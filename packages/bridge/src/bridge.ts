import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { type ServerOptions, WebSocketServer } from "ws";
import { type Admission, admit } from "./admission.ts";
import { type BridgeConfig, type Settings, settingsOf } from "./config.ts";
import { tcpDial } from "./dial.ts";
import { Link } from "./link.ts";
import { endingOf, type LinkRecord } from "./link-record.ts";
import type { Dial, StageFactory, Target } from "./target.ts";
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
  readonly #settings: Settings;
  readonly #dial: Dial;
  readonly #stage: StageFactory | undefined;
  readonly #webSockets: WebSocketServer;
  readonly #links = new Set<Link>();
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
    this.#webSockets = new WebSocketServer(webSocketOptions(limits));
  }

  get targets(): ReadonlyMap<string, Target> {
    return this.#settings.targets;
  }

  /** Those that are there now, refused ones included until they are gone. */
  get links(): ReadonlySet<Link> {
    return this.#links;
  }

  /** For the "upgrade" event of any HTTP server: takes over a request whose path begins with `/dist/`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    let admission = admit(request, this.#settings);
    // A page that would have been let in can read why it is not; for all others there is the HTTP status.
    if (this.#closed !== undefined || (this.isDraining && admission.refusal !== undefined)) {
      answerUnavailable(socket);
      return;
    }
    if (this.isDraining) admission = { asked: admission.asked, refusal: endingOf("restarting") };
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { limits } = this.#settings;
      const gone = this.#linkGone.bind(this);
      const link = new Link(webSocket, { id: ++this.#lastId, asked: admission.asked, limits, stage: this.#stage, gone });
      this.#links.add(link);
      this.#heartbeat ??= setInterval(() => this.#beat(), beatTimeMs(limits));
      void this.#start(link, admission);
    });
  }

  /** Serves on a loopback address. Rejects with the system's error if that is taken. */
  async listen(): Promise<BridgeAddress> {
    if (this.#server !== undefined || this.#closed !== undefined) throw new TypeError("the bridge listens or is closed");
    const server = createServer(HTTP_LIMITS, answerPlainRequest);
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
    const address = server.address();
    // A server that listens on TCP has an address with a port.
    const bound = typeof address === "object" && address !== null ? address.port : portNo;
    return { host, portNo: bound, url: `ws://${host.includes(":") ? `[${host}]` : host}:${bound}` };
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
  }

  async #start(link: Link, { refusal, target }: Admission): Promise<void> {
    if (refusal !== undefined) link.end(refusal);
    else if (await link.open(target, this.#dial)) this.emit("link", link);
  }

  #linkGone(link: Link, record: LinkRecord): void {
    this.#links.delete(link);
    if (this.#links.size === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    this.#settings.log(record);
    this.emit("linkclose", record, link);
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

function answerUnavailable(socket: Duplex): void {
  // Nobody is left to tell that it broke.
  socket.on("error", () => undefined);
  socket.once("finish", () => socket.destroy());
  socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

/** Somebody has opened the bridge's address in a browser. */
function answerPlainRequest(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { "content-type": "text/plain; charset=utf-8", connection: "close", upgrade: "websocket" });
  response.end("This is erl-bridge: WebSockets only, at /dist/<target>.\n");
}
