// The promises of byte-stream.ts, checked over every carrier with the same tests.
import { describe, expect, it, onTestFinished } from "vitest";
import { ConnectionError } from "../../src/errors.ts";
import type { ByteStream } from "../../src/transports/byte-stream.ts";

export interface CarrierPair {
  /** The carrier under test. */
  readonly near: ByteStream;
  /** The other end. */
  readonly far: ByteStream;
  /** Cuts the connection, as a crash of the far side would. */
  readonly breakOff: () => void | Promise<void>;
  /** Takes away what the pair needed beside its streams, which are closed by then. */
  readonly dispose?: () => Promise<void>;
}

export interface CarrierTraits {
  /** Bytes that may be under way to a reader that has stopped: ours and the system's buffers. */
  readonly slackBytes: number;
  /** False where the near side cannot make its peer wait. By default true. */
  readonly inboundBackpressure?: boolean;
}

const MIB = 1024 * 1024;

export function carrierCompliance(name: string, makePair: () => Promise<CarrierPair>, traits: CarrierTraits): void {
  const start = async (): Promise<CarrierPair> => {
    const pair = await makePair();
    onTestFinished(async () => {
      await Promise.all([pair.near.close(), pair.far.close()]);
      await pair.dispose?.();
    });
    return pair;
  };

  describe(`${name} as a carrier`, () => {
    it("carries bytes in order both ways at once, in chunks of any size", async () => {
      const { near, far } = await start();
      const sizes = Array.from({ length: 400 }, (_, index) => [1, 2, 3, 1000, 1, 70_000, 5, 65_536][index % 8] ?? 0);
      const total = sizes.reduce((sum, size) => sum + size);
      const read = await Promise.all([exchange(near, far, sizes), exchange(far, near, sizes.toReversed())]);
      expect(read).toEqual([total, total]);
    });

    it("carries 8 MiB both ways at once, in one chunk and in many", async () => {
      const { near, far } = await start();
      const one = [8 * MIB];
      const many = Array.from({ length: 128 }, () => 65_536);
      for (const [out, back] of [[one, many] as const, [many, one] as const]) {
        const read = await Promise.all([exchange(near, far, out), exchange(far, near, back)]);
        expect(read).toEqual([8 * MIB, 8 * MIB]);
      }
    });

    const waiting = (traits.inboundBackpressure ?? true) ? (["near", "far"] as const) : (["near"] as const);
    it.each(waiting)("makes the %s writer wait for a reader that has stopped, and loses nothing", async (side) => {
      const pair = await start();
      const [from, to] = side === "near" ? [pair.near, pair.far] : [pair.far, pair.near];
      const writer = from.writable.getWriter();
      const written = await fill(writer, traits.slackBytes);
      const [read] = await Promise.all([readAll(to), writer.close()]);
      expect(read).toBe(written);
    });

    it.each(["near", "far"] as const)("ends both directions on both sides when the %s side closes", async (side) => {
      const pair = await start();
      const [closing, other] = side === "near" ? [pair.near, pair.far] : [pair.far, pair.near];
      await closing.close();
      expect(await readAll(closing)).toBe(0);
      expect(await readAll(other)).toBe(0);
      await Promise.all([closing.closed, other.closed]);
      const written = closing.writable.getWriter().write(Uint8Array.of(1));
      await expect(written).rejects.toMatchObject({ name: "ConnectionError", code: "closed" });
      await expect(other.writable.getWriter().write(Uint8Array.of(1))).rejects.toThrow(Error);
      await closing.close();
    });

    it.each(["near", "far"] as const)("still sends what was written before the %s side closes", async (side) => {
      const pair = await start();
      const [closing, other] = side === "near" ? [pair.near, pair.far] : [pair.far, pair.near];
      const writer = closing.writable.getWriter();
      // More than the buffers take at once, and nobody waits for it.
      const written = Array.from({ length: 32 }, (_, index) => writer.write(pattern(index * 65_536, 65_536)));
      const [total] = await Promise.all([readAll(other), closing.close(), Promise.allSettled(written)]);
      expect(total).toBe(32 * 65_536);
    });

    it.each(["near", "far"] as const)("ends both sides when the writer of the %s side closes", async (side) => {
      const pair = await start();
      const [closing, other] = side === "near" ? [pair.near, pair.far] : [pair.far, pair.near];
      const writer = closing.writable.getWriter();
      void writer.write(pattern(0, 5));
      await writer.close();
      expect(await readAll(other)).toBe(5);
      expect(await readAll(closing)).toBe(0);
      await Promise.all([closing.closed, other.closed]);
    });

    it("ends both sides when the near reader cancels", async () => {
      const { near, far } = await start();
      await near.readable.cancel();
      expect(await readAll(far)).toBe(0);
      await Promise.all([near.closed, far.closed]);
    });

    it("shows a broken connection on all that the near side holds, in words", async () => {
      const { near, breakOff } = await start();
      const reader = near.readable.getReader();
      const read = reader.read();
      const watched = Promise.allSettled([read, near.closed]);
      await breakOff();
      for (const outcome of await watched) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { name: "ConnectionError", code: "closed" } });
      }
      const written = near.writable.getWriter().write(Uint8Array.of(1));
      await expect(written).rejects.toBeInstanceOf(ConnectionError);
      await near.close();
    });

    it("breaks off with abort() even while a write waits", async () => {
      const { near, far } = await start();
      const writer = near.writable.getWriter();
      await fill(writer, traits.slackBytes);
      await writer.abort(new Error("enough"));
      await expect(near.closed).resolves.toBeUndefined();
      await readAll(far).catch(() => undefined);
      await far.closed.catch(() => undefined);
    });

    it("closes while the peer does not read", async () => {
      const { near } = await start();
      await fill(near.writable.getWriter(), traits.slackBytes);
      await expect(near.close()).resolves.toBeUndefined();
    });

    it("leaves no rejection unhandled when a broken connection has no listener", async () => {
      const { near, far, breakOff } = await start();
      await breakOff();
      await expect(Promise.all([near.close(), far.close()])).resolves.toHaveLength(2);
      // The runner fails on what the platform reports after a turn of the event loop.
      await later(10);
    });
  });
}

/** Bytes that tell where in the stream they stand. */
export function pattern(position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = byteAt(position + index);
  return bytes;
}

function byteAt(position: number): number {
  return (position ^ (position >>> 8) ^ (position >>> 16)) & 0xff;
}

/** Reads to the end and checks every byte against the pattern; the number of bytes. */
export async function readAll(stream: ByteStream): Promise<number> {
  return readExactly(stream, Number.POSITIVE_INFINITY);
}

async function readExactly(stream: ByteStream, total: number): Promise<number> {
  const reader = stream.readable.getReader();
  let position = 0;
  try {
    while (position < total) {
      const { done, value } = await reader.read();
      if (done) break;
      for (let index = 0; index < value.length; index++) {
        if (value[index] !== byteAt(position + index)) throw new Error(`byte ${position + index} is not the one written`);
      }
      position += value.length;
    }
    return position;
  } finally {
    reader.releaseLock();
  }
}

/** Writes chunks of these sizes at one end and reads as many bytes at the other; the number of bytes that came. */
async function exchange(from: ByteStream, to: ByteStream, sizes: readonly number[]): Promise<number> {
  const total = sizes.reduce((sum, size) => sum + size);
  const writer = from.writable.getWriter();
  const write = async (): Promise<void> => {
    let position = 0;
    let written = Promise.resolve();
    for (const size of sizes) {
      written = writer.write(pattern(position, size));
      written.catch(() => undefined);
      position += size;
      // Sometimes in a bunch, sometimes one by one.
      await (position % 3 === 0 ? written : writer.ready);
    }
    await written;
    writer.releaseLock();
  };
  const [read] = await Promise.all([readExactly(to, total), write()]);
  return read;
}

/** Writes until the writer has to wait; the number of bytes written. Throws if that takes more than `slackBytes`. */
async function fill(writer: WritableStreamDefaultWriter<Uint8Array>, slackBytes: number): Promise<number> {
  const size = 65_536;
  let position = 0;
  for (;;) {
    writer.write(pattern(position, size)).catch(() => undefined);
    position += size;
    if (position > slackBytes) throw new Error(`the writer never had to wait: ${position} bytes`);
    // A writer that is only slow passes for one that waits; the bytes that come out in the end are still checked.
    const waits = await Promise.race([writer.ready.then(() => false), later(200).then(() => true)]);
    if (waits) return position;
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
