import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createBridge } from "../src/index.ts";
import { connected, openPage, readBytes, startBridge, startStandIn, until } from "./support/bridge.ts";

it("tells the page, gives the node what was on the way, and leaves nothing", async () => {
  const { bridge, page, node, record } = await connected();
  page.socket.send(Buffer.from("last words"));
  await until(() => [...bridge.links].every((link) => link.toNode.bytes === 10));
  const closed = bridge.close();
  expect(String(await readBytes(node, 10))).toBe("last words");
  await once(node.resume(), "end");
  node.end();
  expect(await page.closed).toEqual({ code: 4503, reason: "the bridge is shutting down" });
  await closed;
  expect(bridge.links.size).toBe(0);
  expect(await record()).toMatchObject({ by: "bridge", code: 4503 });
});

it("waits for nobody longer than the limit", async () => {
  const { bridge, page } = await connected({ limits: { closeTimeMs: 30 } });
  // Neither side ends its connection: the page does not read, the stand-in keeps its half open.
  page.socket.pause();
  await bridge.close();
  expect(bridge.links.size).toBe(0);
});

it("drains: takes no more pages, and lets those that there are go on until they end", async () => {
  const { bridge, url, page, node, record } = await connected();
  const drained = bridge.drain();
  const late = await openPage(url);
  expect(await late.closed).toEqual({ code: 1012, reason: "the bridge takes no more connections; try again soon" });
  expect(await record()).toMatchObject({ by: "bridge", code: 1012 });
  // Whoever would not be let in anyway is told by HTTP, as a balancer is.
  const stranger = new WebSocket(`${url}/dist/app`, "other");
  expect((await once(stranger, "error"))[0]).toHaveProperty("message", "Unexpected server response: 503");

  page.socket.send(Buffer.from("still here"));
  expect(String(await readBytes(node, 10))).toBe("still here");
  expect(bridge.isDraining).toBe(true);
  node.end();
  expect((await page.closed).code).toBe(4501);
  await drained;
  expect(bridge.links.size).toBe(0);
});

it("drains no longer than the limit", async () => {
  const { bridge, page, node } = await connected({ limits: { drainTimeMs: 50 } });
  node.resume().on("end", () => node.end());
  await bridge.drain();
  expect(await page.closed).toEqual({ code: 4503, reason: "the bridge is shutting down" });
});

it("closes a plain connection to its port as well", async () => {
  const { bridge, url } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } } });
  const response = await fetch(url.replace("ws:", "http:"));
  expect(response.status).toBe(426);
  expect(await response.text()).toContain("/dist/<target>");
  await bridge.close();
  await expect(fetch(url.replace("ws:", "http:"))).rejects.toThrow("fetch failed");
});

it("may be closed twice, or without having listened", async () => {
  const bridge = createBridge({ dev: true, targets: { app: { node: "app@127.0.0.1" } } });
  await Promise.all([bridge.close(), bridge.close()]);
  await expect(bridge.listen()).rejects.toThrow(TypeError);
});

it("says that the port is taken, and can be closed then", async () => {
  const { url } = await connected();
  const bridge = createBridge({ dev: true, targets: { app: { node: "app@127.0.0.1" } }, portNo: Number(new URL(url).port) });
  await expect(bridge.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
  await bridge.close();
});

it("serves inside another HTTP server, which may outlive it", async () => {
  const standIn = await startStandIn();
  const bridge = createBridge({ dev: true, targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const url = await serve((server) => server.on("upgrade", bridge.handleUpgrade.bind(bridge)));
  onTestFinished(() => bridge.close());
  const page = await openPage(url);
  const node = await standIn.accept();
  page.socket.send(Buffer.from("hello"));
  expect(String(await readBytes(node, 5))).toBe("hello");
  node.end();
  expect((await page.closed).code).toBe(4501);
  await bridge.close();
  const late = new WebSocket(`${url}/dist/app`, SUBPROTOCOL);
  const [error] = await once(late, "error");
  expect(error).toHaveProperty("message", "Unexpected server response: 503");
});

async function serve(prepare: (server: Server) => unknown): Promise<string> {
  const server = createServer();
  prepare(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
