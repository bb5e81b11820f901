import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Duplex } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { createWebSocketStream, WebSocketServer, WebSocket as WsWebSocket } from "ws";
import { type CarrierPair, carrierCompliance } from "../../test/support/carrier-compliance.ts";
import { fastestMs } from "../../test/support/fastest.ts";
import { pipe } from "./pipe.ts";
import { bridge } from "./websocket.ts";

interface TestBridge {
  readonly url: string;
  readonly accepted: Promise<WsWebSocket>;
  close(): Promise<void>;
}

// A bridge's outside: it chooses the subprotocol, and the test is what lies behind.
async function startServer(): Promise<TestBridge> {
  const http: Server = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const accepted = new Promise<WsWebSocket>((resolve) => {
    server.once("connection", resolve);
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `ws://127.0.0.1:${address.port}`,
    accepted,
    async close() {
      server.close();
      http.close();
      await once(http, "close");
    },
  };
}

async function makePair(): Promise<CarrierPair> {
  const server = await startServer();
  const near = await bridge(server.url)("app@127.0.0.1", {});
  const socket = await server.accepted;
  const duplex = createWebSocketStream(socket);
  duplex.on("error", () => undefined);
  // toWeb() is typed for streams of anything; this one is of bytes.
  const { readable, writable } = Duplex.toWeb(duplex) as TransformStream<Uint8Array, Uint8Array>;
  return {
    near,
    far: pipe(readable, writable),
    breakOff: () => socket.terminate(),
    dispose: () => server.close(),
  };
}

// What Node.js's own WebSocket, that of undici, buffers; and the system.
carrierCompliance("a WebSocket of Node.js", makePair, { slackBytes: 16 * 1024 * 1024, inboundBackpressure: false });

it("works with another implementation of the standard", async () => {
  const server = await startServer();
  onTestFinished(() => server.close());
  const near = await bridge(server.url, { WebSocket: WsWebSocket })("app@127.0.0.1", {});
  (await server.accepted).send(Uint8Array.of(1, 2));
  expect((await near.readable.getReader().read()).value).toEqual(Uint8Array.of(1, 2));
  await near.close();
});

it("says in under a second that no bridge listens", async () => {
  const server = await startServer();
  await server.close();
  const refused = (): Promise<void> =>
    expect(bridge(server.url)("app@127.0.0.1", {})).rejects.toMatchObject({
      name: "ConnectionError",
      code: "bridge_unreachable",
      message: new RegExp(`cannot reach the bridge at ${server.url}/`),
    });
  expect(await fastestMs(refused)).toBeLessThan(1000);
});

it("says that a web server which is no bridge cannot be reached as one", async () => {
  const http = createServer((_, response) => void response.writeHead(404).end());
  await once(http.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void http.close());
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  const dial = bridge(`http://127.0.0.1:${address.port}`)("app@127.0.0.1", {});
  await expect(dial).rejects.toMatchObject({ code: "bridge_unreachable" });
});

it("hands on the bridge's code and reason after the WebSocket has opened", async () => {
  const server = await startServer();
  onTestFinished(() => server.close());
  const near = await bridge(server.url)("app@127.0.0.1", {});
  const read = near.readable.getReader().read();
  (await server.accepted).close(4512, 'EPMD knows no node "app"');
  await expect(read).rejects.toMatchObject({ code: "no_such_node", message: /EPMD knows no node "app"/ });
  await expect(near.closed).rejects.toMatchObject({ code: "no_such_node" });
});

it("leaves nothing behind when the caller gives up while it dials", async () => {
  const server = await startServer();
  const caller = new AbortController();
  const dial = bridge(server.url)("app@127.0.0.1", { signal: caller.signal });
  caller.abort(new Error("changed my mind"));
  await expect(dial).rejects.toMatchObject({ code: "aborted", cause: { message: "changed my mind" } });
  await server.close();
});
