// Limits of a page's link, with the clock in the test's hand and a page and a node that do as they are told.
import type { Stage } from "@erl-dist/bridge/policy";
import { type ByteStream, ConnectionError } from "@erl-dist/core";
import { memoryPair } from "@erl-dist/core/transports/memory";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type EdgeEnding, EdgeLink } from "./edge-link.ts";

const MIB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A WebSocket as a Worker has it. */
class Page extends EventTarget {
  readyState: number = WebSocket.OPEN;
  sentBytes = 0;
  /** Texts that it has not sent back. */
  readonly marks: string[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;

  send(data: Uint8Array | string): void {
    if (typeof data === "string") this.marks.push(data);
    else this.sentBytes += data.length;
  }

  /** As one that offers `erldist.echo`, when it comes to it. */
  read(): void {
    for (const mark of this.marks.splice(0)) this.say(mark);
  }

  close(code: number, reason: string): void {
    this.readyState = WebSocket.CLOSED;
    this.closed = { code, reason };
  }

  say(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  leave(code: number): void {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "" }));
  }
}

/** Lets everything pass: what a stage stops is shown where stages are made. */
function open(): Stage {
  const outbound: { readonly [side in "page" | "node"]: Uint8Array[] } = { page: [], node: [] };
  return {
    receive: (from, chunk) => void outbound[from === "page" ? "node" : "page"].push(chunk),
    takeOutbound: (to) => outbound[to].shift(),
    refusal: undefined,
    nextTimeout: () => undefined,
    handleTimeout: () => undefined,
    nodeReached: () => undefined,
    explainEnd: () => undefined,
    connected: { name: "page@web", flags: 0n },
  };
}

interface Joined {
  readonly page: Page;
  readonly node: ByteStream;
  readonly endings: EdgeEnding[];
}

async function join({ endsAt = Infinity, echoes = true, untaken = { bytes: 0 } } = {}): Promise<Joined> {
  const page = new Page();
  const endings: EdgeEnding[] = [];
  const [near, node] = memoryPair();
  // As much of a WebSocket as a link uses.
  const ended = (ending: EdgeEnding): void => void endings.push(ending);
  const link = new EdgeLink(page as unknown as WebSocket, open(), { endsAt, echoes, untaken, ended });
  void link.open(async () => near);
  await vi.advanceTimersByTimeAsync(0);
  return { page, node, endings };
}

it("passes bytes both ways, and tells at the end how many", async () => {
  const { page, node, endings } = await join();
  const [reader, writer] = [node.readable.getReader(), node.writable.getWriter()];
  page.say(Uint8Array.of(1, 2, 3).buffer);
  expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2, 3));
  await writer.write(new Uint8Array(5));
  await vi.advanceTimersByTimeAsync(1);
  expect(page.sentBytes).toBe(5);
  page.leave(1001);
  expect(endings).toMatchObject([{ code: 1001, name: "page@web", toNodeBytes: 3, toPageBytes: 5 }]);
  expect((await reader.read()).done).toBe(true);
});

/** Writes so many bytes in chunks of 64 KiB, as fast as they are taken. */
async function write(node: ByteStream, bytes: number): Promise<void> {
  const writer = node.writable.getWriter();
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) await writer.write(new Uint8Array(CHUNK_BYTES));
}

it("does not read the node on while a page may have left too much unread, and goes on when it has read", async () => {
  const { page, node } = await join();
  const written = write(node, 2 * MIB);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(page.sentBytes).toBe(MIB / 2 + CHUNK_BYTES);
  for (let round = 0; round < 4; round++) {
    page.read();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await written;
  expect(page.sentBytes).toBe(2 * MIB);
  expect(page.closed).toBeUndefined();
});

it("[A12] cuts off a page that ticks and reads nothing, and one that makes up what it has read", async () => {
  const { page, node, endings } = await join();
  const writing = write(node, 2 * MIB);
  writing.catch(() => undefined);
  for (let second = 0; second < 19; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    page.say(new ArrayBuffer(4));
  }
  expect(page.closed).toBeUndefined();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(page.closed).toMatchObject({ code: 4408 });
  expect(page.sentBytes).toBe(MIB / 2 + CHUNK_BYTES);
  expect(endings).toHaveLength(1);
  await expect(writing).rejects.toMatchObject({ code: "closed" });

  const liar = await join();
  await write(liar.node, MIB / 4);
  await vi.advanceTimersByTimeAsync(1);
  const [first, second = expect.unreachable()] = liar.page.marks;
  expect(first).not.toBe(second);
  liar.page.say(second);
  expect(liar.page.closed).toMatchObject({ code: 1003 });
});

it("sends a page that shows nothing of what it reads a little, and then ends it", async () => {
  const { page, node } = await join({ echoes: false });
  const writing = write(node, 2 * MIB);
  writing.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(page.closed).toMatchObject({ code: 4408, reason: expect.stringContaining("erldist.echo") as string });
  expect([page.sentBytes, page.marks]).toEqual([MIB + CHUNK_BYTES, []]);
  await expect(writing).rejects.toMatchObject({ code: "closed" });
});

it("ends a link whose page has long said nothing, but not one that only ticks", async () => {
  const { page } = await join();
  for (let count = 0; count < 10; count++) {
    await vi.advanceTimersByTimeAsync(15_000);
    page.say(new ArrayBuffer(4));
  }
  expect(page.closed).toBeUndefined();
  await vi.advanceTimersByTimeAsync(77_000);
  expect(page.closed).toMatchObject({ code: 4411 });
});

it("ends with its session", async () => {
  const { page } = await join({ endsAt: Date.now() + 5_000 });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(page.closed).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(page.closed).toMatchObject({ code: 4410 });
});

it("ends when a node takes nothing of what a page sends, and keeps nothing of it", async () => {
  const untaken = { bytes: 0 };
  const { page, endings } = await join({ untaken });
  for (let count = 0; count < 15; count++) page.say(new ArrayBuffer(MIB));
  expect(page.closed).toBeUndefined();
  for (let count = 0; count < 3; count++) page.say(new ArrayBuffer(MIB));
  expect(page.closed).toMatchObject({ code: 4505 });
  expect(endings[0]?.detail).toMatch(/bytes wait for the node/);
  await vi.advanceTimersByTimeAsync(0);
  expect(untaken.bytes).toBe(0);
});

it("holds no more for the pages of an object together than for one, and ends none that has little there", async () => {
  const untaken = { bytes: 0 };
  const [modest, ...floods] = await Promise.all(Array.from({ length: 9 }, () => join({ untaken })));
  let most = 0;
  for (let round = 0; round < 100; round++) {
    if (round < 30) modest?.page.say(new ArrayBuffer(1024));
    for (const { page } of floods) {
      page.say(new ArrayBuffer(CHUNK_BYTES));
      most = Math.max(most, untaken.bytes);
    }
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(most).toBeLessThan(16.5 * MIB);
  expect(modest?.page.closed).toBeUndefined();
  const closed = floods.flatMap(({ page }) => page.closed ?? []);
  expect(closed.length).toBeGreaterThan(0);
  expect(closed.every(({ code }) => code === 4505)).toBe(true);
});

it("counts what tiny messages cost", async () => {
  const { page } = await join();
  for (let count = 0; count < 70_000; count++) page.say(new ArrayBuffer(1));
  expect(page.closed).toMatchObject({ code: 4505 });
});

it("wants no text", async () => {
  const { page } = await join();
  page.say("hello");
  expect(page.closed).toMatchObject({ code: 1003 });
});

it("tells a page that the node has ended, and that it could not be reached", async () => {
  const { page, node } = await join();
  await node.close();
  await vi.advanceTimersByTimeAsync(1);
  expect(page.closed).toMatchObject({ code: 4501 });

  const other = new Page();
  const endings: EdgeEnding[] = [];
  const link = new EdgeLink(other as unknown as WebSocket, open(), {
    endsAt: Infinity,
    echoes: true,
    untaken: { bytes: 0 },
    ended: (ending) => endings.push(ending),
  });
  await link.open(() => Promise.reject(new ConnectionError("no_such_node", "EPMD at 10.0.0.5 knows no node")));
  expect(other.closed).toMatchObject({ code: 4512 });
  // Where it was looked for is nothing that a page should know.
  expect(other.closed?.reason).not.toContain("10.0.0.5");
  expect(endings).toMatchObject([{ detail: expect.stringContaining("10.0.0.5") as string }]);
});
