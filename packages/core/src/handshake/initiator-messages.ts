// What side A of the handshake writes and reads (messages.ts).
import {
  appendName,
  bytesOf,
  type ChallengeMessage,
  expectTag,
  latin1,
  NAMED,
  type NameMessage,
  type ReplyMessage,
  startMessage,
  type Status,
  TAG_ACK,
  TAG_CHALLENGE,
  TAG_NAME,
  TAG_REPLY,
  TAG_STATUS,
  takeDigest,
  takeName,
} from "./messages.ts";

const WORDS = ["ok", "ok_simultaneous", "nok", "not_allowed", "alive"] as const;

// "send_name"
export function encodeName({ flags, creation, name }: Omit<NameMessage, "version">): Uint8Array {
  const writer = startMessage(TAG_NAME);
  writer.u64(flags);
  writer.u32(creation);
  appendName(writer, name);
  return writer.finish();
}

// "recv_status": a status, or what the peer sent in its place.
export function decodeStatus(bytes: Uint8Array): Status | { readonly unknown: string } {
  const reader = expectTag("recv_status", TAG_STATUS, bytes);
  const text = latin1(bytes.subarray(1));
  if (!text.startsWith(NAMED)) return WORDS.find((word) => word === text) ?? { unknown: text };
  reader.skip(NAMED.length);
  return { named: takeName(reader), creation: reader.u32() };
}

// "send_status": what the initiator says to `alive`.
export function encodeAliveAnswer(proceed: boolean): Uint8Array {
  const writer = startMessage(TAG_STATUS);
  writer.append(bytesOf(String(proceed)));
  return writer.finish();
}

// "recv_challenge"
export function decodeChallenge(bytes: Uint8Array): ChallengeMessage {
  const reader = expectTag("recv_challenge", TAG_CHALLENGE, bytes);
  return { flags: reader.u64(), challenge: reader.u32(), creation: reader.u32(), name: takeName(reader) };
}

// "send_challenge_reply"
export function encodeReply({ challenge, digest }: ReplyMessage): Uint8Array {
  const writer = startMessage(TAG_REPLY);
  writer.u32(challenge);
  writer.append(digest);
  return writer.finish();
}

// "recv_challenge_ack"
export function decodeAck(bytes: Uint8Array): Uint8Array {
  return takeDigest(expectTag("recv_challenge_ack", TAG_ACK, bytes));
}
