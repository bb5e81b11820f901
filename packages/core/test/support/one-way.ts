// One direction of a connection: what is sent is cut into packets and read.
import {
  allForms,
  type ControlMessage,
  type Packet,
  type PacketSource,
  type PacketWriter,
} from "../../src/distribution/index.ts";
import type { Term } from "../../src/etf/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { FULL_MODE, type Mode } from "./distribution-modes.ts";

const LENGTH_BYTES = 4;

export class OneWay {
  readonly outbound: PacketWriter;
  readonly reader: PacketSource;

  constructor({ flags, usesAtomCache }: Mode = FULL_MODE, limits?: Partial<Limits>) {
    const { writer, reader } = allForms({ ...DEFAULT_LIMITS, ...limits }, { usesAtomCache })(flags);
    this.outbound = writer;
    this.reader = reader;
  }

  /** Sends one message and returns the packets that go out then, without their lengths. */
  send(control: ControlMessage, payload?: Term): Uint8Array[] {
    this.outbound.send(control, payload);
    return this.take();
  }

  /** One write. */
  take(maxBytes?: number): Uint8Array[] {
    return packetsOf(this.outbound.take(maxBytes) ?? new Uint8Array());
  }

  read(packets: readonly Uint8Array[]): Packet[] {
    return packets.flatMap((packet) => this.reader.read(packet) ?? []);
  }
}

/** Cuts a run of bytes into packets, without their lengths. */
export function packetsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH_BYTES + view.getUint32(at);
    packets.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return packets;
}
