// The tags of erl_ext_dist, "External Term Format", under the names they have there.

/** Before every external term (and every distribution header), never inside one. */
export const VERSION = 131;

export const TAG = {
  RECORD_EXT: 67,
  NEW_FLOAT_EXT: 70,
  BIT_BINARY_EXT: 77,
  COMPRESSED: 80,
  ATOM_CACHE_REF: 82,
  NEW_PID_EXT: 88,
  NEW_PORT_EXT: 89,
  NEWER_REFERENCE_EXT: 90,
  SMALL_INTEGER_EXT: 97,
  INTEGER_EXT: 98,
  FLOAT_EXT: 99,
  ATOM_EXT: 100,
  REFERENCE_EXT: 101,
  PORT_EXT: 102,
  PID_EXT: 103,
  SMALL_TUPLE_EXT: 104,
  LARGE_TUPLE_EXT: 105,
  NIL_EXT: 106,
  STRING_EXT: 107,
  LIST_EXT: 108,
  BINARY_EXT: 109,
  SMALL_BIG_EXT: 110,
  LARGE_BIG_EXT: 111,
  NEW_FUN_EXT: 112,
  EXPORT_EXT: 113,
  NEW_REFERENCE_EXT: 114,
  SMALL_ATOM_EXT: 115,
  MAP_EXT: 116,
  /** Removed in OTP 23; every release refuses it. */
  FUN_EXT: 117,
  ATOM_UTF8_EXT: 118,
  SMALL_ATOM_UTF8_EXT: 119,
  V4_PORT_EXT: 120,
  /** Only for the node that wrote it; refused from a peer. */
  LOCAL_EXT: 121,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(TAG).map(([name, tag]) => [tag, name]));

/** `"SMALL_TUPLE_EXT"` for 104, `"tag 0xc8"` for one that does not exist. */
export function tagName(tag: number): string {
  return NAMES.get(tag) ?? `tag 0x${tag.toString(16).padStart(2, "0")}`;
}
