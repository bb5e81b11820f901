// The forms that packets can have between two nodes (see packet-form.ts), as the two sides of a test choose them.
import { DFLAG, HEADER_FLAGS } from "../../src/handshake/index.ts";

export interface Mode {
  readonly name: string;
  readonly flags: bigint;
  /** Whether what we send refers to the atom cache. */
  readonly usesAtomCache: boolean;
}

const { DIST_HDR_ATOM_CACHE, FRAGMENTS } = DFLAG;

export const PASS_THROUGH_MODE: Mode = {
  name: "pass-through packets",
  flags: HEADER_FLAGS & ~DIST_HDR_ATOM_CACHE & ~FRAGMENTS,
  usesAtomCache: false,
};
export const FULL_MODE: Mode = { name: "headers with atom cache and fragments", flags: HEADER_FLAGS, usesAtomCache: true };

export const MODES: readonly Mode[] = [
  PASS_THROUGH_MODE,
  { name: "headers without atoms", flags: HEADER_FLAGS & ~FRAGMENTS, usesAtomCache: false },
  { name: "headers with atom cache", flags: HEADER_FLAGS & ~FRAGMENTS, usesAtomCache: true },
  { name: "fragments", flags: HEADER_FLAGS & ~DIST_HDR_ATOM_CACHE, usesAtomCache: true },
  FULL_MODE,
];
