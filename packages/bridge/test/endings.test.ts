// Every end has a code and a reason, tells both sides, and loses nothing that was on the way.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { connected, openPage, readBytes, startBridge, startStandIn, until } from "./support/bridge.ts";

it("[T9] closes with 4501 when the node ends its connection, after everything that it sent", async () => {
  const { page, node, record } = await connected();
  const bytes = randomBytes(3_000_000);
  node.end(bytes);
  expect(await page.closed).toEqual({ code: 4501, reason: "the node closed the connection" });
  expect(Buffer.concat(page.received).equals(bytes)).toBe(true);
  expect(await record()).toMatchObject({ by: "node", code: 4501, toPageBytes: bytes.length });
});

it("[T8] lets a slow page have everything after the node's end, however long that takes", async () => {
  const { page, node, link1 } = await connected({ limits: { closeTimeMs: 50, pingTimeMs: 20_000 } });
  const bytes = randomBytes(20_000_000);
  page.socket.pause();
  node.end(bytes);
  await until(() => link1.toPage.paused);
  const started = performance.now();
  await until(() => performance.now() - started > 200);
  page.socket.resume();
  expect((await page.closed).code).toBe(4501);
  expect(Buffer.concat(page.received).equals(bytes)).toBe(true);
});

it("[T9] closes with 4502 when the node resets its connection", async () => {
  const { page, node, record } = await connected();
  node.resetAndDestroy();
  expect(await page.closed).toEqual({ code: 4502, reason: "the bridge lost its connection to the node" });
  expect(await record()).toMatchObject({ by: "node", code: 4502, detail: "read ECONNRESET" });
});

it("[T9] gives the node everything that a page sent before it closed, then ends its connection", async () => {
  const { page, node, record } = await connected();
  const bytes = randomBytes(3_000_000);
  page.socket.send(bytes.subarray(0, 1_000_000));
  page.socket.send(bytes.subarray(1_000_000, 2_000_000));
  page.socket.send(bytes.subarray(2_000_000));
  page.socket.close(4999, "going home");
  const ended = once(node, "end");
  expect((await readBytes(node, bytes.length)).equals(bytes)).toBe(true);
  node.resume();
  await ended;
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 4999, reason: "going home", toNodeBytes: bytes.length });
  expect(await page.closed).toEqual({ code: 4999, reason: "going home" });
});

it("[T9] ends the node's connection when a page vanishes", async () => {
  const { page, node, record } = await connected();
  page.socket.terminate();
  await once(node.resume(), "end");
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 1006, reason: "the page is gone" });
});

it("[T9] resets a node's connection that does not end in time", async () => {
  const { page, record } = await connected({ limits: { closeTimeMs: 20 } });
  // The stand-in reads nothing and keeps its half open, as a node that hangs does.
  page.socket.close(1000);
  expect(await record()).toMatchObject({ by: "page", code: 1000 });
});

it("closes with 1003 at a text message, and passes none of it on", async () => {
  const { page, node, record } = await connected();
  page.socket.send("text");
  page.socket.send(Buffer.of(1));
  expect((await page.closed).code).toBe(1003);
  await once(node.resume(), "end");
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 1003, toNodeBytes: 0 });
});

it("closes with 1009 at a message above the limit, and passes none of it on", async () => {
  const { page, node, record } = await connected({ limits: { messageBytes: 1000 } });
  page.socket.send(randomBytes(1001));
  expect((await page.closed).code).toBe(1009);
  await once(node.resume(), "end");
  node.end();
  expect(await record()).toMatchObject({ by: "page", detail: "Max payload size exceeded", toNodeBytes: 0 });
});

it("closes with 1008 at a message in too many fragments", async () => {
  const { page, node, record } = await connected();
  for (let count = 0; count < 5_000; count++) page.socket.send(Buffer.of(1), { binary: true, fin: false });
  expect((await page.closed).code).toBe(1008);
  node.end();
  expect(await record()).toMatchObject({ by: "page", detail: "Too many message fragments", toNodeBytes: 0 });
});

it("drops a page that answers no ping, and resets the node's connection, whose senders must not wait", async () => {
  const limits = { pingTimeMs: 30, pongTimeMs: 20, closeTimeMs: 50 };
  const { node, page, record } = await connected({ limits }, { autoPong: false });
  expect(await once(node.resume(), "error")).toMatchObject([{ code: "ECONNRESET" }]);
  expect(await page.closed).toEqual({ code: 4411, reason: "the page no longer answers" });
  expect(await record()).toMatchObject({ by: "bridge", code: 4411, detail: "no sign of life in 50 ms" });
});

it("drops a page that reads nothing, with what waits for it, though it goes on sending", async () => {
  const { node, page, record } = await connected({ limits: { stallTimeMs: 200, closeTimeMs: 50 } });
  page.socket.pause();
  const ticks = setInterval(() => page.socket.send(Buffer.alloc(4)), 10);
  onTestFinished(() => clearInterval(ticks));
  node.resume().write(randomBytes(32 * 1024 * 1024));
  expect(await once(node, "error")).toMatchObject([{ code: "ECONNRESET" }]);
  expect(await record()).toMatchObject({ by: "bridge", code: 4408, detail: "the node had to wait for the page for 200 ms" });
});

it("drops a node that takes nothing", async () => {
  const { page, record } = await connected({ limits: { nodeStallTimeMs: 200, closeTimeMs: 50 } });
  page.socket.send(randomBytes(1_000_000));
  const flood = setInterval(() => page.socket.send(randomBytes(1_000_000)), 10);
  onTestFinished(() => clearInterval(flood));
  expect((await page.closed).code).toBe(4505);
  expect(await record()).toMatchObject({ by: "bridge", code: 4505, detail: "the page had to wait for the node for 200 ms" });
});

it("ends a link on which nothing but ticks goes by, in good order", async () => {
  const { page, node, record } = await connected({ limits: { idleTimeMs: 300 } });
  const ticks = setInterval(() => {
    page.socket.send(Buffer.alloc(4));
    node.write(Buffer.alloc(4));
  }, 10);
  onTestFinished(() => clearInterval(ticks));
  const ended = once(node.resume(), "end");
  expect(await page.closed).toEqual({ code: 4412, reason: "nothing was said for too long" });
  await ended;
  node.end();
  expect(await record()).toMatchObject({ by: "bridge", code: 4412, detail: "nothing but ticks in 300 ms" });
});

it("ends a link that has lasted as long as it may, busy or not", async () => {
  const { page, node, record } = await connected({ limits: { sessionTimeMs: 200 } });
  const talk = setInterval(() => page.socket.send("busy", { binary: true }), 10);
  onTestFinished(() => clearInterval(talk));
  await once(node.resume(), "end");
  node.end();
  expect((await page.closed).code).toBe(4410);
  expect(await record()).toMatchObject({ by: "bridge", code: 4410, detail: "the link has lasted 200 ms" });
});

it("keeps a page that answers pings, though it sends nothing", async () => {
  const { page, node, link1 } = await connected({ limits: { pingTimeMs: 100 } });
  for (let count = 0; count < 4; count++) await once(page.socket, "ping");
  node.write("still here");
  expect(String(await page.read(10))).toBe("still here");
  expect(link1.toPage.bytes).toBe(10);
});

it("keeps a page whose pongs it cannot read, because the node takes nothing", async () => {
  const { page, node, link1 } = await connected({ limits: { pingTimeMs: 100 } });
  const bytes = randomBytes(16 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 65_536) page.socket.send(bytes.subarray(at, at + 65_536));
  await until(() => link1.toNode.paused);
  for (let count = 0; count < 4; count++) await once(page.socket, "ping");
  expect((await readBytes(node, bytes.length)).equals(bytes)).toBe(true);
});

it("[T14] gives up dialling when the page leaves", async () => {
  const { promise: aborted, resolve: onAbort } = Promise.withResolvers<void>();
  const dial = (_: unknown, signal: AbortSignal): Promise<Socket> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason);
        onAbort();
      });
    });
  const { url, record } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } }, dial });
  const page = await openPage(url);
  page.socket.close(1000);
  await aborted;
  const written = await record();
  expect(written).toMatchObject({ by: "page", code: 1000 });
  expect(written).not.toHaveProperty("dialMs", expect.anything());
});

it("[T14] destroys a connection that comes after the page has left", async () => {
  const standIn = await startStandIn();
  const { promise: mayDial, resolve: allowDial } = Promise.withResolvers<void>();
  const dial = async (): Promise<Socket> => {
    await mayDial;
    return connect(standIn.portNo, "127.0.0.1");
  };
  const { url, record } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } }, dial });
  const page = await openPage(url);
  page.socket.terminate();
  await record();
  allowDial();
  const node = await Promise.race([standIn.accept(), new Promise<undefined>((resolve) => setTimeout(resolve, 100))]);
  // It may have been destroyed before it was connected; if not, it ends without a byte.
  const bytes = node === undefined ? [] : await node.toArray();
  expect(bytes).toEqual([]);
});
