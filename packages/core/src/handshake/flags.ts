// The distribution flags of erts/emulator/beam/dist.h. Everything about a flag derives from its line in this table: its
// constant, the mandatory set, what we say of ourselves, and the words of an error. Bits that only the emulator's inside
// uses (15, 21, 36) or that are reserved (27 to 31) have no line.
//
// The chapter "Distribution Handshake" gives bit 36 for MANDATORY_25_DIGEST; the emulator has it at bit 26.

type Flag = readonly [
  bit: number,
  /** Set by us always, or once distribution headers (atom cache, fragments) are in use. */
  ours?: "always" | "with headers",
  /** The OTP release from which on a node refuses peers without it; 25 stands for those before it too. */
  mandatorySince?: 25 | 26,
];

const TABLE = {
  PUBLISHED: [0],
  ATOM_CACHE: [1],
  EXTENDED_REFERENCES: [2, "always", 25],
  DIST_MONITOR: [3, "always"],
  FUN_TAGS: [4, "always", 25],
  // OTP monitors nothing at all on a peer that has not both this one and DIST_MONITOR.
  DIST_MONITOR_NAME: [5, "always"],
  HIDDEN_ATOM_CACHE: [6],
  NEW_FUN_TAGS: [7, "always", 25],
  EXTENDED_PIDS_PORTS: [8, "always", 25],
  EXPORT_PTR_TAG: [9, "always", 25],
  BIT_BINARIES: [10, "always", 25],
  NEW_FLOATS: [11, "always", 25],
  UNICODE_IO: [12, "always"],
  DIST_HDR_ATOM_CACHE: [13, "with headers"],
  SMALL_ATOM_TAGS: [14, "always"],
  UTF8_ATOMS: [16, "always", 25],
  MAP_TAG: [17, "always", 25],
  BIG_CREATION: [18, "always", 25],
  SEND_SENDER: [19, "always"],
  BIG_SEQTRACE_LABELS: [20, "always"],
  EXIT_PAYLOAD: [22, "always"],
  FRAGMENTS: [23, "with headers"],
  HANDSHAKE_23: [24, "always", 25],
  UNLINK_ID: [25, "always", 26],
  // Stands for all flags that are mandatory since OTP 25.
  MANDATORY_25_DIGEST: [26, "always"],
  // Without it, OTP's rpc and erpc to us fail with `notsup`.
  SPAWN: [32, "always"],
  // Asks the acceptor for a name; never a property of a node.
  NAME_ME: [33],
  V4_NC: [34, "always", 26],
  ALIAS: [35, "always"],
  // Only together with ALIAS: OTP 29 drops messages to our aliases when it sees this one alone.
  ALTACT_SIG: [37, "always"],
  NATIVE_RECORDS: [38, "always"],
} as const;

export type FlagName = keyof typeof TABLE;

const CHECKED: Readonly<Record<FlagName, Flag>> = TABLE;
// Object.entries forgets which keys there are.
const FLAGS = Object.entries(CHECKED) as [FlagName, Flag][];

/** The flags as numbers: `DFLAG.SPAWN` is the chapter's DFLAG_SPAWN. */
export const DFLAG: Readonly<Record<FlagName, bigint>> = Object.fromEntries(
  FLAGS.map(([name, [bit]]) => [name, 1n << BigInt(bit)]),
) as Record<FlagName, bigint>; // So does Object.fromEntries.

function maskOf(wanted: (flag: Flag) => boolean): bigint {
  return FLAGS.reduce((mask, [name, flag]) => (wanted(flag) ? mask | DFLAG[name] : mask), 0n);
}

/** Peers without all of these are refused, as OTP 26 and later refuse them. */
export const MANDATORY_FLAGS: bigint = maskOf(([, , since]) => since !== undefined);

/** The half of the flags that the old form of "send_name" has room for. */
export const LOWER_FLAGS = 0xffff_ffffn;

const MANDATORY_25_FLAGS = maskOf(([, , since]) => since === 25);

/** What a hidden node of ours says of itself when it sends and takes packets without distribution headers. */
export const PASS_THROUGH_FLAGS: bigint = /* @__PURE__ */ maskOf(([, ours]) => ours === "always");

/** The same with distribution headers, the atom cache and fragments: OTP 29's flags without PUBLISHED. */
export const HEADER_FLAGS: bigint = /* @__PURE__ */ maskOf(([, ours]) => ours !== undefined);

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
