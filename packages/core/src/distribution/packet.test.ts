import { describe, expect, it } from "vitest";
import { Writer } from "../bytes/writer.ts";
import { DecodeError, EncodeError, ProtocolError } from "../errors.ts";
import { atom, ImproperList, Pid, Reference, type Term, tuple } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { appendTick, type Packet } from "./packet.ts";
import { packetForm } from "./packet-form.ts";
import { PacketReader } from "./packet-reader.ts";
import { appendPacket } from "./pass-through.ts";

const probe = new Pid(atom("probe@127.0.0.1"), 1, 0, 77_777);
const o25 = atom("o25@127.0.0.1");

/** Packets without their length, as OTP 25.2.3 and a peer of it sent them in pass-through mode. */
const CAPTURED: readonly (readonly [name: string, hex: string, ControlMessage, Term])[] = [
  [
    "the answer of net_kernel to is_auth",
    `70 83 68 03 61 16
     58 77 0d 6f3235403132372e302e302e31 0000003d 00000000 6b02bc28
     58 77 0f 70726f6265403132372e302e302e31 00000001 00000000 00012fd1
     83 68 02
     5a 0003 77 0f 70726f6265403132372e302e302e31 00012fd1 00000001 00000002 00000003
     77 03 796573`,
    { type: "SEND_SENDER", fromPid: new Pid(o25, 61, 0, 0x6b02bc28), toPid: probe },
    tuple(new Reference(atom("probe@127.0.0.1"), 77_777, [1, 2, 3]), atom("yes")),
  ],
  [
    "what a node asks each visible peer",
    `70 83 68 04 61 06
     58 77 0d 6f3235403132372e302e302e31 00000036 00000000 6b02bc28
     77 00
     77 03 726578
     83 68 02
     58 77 0d 6f3235403132372e302e302e31 00000036 00000000 6b02bc28
     77 10 66656174757265735f72657175657374`,
    { type: "REG_SEND", fromPid: new Pid(o25, 54, 0, 0x6b02bc28), toName: "rex" },
    tuple(new Pid(o25, 54, 0, 0x6b02bc28), atom("features_request")),
  ],
];

const LINK: ControlMessage = { type: "LINK", fromPid: probe, toPid: new Pid(o25, 61, 0, 9) };
const SEND: ControlMessage = { type: "SEND", toPid: probe };

describe("packets", () => {
  it.each(CAPTURED)("are written as OTP writes them: %s", (_, hex, control, payload) => {
    const bytes = fromHex(hex);
    expect(packetOf(control, payload)).toEqual(withLength(bytes));
  });

  it.each(CAPTURED)("are read as OTP writes them: %s", (_, hex, control, payload) => {
    expect(decodePacket(fromHex(hex))).toEqual({ control, payload });
  });

  it("have no payload where the message has none, and what comes instead is ignored", () => {
    const bytes = packetOf(LINK);
    expect(decodePacket(bytes.subarray(4))).toEqual({ control: LINK });
    expect(decodePacket(fromHex(`${toHex(bytes.subarray(4))} 83 61 05`))).toEqual({ control: LINK });
  });

  it("need a payload where the message has one", () => {
    const bytes = packetOf(SEND, 5);
    expect(() => decodePacket(bytes.subarray(4, -3))).toThrow(
      new ProtocolError("missing_payload", "SEND came without its payload"),
    );
    expect(() => packetOf(SEND)).toThrow(TypeError);
  });

  it("are refused when cut at any byte", () => {
    const bytes = packetOf(SEND, tuple(atom("a"), [1, 2, 3])).subarray(4);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodePacket(bytes.subarray(0, length)), `${length} bytes`).toThrow(/./);
    }
  });

  it("are refused with another first byte, or without the version of a term", () => {
    const bytes = packetOf(SEND, 5).subarray(4);
    // A distribution header, which was not negotiated.
    expect(() => decodePacket(fromHex("83 44 00 61 05"))).toThrow(ProtocolError);
    expect(() => decodePacket(Uint8Array.from(bytes, (byte, index) => (index === 1 ? 130 : byte)))).toThrow(DecodeError);
  });

  it("leave nothing behind when a term cannot be encoded", () => {
    const writer = new Writer();
    appendTick(writer);
    const unspeakable = tuple(atom("a"), new ImproperList([1], Number.NaN));
    expect(() => appendPacket(writer, SEND, unspeakable)).toThrow(EncodeError);
    appendTick(writer);
    expect(toHex(writer.finish())).toBe("00".repeat(8));
  });
});

function decodePacket(bytes: Uint8Array): Packet | undefined {
  return new PacketReader(packetForm(0n), DEFAULT_LIMITS).read(bytes);
}

function packetOf(control: ControlMessage, payload?: Term): Uint8Array {
  const writer = new Writer();
  appendPacket(writer, control, payload);
  return writer.finish();
}

function withLength(bytes: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.u32(bytes.length);
  writer.append(bytes);
  return writer.finish();
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
