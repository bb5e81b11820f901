// What real nodes sent, read; and what was sent to them, written again byte for byte.
import { describe, expect, it } from "vitest";
import { concat } from "../../test/support/handshake-drive.ts";
import { packetsOf } from "../../test/support/one-way.ts";
import { type PacketCapture, packetCaptures } from "../../test/support/packet-captures.ts";
import packets from "../../test/vectors/packets.txt?raw";
import { atom, Pid, Reference, tuple } from "../etf/index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { allForms } from "./all-forms.ts";
import type { Packet } from "./packet.ts";
import { PacketReader } from "./packet-reader.ts";

const CAPTURES = packetCaptures(packets);
const probe = atom("probe@127.0.0.1");
const probePid = new Pid(probe, 1, 0, 77_777);

const of = (kind: string): PacketCapture[] => CAPTURES.filter(({ title }) => title.endsWith(`: ${kind}`));

describe("what OTP sent is read", () => {
  it.each([...of("pass-through"), ...of("cache")])("$title: answers to is_auth", ({ form, node, received }) => {
    const packets = readAll(form, received);
    expect(packets).toHaveLength(received.length);
    for (const { control, payload } of packets) {
      expect(control).toMatchObject({ type: "SEND_SENDER", fromPid: { node: atom(node) }, toPid: probePid });
      expect(payload).toEqual(tuple(new Reference(probe, 77_777, [1, 2, 3]), atom("yes")));
    }
  });

  it.each(of("cache and fragments"))("$title: an answer of 150,000 bytes", ({ form, received }) => {
    const [reply, down] = readAll(form, received);
    expect(reply?.control).toMatchObject({ type: "SPAWN_REPLY", toPid: probePid, flags: 2 });
    expect(down?.control).toMatchObject({ type: "PAYLOAD_MONITOR_P_EXIT", toPid: probePid });
    const data = new Uint8Array(150_000).fill(0x78);
    expect(down?.payload).toEqual(tuple(new Reference(probe, 77_777, [8, 8, 8]), atom("return"), data));
  });

  it.each(of("visible, pass-through"))("$title: what nobody asked for", ({ form, received }) => {
    const names = readAll(form, received).map(({ control }) => control.type === "REG_SEND" && control.toName);
    expect(names).toEqual(["rex", "global_name_server", "pg"]);
  });
});

describe("the same messages are written", () => {
  const withSent = CAPTURES.filter(({ sent }) => sent.length > 0);

  it.each(withSent)("$title: as they were sent, byte for byte", ({ flags, form, sent }) => {
    const outbound = allForms(DEFAULT_LIMITS, { usesAtomCache: false })(flags).writer;
    for (const { control, payload } of readAll(form, sent)) outbound.send(control, payload);
    expect(outbound.take()).toEqual(concat(sent));
  });

  it.each([...of("pass-through"), ...of("visible, pass-through")])("$title: as OTP did", ({ flags, form, received }) => {
    const outbound = allForms(DEFAULT_LIMITS)(flags).writer;
    for (const { control, payload } of readAll(form, received)) outbound.send(control, payload);
    expect(outbound.take()).toEqual(concat(received));
  });

  // Slots and sequence ids are the sender's own choice; all else is as OTP has it: which atoms, in what order, with their
  // text only once, and where the cuts are.
  it.each([...of("cache"), ...of("cache and fragments")])("$title: as OTP did, slots apart", ({ flags, form, received }) => {
    const outbound = allForms(DEFAULT_LIMITS)(flags).writer;
    for (const { control, payload } of readAll(form, received)) outbound.send(control, payload);
    const written = outbound.take() ?? new Uint8Array();
    const [ours, theirs] = [packetsOf(written), packetsOf(concat(received))];
    expect(ours.map(({ length }) => length)).toEqual(theirs.map(({ length }) => length));
    expect(ours.map(withoutHeader)).toEqual(theirs.map(withoutHeader));
    expect(readAll(form, [written])).toEqual(readAll(form, received));
  });
});

function readAll(form: PacketCapture["form"], packets: readonly Uint8Array[]): Packet[] {
  const reader = new PacketReader(form, DEFAULT_LIMITS);
  return packetsOf(concat(packets)).flatMap((packet) => reader.read(packet) ?? []);
}

/** The terms in a packet: from the tuple of the control message on, or all after the ids of a further fragment. */
function withoutHeader(packet: Uint8Array): Uint8Array {
  return packet.subarray(packet[1] === 70 ? 18 : packet.indexOf(0x68));
}
