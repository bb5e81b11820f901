// The same document for codecs of other formats, which have no atoms, tuples and pids.
import { Atom, ErlMap, Float, ImproperList, Pid, Reference, type Term, Tuple } from "@erl-dist/core";

export type Plain = null | boolean | number | bigint | string | Uint8Array | Plain[] | { [key: string]: Plain };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Atoms, pids and UTF-8 binaries become strings, tuples and lists arrays, maps objects. */
export function plain(term: Term): Plain {
  if (term instanceof Atom) return ["nil", "undefined", "null"].includes(term.name) ? null : term.name;
  if (term instanceof Tuple) return term.elements.map(plain);
  if (Array.isArray(term)) return term.map(plain);
  if (term instanceof ImproperList) return [...term.elements.map(plain), plain(term.tail)];
  if (term instanceof ErlMap)
    return Object.fromEntries(Array.from(term, ([key, value]) => [textOfKey(plain(key)), plain(value)]));
  if (term instanceof Uint8Array) return textOf(term) ?? term;
  if (term instanceof Float) return term.value;
  if (term instanceof Pid || term instanceof Reference) return term.toString();
  if (typeof term === "object") throw new TypeError(`no plain form of ${String(term)}`);
  return term;
}

function textOfKey(key: Plain): string {
  return typeof key === "string" ? key : JSON.stringify(key);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON has no bytes and no large integers: they become strings, which nobody turns back. */
export function forJson(value: Plain): Plain {
  return replaced(value, (leaf) => (typeof leaf === "bigint" ? String(leaf) : Buffer.from(leaf).toString("base64")));
}

/** MessagePack and CBOR have integers of 64 bits. */
export function forPacking(value: Plain): Plain {
  return replaced(value, (leaf) =>
    typeof leaf === "bigint" && BigInt.asIntN(64, leaf) !== leaf && BigInt.asUintN(64, leaf) !== leaf ? String(leaf) : leaf,
  );
}

function replaced(value: Plain, change: (leaf: bigint | Uint8Array) => Plain): Plain {
  if (typeof value === "bigint" || value instanceof Uint8Array) return change(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, change)]));
}
