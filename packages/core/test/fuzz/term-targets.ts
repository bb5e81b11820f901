// Hostile bytes and hostile text: whatever comes in, out comes a term or the one error that says so.
import { DecodeError } from "../../src/errors.ts";
import { ParseError } from "../../src/etf/parse-error.ts";
import { decode, encode, equals, format, parse } from "../../src/etf/index.ts";
import { bytesOf } from "../support/hex.ts";
import { mutate, pick, type Random } from "./random.ts";

/** One kind of input. `once` makes one, tries it, and says whether it was accepted; it throws where the outcome is wrong. */
export interface FuzzTarget {
  readonly name: string;
  once(random: Random): boolean;
}

const MAX_SEED_BYTES = 4096;

const MORE_TEXTS = [
  '"""\n  first\n  """',
  '~B"raw" ~s(text)',
  '<<1:16/little, -1:3, 1.5:32/float, "é"/utf16>>',
  "16#ff 36#zz 2#1.01#e3 1_000 $\\x{41}",
  "#m:r{x = 1,y = [a|b]}",
  "fun m:f/255 % comment",
];

/** The targets, on inputs made from the terms of a vector file (lines of JSON with `hex` and `tp`). */
export function termTargets(vectors: string): FuzzTarget[] {
  const lines = vectors
    .trim()
    .split("\n")
    .map((line): { readonly hex: string; readonly tp: string | null } => JSON.parse(line));
  const terms = lines.map(({ hex }) => bytesOf(hex)).filter((bytes) => bytes.length <= MAX_SEED_BYTES);
  const printed = lines.flatMap(({ tp }) => (tp === null || tp.length > MAX_SEED_BYTES ? [] : [tp]));
  const texts = [...printed, ...MORE_TEXTS].map((text) => new TextEncoder().encode(text));
  return [
    { name: "decode", once: (random) => tryDecode(mutate(pick(terms, random), pick(terms, random), random)) },
    { name: "parse", once: (random) => tryParse(mutate(pick(texts, random), pick(texts, random), random)) },
  ];
}

function tryDecode(input: Uint8Array): boolean {
  const term = attempt(() => decode(input), DecodeError, input);
  if (term === undefined) return false;
  // What was accepted can be written again, and is then the same term; and it has a text.
  if (!equals(decode(encode(term)), term)) throw new Error(`decode, encode and decode gave another term: ${hexOf(input)}`);
  format(term, { limit: 1000 });
  return true;
}

function tryParse(input: Uint8Array): boolean {
  const term = attempt(() => parse(new TextDecoder().decode(input)), ParseError, input);
  if (term === undefined) return false;
  if (!equals(parse(format(term)), term)) throw new Error(`parse, format and parse gave another term: ${hexOf(input)}`);
  return true;
}

/** The value, or undefined for the one error that is allowed. */
function attempt<T>(call: () => T, allowed: new (...args: never[]) => Error, input: Uint8Array): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof allowed) return undefined;
    throw new Error(`${allowed.name} or a value was due, for the input ${hexOf(input)}`, { cause: error });
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
