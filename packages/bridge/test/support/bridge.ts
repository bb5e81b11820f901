// A bridge on a free port with its records, and what stands on both sides of it. All of it is closed when the test ends.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type Bridge, type BridgeConfig, createBridge, type Link, type LinkRecord } from "../../src/index.ts";

export interface RunningBridge {
  readonly bridge: Bridge;
  readonly url: string;
  /** The next link that is let in. */
  readonly link: () => Promise<Link>;
  /** The next record. */
  readonly record: () => Promise<LinkRecord>;
}

export async function startBridge(config: BridgeConfig): Promise<RunningBridge> {
  const records = queue<LinkRecord>();
  const links = queue<Link>();
  const bridge = createBridge({ dev: true, portNo: 0, ...config, log: records.push });
  onTestFinished(() => bridge.close());
  bridge.on("link", links.push);
  const { url } = await bridge.listen();
  return { bridge, url, link: links.next, record: records.next };
}

export interface Page {
  readonly socket: WebSocket;
  /** Everything that came. */
  readonly received: Buffer[];
  /** Resolves when that many bytes have come; gives all. */
  read(bytes: number): Promise<Buffer>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface PageOptions extends ClientOptions {
  readonly path?: string;
  readonly protocols?: string[];
}

/** A WebSocket through the bridge to the target "app", open. */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const { path = "/dist/app", protocols = [SUBPROTOCOL], ...client } = options;
  const socket = new WebSocket(url + path, protocols, { perMessageDeflate: false, ...client });
  onTestFinished(() => socket.terminate());
  const received: Buffer[] = [];
  let bytes = 0;
  socket.on("message", (data: Buffer) => {
    received.push(data);
    bytes += data.length;
  });
  const closed = once(socket, "close").then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  // Whoever was not let in waits for no close.
  closed.catch(() => undefined);
  await once(socket, "open");
  return {
    socket,
    received,
    async read(wanted) {
      await until(() => bytes >= wanted);
      return Buffer.concat(received);
    },
    closed,
  };
}

export interface StandIn {
  readonly portNo: number;
  /** The next connection, which does not read yet. */
  readonly accept: () => Promise<Socket>;
}

/** A TCP server in place of a node; the test accepts each connection. */
export async function startStandIn(): Promise<StandIn> {
  const sockets = queue<Socket>();
  const all: Socket[] = [];
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
    all.push(socket);
    // What the test does to the other side may reset this one.
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of all) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return {
    portNo: (server.address() as AddressInfo).port,
    async accept() {
      const socket = await sockets.next();
      onTestFinished(() => void socket.destroy());
      return socket;
    },
  };
}

/** Reads a socket until that many bytes have come. */
export async function readBytes(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
  };
  socket.on("data", onData).resume();
  await until(() => length >= bytes);
  socket.off("data", onData).pause();
  return Buffer.concat(chunks);
}

export interface Connected extends RunningBridge {
  readonly page: Page;
  readonly node: Socket;
  readonly link1: Link;
}

/** Bridge, page and stand-in, connected. */
export async function connected(config: Omit<BridgeConfig, "targets"> = {}, options: PageOptions = {}): Promise<Connected> {
  const standIn = await startStandIn();
  const running = await startBridge({ ...config, targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const [link1, page, node] = await Promise.all([running.link(), openPage(running.url, options), standIn.accept()]);
  return { ...running, page, node, link1 };
}

/** Waits for a condition that no event announces; the test's own deadline ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function queue<Item>(): { readonly push: (item: Item) => void; readonly next: () => Promise<Item> } {
  const items: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  return {
    push(item) {
      const first = waiting.shift();
      if (first === undefined) items.push(item);
      else first(item);
    },
    async next() {
      return items.shift() ?? new Promise((resolve) => waiting.push(resolve));
    },
  };
}
