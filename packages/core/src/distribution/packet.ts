// Packets between connected nodes: a length of 4 bytes and so many bytes. This is the pass-through form (the pass-through
// byte, then the control message and its payload as external terms), which nodes use that negotiated neither
// DFLAG_DIST_HDR_ATOM_CACHE nor DFLAG_FRAGMENTS. A packet of length 0 is a tick in every form.
import type { Writer } from "../bytes/writer.ts";
import { DecodeError, ProtocolError } from "../errors.ts";
import { appendTerm, decodeTerm, type Term } from "../etf/index.ts";
import { type ControlMessage, controlFromTerm, controlToTerm, hasPayload } from "./control.ts";

/** Bytes of the length before each packet. */
export const LENGTH_BYTES = 4;

const PASS_THROUGH = 112;
const VERSION_MAGIC = 131;

/** A control message with its payload, where it has one. */
export interface Packet {
  readonly control: ControlMessage;
  readonly payload?: Term;
}

/** Writes one packet, length included; when a term cannot be encoded, nothing is left of it in the writer. */
export function appendPacket(writer: Writer, control: ControlMessage, payload?: Term): void {
  const before = writer.length;
  const length = writer.reserve(LENGTH_BYTES);
  try {
    writer.u8(PASS_THROUGH);
    writer.u8(VERSION_MAGIC);
    appendTerm(writer, controlToTerm(control));
    if (hasPayload(control.type)) {
      if (payload === undefined) throw new TypeError(`${control.type} needs a payload`);
      writer.u8(VERSION_MAGIC);
      appendTerm(writer, payload);
    }
  } catch (error) {
    writer.truncate(before);
    throw error;
  }
  writer.patchU32(length, writer.length - before - LENGTH_BYTES);
}

export function appendTick(writer: Writer): void {
  writer.u32(0);
}

/**
 * Reads a packet without its length, which must not be 0. What follows the last term is ignored, as OTP ignores it.
 * Throws DecodeError or ProtocolError where OTP would close the connection.
 */
export function decodePacket(bytes: Uint8Array): Packet {
  if (bytes[0] !== PASS_THROUGH) {
    throw new ProtocolError("bad_packet", `the packet starts with ${bytes[0]}, pass-through packets start with ${PASS_THROUGH}`);
  }
  const first = versionedTerm(bytes, 1);
  const control = controlFromTerm(first.term);
  if (!hasPayload(control.type)) return { control };
  if (first.end === bytes.length) throw new ProtocolError("missing_payload", `${control.type} came without its payload`);
  return { control, payload: versionedTerm(bytes, first.end).term };
}

function versionedTerm(bytes: Uint8Array, offset: number): { readonly term: Term; readonly end: number } {
  const version = bytes[offset];
  if (version !== VERSION_MAGIC) {
    throw version === undefined
      ? new DecodeError("truncated", { offset, expected: "an external term" })
      : new DecodeError("bad_version", { offset, expected: `${VERSION_MAGIC}`, got: version });
  }
  return decodeTerm(bytes, offset + 1);
}
