// The names of tags, for errors.
import * as TAG from "./tags.ts";

type Name = keyof typeof TAG;

const NAMES = {
  [TAG.RECORD_EXT]: "RECORD_EXT",
  [TAG.NEW_FLOAT_EXT]: "NEW_FLOAT_EXT",
  [TAG.BIT_BINARY_EXT]: "BIT_BINARY_EXT",
  [TAG.COMPRESSED]: "COMPRESSED",
  [TAG.ATOM_CACHE_REF]: "ATOM_CACHE_REF",
  [TAG.NEW_PID_EXT]: "NEW_PID_EXT",
  [TAG.NEW_PORT_EXT]: "NEW_PORT_EXT",
  [TAG.NEWER_REFERENCE_EXT]: "NEWER_REFERENCE_EXT",
  [TAG.SMALL_INTEGER_EXT]: "SMALL_INTEGER_EXT",
  [TAG.INTEGER_EXT]: "INTEGER_EXT",
  [TAG.FLOAT_EXT]: "FLOAT_EXT",
  [TAG.ATOM_EXT]: "ATOM_EXT",
  [TAG.REFERENCE_EXT]: "REFERENCE_EXT",
  [TAG.PORT_EXT]: "PORT_EXT",
  [TAG.PID_EXT]: "PID_EXT",
  [TAG.SMALL_TUPLE_EXT]: "SMALL_TUPLE_EXT",
  [TAG.LARGE_TUPLE_EXT]: "LARGE_TUPLE_EXT",
  [TAG.NIL_EXT]: "NIL_EXT",
  [TAG.STRING_EXT]: "STRING_EXT",
  [TAG.LIST_EXT]: "LIST_EXT",
  [TAG.BINARY_EXT]: "BINARY_EXT",
  [TAG.SMALL_BIG_EXT]: "SMALL_BIG_EXT",
  [TAG.LARGE_BIG_EXT]: "LARGE_BIG_EXT",
  [TAG.NEW_FUN_EXT]: "NEW_FUN_EXT",
  [TAG.EXPORT_EXT]: "EXPORT_EXT",
  [TAG.NEW_REFERENCE_EXT]: "NEW_REFERENCE_EXT",
  [TAG.SMALL_ATOM_EXT]: "SMALL_ATOM_EXT",
  [TAG.MAP_EXT]: "MAP_EXT",
  [TAG.FUN_EXT]: "FUN_EXT",
  [TAG.ATOM_UTF8_EXT]: "ATOM_UTF8_EXT",
  [TAG.SMALL_ATOM_UTF8_EXT]: "SMALL_ATOM_UTF8_EXT",
  [TAG.V4_PORT_EXT]: "V4_PORT_EXT",
  [TAG.LOCAL_EXT]: "LOCAL_EXT",
} as const satisfies Readonly<Record<(typeof TAG)[Name], Name>>;

/** `"SMALL_TUPLE_EXT"` for 104, `"tag 0xc8"` for one that does not exist. */
export function tagName(tag: number): string {
  return (NAMES as Readonly<Record<number, string>>)[tag] ?? `tag 0x${tag.toString(16).padStart(2, "0")}`;
}
