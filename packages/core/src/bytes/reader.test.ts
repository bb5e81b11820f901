import { expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import { DecodeError } from "../errors.ts";
import { Reader } from "./reader.ts";

it("reads big-endian fields one after the other", () => {
  const reader = new Reader(bytesOf("01 0203 fffffffe 0000000100000002 aabb cc"));
  expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([1, 0x0203, 0xfffffffe, 0x100000002n]);
  expect(reader.take(2)).toEqual(bytesOf("aabb"));
  expect([reader.offset, reader.remaining]).toEqual([17, 1]);
  expect(reader.rest()).toEqual(bytesOf("cc"));
});

it("starts at an offset of a view and counts offsets from the start of that view", () => {
  const reader = new Reader(bytesOf("ff ff 01 02 03 ff").subarray(2, 5), 1);
  expect(reader.u8()).toBe(2);
  reader.skip(1);
  expect(reader.offset).toBe(3);
  expect(() => reader.u8()).toThrow(DecodeError);
});

it.each([
  ["u8", 1],
  ["u16", 2],
  ["u32", 4],
  ["u64", 8],
] as const)("%s past the end says where and how much is missing, and reads nothing", (method, size) => {
  const reader = new Reader(new Uint8Array(size + 1), 2);
  expect(() => reader[method]()).toThrow(`at byte 2: expected ${size} more bytes, got ${size - 1}`);
  expect(reader.offset).toBe(2);
});

it("gives views, not copies", () => {
  const bytes = new Uint8Array(4);
  new Reader(bytes).take(4)[0] = 7;
  expect(bytes[0]).toBe(7);
});
