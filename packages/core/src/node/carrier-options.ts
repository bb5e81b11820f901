// What a node is told of its way to others, where that is a carrier of its own runtime.
import { DFLAG, HEADER_FLAGS } from "../handshake/index.ts";
import type { DistributionOptions, NodeOptions, PacketOptions } from "./node-options.ts";

/** Throws a TypeError for a node that could not reach anybody, or be reached, as it is asked for. */
export function checkCarriers({ name, connect, listen, reconnect = false, hidden }: NodeOptions): void {
  if (connect === undefined && listen === undefined) throw new TypeError("a node needs `connect`, `listen` or both");
  if (name === undefined && listen !== undefined) throw new TypeError("a node that listens needs a name");
  if (reconnect !== false && connect === undefined) throw new TypeError("a node that reconnects needs `connect`");
  // The type has only `true`; programs without types are told why.
  if ((hidden as boolean | undefined) === false) {
    throw new TypeError(
      "a visible node has to serve `global`, or global:sync() of the others waits for ever: only hidden nodes can be started",
    );
  }
}

export function packetOptions({ atomCache = true, fragments = true }: DistributionOptions = {}): PacketOptions {
  const absent = (atomCache === false ? DFLAG.DIST_HDR_ATOM_CACHE : 0n) | (fragments ? 0n : DFLAG.FRAGMENTS);
  return { flags: HEADER_FLAGS & ~absent, usesAtomCache: atomCache === true };
}
