import { describe, expect, it } from "vitest";
import { appPid, pagePid } from "../../test/support/conversation.ts";
import { FULL_MODE, MODES, type Mode } from "../../test/support/distribution-modes.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { OneWay } from "../../test/support/one-way.ts";
import { atom, encode, equals, Pid, Reference, type Term, tuple } from "../etf/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { ALTACT, type ControlMessage } from "./control.ts";
import { FRAGMENT_BYTES } from "./fragments.ts";
import type { Packet } from "./packet.ts";
import { PacketReader } from "./packet-reader.ts";

const SEND: ControlMessage = { type: "SEND_SENDER", fromPid: pagePid, toPid: appPid };
const FRAGMENTED = MODES.filter(({ name }) => name.includes("fragments"));
const big = (bytes: number, fill = 7): Uint8Array => new Uint8Array(bytes).fill(fill);
const from = (id: number): ControlMessage => ({ type: "SEND_SENDER", fromPid: new Pid(pagePid.node, id, 0, 1), toPid: appPid });
const ids = (packet: Uint8Array): [number | undefined, bigint, bigint] => {
  const view = new DataView(packet.buffer, packet.byteOffset);
  return [packet[1], view.getBigUint64(2), view.getBigUint64(10)];
};

describe.each(FRAGMENTED)("large messages, with $name", (mode) => {
  it("[C61] go in fragments of 64 KiB that count down, sequences from 1 on", () => {
    const way = new OneWay(mode);
    const packets = way.send(SEND, big(200_000));
    expect(packets.map(ids)).toEqual([
      [69, 1n, 4n],
      [70, 1n, 3n],
      [70, 1n, 2n],
      [70, 1n, 1n],
    ]);
    expect(packets.slice(1, 3).map(({ length }) => length)).toEqual([18 + FRAGMENT_BYTES, 18 + FRAGMENT_BYTES]);
    expect(way.read(packets)).toEqual([{ control: SEND, payload: big(200_000) }]);
    expect(way.send(SEND, big(70_000)).map(ids)).toEqual([
      [69, 2n, 2n],
      [70, 2n, 1n],
    ]);
  });

  it("are those of more than 64 KiB", () => {
    const way = new OneWay(mode);
    way.read(way.send(SEND, 0));
    const overhead = bodyOf(way, SEND, big(60_000)) - 60_000;
    for (const [bytes, count] of [
      [FRAGMENT_BYTES - overhead, 1],
      [FRAGMENT_BYTES - overhead + 1, 2],
      [2 * FRAGMENT_BYTES - overhead, 2],
      [2 * FRAGMENT_BYTES - overhead + 1, 3],
    ] as const) {
      const packets = way.send(SEND, big(bytes));
      expect(packets, `${bytes} bytes`).toHaveLength(count);
      expect(way.read(packets)).toEqual([{ control: SEND, payload: big(bytes) }]);
    }
  });

  it("of every kind that has a payload", () => {
    const ref = new Reference(pagePid.node, 1, [1, 2, 3]);
    const controls: ControlMessage[] = [
      SEND,
      { type: "REG_SEND", fromPid: pagePid, toName: "srv" },
      { type: "PAYLOAD_EXIT", fromPid: pagePid, toPid: appPid },
      { type: "PAYLOAD_EXIT2", fromPid: pagePid, toPid: appPid },
      { type: "PAYLOAD_MONITOR_P_EXIT", fromProc: "name", toPid: appPid, ref },
      { type: "ALIAS_SEND", fromPid: pagePid, alias: ref },
      { type: "SEND", toPid: appPid, traceToken: tuple(1, atom("token")) },
    ];
    const way = new OneWay(mode);
    for (const control of controls) {
      const packets = way.send(control, big(150_000));
      expect(packets).toHaveLength(3);
      expect(way.read(packets)).toEqual([{ control, payload: big(150_000) }]);
    }
  });

  it("have the whole control message in the first fragment, however large", () => {
    const control: ControlMessage = { ...SEND, traceToken: big(100_000) };
    const way = new OneWay(mode);
    const packets = way.send(control, big(100_000));
    expect(packets).toHaveLength(3);
    expect(packets[0]?.length).toBeGreaterThan(100_000);
    expect(way.read(packets)).toEqual([{ control, payload: big(100_000) }]);
    // Without a payload there is nothing to cut.
    const exit: ControlMessage = { type: "EXIT2", fromPid: pagePid, toPid: appPid, reason: big(100_000) };
    expect(way.read(way.send(exit))).toEqual([{ control: exit }]);
  });

  it("with priority to an alias go whole, since OTP 28 and 29.0 crash on their fragments", () => {
    const alias = new Reference(appPid.node, 1, [1, 2, 3]);
    const flags = ALTACT.PRIORITY | ALTACT.ALIAS;
    const way = new OneWay(mode);
    const packets = way.send({ type: "ALTACT_SIG_SEND", flags, fromPid: pagePid, to: alias }, big(100_000));
    expect(packets.map(([, tag]) => tag)).toEqual([68]);
    expect(way.read(packets)).toHaveLength(1);
  });
});

describe("the way out", () => {
  it("lets small messages and ticks of others pass between fragments", () => {
    const way = new OneWay();
    way.outbound.send(from(1), big(300_000));
    const order: unknown[] = [];
    for (let step = 0; order.length === 0 || way.outbound.length > 0; step++) {
      if (step < 3) way.outbound.send(from(2), step);
      if (step === 1) way.outbound.tick();
      for (const packet of way.take(1)) {
        order.push(packet.length === 0 ? "tick" : packet[1] === 68 ? "small" : Number(ids(packet)[2]));
      }
    }
    expect(order).toEqual(["small", 5, "small", "tick", 4, "small", 3, 2, 1]);
  });

  it("gives each of several large messages its turn", () => {
    const way = new OneWay();
    for (const sender of [1, 2, 3]) way.outbound.send(from(sender), big(150_000));
    const turns = way.take().map((packet) => Number(ids(packet)[1]));
    expect(turns).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it("keeps what a sender sends after its large message behind that, in order", () => {
    const way = new OneWay();
    const link: ControlMessage = { type: "LINK", fromPid: pagePid, toPid: appPid };
    way.outbound.send(SEND, big(200_000));
    way.outbound.send(SEND, 1);
    way.outbound.send(link, undefined);
    way.outbound.send(SEND, big(70_000));
    way.outbound.send(SEND, 2);
    way.outbound.send(from(9), 3);
    const packets: Packet[] = [];
    while (way.outbound.length > 0) packets.push(...way.read(way.take(1)));
    expect(
      packets.map(({ control, payload }) => (payload instanceof Uint8Array ? payload.length : (payload ?? control.type))),
    ).toEqual([3, 200_000, 1, "LINK", 70_000, 2]);
  });

  it("keeps the order of what does not tell its sender, too", () => {
    const way = new OneWay();
    const ref = new Reference(appPid.node, 1, [1, 2, 3]);
    way.outbound.send(SEND, big(200_000));
    // The process that had this name may be the one above.
    way.outbound.send({ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: "srv", toPid: appPid, ref }, atom("normal"));
    way.outbound.send({ type: "SEND", toPid: appPid }, big(100_000));
    way.outbound.send({ type: "GROUP_LEADER", leaderPid: pagePid, toPid: appPid }, undefined);
    const types = way.read(way.take(1)).map(({ control }) => control.type);
    expect(types).toEqual(["SEND_SENDER", "PAYLOAD_MONITOR_P_EXIT", "SEND", "GROUP_LEADER"]);
  });

  it("counts the bytes that wait, down to none", () => {
    const way = new OneWay();
    way.outbound.send(SEND, big(200_000));
    way.outbound.send(SEND, big(1000));
    let length = way.outbound.length;
    expect(length).toBeGreaterThan(201_000);
    while (way.take(1).length > 0) {
      expect(way.outbound.length).toBeLessThan(length);
      length = way.outbound.length;
    }
    expect([length, way.outbound.hasFragments]).toEqual([0, false]);
  });

  it("names new atoms in the order of the packets, whoever waits for whom", () => {
    const way = new OneWay();
    const payloads = (sender: number): Term[] => [
      tuple(atom(`large${sender}`), atom("shared"), big(100_000, sender)),
      tuple(atom(`after${sender}`), atom(`large${sender}`), atom("shared")),
    ];
    for (const sender of [1, 2, 3]) for (const payload of payloads(sender)) way.outbound.send(from(sender), payload);
    way.outbound.send(from(4), tuple(atom("large1"), atom("after2"), atom("shared")));
    const packets: Packet[] = [];
    while (way.outbound.length > 0) packets.push(...way.read(way.take(1)));
    const received = packets.map(({ payload }) => payload as Term);
    const sent = [...[1, 2, 3].flatMap(payloads), tuple(atom("large1"), atom("after2"), atom("shared"))];
    for (const payload of sent) expect(received.some((other) => equals(other, payload))).toBe(true);
    expect(received).toHaveLength(sent.length);
  });
});

describe("fragments that come in", () => {
  const EXIT2 = "68 03 611a 58 5200 00000001 00000000 00000009 58 5200 00000002 00000000 00000008";
  const first = (sequence: number, fragment: number, rest: string): string =>
    `83 45 ${u64(sequence)} ${u64(fragment)} 01 08 05 03 614062 ${EXIT2} ${rest}`;
  const next = (sequence: number, fragment: number, rest: string): string => `83 46 ${u64(sequence)} ${u64(fragment)} ${rest}`;
  const whole = `83 44 01 08 05 03 634064 ${EXIT2} 6109`;

  function readAll(hex: readonly string[], limits?: Partial<Limits>, mode: Mode = FULL_MODE): Packet[] {
    return new OneWay(mode, limits).read(hex.map((packet) => bytesOf(packet)));
  }

  it("may be one, may cut the payload anywhere, and may hold nothing of it", () => {
    const payload = hexOf(encode(tuple(1, 2n ** 70n, [atom("x")])).subarray(1));
    expect(readAll([first(7, 1, payload)])).toHaveLength(1);
    for (let cut = 0; cut <= payload.length; cut += 2) {
      const packets = [first(7, 3, ""), next(7, 2, payload.slice(0, cut)), next(7, 1, payload.slice(cut))];
      expect(readAll(packets)).toMatchObject([
        { control: { type: "PAYLOAD_EXIT2" }, payload: { elements: [1, 2n ** 70n, [atom("x")]] } },
      ]);
    }
    const bytes = payload.match(/../g) ?? [];
    const each = bytes.map((byte, index) => next(7, bytes.length - index, byte));
    expect(readAll([first(7, bytes.length + 1, ""), ...each])).toHaveLength(1);
  });

  it("of several messages may come in any order among each other, and whole messages between them", () => {
    const packets = [first(1, 2, "68 02 6101"), first(2, 3, "68"), whole, next(1, 1, "6102"), first(1, 2, ""), next(2, 2, "01")];
    const rest = [next(1, 1, "6103"), next(2, 1, "6104")];
    expect(readAll([...packets, ...rest]).map(({ payload }) => payload)).toEqual([9, tuple(1, 2), 3, tuple(4)]);
  });

  it("keep the atoms of their first fragment, whatever takes the slots meanwhile", () => {
    expect(readAll([first(1, 2, "68 01"), whole, next(1, 1, "5200")]).at(-1)?.payload).toEqual(tuple(atom("a@b")));
  });

  it.each<[string, string[], string]>([
    ["again", [first(1, 3, ""), next(1, 2, ""), next(1, 2, "")], "came after fragment 2"],
    ["before their time", [first(1, 3, ""), next(1, 1, "")], "came after fragment 3"],
    ["of a sequence that nobody started", [next(1, 1, "6101")], "no message in fragments has the sequence 1"],
    ["of a sequence that has ended", [first(1, 2, ""), next(1, 1, "6101"), next(1, 0, "")], "no message in fragments"],
    ["that start an open sequence again", [first(1, 3, ""), first(1, 3, "")], "starts again"],
    ["numbered 0", [first(1, 0, "")], "no fragments"],
    ["that end in their ids", ["83 46 0000000000000001 00000000"], "ends in its ids"],
    ["more than are allowed", [first(1, 65_537, "")], "65537 fragments"],
    ["without any payload", [first(1, 2, ""), next(1, 1, "")], "without its payload"],
  ])("[C60] are refused when they come %s", (_, packets, words) => {
    expect(() => readAll(packets)).toThrow(words);
  });

  it("are refused when the control message is cut", () => {
    const packet = bytesOf(first(1, 2, ""));
    for (let length = 18; length < packet.length; length++) {
      expect(() => new OneWay().read([packet.subarray(0, length)]), `${length} bytes`).toThrow(/./);
    }
  });

  it("are refused where only headers were negotiated", () => {
    const reader = new PacketReader({ header: true, atomCache: true, fragments: false }, DEFAULT_LIMITS);
    expect(() => reader.read(bytesOf(first(1, 1, "6101")))).toThrow("the tag 69");
  });

  it("wait only in bounds: so many messages, so many bytes, whatever is announced", () => {
    const open = Array.from({ length: 20 }, (_, index) => first(index + 1, 2, ""));
    expect(() => readAll(open, { fragmentSequences: 19 })).toThrow("more than 19 messages");
    expect(readAll(open, { fragmentSequences: 20 })).toEqual([]);
    const data = `6d 00100000 ${"00".repeat(1000)}`;
    const large = Array.from({ length: 9 }, (_, index) => next(1, 9999 - index, "00".repeat(1000)));
    expect(() => readAll([first(1, 10_000, data), ...large], { fragmentedBytes: 10_000 })).toThrow("more than 10000 bytes");
    // What came to its end is not counted any more.
    const done = Array.from({ length: 50 }, () => [first(1, 2, "6d 000003e8"), next(1, 1, "00".repeat(1000))]);
    expect(readAll(done.flat(), { fragmentedBytes: 2_000 })).toHaveLength(50);
  });

  it("keep their own bytes, not the chunks that they came in", () => {
    const chunk = new Uint8Array(65_536);
    const packets = [first(1, 2, "68 01"), next(1, 1, "6105")].map((hex, index) => {
      const bytes = bytesOf(hex);
      chunk.set(bytes, index * 1000);
      return chunk.subarray(index * 1000, index * 1000 + bytes.length);
    });
    const way = new OneWay();
    way.read(packets.slice(0, 1));
    chunk.fill(0, 0, 1000);
    expect(way.read(packets.slice(1))).toMatchObject([{ payload: { elements: [5] } }]);
  });
});

/** Bytes of both terms of a message. */
function bodyOf(way: OneWay, control: ControlMessage, payload: Term): number {
  const [packet] = way.send(control, payload);
  // The header of a packet whose atoms are all known: 131, 68, their number, their flags, their slots.
  const count = packet?.[2] ?? 0;
  return (packet?.length ?? 0) - 3 - (count === 0 ? 0 : (count >>> 1) + 1 + count);
}

function u64(value: number): string {
  return value.toString(16).padStart(16, "0");
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
