// The messages of the handshake (erl_dist_protocol, "Distribution Handshake") without the length that goes before each: what
// is in them, and their fields. What the initiator writes and reads is in initiator-messages.ts, the other half in
// acceptor-messages.ts, which a node that only connects does without. Bytes after the last field are ignored where OTP ignores
// them, so that later releases can add fields.
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

export interface ReplyMessage {
  readonly challenge: number;
  readonly digest: Uint8Array;
}

export const TAG_NAME_V5 = 0x6e; // n
export const TAG_NAME = 0x4e; // N
export const TAG_CHALLENGE = 0x4e; // N
export const TAG_STATUS = 0x73; // s
export const TAG_COMPLEMENT = 0x63; // c
export const TAG_REPLY = 0x72; // r
export const TAG_ACK = 0x61; // a
export const NAMED = "named:";

/** What a peer sent in place of a word, fit for an error message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

export function startMessage(tag: number): Writer {
  const writer = new Writer(64);
  writer.u8(tag);
  return writer;
}

export function expectTag(message: string, tag: number, bytes: Uint8Array): Reader {
  const reader = new Reader(bytes);
  const got = reader.u8();
  if (got !== tag) throw badTag(message, got);
  return reader;
}

export function badTag(message: string, got: number): DecodeError {
  return new DecodeError("bad_tag", { offset: 0, expected: message, got });
}

export function appendName(writer: Writer, name: string): void {
  writer.u16(name.length);
  writer.append(bytesOf(name));
}

export function takeName(reader: Reader): string {
  return latin1(reader.take(reader.u16()));
}

// OTP checks the length of these two messages to the byte.
export function takeDigest(reader: Reader): Uint8Array {
  if (reader.remaining !== DIGEST_BYTES) {
    const got = `${reader.remaining} bytes`;
    throw new DecodeError("bad_value", { offset: reader.offset, expected: `a digest of ${DIGEST_BYTES} bytes`, got });
  }
  return reader.rest();
}

export function bytesOf(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (character) => character.charCodeAt(0));
}

// Character by character: TextDecoder's "latin1" is windows-1252.
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
