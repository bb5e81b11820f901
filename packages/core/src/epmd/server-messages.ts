// The same messages as EPMD sees them: requests are read, replies written (erl_dist_protocol, "EPMD Protocol").
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { DecodeError } from "../errors.ts";
import type { DumpEntry, NodeEntry } from "./messages.ts";

/** What a node says of itself; `lookup` gives it to others as it is. */
export interface AliveRequest extends NodeEntry {
  readonly type: "ALIVE2";
  readonly nodeType: number;
  readonly protocol: number;
  readonly highestVersion: number;
  readonly lowestVersion: number;
  readonly extra: Uint8Array;
}

export type EpmdRequest =
  | AliveRequest
  | { readonly type: "PORT_PLEASE2"; readonly name: string }
  | { readonly type: "NAMES" | "DUMP" | "KILL" };

/** Names are longest in UTF-8 with 255 characters; extra data is as long as OTP's epmd has room for. */
export const MAX_REQUEST_BYTES: number = 3 * 1020;

const MAX_NAME_CHARACTERS = 255;
const DUPLICATE_CREATION = 99;
const VERSION_6 = 6;

/** A request without its length. Throws DecodeError for what EPMD does not answer. */
export function decodeRequest(bytes: Uint8Array): EpmdRequest {
  const reader = new Reader(bytes);
  const tag = reader.u8();
  switch (tag) {
    case 120:
      return aliveRequest(reader);
    case 122: {
      const name = reader.take(bytes.length - 1);
      // Old clients send the NUL of their string along.
      return { type: "PORT_PLEASE2", name: nameOf(name.at(-1) === 0 ? name.subarray(0, -1) : name) };
    }
    case 110:
      return { type: "NAMES" };
    case 100:
      return { type: "DUMP" };
    case 107:
      return { type: "KILL" };
    default:
      throw new DecodeError("bad_tag", { offset: 0, expected: "a request to EPMD", got: tag });
  }
}

// "Register a Node in EPMD"
function aliveRequest(reader: Reader): AliveRequest {
  return {
    type: "ALIVE2",
    portNo: reader.u16(),
    nodeType: reader.u8(),
    protocol: reader.u8(),
    highestVersion: reader.u16(),
    lowestVersion: reader.u16(),
    name: nameOf(reader.take(reader.u16())),
    extra: reader.take(reader.u16()).slice(),
  };
}

function nameOf(bytes: Uint8Array): string {
  const name = new TextDecoder().decode(bytes);
  // Without a fatal decoder, broken UTF-8 shows as this character.
  if (name === "" || name.includes("\0") || name.includes("\ufffd") || [...name].length > MAX_NAME_CHARACTERS) {
    throw new DecodeError("bad_value", { offset: 0, expected: "a name of 1 to 255 characters in UTF-8" });
  }
  return name;
}

/** ALIVE2_X_RESP, or ALIVE2_RESP to a node of before OTP 23, whose creations are 1 to 3. */
export function encodeAliveReply({ highestVersion }: AliveRequest, creation: number | "duplicate"): Uint8Array {
  const writer = new Writer(8);
  const isX = highestVersion >= VERSION_6;
  writer.u8(isX ? 118 : 121);
  writer.u8(creation === "duplicate" ? 1 : 0);
  const value = creation === "duplicate" ? DUPLICATE_CREATION : creation;
  if (isX) writer.u32(value);
  else writer.u16(creation === "duplicate" ? value : (value % 3) + 1);
  return writer.finish();
}

/** PORT2_RESP. */
export function encodeLookupReply(found: AliveRequest | undefined): Uint8Array {
  if (found === undefined) return Uint8Array.of(119, 1);
  const writer = new Writer(64);
  writer.u8(119);
  writer.u8(0);
  writer.u16(found.portNo);
  writer.u8(found.nodeType);
  writer.u8(found.protocol);
  writer.u16(found.highestVersion);
  writer.u16(found.lowestVersion);
  const name = new TextEncoder().encode(found.name);
  writer.u16(name.length);
  writer.append(name);
  writer.u16(found.extra.length);
  writer.append(found.extra);
  return writer.finish();
}

export function encodeNamesReply(epmdPortNo: number, nodes: readonly NodeEntry[]): Uint8Array {
  return listing(
    epmdPortNo,
    nodes.map(({ name, portNo }) => `name ${name} at port ${portNo}\n`),
  );
}

/** With the brackets, spaces and NUL bytes of OTP's, which the chapter leaves out. */
export function encodeDumpReply(epmdPortNo: number, entries: readonly DumpEntry[]): Uint8Array {
  return listing(
    epmdPortNo,
    entries.map(({ state, name, portNo, fd }) =>
      state === "active"
        ? `active name     <${name}> at port ${portNo}, fd = ${fd}\n\0`
        : `old/unused name <${name}>, port = ${portNo}, fd = ${fd} \n\0`,
    ),
  );
}

export function encodeKillReply(answer: "OK" | "NO"): Uint8Array {
  return new TextEncoder().encode(answer);
}

function listing(epmdPortNo: number, lines: readonly string[]): Uint8Array {
  const writer = new Writer(256);
  writer.u32(epmdPortNo);
  for (const line of lines) writer.append(new TextEncoder().encode(line));
  return writer.finish();
}
