import { expect, it } from "vitest";
import { PacketGate } from "./packet-gate.ts";

const packet = (length: number): number[] => [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
const STREAM = Uint8Array.of(...packet(0), ...packet(3), 112, 131, 97, ...packet(0), ...packet(300), ...new Uint8Array(300));

it("counts packets and ticks, wherever the chunks are cut", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const gate = new PacketGate(300);
    expect(gate.inspect(STREAM.subarray(0, cut))).toBeUndefined();
    expect(gate.inspect(STREAM.subarray(cut))).toBeUndefined();
    expect({ packets: gate.packets, ticks: gate.ticks }).toEqual({ packets: 4, ticks: 2 });
  }
});

it.each([301, 1_000_000_000, 0xffff_ffff])("refuses a packet that announces %i bytes, before any of them has come", (length) => {
  for (let cut = 0; cut <= 4; cut++) {
    const gate = new PacketGate(300);
    const bytes = Uint8Array.of(...STREAM, ...packet(length));
    const first = gate.inspect(bytes.subarray(0, bytes.length - cut));
    const refusal = first ?? gate.inspect(bytes.subarray(bytes.length - cut));
    expect(refusal).toEqual({ close: "tooLarge", detail: `a packet of ${length} bytes was announced, 300 are allowed` });
  }
});
