// Packets between connected nodes: a length of 4 bytes and so many bytes. A packet of length 0 is a tick in every form. The
// pass-through form of others is written here, in pass-through.ts; those with a header in outbound.ts; and all are read in
// packet-reader.ts.
import type { Writer } from "../bytes/writer.ts";
import { appendTerm, type EncodeTermOptions, type Term, type Tuple, VERSION } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";
import { LENGTH_BYTES } from "./length-bytes.ts";

/** The first byte of a pass-through packet. */
export const PASS_THROUGH = 112;

/** A control message with its payload, where it has one. */
export interface Packet {
  readonly control: ControlMessage;
  readonly payload?: Term;
}

/** Writes one pass-through packet, length included; when a term cannot be encoded, nothing is left of it in the writer. */
export function appendTerms(writer: Writer, control: Tuple, payload: Term | undefined, options?: EncodeTermOptions): void {
  const before = writer.length;
  const length = writer.reserve(LENGTH_BYTES);
  try {
    writer.u8(PASS_THROUGH);
    writer.u8(VERSION);
    appendTerm(writer, control, options);
    if (payload !== undefined) {
      writer.u8(VERSION);
      appendTerm(writer, payload, options);
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
