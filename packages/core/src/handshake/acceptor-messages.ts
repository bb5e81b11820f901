// What side B of the handshake reads and writes (messages.ts).
import { Reader } from "../bytes/reader.ts";
import { DecodeError } from "../errors.ts";
import {
  appendName,
  badTag,
  bytesOf,
  type ChallengeMessage,
  expectTag,
  latin1,
  NAMED,
  type NameMessage,
  type ReplyMessage,
  shown,
  startMessage,
  type Status,
  TAG_ACK,
  TAG_CHALLENGE,
  TAG_COMPLEMENT,
  TAG_NAME,
  TAG_NAME_V5,
  TAG_REPLY,
  TAG_STATUS,
  takeDigest,
  takeName,
} from "./messages.ts";

const VERSION_5 = 5;

// "send_name"
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
  const writer = startMessage(TAG_STATUS);
  if (typeof status === "string") {
    writer.append(bytesOf(status));
  } else {
    writer.append(bytesOf(NAMED));
    appendName(writer, status.named);
    writer.u32(status.creation);
  }
  return writer.finish();
}

// "send_status"
export function decodeAliveAnswer(bytes: Uint8Array): boolean {
  const reader = expectTag("send_status", TAG_STATUS, bytes);
  const text = latin1(reader.rest());
  if (text === "true" || text === "false") return text === "true";
  throw new DecodeError("bad_value", { offset: 1, expected: '"true" or "false"', got: shown(text) });
}

// "recv_challenge"
export function encodeChallenge({ flags, challenge, creation, name }: ChallengeMessage): Uint8Array {
  const writer = startMessage(TAG_CHALLENGE);
  writer.u64(flags);
  writer.u32(challenge);
  writer.u32(creation);
  appendName(writer, name);
  return writer.finish();
}

// "send_complement"
export function decodeComplement(bytes: Uint8Array): { readonly upperFlags: bigint; readonly creation: number } {
  const reader = expectTag("send_complement", TAG_COMPLEMENT, bytes);
  return { upperFlags: BigInt(reader.u32()), creation: reader.u32() };
}

// "send_challenge_reply"
export function decodeReply(bytes: Uint8Array): ReplyMessage {
  const reader = expectTag("send_challenge_reply", TAG_REPLY, bytes);
  return { challenge: reader.u32(), digest: takeDigest(reader) };
}

// "recv_challenge_ack"
export function encodeAck(digest: Uint8Array): Uint8Array {
  const writer = startMessage(TAG_ACK);
  writer.append(digest);
  return writer.finish();
}
