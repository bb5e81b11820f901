// Packets in whichever form the two nodes have agreed on.
import type { Limits } from "../limits.ts";
import { Outbound } from "./outbound.ts";
import { packetForm } from "./packet-form.ts";
import { PacketReader } from "./packet-reader.ts";
import type { Packets } from "./packets.ts";
import { PassThrough } from "./pass-through.ts";

/**
 * For `Connection`. Without `usesAtomCache` no atoms are put into the peer's cache, though the flags offer one; what the peer
 * puts into ours is read all the same. Where the flags offer none it says nothing.
 */
export function allForms(limits: Limits, usesAtomCache = true): (flags: bigint) => Required<Packets> {
  return (flags) => {
    const form = packetForm(flags);
    return {
      writer: form.header ? new Outbound(flags, usesAtomCache) : new PassThrough(flags),
      reader: new PacketReader(form, limits),
    };
  };
}
