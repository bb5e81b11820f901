// What goes in at one end comes out at the other, byte for byte, and what waits in between has a bound.
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { connected, openPage, readBytes, startBridge, startStandIn, until } from "./support/bridge.ts";

const MIB = 1024 * 1024;
const BUFFERED_BYTES = 512 * 1024;
/** What one read of a socket, or one message of the test, may add to the mark at which the other side has to wait. */
const SLACK_BYTES = 128 * 1024;

it("[T1] passes single bytes on in both directions, in order", async () => {
  const { page, node, record } = await connected();
  const bytes = randomBytes(4096);
  for (const byte of bytes) page.socket.send(Buffer.of(byte));
  expect(await readBytes(node, bytes.length)).toEqual(bytes);
  for (const byte of bytes) node.write(Buffer.of(byte));
  expect(await page.read(bytes.length)).toEqual(bytes);
  node.end();
  expect(await record()).toMatchObject({ toNodeBytes: 4096, toPageBytes: 4096 });
});

it("[T1] passes a message on that came in fragments of one byte", async () => {
  const { page, node } = await connected();
  const bytes = randomBytes(1000);
  for (const [index, byte] of bytes.entries())
    page.socket.send(Buffer.of(byte), { binary: true, fin: index === bytes.length - 1 });
  expect(await readBytes(node, bytes.length)).toEqual(bytes);
});

it("[T1] passes a WebSocket frame on that came in TCP segments of one byte", async () => {
  const { page, node } = await connected();
  const bytes = randomBytes(300);
  // Masked by zeros, so the payload stands in the frame as it is.
  const frame = Buffer.concat([Buffer.of(0x82, 0xfe, 300 >> 8, 300 & 255, 0, 0, 0, 0), bytes]);
  const raw = rawSocket(page.socket);
  for (const byte of frame) raw.write(Buffer.of(byte));
  expect(await readBytes(node, bytes.length)).toEqual(bytes);
});

it("passes empty messages over", async () => {
  const { page, node } = await connected();
  page.socket.send(Buffer.alloc(0));
  page.socket.send(Buffer.of(7));
  expect(await readBytes(node, 1)).toEqual(Buffer.of(7));
});

it("takes the largest message that the limits allow", async () => {
  const { page, node } = await connected({ limits: { messageBytes: 100_000 } });
  const bytes = randomBytes(100_000);
  page.socket.send(bytes);
  expect(await readBytes(node, bytes.length)).toEqual(bytes);
});

it("passes 64 MiB on in each direction at once, and keeps little of it", async () => {
  const { page, node, link1 } = await connected();
  const total = 64 * MIB;
  const [toNode, toPage] = await Promise.all([
    hashOf((digest) => node.on("data", digest).resume(), total),
    hashOf((digest) => page.socket.on("message", digest), total),
    sendBlocks(total, (block) => new Promise((sent) => page.socket.send(block, sent))),
    sendBlocks(total, (block) => new Promise((sent) => node.write(block, sent))),
  ]);
  expect(toNode).toBe(BLOCKS_HASH);
  expect(toPage).toBe(BLOCKS_HASH);
  expect(link1.toNode.bytes).toBe(total);
  expect(link1.toPage.bytes).toBe(total);
  expect(link1.toNode.peakBufferedBytes).toBeLessThanOrEqual(BUFFERED_BYTES + SLACK_BYTES);
  expect(link1.toPage.peakBufferedBytes).toBeLessThanOrEqual(BUFFERED_BYTES + SLACK_BYTES);
});

it("[T6] makes a page wait for a node that does not read, and loses nothing", async () => {
  const { page, node, link1 } = await connected();
  const total = 32 * MIB;
  const sent = sendBlocks(total, async (block) => page.socket.send(block));
  // The kernels' buffers are full, and so is ours: what remains waits with the page.
  await until(() => link1.toNode.paused && page.socket.bufferedAmount > 8 * MIB && link1.toNode.bufferedBytes > BUFFERED_BYTES);
  expect(link1.toNode.bytes).toBeLessThan(total - 8 * MIB);
  const [hash] = await Promise.all([hashOf((digest) => node.on("data", digest).resume(), total), sent]);
  expect(hash).toBe(hashOfBlocks(total));
  expect(link1.toNode.peakBufferedBytes).toBeLessThanOrEqual(BUFFERED_BYTES + SLACK_BYTES);
  expect(link1.toNode).toMatchObject({ bytes: total, paused: false });
});

it("[T5] makes a node wait for a page that does not read, and loses nothing", async () => {
  const { page, node, link1 } = await connected();
  const total = 32 * MIB;
  page.socket.pause();
  const sent = sendBlocks(total, async (block) => void node.write(block));
  await until(() => link1.toPage.paused && node.writableLength > 8 * MIB && link1.toPage.bufferedBytes > BUFFERED_BYTES);
  expect(link1.toPage.bytes).toBeLessThan(total - 8 * MIB);
  const hash = hashOf((digest) => page.socket.on("message", digest), total);
  page.socket.resume();
  expect(await hash).toBe(hashOfBlocks(total));
  await sent;
  expect(link1.toPage.peakBufferedBytes).toBeLessThanOrEqual(BUFFERED_BYTES + SLACK_BYTES);
  expect(link1.toPage).toMatchObject({ bytes: total, paused: false });
});

it("keeps what a page sends before its node is reached, within the same bound", async () => {
  const standIn = await startStandIn();
  const { promise: mayDial, resolve: allowDial } = Promise.withResolvers<void>();
  const dial = async (): Promise<Socket> => {
    await mayDial;
    return connect(standIn.portNo, "127.0.0.1");
  };
  const { bridge, url } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } }, dial });
  const page = await openPage(url);
  const [link1] = bridge.links;
  if (link1 === undefined) throw new Error("no link");
  const total = 32 * MIB;
  await sendBlocks(total, async (block) => page.socket.send(block));
  await until(() => link1.toNode.paused && page.socket.bufferedAmount > 8 * MIB);
  allowDial();
  const node = await standIn.accept();
  expect(await hashOf((digest) => node.on("data", digest).resume(), total)).toBe(hashOfBlocks(total));
  expect(link1.toNode.peakBufferedBytes).toBeLessThanOrEqual(BUFFERED_BYTES + SLACK_BYTES);
});

it("counts what tiny messages cost, not only their bytes", async () => {
  const { bridge, url } = await startBridge({
    targets: { app: { node: "app@127.0.0.1" } },
    dial: () => new Promise(() => undefined),
  });
  const page = await openPage(url);
  const [link1] = bridge.links;
  for (let count = 0; count < 200_000; count++) page.socket.send(Buffer.of(1));
  await until(() => link1?.toNode.paused === true);
  // What one read of the socket held may have come on top.
  expect(link1?.toNode.bytes).toBeLessThan(BUFFERED_BYTES / 256 + 65_536 / 7);
});

it("keeps links apart", async () => {
  const standIn = await startStandIn();
  const { url } = await startBridge({ targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const pages = await Promise.all(Array.from({ length: 20 }, () => openPage(url)));
  for (const [index, { socket }] of pages.entries()) socket.send(Buffer.of(index));
  for (let count = 0; count < pages.length; count++) {
    const node = await standIn.accept();
    node.write(await readBytes(node, 1));
  }
  const echoes = await Promise.all(pages.map((page) => page.read(1)));
  expect(echoes).toEqual(pages.map((_, index) => Buffer.of(index)));
});

// No two of these lengths share a divisor with a buffer's size, so boundaries fall everywhere.
const BLOCK = randomBytes(65_521);
const BLOCKS_HASH = hashOfBlocks(64 * MIB);

async function sendBlocks(total: number, send: (block: Buffer) => Promise<unknown>): Promise<void> {
  for (const block of blocks(total)) await send(block);
}

function* blocks(total: number): Generator<Buffer> {
  for (let sent = 0; sent < total; sent += BLOCK.length) yield BLOCK.subarray(0, Math.min(BLOCK.length, total - sent));
}

function hashOfBlocks(total: number): string {
  const hash = createHash("sha256");
  for (const block of blocks(total)) hash.update(block);
  return hash.digest("hex");
}

/** Hashes what comes until that many bytes have come. */
function hashOf(listen: (digest: (chunk: Buffer) => void) => unknown, total: number): Promise<string> {
  const hash = createHash("sha256");
  let length = 0;
  return new Promise((resolve) => {
    listen((chunk) => {
      hash.update(chunk);
      length += chunk.length;
      if (length >= total) resolve(hash.digest("hex"));
    });
  });
}

/** The TCP socket under ws' WebSocket, which it keeps for itself. */
function rawSocket(socket: object): Socket {
  return (socket as { _socket: Socket })._socket;
}
