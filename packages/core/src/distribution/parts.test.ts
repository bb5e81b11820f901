import { expect, it } from "vitest";
import { concat } from "../../test/support/handshake-drive.ts";
import { appPid, pagePid } from "../../test/support/conversation.ts";
import { FULL_MODE, MODES } from "../../test/support/distribution-modes.ts";
import { OneWay, packetsOf } from "../../test/support/one-way.ts";
import { encode, equals, type Term, tuple } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";
import { Outbound, type OutboundOptions } from "./outbound.ts";

const SEND: ControlMessage = { type: "SEND_SENDER", fromPid: pagePid, toPid: appPid };
const HEADERS = MODES.filter(({ name }) => !name.includes("pass-through"));
const big = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => index % 251);
// A list of small terms is written, and no part of it is lent.
const list = Array.from({ length: 40_000 }, (_, index) => index);
const MESSAGES: readonly Term[] = [
  big(65_536),
  big(65_537),
  tuple(1, big(200_000), [big(65_537), big(10), big(300_000)], 2),
  list,
  tuple(big(100_000), list, encode(list)),
];

function partsOf(outbound: Outbound): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let part = outbound.take(); part !== undefined; part = outbound.take()) parts.push(part);
  return parts;
}

it.each(HEADERS)("what is given in parts is what is given in one, with $name", ({ flags, usesAtomCache }) => {
  const [whole, inParts] = [{}, { inParts: true }].map((options) => new Outbound(flags, { usesAtomCache, ...options }));
  const reading = new OneWay({ name: "", flags, usesAtomCache });
  for (const message of MESSAGES) {
    for (const outbound of [whole, inParts]) outbound?.send(SEND, message);
    const expected = whole?.take() ?? new Uint8Array();
    const parts = partsOf(inParts as Outbound);
    expect(equals(concat(parts), expected)).toBe(true);
    expect([whole?.length, inParts?.length]).toEqual([0, 0]);
    const packets = reading.read(packetsOf(expected));
    expect(packets.map(({ payload }) => equals(payload as Term, message))).toEqual([true]);
  }
});

it("large binaries are not copied, and small ones are", () => {
  const outbound = new Outbound(FULL_MODE.flags, { inParts: true });
  const [small, large] = [big(65_536), big(200_000)];
  outbound.send(SEND, tuple(small, large));
  const buffers = partsOf(outbound).map(({ buffer }) => buffer);
  expect([buffers.includes(small.buffer), buffers.includes(large.buffer)]).toEqual([false, true]);
});

it("a binary whose memory may change its size is copied", () => {
  const outbound = new Outbound(FULL_MODE.flags, { inParts: true });
  const resizable = new Uint8Array(new ArrayBuffer(200_000, { maxByteLength: 300_000 }));
  outbound.send(SEND, resizable);
  resizable.buffer.resize(10);
  expect(partsOf(outbound).reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(200_000);
});

it.each<[string, OutboundOptions]>([
  ["in one", {}],
  ["in parts", { inParts: true }],
])("says so when a binary is transferred before it has left, given %s, and goes no further", (_, options) => {
  const faults: string[] = [];
  const outbound = new Outbound(FULL_MODE.flags, { ...options, onFault: ({ message }) => void faults.push(message) });
  const binary = big(500_000);
  outbound.send(SEND, binary);
  outbound.send(SEND, 1);
  expect(outbound.take(1)).toBeDefined();
  structuredClone(0, { transfer: [binary.buffer] });
  partsOf(outbound);
  expect(faults).toEqual([expect.stringContaining("was transferred")]);
  expect([outbound.length, outbound.hasFragments]).toEqual([0, false]);
});

it("a message that came in fragments lives in memory of about its size", () => {
  const way = new OneWay();
  for (const bytes of [70_000, 1_000_000, 1_048_576, 5_000_000]) {
    const [packet] = way.read(way.send(SEND, big(bytes)));
    const { payload } = packet ?? {};
    expect(equals(payload as Term, big(bytes)), `${bytes} bytes`).toBe(true);
    expect((payload as Uint8Array).buffer.byteLength).toBeLessThan(1.3 * bytes);
  }
});

// The choice that `Process.receive` documents: nothing is copied that a program may only look at.
it("a small binary out of a large message is a view of it, whole or in fragments", () => {
  for (const mode of MODES) {
    const way = new OneWay(mode);
    const [packet] = way.read(way.send(SEND, [big(10), big(200_000)]));
    const [small, large] = (packet?.payload ?? []) as [Uint8Array, Uint8Array];
    expect(small, mode.name).toEqual(big(10));
    expect(small.buffer, mode.name).toBe(large.buffer);
    expect(small.slice().buffer.byteLength).toBe(10);
  }
});
