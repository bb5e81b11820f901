// What one side that does not read costs the bridge, and that nothing is lost in spite of it.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { openPage, startStandIn, until } from "../support/bridge.ts";
import { type BridgeProcess, startBridgeProcess } from "../support/bridge-process.ts";
import { closeOf, rawConnected, serverFrames } from "../support/raw-page.ts";

const MIB = 1024 * 1024;
const TOTAL = 600 * MIB;
const BLOCK = randomBytes(MIB);
/** Nothing is cut off here: the question is what waiting costs. */
const PATIENT = { stallTimeMs: 600_000, nodeStallTimeMs: 600_000, pingTimeMs: 600_000 };

it("[T5] grows by less than 32 MiB while a page reads nothing of 600 MiB; then the page gets all of it", async ({ task }) => {
  const { bridge, page, node } = await started();
  page.socket.pause();
  const before = bridge.rssMiB();
  const source = writeAll((block) => node.write(block) || once(node, "drain"));
  const grown = await growthUntilStuck(bridge, before, () => node.bytesWritten - node.writableLength);
  Object.assign(task.meta, { note: `RSS +${grown.toFixed(1)} MiB` });
  expect(grown).toBeLessThan(32);
  const arrived = hashOf((digest) => page.socket.on("message", digest));
  page.socket.resume();
  await source;
  expect(await arrived).toBe(TOTAL_HASH);
});

it("[T6] grows by less than 32 MiB while a node reads nothing of 600 MiB; then the node gets all of it", async ({ task }) => {
  const { bridge, page, node } = await started();
  const before = bridge.rssMiB();
  let taken = 0;
  const source = writeAll(async (block) => {
    page.socket.send(block);
    taken += block.length;
    while (page.socket.bufferedAmount > 4 * MIB) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  const grown = await growthUntilStuck(bridge, before, () => taken);
  Object.assign(task.meta, { note: `RSS +${grown.toFixed(1)} MiB` });
  expect(grown).toBeLessThan(32);
  const arrived = hashOf((digest) => node.on("data", digest).resume());
  await source;
  expect(await arrived).toBe(TOTAL_HASH);
});

it("[T8] loses nothing of what a node said before its end, though the page reads 1 KB/s and slowly after that", async () => {
  const { raw, node, link1 } = await rawConnected({ limits: { closeTimeMs: 300 } });
  const bytes = randomBytes(6 * MIB);
  node.end(bytes);
  await until(() => link1.toPage.paused);
  const received: Buffer[] = [];
  const read = async (length: number, everyMs: number): Promise<void> => {
    const chunk = raw.read(length) as Buffer | null;
    if (chunk !== null) received.push(chunk);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  };
  // Ten times as long as the bridge gives a closing handshake.
  for (let second = 0; second < 3; second++) await read(1_000, 1_000);
  while (!raw.readableEnded) await read(Math.max(1, Math.min(raw.readableLength, 65_536)), 10);
  const all = Buffer.concat(received);
  const payload = serverFrames(all).filter(({ opcode }) => opcode === 2);
  expect(Buffer.concat(payload.map((each) => each.payload)).equals(bytes)).toBe(true);
  expect(closeOf(all)).toEqual({ code: 4501, reason: "the node closed the connection" });
});

/** A bridge in a process of its own, with a page and a stand-in for the node connected by it. */
async function started() {
  const standIn = await startStandIn();
  const targets = { app: { node: "app@127.0.0.1", portNo: standIn.portNo } };
  const bridge = await startBridgeProcess({ targets, limits: PATIENT });
  const [page, node] = await Promise.all([openPage(bridge.url), standIn.accept()]);
  page.socket.removeAllListeners("message");
  // What the process allocates once, for the first bytes.
  await echoOnce(page.socket, node);
  return { bridge, page, node };
}

async function echoOnce(page: { send(bytes: Buffer): void; once(event: string, done: () => void): unknown }, node: Socket) {
  const back = once(page as never, "message");
  page.send(Buffer.from("warm"));
  node.resume();
  const [chunk] = (await once(node, "data")) as [Buffer];
  node.pause();
  node.write(chunk);
  await back;
}

async function writeAll(write: (block: Buffer) => unknown): Promise<void> {
  for (let sent = 0; sent < TOTAL; sent += BLOCK.length) await write(BLOCK);
}

/** The most that the process grew until the source could push no more for two seconds. */
async function growthUntilStuck(bridge: BridgeProcess, before: number, pushed: () => number): Promise<number> {
  let most = 0;
  let last = -1;
  for (let still = 0; still < 20; ) {
    still = pushed() === last ? still + 1 : 0;
    last = pushed();
    most = Math.max(most, bridge.rssMiB() - before);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(last).toBeLessThan(TOTAL);
  return most;
}

const TOTAL_HASH = hashOfTotal();

function hashOfTotal(): string {
  const hash = createHash("sha256");
  for (let sent = 0; sent < TOTAL; sent += BLOCK.length) hash.update(BLOCK);
  return hash.digest("hex");
}

function hashOf(listen: (digest: (chunk: Buffer) => void) => unknown): Promise<string> {
  const hash = createHash("sha256");
  let length = 0;
  return new Promise((resolve) => {
    listen((chunk) => {
      hash.update(chunk);
      length += chunk.length;
      if (length >= TOTAL) resolve(hash.digest("hex"));
    });
  });
}
