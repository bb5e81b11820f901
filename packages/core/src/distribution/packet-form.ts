// Which of its forms a packet between two nodes has (erl_dist_protocol, "Protocol between Connected Nodes"). The flags
// that both nodes set decide, for both directions alike:
//
//   DIST_HDR_ATOM_CACHE  FRAGMENTS   packets
//   no                   no          pass-through: 112, then external terms, each with its 131
//   yes                  no          a distribution header, which may refer to the atom cache; bare terms
//   no                   yes         the same with no reference to the cache, ever; large ones in fragments
//   yes                  yes         header, cache and fragments
//
// A node with the cache need not use it for what it sends: then its headers refer to no atoms (see Outbound).
import { DFLAG } from "../handshake/index.ts";

export interface PacketForm {
  /** There is a distribution header in place of the pass-through byte. */
  readonly header: boolean;
  /** Headers may refer to the atom cache. OTP's emulator crashes when they do so without DIST_HDR_ATOM_CACHE. */
  readonly atomCache: boolean;
  /** A packet may come in fragments. */
  readonly fragments: boolean;
}

/** `flags` are those that both nodes set. */
export function packetForm(flags: bigint): PacketForm {
  const atomCache = (flags & DFLAG.DIST_HDR_ATOM_CACHE) !== 0n;
  const fragments = (flags & DFLAG.FRAGMENTS) !== 0n;
  return { header: atomCache || fragments, atomCache, fragments };
}
