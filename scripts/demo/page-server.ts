// One HTTP server for everything: Vite serves the page from its sources, the bridge takes the WebSockets below /dist/.
import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { createBridge } from "@erl-dist/bridge";
import { DIST_PATH } from "@erl-dist/core/transports/bridge-protocol";
import { createServer, type Plugin } from "vite";
import { DEMO_CONFIG_PATH, type DemoConfig } from "../../packages/web-demo/page/demo-config.ts";
import type { DemoPeer } from "./peer.ts";

const HOST = "127.0.0.1";
const PAGE = fileURLToPath(new URL("../../packages/web-demo", import.meta.url));

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `portNo` 0, or one that is taken, gives any free port. */
export async function startPageServer(peer: DemoPeer, portNo: number): Promise<PageServer> {
  const server = createHttpServer();
  // The server's own list forgets a socket once it has asked for a WebSocket, also where nobody answers it any more.
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, portNo).catch(() => listen(server, 0));
  const origin = `http://${HOST}:${portOf(server)}`;
  const bridge = createBridge({
    dev: true,
    targets: { [peer.name]: { node: peer.name, portNo: peer.portNo } },
    origins: [origin],
  });
  server.on("upgrade", (request, socket, head) => {
    // The others are Vite's own.
    if (request.url?.startsWith(DIST_PATH)) bridge.handleUpgrade(request, socket, head);
  });
  const { name: node, cookie, kind, description } = peer;
  const vite = await createServer({
    configFile: `${PAGE}/vite.config.ts`,
    logLevel: "warn",
    clearScreen: false,
    // In middleware mode Vite leaves signals and standard input to us. The page stays as it is while the demo runs, or an
    // edited file would cost it its connection. No other page may read the cookie: no CORS.
    server: { middlewareMode: true, hmr: { server }, watch: null, cors: false },
    plugins: [servesConfig({ bridge: origin.replace("http", "ws"), node, cookie, peer: kind, description })],
  });
  server.on("request", vite.middlewares);
  return {
    url: `${origin}/`,
    async close() {
      await Promise.all([bridge.close(), vite.close()]);
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, portNo: number): Promise<void> {
  server.listen(portNo, HOST);
  await once(server, "listening");
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page's server has no port");
  return address.port;
}

function servesConfig(config: DemoConfig): Plugin {
  return {
    name: "demo-config",
    configureServer(server) {
      server.middlewares.use(DEMO_CONFIG_PATH, (_request, response) => {
        response.setHeader("content-type", "application/json");
        response.setHeader("cache-control", "no-store");
        response.end(JSON.stringify(config));
      });
    },
  };
}
