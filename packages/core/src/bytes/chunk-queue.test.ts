import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import { ChunkQueue } from "./chunk-queue.ts";

function queueOf(...chunks: string[]): ChunkQueue {
  const queue = new ChunkQueue();
  for (const chunk of chunks) queue.push(bytesOf(chunk));
  return queue;
}

it("gives a view when one chunk holds all of it, and a copy when not", () => {
  const chunk = bytesOf("010203");
  const queue = new ChunkQueue();
  queue.push(chunk);
  queue.push(bytesOf("0405"));
  const [view, copy] = [queue.take(2), queue.take(2)];
  expect([view, copy, queue.length]).toEqual([bytesOf("0102"), bytesOf("0304"), 1]);
  expect(view.buffer).toBe(chunk.buffer);
  expect(copy.buffer).not.toBe(chunk.buffer);
});

it("peeks across chunks without taking", () => {
  const queue = queueOf("01", "", "0203", "04");
  queue.skip(1);
  queue.push(bytesOf("05"));
  expect([queue.peekU8(), queue.peekU16(1), queue.peekU32(), queue.peekU8(3), queue.length]).toEqual([
    2, 0x0304, 0x02030405, 5, 4,
  ]);
});

it("reads a length of 32 bits without a sign", () => {
  expect(queueOf("fffffffe").peekU32()).toBe(0xfffffffe);
});

it("refuses to give more than there is, and stays as it was", () => {
  const queue = queueOf("0102");
  expect(() => queue.take(3)).toThrow(RangeError);
  expect(() => queue.take(-1)).toThrow(RangeError);
  expect(() => queue.skip(3)).toThrow(RangeError);
  expect(() => queue.peekU8(2)).toThrow(RangeError);
  expect(() => queue.peekU32()).toThrow(RangeError);
  expect(queue.take(2)).toEqual(bytesOf("0102"));
  expect(queue.take(0)).toEqual(new Uint8Array(0));
});

it("gives the same bytes however they came and are taken", () => {
  const sizes = fc.array(fc.nat(5), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sizes, sizes, (pushes, takes) => {
      const queue = new ChunkQueue();
      let pushed = 0;
      for (const size of pushes) queue.push(Uint8Array.from({ length: size }, () => pushed++));
      const taken: number[] = [];
      for (const size of takes) {
        if (size > queue.length) continue;
        if (size > 1) expect(queue.peekU8(size - 1)).toBe((taken.length + size - 1) & 255);
        taken.push(...queue.take(size));
      }
      taken.push(...queue.take(queue.length));
      expect(taken).toEqual(Array.from({ length: pushed }, (_, index) => index & 255));
    }),
  );
});

it("takes many small pieces of many chunks in no more than linear time", () => {
  const queue = new ChunkQueue();
  for (let index = 0; index < 200_000; index++) queue.push(Uint8Array.of(index));
  let sum = 0;
  while (queue.length > 0) sum += queue.take(1)[0] ?? 0;
  expect(sum).toBe(Array.from({ length: 200_000 }, (_, index) => index & 255).reduce((total, byte) => total + byte));
});
