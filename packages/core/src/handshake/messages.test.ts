import { describe, expect, it } from "vitest";
import { concat } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { DecodeError } from "../errors.ts";
import {
  decodeAliveAnswer,
  decodeComplement,
  decodeName,
  decodeReply,
  encodeAck,
  encodeChallenge,
  encodeStatus,
} from "./acceptor-messages.ts";
import { decodeAck, decodeChallenge, decodeStatus, encodeAliveAnswer, encodeName, encodeReply } from "./initiator-messages.ts";

const DIGEST = bytesOf("cb636b222a684019ff34fc54e5747c7c");

// The bytes are from real nodes: OTP 25 and 29.
const MESSAGES = [
  {
    name: "send_name",
    hex: "4e 0000000d035f5fbc 00012fd1 000f 70726f6265403132372e302e302e31",
    value: { version: 6, flags: 0xd_035f_5fbcn, creation: 77_777, name: "probe@127.0.0.1" },
    decode: decodeName,
    encode: () => encodeName({ flags: 0xd_035f_5fbcn, creation: 77_777, name: "probe@127.0.0.1" }),
    trailing: "ignored",
  },
  {
    name: "status named:",
    hex: "73 6e616d65643a 0016 4f5330495636423249453943403132372e302e302e31 65b71879",
    value: { named: "OS0IV6B2IE9C@127.0.0.1", creation: 0x65b7_1879 },
    decode: decodeStatus,
    // What ends within the word is another status, which the table of statuses below covers.
    cutFrom: 7,
    encode: () => encodeStatus({ named: "OS0IV6B2IE9C@127.0.0.1", creation: 0x65b7_1879 }),
    trailing: "ignored",
  },
  {
    name: "challenge",
    hex: "4e 0000006d07df7fbd 473c10fe 6b02bc27 000d 6f3239403132372e302e302e31",
    value: { flags: 0x6d_07df_7fbdn, challenge: 0x473c_10fe, creation: 0x6b02_bc27, name: "o29@127.0.0.1" },
    decode: decodeChallenge,
    encode: () =>
      encodeChallenge({ flags: 0x6d_07df_7fbdn, challenge: 0x473c_10fe, creation: 0x6b02_bc27, name: "o29@127.0.0.1" }),
    trailing: "ignored",
  },
  {
    name: "complement",
    hex: "63 0000000d 00012fd1",
    value: { upperFlags: 0xdn, creation: 77_777 },
    decode: decodeComplement,
    trailing: "ignored",
  },
  {
    name: "challenge_reply",
    hex: "72 9ae8d986 cb636b222a684019ff34fc54e5747c7c",
    value: { challenge: 0x9ae8_d986, digest: DIGEST },
    decode: decodeReply,
    encode: () => encodeReply({ challenge: 0x9ae8_d986, digest: DIGEST }),
    trailing: "refused",
  },
  {
    name: "challenge_ack",
    hex: "61 cb636b222a684019ff34fc54e5747c7c",
    value: DIGEST,
    decode: decodeAck,
    encode: () => encodeAck(DIGEST),
    trailing: "refused",
  },
] as const;

describe.each(MESSAGES)("$name", ({ hex, value, decode, trailing, ...message }) => {
  const bytes = bytesOf(hex);

  it("is read as OTP wrote it", () => {
    expect(decode(bytes)).toEqual(value);
  });

  it("is refused when it ends at any byte before the last", () => {
    const from = "cutFrom" in message ? message.cutFrom : 0;
    for (let end = from; end < bytes.length; end += 1) expect(() => decode(bytes.subarray(0, end))).toThrow(DecodeError);
  });

  it("is refused with another tag, which the error names", () => {
    expect(() => decode(bytes.with(0, 0x78))).toThrow("at byte 0: expected");
    expect(() => decode(bytes.with(0, 0x78))).toThrow("got 0x78");
  });

  it(`has bytes after it ${trailing}`, () => {
    const longer = concat([bytes, bytesOf("0001")]);
    if (trailing === "ignored") expect(decode(longer)).toEqual(value);
    else expect(() => decode(longer)).toThrow("a digest of 16 bytes");
  });
});

it.each(MESSAGES.filter((message) => "encode" in message))("$name is written as OTP writes it", ({ encode, hex }) => {
  expect(encode()).toEqual(bytesOf(hex));
});

describe("status", () => {
  it.each([
    ["ok", "73 6f6b"],
    ["ok_simultaneous", "73 6f6b5f73696d756c74616e656f7573"],
    ["nok", "73 6e6f6b"],
    ["not_allowed", "73 6e6f745f616c6c6f776564"],
    ["alive", "73 616c697665"],
  ] as const)("is one of OTP's words: %s", (status, hex) => {
    expect(encodeStatus(status)).toEqual(bytesOf(hex));
    expect(decodeStatus(bytesOf(hex))).toBe(status);
  });

  it("is given as the peer sent it when it is none of them", () => {
    expect(decodeStatus(bytesOf("73 6f6b61"))).toEqual({ unknown: "oka" });
    expect(decodeStatus(bytesOf("73"))).toEqual({ unknown: "" });
  });

  it("answers alive with true or false", () => {
    expect(encodeAliveAnswer(true)).toEqual(bytesOf("73 74727565"));
    expect(decodeAliveAnswer(bytesOf("73 74727565"))).toBe(true);
    expect(encodeAliveAnswer(false)).toEqual(bytesOf("73 66616c7365"));
    expect(decodeAliveAnswer(bytesOf("73 66616c7365"))).toBe(false);
    expect(() => decodeAliveAnswer(bytesOf("73 6f6b"))).toThrow('expected "true" or "false", got "ok"');
  });
});

describe("send_name of version 5", () => {
  it("has its name up to the end, and half of the flags", () => {
    const value = { version: 5, flags: 0x035f_5fbcn, creation: 0, name: "probe@127.0.0.1" };
    expect(decodeName(bytesOf("6e 0005 035f5fbc 70726f6265403132372e302e302e31"))).toEqual(value);
  });

  it("is refused in another version", () => {
    expect(() => decodeName(bytesOf("6e 0004 035f5fbc 61"))).toThrow("at byte 1: expected version 5, got 4");
  });
});

it("reads names as Latin-1, in which bytes above 127 are characters, and not as windows-1252", () => {
  expect(decodeName(bytesOf("6e 0005 00000000 80e9")).name).toBe("\u0080\u00e9");
});
