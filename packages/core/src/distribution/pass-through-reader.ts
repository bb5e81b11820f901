// What came in a packet of the pass-through form (see packet-form.ts).
import { DecodeError, ProtocolError } from "../errors.ts";
import { type TermReader, VERSION } from "../etf/index.ts";
import { type ControlMessage, hasPayload } from "./control.ts";
import { controlFromTerm } from "./control-reader.ts";
import { type Packet, PASS_THROUGH } from "./packet.ts";

/** Reads a packet without its length. Throws DecodeError or ProtocolError where OTP would close the connection. */
export function readPassThrough(terms: TermReader, bytes: Uint8Array): Packet {
  if (bytes[0] !== PASS_THROUGH) {
    throw new ProtocolError("bad_packet", `the packet starts with ${bytes[0]}, pass-through packets start with ${PASS_THROUGH}`);
  }
  terms.reset(bytes, afterVersion(bytes, 1));
  const control = controlFromTerm(terms.readTerm());
  if (!hasPayload(control.type)) return { control };
  if (terms.offset === bytes.length) throw missingPayload(control);
  terms.reset(bytes, afterVersion(bytes, terms.offset));
  return { control, payload: terms.readTerm() };
}

export function missingPayload({ type }: ControlMessage): ProtocolError {
  return new ProtocolError("missing_payload", `${type} came without its payload`);
}

function afterVersion(bytes: Uint8Array, offset: number): number {
  const version = bytes[offset];
  if (version === VERSION) return offset + 1;
  throw version === undefined
    ? new DecodeError("truncated", { offset, expected: "an external term" })
    : new DecodeError("bad_version", { offset, expected: `${VERSION}`, got: version });
}
