import { expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import { Writer } from "./writer.ts";

it("writes big-endian fields one after the other", () => {
  const writer = new Writer();
  writer.u8(1);
  writer.u16(0x0203);
  writer.u32(0xfffffffe);
  writer.u64(0x100000002n);
  writer.append(bytesOf("aabb"));
  expect(writer.length).toBe(17);
  expect(writer.finish()).toEqual(bytesOf("01 0203 fffffffe 0000000100000002 aabb"));
});

it("patches a length that was not known before, in every message of a slab", () => {
  const writer = new Writer();
  const message = (text: string): Uint8Array => {
    const [kind, short, long] = [writer.reserve(1), writer.reserve(2), writer.reserve(4)];
    writer.append(bytesOf(text));
    writer.patchU8(kind, 9);
    writer.patchU16(short, writer.length);
    writer.patchU32(long, writer.length - 7);
    return writer.finish();
  };
  const [first, second] = [message("aa"), message("bbcc")];
  expect([first, second]).toEqual([bytesOf("09 0008 00000001 aa"), bytesOf("09 0009 00000002 bbcc")]);
});

it("leaves a finished message alone", () => {
  const writer = new Writer(64);
  const messages = Array.from({ length: 200 }, (_, index) => {
    for (let count = 0; count <= index; count++) writer.u8(index);
    return writer.finish();
  });
  for (const [index, message] of messages.entries()) expect(message).toEqual(new Uint8Array(index + 1).fill(index));
});

it("grows beyond its slab, and then does not keep the large memory", () => {
  const writer = new Writer(16);
  writer.u8(1);
  writer.append(new Uint8Array(1000).fill(7));
  const large = writer.finish();
  expect([large.length, large[0], large[1], large[1000]]).toEqual([1001, 1, 7, 7]);
  writer.u8(2);
  const small = writer.finish();
  expect(small).toEqual(bytesOf("02"));
  expect(small.buffer).not.toBe(large.buffer);
});

it("takes back what was written last", () => {
  const writer = new Writer(4);
  writer.u16(1);
  const before = writer.length;
  writer.append(new Uint8Array(100));
  writer.truncate(before);
  writer.u8(2);
  expect(writer.finish()).toEqual(bytesOf("0001 02"));
});

it("goes on when an earlier message was transferred to another thread", () => {
  const writer = new Writer();
  writer.u8(1);
  structuredClone(0, { transfer: [writer.finish().buffer] });
  writer.u8(2);
  expect(writer.finish()).toEqual(bytesOf("02"));
});
