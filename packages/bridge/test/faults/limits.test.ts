// What a page may send. Frames are made by hand here, for no client sends such.
import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { closeOf, frame, rawConnected } from "../support/raw-page.ts";

const BOMB = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));

it.each([
  ["a message above the limit", [frame(Buffer.alloc(1024 * 1024 + 1))], 1009],
  [
    "a frame that announces far more than it has",
    [frame(Buffer.alloc(1024 * 1024 * 1024 - 1).subarray(0, 0)), hugeHeader()],
    1009,
  ],
  ["16,385 fragments", fragments(16_385), 1008],
  ["a text frame", [frame(Buffer.from("text"), { opcode: 1 })], 1003],
  ["a frame that is not masked", [frame(Buffer.from("bytes"), { masked: false })], 1002],
  ["a close frame whose reason is not UTF-8", [frame(Buffer.of(0x03, 0xe8, 0xff, 0xfe), { opcode: 8 })], 1007],
  ["a close frame with a code that no frame may have", [frame(Buffer.of(0x03, 0xed), { opcode: 8 })], 1002],
  ["a compressed message, which was not agreed", [frame(BOMB, { rsv1: true })], 1002],
] as const)("[T18] refuses %s, and passes none of it on", async (_, frames, code) => {
  const { raw, node, record } = await rawConnected({ limits: { closeTimeMs: 100 } });
  for (const bytes of frames) raw.write(bytes);
  // The stand-in's own end, in answer to the bridge's.
  const passedOn = node.toArray();
  const answer = Buffer.concat((await raw.toArray()) as Buffer[]);
  expect(closeOf(answer)?.code).toBe(code);
  expect(await passedOn).toEqual([]);
  node.end();
  expect(await record()).toMatchObject({ by: "page", toNodeBytes: 0 });
});

function fragments(count: number): Buffer[] {
  const parts = Array.from({ length: count }, (__, index) =>
    frame(Buffer.of(1), { opcode: index === 0 ? 2 : 0, fin: index === count - 1 }),
  );
  return [Buffer.concat(parts)];
}

/** The head of a frame of 2^53 - 1 bytes. */
function hugeHeader(): Buffer {
  const head = Buffer.alloc(14);
  head.set([0x82, 0xff]);
  head.writeBigUInt64BE(BigInt(Number.MAX_SAFE_INTEGER), 2);
  return head;
}
