// The distribution flags of erts/emulator/beam/dist.h. Everything about a flag derives from its line in this table: its
// constant, the mandatory set, what we say of ourselves, and the words of an error. Bits that only the emulator's inside
// uses (15, 21, 36) or that are reserved (27 to 31) have no line.
//
// The chapter "Distribution Handshake" gives bit 36 for MANDATORY_25_DIGEST; the emulator has it at bit 26.

interface Flag {
  readonly bit: number;
  /** The OTP release from which on a node refuses peers without it; 25 stands for those before it too. */
  readonly mandatorySince?: 25 | 26;
  /** Set by us always, or once distribution headers (atom cache, fragments) are in use. */
  readonly ours?: "always" | "with headers";
}

const TABLE = {
  PUBLISHED: { bit: 0 },
  ATOM_CACHE: { bit: 1 },
  EXTENDED_REFERENCES: { bit: 2, mandatorySince: 25, ours: "always" },
  DIST_MONITOR: { bit: 3, ours: "always" },
  FUN_TAGS: { bit: 4, mandatorySince: 25, ours: "always" },
  // OTP monitors nothing at all on a peer that has not both this one and DIST_MONITOR.
  DIST_MONITOR_NAME: { bit: 5, ours: "always" },
  HIDDEN_ATOM_CACHE: { bit: 6 },
  NEW_FUN_TAGS: { bit: 7, mandatorySince: 25, ours: "always" },
  EXTENDED_PIDS_PORTS: { bit: 8, mandatorySince: 25, ours: "always" },
  EXPORT_PTR_TAG: { bit: 9, mandatorySince: 25, ours: "always" },
  BIT_BINARIES: { bit: 10, mandatorySince: 25, ours: "always" },
  NEW_FLOATS: { bit: 11, mandatorySince: 25, ours: "always" },
  UNICODE_IO: { bit: 12, ours: "always" },
  DIST_HDR_ATOM_CACHE: { bit: 13, ours: "with headers" },
  SMALL_ATOM_TAGS: { bit: 14, ours: "always" },
  UTF8_ATOMS: { bit: 16, mandatorySince: 25, ours: "always" },
  MAP_TAG: { bit: 17, mandatorySince: 25, ours: "always" },
  BIG_CREATION: { bit: 18, mandatorySince: 25, ours: "always" },
  SEND_SENDER: { bit: 19, ours: "always" },
  BIG_SEQTRACE_LABELS: { bit: 20, ours: "always" },
  EXIT_PAYLOAD: { bit: 22, ours: "always" },
  FRAGMENTS: { bit: 23, ours: "with headers" },
  HANDSHAKE_23: { bit: 24, mandatorySince: 25, ours: "always" },
  UNLINK_ID: { bit: 25, mandatorySince: 26, ours: "always" },
  // Stands for all flags that are mandatory since OTP 25.
  MANDATORY_25_DIGEST: { bit: 26, ours: "always" },
  // Without it, OTP's rpc and erpc to us fail with `notsup`.
  SPAWN: { bit: 32, ours: "always" },
  // Asks the acceptor for a name; never a property of a node.
  NAME_ME: { bit: 33 },
  V4_NC: { bit: 34, mandatorySince: 26, ours: "always" },
  ALIAS: { bit: 35, ours: "always" },
  // Only together with ALIAS: OTP 29 drops messages to our aliases when it sees this one alone.
  ALTACT_SIG: { bit: 37, ours: "always" },
  NATIVE_RECORDS: { bit: 38, ours: "always" },
} as const;

export type FlagName = keyof typeof TABLE;

const CHECKED: Readonly<Record<FlagName, Flag>> = TABLE;
// Object.entries forgets which keys there are.
const FLAGS = Object.entries(CHECKED) as [FlagName, Flag][];

/** The flags as numbers: `DFLAG.SPAWN` is the chapter's DFLAG_SPAWN. */
export const DFLAG: Readonly<Record<FlagName, bigint>> = Object.fromEntries(
  FLAGS.map(([name, { bit }]) => [name, 1n << BigInt(bit)]),
) as Record<FlagName, bigint>; // So does Object.fromEntries.

function maskOf(wanted: (flag: Flag) => boolean): bigint {
  return FLAGS.reduce((mask, [name, flag]) => (wanted(flag) ? mask | DFLAG[name] : mask), 0n);
}

/** Peers without all of these are refused, as OTP 26 and later refuse them. */
export const MANDATORY_FLAGS: bigint = maskOf((flag) => flag.mandatorySince !== undefined);

/** The half of the flags that the old form of "send_name" has room for. */
export const LOWER_FLAGS = 0xffff_ffffn;

const MANDATORY_25_FLAGS = maskOf((flag) => flag.mandatorySince === 25);

/** What a hidden node of ours says of itself when it sends and takes packets without distribution headers. */
export const PASS_THROUGH_FLAGS: bigint = maskOf((flag) => flag.ours === "always");

/** The same with distribution headers, the atom cache and fragments: OTP 29's flags without PUBLISHED. */
export const HEADER_FLAGS: bigint = maskOf((flag) => flag.ours !== undefined);

/** A peer's flags with those that MANDATORY_25_DIGEST stands for. */
export function expandDigest(flags: bigint): bigint {
  return (flags & DFLAG.MANDATORY_25_DIGEST) === 0n ? flags : flags | MANDATORY_25_FLAGS;
}

/** The mandatory flags that are not set; `known` says which bits the peer could have shown so far. */
export function missingFlags(flags: bigint, known: bigint = MANDATORY_FLAGS): bigint {
  return MANDATORY_FLAGS & known & ~flags;
}

/** The names of the flags that are set, in the order of their bits; bits without a name are left out. */
export function flagNames(flags: bigint): FlagName[] {
  return FLAGS.filter(([name]) => (flags & DFLAG[name]) !== 0n).map(([name]) => name);
}
