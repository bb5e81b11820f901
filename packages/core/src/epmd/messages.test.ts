import { describe, expect, it } from "vitest";
import { bytesOf } from "../../test/support/hex.ts";
import { EpmdError } from "../errors.ts";
import {
  decodeAlive,
  decodeDump,
  decodeKill,
  decodeLookup,
  decodeNames,
  decodeStop,
  encodeAlive,
  encodeDump,
  encodeKill,
  encodeLookup,
  encodeNames,
  encodeStop,
} from "./messages.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** A text after the four bytes of EPMD's port, 4369. */
const listing = (text: string): Uint8Array => Uint8Array.of(0, 0, 0x11, 0x11, ...ascii(text));

describe("requests", () => {
  it.each([
    [
      "ALIVE2_REQ of a visible node",
      encodeAlive({ name: "app", portNo: 0x8123 }),
      "0010 78 8123 4d 00 0006 0006 0003 617070 0000",
    ],
    [
      "ALIVE2_REQ with everything",
      encodeAlive({ name: "app", portNo: 1, hidden: true, highestVersion: 7, lowestVersion: 5, extra: Uint8Array.of(9, 8) }),
      "0012 78 0001 48 00 0007 0005 0003 617070 0002 0908",
    ],
    ["PORT_PLEASE2_REQ", encodeLookup("app"), "0004 7a 617070"],
    ["PORT_PLEASE2_REQ in UTF-8", encodeLookup("\u00e4pp"), "0005 7a c3a47070"],
    ["NAMES_REQ", encodeNames(), "0001 6e"],
    ["DUMP_REQ", encodeDump(), "0001 64"],
    ["KILL_REQ", encodeKill(), "0001 6b"],
    ["STOP_REQ", encodeStop("app"), "0004 73 617070"],
  ])("%s has its length before it", (_, bytes, hex) => {
    expect(bytes).toEqual(bytesOf(hex));
  });

  it.each(["", "app@host", "a\0b", "a".repeat(256)])("refuse the name %j, which EPMD cannot have", (name) => {
    for (const encode of [encodeLookup, encodeStop, (value: string) => encodeAlive({ name: value, portNo: 1 })]) {
      expect(() => encode(name)).toThrow(expect.objectContaining({ code: "bad_request" }));
    }
  });
});

describe("replies that show their end", () => {
  // Written by epmd of OTP 25.
  const KNOWN = "77 00 8123 4d 00 0006 0006 0003 617070 0002 0908";
  const details = { name: "app", portNo: 0x8123, nodeType: "visible", protocol: 0, highestVersion: 6, lowestVersion: 6 };
  const REPLIES = [
    ["ALIVE2_X_RESP", decodeAlive, "76 00 6b02be91", 0x6b02_be91],
    ["ALIVE2_RESP", decodeAlive, "79 00 0001", 1],
    ["ALIVE2_X_RESP of a name that is taken", decodeAlive, "76 01 00000063", "duplicate"],
    ["ALIVE2_RESP of a name that is taken", decodeAlive, "79 01 0063", "duplicate"],
    ["PORT2_RESP", decodeLookup, KNOWN, { ...details, extra: Uint8Array.of(9, 8) }],
    ["PORT2_RESP of an unknown name", decodeLookup, "77 01", "unknown"],
    ["the answer to KILL_REQ", decodeKill, "4f4b", "OK"],
    ["the answer to KILL_REQ that refuses", decodeKill, "4e4f", "NO"],
  ] as const;

  it.each(REPLIES)("are read when they are complete, and no byte earlier: %s", (_, decode, hex, value) => {
    const bytes = bytesOf(hex);
    expect(decode(bytes)).toEqual(value);
    for (const end of bytes.keys()) expect(decode(bytes.subarray(0, end))).toBe("more");
  });

  it.each(REPLIES)("are refused with another first byte: %s", (_, decode, hex) => {
    expect(() => decode(bytesOf(hex).with(0, 0x48))).toThrow(expect.objectContaining({ code: "bad_reply" }));
  });

  it("show hidden nodes, and types of node that are none of Erlang's", () => {
    expect(decodeLookup(bytesOf(KNOWN.replace("4d", "48")))).toMatchObject({ nodeType: "hidden" });
    expect(decodeLookup(bytesOf(KNOWN.replace("4d", "6e")))).toMatchObject({ nodeType: 0x6e });
  });

  it("hold no part of the chunk they came in", () => {
    const bytes = bytesOf(KNOWN);
    const found = decodeLookup(bytes);
    bytes.fill(0);
    expect(found).toMatchObject({ extra: Uint8Array.of(9, 8) });
  });
});

describe("listings", () => {
  it("of names have a line for each", () => {
    const text = "name app at port 33059\nname a b at port 1 at port 2\n";
    expect(decodeNames(listing(text))).toEqual([
      { name: "app", portNo: 33_059 },
      { name: "a b at port 1", portNo: 2 },
    ]);
    expect(decodeNames(listing(""))).toEqual([]);
  });

  it("of all data have what epmd really sends: brackets, spaces, and a NUL after each line", () => {
    const text = "active name     <app> at port 33059, fd = 5\n\0old/unused name <gone>, port = 42, fd = -1 \n\0";
    expect(decodeDump(listing(text))).toEqual([
      { state: "active", name: "app", portNo: 33_059, fd: 5 },
      { state: "old/unused", name: "gone", portNo: 42, fd: -1 },
    ]);
  });

  it.each([
    ["HTTP/1.1 400", decodeNames],
    ["name app at port x\n", decodeNames],
    ["name app at port 1\n", decodeDump],
    ["", () => decodeNames(Uint8Array.of(0, 0, 1))],
  ])("with the line %j are no EPMD's", (text, decode) => {
    expect(() => decode(listing(text))).toThrow(EpmdError);
  });
});

it("takes STOPPED after NOEXIST for what it means", () => {
  expect(decodeStop(ascii("STOPPED"))).toBe("STOPPED");
  expect(decodeStop(ascii("NOEXISTSTOPPED"))).toBe("NOEXIST");
  expect(decodeStop(ascii("NOEXIST"))).toBe("NOEXIST");
  expect(() => decodeStop(ascii("OK"))).toThrow(EpmdError);
});
