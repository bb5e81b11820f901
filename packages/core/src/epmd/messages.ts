// The messages of EPMD (erl_dist_protocol, "EPMD Protocol"). A request has its length before it. A reply has none: some
// show their end, the others end with the connection, so each reader is given what has come so far and may want more.
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { DecodeError, EpmdError } from "../errors.ts";

const ALIVE2_REQ = 120;
const ALIVE2_RESP = 121;
const ALIVE2_X_RESP = 118;
const PORT_PLEASE2_REQ = 122;
const PORT2_RESP = 119;
const NAMES_REQ = 110;
const DUMP_REQ = 100;
const KILL_REQ = 107;
const STOP_REQ = 115;

const HIDDEN_NODE = 72; // H
const VISIBLE_NODE = 77; // M
/** Handshake version 6, all that nodes since OTP 25 send. */
const VERSION_6 = 6;
const MAX_NAME_BYTES = 255;

/** The reply is not complete; more bytes have to come. */
export type More = "more";

export interface Registration {
  /** The part of the node name before the `@`. */
  readonly name: string;
  /** The TCP port that the node listens on. */
  readonly portNo: number;
  /** By default false. */
  readonly hidden?: boolean | undefined;
  /** By default 6, as OTP 25 and later. */
  readonly highestVersion?: number | undefined;
  readonly lowestVersion?: number | undefined;
  /** At most some hundred bytes that `lookup` gives to others; by default none. */
  readonly extra?: Uint8Array | undefined;
}

// "Register a Node in EPMD"
export function encodeAlive(registration: Registration): Uint8Array {
  const { name, portNo, hidden = false, extra = new Uint8Array() } = registration;
  const { highestVersion = VERSION_6, lowestVersion = VERSION_6 } = registration;
  return request(ALIVE2_REQ, (writer) => {
    writer.u16(portNo);
    writer.u8(hidden ? HIDDEN_NODE : VISIBLE_NODE);
    writer.u8(0); // TCP over IPv4; nobody reads it
    writer.u16(highestVersion);
    writer.u16(lowestVersion);
    const bytes = nameBytes(name);
    writer.u16(bytes.length);
    writer.append(bytes);
    writer.u16(extra.length);
    writer.append(extra);
  });
}

/** The creation; "duplicate" when another node has the name. */
export function decodeAlive(bytes: Uint8Array): number | "duplicate" | More {
  return whole(bytes, (reader) => {
    const tag = reader.u8();
    if (tag !== ALIVE2_X_RESP && tag !== ALIVE2_RESP) throw badReply(`a registration with byte ${tag}`);
    const result = reader.u8();
    const creation = tag === ALIVE2_X_RESP ? reader.u32() : reader.u16();
    return result === 0 ? creation : "duplicate";
  });
}

export interface NodeEntry {
  readonly name: string;
  readonly portNo: number;
}

/** A node as it has registered itself. */
export interface NodeDetails extends NodeEntry {
  readonly nodeType: "visible" | "hidden" | number;
  readonly protocol: number;
  readonly highestVersion: number;
  readonly lowestVersion: number;
  readonly extra: Uint8Array;
}

// "Get the Distribution Port of a Node"
export function encodeLookup(name: string): Uint8Array {
  return request(PORT_PLEASE2_REQ, (writer) => writer.append(nameBytes(name)));
}

export function decodeLookup(bytes: Uint8Array): NodeDetails | "unknown" | More {
  return whole(bytes, (reader) => {
    const tag = reader.u8();
    if (tag !== PORT2_RESP) throw badReply(`a question for a port with byte ${tag}`);
    if (reader.u8() !== 0) return "unknown";
    const portNo = reader.u16();
    const type = reader.u8();
    return {
      portNo,
      nodeType: type === HIDDEN_NODE ? "hidden" : type === VISIBLE_NODE ? "visible" : type,
      protocol: reader.u8(),
      highestVersion: reader.u16(),
      lowestVersion: reader.u16(),
      name: new TextDecoder().decode(reader.take(reader.u16())),
      extra: reader.take(reader.u16()).slice(),
    };
  });
}

// "Get All Registered Names from EPMD"
export function encodeNames(): Uint8Array {
  return request(NAMES_REQ);
}

/** Of the whole reply. */
export function decodeNames(bytes: Uint8Array): NodeEntry[] {
  return lines(bytes).map((line) => {
    const match = /^name (.*) at port (\d+)$/.exec(line);
    if (match === null) throw badReply(`a question for names with the line ${JSON.stringify(line)}`);
    return { name: match[1] ?? "", portNo: Number(match[2]) };
  });
}

export interface DumpEntry extends NodeEntry {
  /** A node that has gone is kept for its creation. */
  readonly state: "active" | "old/unused";
  /** The file descriptor of its connection in the EPMD process; that of a node that has gone may be in use again. */
  readonly fd: number;
}

// "Dump All Data from EPMD": what is really sent differs from the chapter by brackets, spaces and NUL bytes.
export function encodeDump(): Uint8Array {
  return request(DUMP_REQ);
}

/** Of the whole reply. */
export function decodeDump(bytes: Uint8Array): DumpEntry[] {
  return lines(bytes).map((line) => {
    const match = /^(active|old\/unused) name\s+<(.*)>(?: at port |, port = )(\d+), fd = (-?\d+)\s*$/.exec(line);
    if (match === null) throw badReply(`a request for all data with the line ${JSON.stringify(line)}`);
    const state = match[1] === "active" ? "active" : "old/unused";
    return { state, name: match[2] ?? "", portNo: Number(match[3]), fd: Number(match[4]) };
  });
}

// "Kill EPMD"
export function encodeKill(): Uint8Array {
  return request(KILL_REQ);
}

/** "NO" while nodes are registered. */
export function decodeKill(bytes: Uint8Array): "OK" | "NO" | More {
  const text = textOf(bytes);
  if (text === "OK" || text === "NO") return text;
  if ("OK".startsWith(text) || "NO".startsWith(text)) return "more";
  throw badReply(`the request to end with ${JSON.stringify(text)}`);
}

// "STOP_REQ"
export function encodeStop(name: string): Uint8Array {
  return request(STOP_REQ, (writer) => writer.append(nameBytes(name)));
}

/** Of the whole reply. For a name that it does not know, EPMD says NOEXIST and then STOPPED all the same. */
export function decodeStop(bytes: Uint8Array): "STOPPED" | "NOEXIST" {
  const text = textOf(bytes);
  if (text === "STOPPED") return "STOPPED";
  if (text.startsWith("NOEXIST")) return "NOEXIST";
  throw badReply(`the request to forget a name with ${JSON.stringify(text)}`);
}

function request(tag: number, fill?: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(64);
  const place = writer.reserve(2);
  writer.u8(tag);
  fill?.(writer);
  writer.patchU16(place, writer.length - 2);
  return writer.finish();
}

function nameBytes(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (/^[^@\0]+$/.test(name) && bytes.length <= MAX_NAME_BYTES) return bytes;
  throw new EpmdError(
    "bad_request",
    `EPMD knows nodes by the part before the @, of 1 to ${MAX_NAME_BYTES} bytes, not as ${JSON.stringify(name)}`,
  );
}

/** What `read` makes of the bytes, or "more" when they end too early for it. */
function whole<T>(bytes: Uint8Array, read: (reader: Reader) => T): T | More {
  try {
    return read(new Reader(bytes));
  } catch (error) {
    if (error instanceof DecodeError && error.code === "truncated") return "more";
    throw error;
  }
}

/** The lines of a reply, after EPMD's own port at its front. */
function lines(bytes: Uint8Array): string[] {
  if (bytes.length < 4) throw badReply(`with ${bytes.length} bytes`);
  return textOf(bytes.subarray(4))
    .replaceAll("\0", "")
    .split("\n")
    .filter((line) => line !== "");
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function badReply(what: string): EpmdError {
  return new EpmdError("bad_reply", `what answers is no EPMD: it answered ${what}`);
}
