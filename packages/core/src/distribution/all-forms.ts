// Packets in whichever form the two nodes have agreed on.
import type { Limits } from "../limits.ts";
import { Outbound, type OutboundOptions } from "./outbound.ts";
import { packetForm } from "./packet-form.ts";
import { PacketReader } from "./packet-reader.ts";
import type { Packets } from "./packets.ts";
import { PassThrough } from "./pass-through.ts";

/** For `Connection`. `options` are for what we send; atoms that the peer puts into its cache are read in any case. */
export function allForms(limits: Limits, options?: OutboundOptions): (flags: bigint) => Required<Packets> {
  return (flags) => {
    const form = packetForm(flags);
    return {
      writer: form.header ? new Outbound(flags, options) : new PassThrough(flags),
      reader: new PacketReader(form, limits),
    };
  };
}
