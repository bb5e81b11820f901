// Packets between connected nodes: a length of 4 bytes and so many bytes. A packet of length 0 is a tick in every form;
// the pass-through form is written here, the others in outbound.ts, and all are read in packet-reader.ts.
import type { Writer } from "../bytes/writer.ts";
import { appendTerm, type EncodeTermOptions, type Term, VERSION } from "../etf/index.ts";
import { type ControlMessage, controlToTerm, hasPayload } from "./control.ts";

/** Bytes of the length before each packet. */
export const LENGTH_BYTES = 4;
/** The first byte of a pass-through packet. */
export const PASS_THROUGH = 112;

/** A control message with its payload, where it has one. */
export interface Packet {
  readonly control: ControlMessage;
  readonly payload?: Term;
}

/** Writes one pass-through packet, length included; when a term cannot be encoded, nothing is left of it in the writer. */
export function appendPacket(writer: Writer, control: ControlMessage, payload?: Term, options?: EncodeTermOptions): void {
  const before = writer.length;
  const length = writer.reserve(LENGTH_BYTES);
  try {
    writer.u8(PASS_THROUGH);
    writer.u8(VERSION);
    appendTerm(writer, controlToTerm(control), options);
    if (hasPayload(control.type)) {
      writer.u8(VERSION);
      appendTerm(writer, payloadOf(control, payload), options);
    }
  } catch (error) {
    writer.truncate(before);
    throw error;
  }
  writer.patchU32(length, writer.length - before - LENGTH_BYTES);
}

/** The payload of a control message that has one. */
export function payloadOf({ type }: ControlMessage, payload: Term | undefined): Term {
  if (payload === undefined) throw new TypeError(`${type} needs a payload`);
  return payload;
}

export function appendTick(writer: Writer): void {
  writer.u32(0);
}
