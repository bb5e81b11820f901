// /metrics, /healthz and /readyz, on an address of their own: they are for the operator, and never on the pages' side.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { METRICS_TYPE } from "./metrics.ts";
import { goesBy, hostNameOf } from "./policy/index.ts";

export interface MonitorOptions {
  readonly host: string;
  readonly portNo: number;
  readonly hostNames: ReadonlySet<string>;
  readonly metrics: () => string;
  /** Why no new link would be taken now; undefined if one would. */
  readonly unready: () => string | undefined;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #server: Server;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 8 * 1024, headersTimeout: 5_000 }, (request, response) =>
      this.#answer(request, response),
    );
  }

  /** Rejects with the system's error if the address is taken. */
  async listen(): Promise<string> {
    const { host, portNo } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port: portNo }, resolve);
    });
    const address = this.#server.address();
    const bound = typeof address === "object" && address !== null ? address.port : portNo;
    return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { hostNames, metrics, unready } = this.#options;
    const host = hostNameOf(request.headers.host);
    // An address cannot be pointed elsewhere, as a name can (DNS rebinding).
    const known = host !== undefined && (goesBy(host, hostNames) || isIP(host.replace(/^\[|\]$/g, "")) !== 0);
    const send = (status: number, text: string, type = "text/plain; charset=utf-8"): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    if (!known) return send(421, "not known by this host name\n");
    if (request.method !== "GET" && request.method !== "HEAD") return send(405, "GET only\n");
    switch (request.url) {
      case "/metrics":
        return send(200, metrics(), METRICS_TYPE);
      case "/healthz":
        return send(200, "ok\n");
      case "/readyz": {
        const reason = unready();
        return reason === undefined ? send(200, "ready\n") : send(503, `${reason}\n`);
      }
      default:
        return send(404, "there are /metrics, /healthz and /readyz\n");
    }
  }
}
