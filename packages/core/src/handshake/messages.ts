// The messages of the handshake (erl_dist_protocol, "Distribution Handshake") without the length that goes before each.
// Bytes after the last field are ignored where OTP ignores them, so that later releases can add fields.
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { DecodeError } from "../errors.ts";
import { DIGEST_BYTES } from "./digest.ts";

/** What an acceptor says to a name. Whoever answers `alive` waits for "true" or "false". */
export type Status = "ok" | "ok_simultaneous" | "nok" | "not_allowed" | "alive" | NamedStatus;

/** The status `named:`: the name that a node without one has to take. */
export interface NamedStatus {
  readonly named: string;
  readonly creation: number;
}

export interface NameMessage {
  /** 5 is the old form: the upper half of the flags and the creation follow in a complement. */
  readonly version: 5 | 6;
  readonly flags: bigint;
  readonly creation: number;
  /** The full node name, or the host alone with NAME_ME. */
  readonly name: string;
}

export interface ChallengeMessage {
  readonly flags: bigint;
  readonly challenge: number;
  readonly creation: number;
  readonly name: string;
}

const TAG_NAME_V5 = 0x6e; // n
const TAG_NAME = 0x4e; // N
const TAG_CHALLENGE = 0x4e; // N
const TAG_STATUS = 0x73; // s
const TAG_COMPLEMENT = 0x63; // c
const TAG_REPLY = 0x72; // r
const TAG_ACK = 0x61; // a
const VERSION_5 = 5;
const NAMED = "named:";
const WORDS = ["ok", "ok_simultaneous", "nok", "not_allowed", "alive"] as const;

// "send_name"
export function encodeName({ flags, creation, name }: Omit<NameMessage, "version">): Uint8Array {
  const writer = start(TAG_NAME);
  writer.u64(flags);
  writer.u32(creation);
  appendName(writer, name);
  return writer.finish();
}

export function decodeName(bytes: Uint8Array): NameMessage {
  const reader = new Reader(bytes);
  const tag = reader.u8();
  if (tag === TAG_NAME) return { version: 6, flags: reader.u64(), creation: reader.u32(), name: takeName(reader) };
  if (tag !== TAG_NAME_V5) throw badTag("send_name", tag);
  const version = reader.u16();
  if (version !== VERSION_5) throw new DecodeError("bad_version", { offset: 1, expected: "version 5", got: String(version) });
  return { version: 5, flags: BigInt(reader.u32()), creation: 0, name: latin1(reader.rest()) };
}

// "recv_status"
export function encodeStatus(status: Status): Uint8Array {
  const writer = start(TAG_STATUS);
  if (typeof status === "string") {
    writer.append(bytesOf(status));
  } else {
    writer.append(bytesOf(NAMED));
    appendName(writer, status.named);
    writer.u32(status.creation);
  }
  return writer.finish();
}

/** A status, or what the peer sent in its place. */
export function decodeStatus(bytes: Uint8Array): Status | { readonly unknown: string } {
  const reader = expectTag("recv_status", TAG_STATUS, bytes);
  const text = latin1(bytes.subarray(1));
  if (!text.startsWith(NAMED)) return WORDS.find((word) => word === text) ?? { unknown: text };
  reader.skip(NAMED.length);
  return { named: takeName(reader), creation: reader.u32() };
}

// "send_status": what the initiator says to `alive`.
export function encodeAliveAnswer(proceed: boolean): Uint8Array {
  const writer = start(TAG_STATUS);
  writer.append(bytesOf(String(proceed)));
  return writer.finish();
}

export function decodeAliveAnswer(bytes: Uint8Array): boolean {
  const reader = expectTag("send_status", TAG_STATUS, bytes);
  const text = latin1(reader.rest());
  if (text === "true" || text === "false") return text === "true";
  throw new DecodeError("bad_value", { offset: 1, expected: '"true" or "false"', got: shown(text) });
}

// "recv_challenge"
export function encodeChallenge({ flags, challenge, creation, name }: ChallengeMessage): Uint8Array {
  const writer = start(TAG_CHALLENGE);
  writer.u64(flags);
  writer.u32(challenge);
  writer.u32(creation);
  appendName(writer, name);
  return writer.finish();
}

export function decodeChallenge(bytes: Uint8Array): ChallengeMessage {
  const reader = expectTag("recv_challenge", TAG_CHALLENGE, bytes);
  return { flags: reader.u64(), challenge: reader.u32(), creation: reader.u32(), name: takeName(reader) };
}

// "send_complement"
export function decodeComplement(bytes: Uint8Array): { readonly upperFlags: bigint; readonly creation: number } {
  const reader = expectTag("send_complement", TAG_COMPLEMENT, bytes);
  return { upperFlags: BigInt(reader.u32()), creation: reader.u32() };
}

export interface ReplyMessage {
  readonly challenge: number;
  readonly digest: Uint8Array;
}

// "send_challenge_reply"
export function encodeReply({ challenge, digest }: ReplyMessage): Uint8Array {
  const writer = start(TAG_REPLY);
  writer.u32(challenge);
  writer.append(digest);
  return writer.finish();
}

export function decodeReply(bytes: Uint8Array): ReplyMessage {
  const reader = expectTag("send_challenge_reply", TAG_REPLY, bytes);
  return { challenge: reader.u32(), digest: takeDigest(reader) };
}

// "recv_challenge_ack"
export function encodeAck(digest: Uint8Array): Uint8Array {
  const writer = start(TAG_ACK);
  writer.append(digest);
  return writer.finish();
}

export function decodeAck(bytes: Uint8Array): Uint8Array {
  return takeDigest(expectTag("recv_challenge_ack", TAG_ACK, bytes));
}

/** What a peer sent in place of a word, fit for an error message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function start(tag: number): Writer {
  const writer = new Writer(64);
  writer.u8(tag);
  return writer;
}

function expectTag(message: string, tag: number, bytes: Uint8Array): Reader {
  const reader = new Reader(bytes);
  const got = reader.u8();
  if (got !== tag) throw badTag(message, got);
  return reader;
}

function badTag(message: string, got: number): DecodeError {
  return new DecodeError("bad_tag", { offset: 0, expected: message, got });
}

function appendName(writer: Writer, name: string): void {
  writer.u16(name.length);
  writer.append(bytesOf(name));
}

function takeName(reader: Reader): string {
  return latin1(reader.take(reader.u16()));
}

// OTP checks the length of these two messages to the byte.
function takeDigest(reader: Reader): Uint8Array {
  if (reader.remaining !== DIGEST_BYTES) {
    const got = `${reader.remaining} bytes`;
    throw new DecodeError("bad_value", { offset: reader.offset, expected: `a digest of ${DIGEST_BYTES} bytes`, got });
  }
  return reader.rest();
}

function bytesOf(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (character) => character.charCodeAt(0));
}

// Character by character: TextDecoder's "latin1" is windows-1252.
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
