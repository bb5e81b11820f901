// Terms as JSON and back, with nothing lost: docs/WORKER.md has the table. What JSON has no value for is an object with one key
// that begins with a dollar sign.
import {
  Atom,
  atom,
  BitString,
  charlist,
  decode,
  DecodeError,
  encode,
  ErlMap,
  Float,
  format,
  ImproperList,
  map,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "@erl-dist/core";

/** A term as `jsonOfTerm` gives it. */
export type JsonTerm = null | boolean | number | string | readonly JsonTerm[] | { readonly [key: string]: JsonTerm };

/** What `termOfJson` takes; other Workers, which are not bound to JSON, may give integers and binaries as they are. */
export type JsonTermInput =
  | null
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | readonly JsonTermInput[]
  | { readonly [key: string]: JsonTermInput };

/** Deeper terms would overflow the stack, here or where the JSON is read. */
export const MAX_LEVELS = 500;

/** Says where in the JSON something is wrong. */
export class JsonTermError extends TypeError {
  override readonly name: string = "JsonTermError";
}

/** A term as JSON. Throws a RangeError beyond 500 levels. */
export function jsonOfTerm(term: Term, level = 0): JsonTerm {
  if (level > MAX_LEVELS) throw new RangeError(`the term has more than ${MAX_LEVELS} levels`);
  const inside = (part: Term): JsonTerm => jsonOfTerm(part, level + 1);
  if (typeof term === "boolean" || typeof term === "string") return term;
  if (typeof term === "number") return term;
  if (typeof term === "bigint") return { $integer: term.toString() };
  if (term instanceof Atom) return term.name === "null" ? null : { $atom: term.name };
  if (term instanceof Float) return { $float: floatText(term.value) };
  if (term instanceof Uint8Array) return utf8Text(term) ?? { $binary: base64(term) };
  if (Array.isArray(term)) return term.map(inside);
  if (term instanceof Tuple) return { $tuple: term.elements.map(inside) };
  if (term instanceof ImproperList) return { $improper: [...term.elements, term.tail].map(inside) };
  if (term instanceof ErlMap) return jsonOfMap(term, inside);
  return { $etf: base64(encode(term)), text: format(term) };
}

function jsonOfMap(term: ErlMap, inside: (part: Term) => JsonTerm): JsonTerm {
  const entries = Array.from(term, ([key, value]): [Term, JsonTerm] => [key, inside(value)]);
  const named = entries.map(([key, value]): [string | undefined, JsonTerm] => [textOf(key), value]);
  if (named.every((entry): entry is [string, JsonTerm] => entry[0]?.startsWith("$") === false)) return Object.fromEntries(named);
  return { $map: entries.map(([key, value]) => [inside(key), value]) };
}

function textOf(term: Term): string | undefined {
  return term instanceof Uint8Array ? utf8Text(term) : typeof term === "string" ? term : undefined;
}

export interface ReadOptions {
  /** Called with the name of each atom that the term has, but for true and false. */
  readonly onAtom?: ((name: string) => void) | undefined;
}

/** The term that JSON stands for. Throws a JsonTermError that says where what is wrong. */
export function termOfJson(value: unknown, { onAtom = () => undefined }: ReadOptions = {}): Term {
  return read(value, { path: "", level: 0, onAtom });
}

interface Place {
  /** From the root, as in `.args[0].$tuple`. */
  readonly path: string;
  readonly level: number;
  readonly onAtom: (name: string) => void;
}

function inside(place: Place, step: string): Place {
  return { ...place, path: `${place.path}${step}`, level: place.level + 1 };
}

function read(value: unknown, place: Place): Term {
  if (place.level > MAX_LEVELS) throw new JsonTermError(`a term has at most ${MAX_LEVELS} levels`);
  if (value === null) return readAtom("null", place);
  if (typeof value === "number") return readNumber(value, place);
  if (typeof value === "string") return readText(value, place);
  if (typeof value === "boolean" || typeof value === "bigint" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return readItems(value, place);
  if (!isPlainObject(value)) throw wrong(place, "a value of JSON", value);
  const keys = Object.keys(value);
  const mark = keys.find((key) => key.startsWith("$"));
  if (mark === undefined) {
    return map(keys.map((key): [string, Term] => [readText(key, place), read(value[key], inside(place, `.${key}`))]));
  }
  const form = Object.hasOwn(FORMS, mark) ? FORMS[mark] : undefined;
  const others = keys.filter((key) => key !== mark && !(mark === "$etf" && key === "text"));
  if (form === undefined || others.length > 0) {
    throw wrong(
      place,
      `an object without keys that begin with "$", or with one of ${Object.keys(FORMS).join(", ")} alone`,
      value,
    );
  }
  return form(value[mark], inside(place, `.${mark}`));
}

const FORMS: Readonly<Record<string, (value: unknown, place: Place) => Term>> = {
  $atom: (value, place) => readAtom(stringOf(value, place), place),
  $integer: readInteger,
  $float: readFloat,
  $binary: readBase64,
  $charlist: (value, place) => charlist(readText(stringOf(value, place), place)),
  $tuple: (value, place) => new Tuple(readItems(arrayOf(value, place), place)),
  $improper(value, place) {
    const items = readItems(arrayOf(value, place), place);
    const tail = items.pop();
    if (tail === undefined || items.length === 0) throw wrong(place, "two items or more, the last of which is the tail", value);
    return new ImproperList(items, tail);
  },
  $map: (value, place) => map(arrayOf(value, place).map((pair, index) => readPair(pair, inside(place, `[${index}]`)))),
  $etf: readIdentifier,
};

function readAtom(name: string, { path, onAtom }: Place): Term {
  try {
    const { term } = atom(name);
    if (typeof term !== "boolean") onAtom(name);
    return term;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new JsonTermError(`${at(path)}${cause.message}`, { cause });
  }
}

function readNumber(value: number, place: Place): Term {
  if (!Number.isFinite(value)) throw wrong(place, "a number that Erlang has", value);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw wrong(
      place,
      'an integer of at most 53 bits; a larger one is written {"$integer":"…"}, and a float {"$float":"…"}',
      value,
    );
  }
  // JSON.parse gives -0 for "-0", which is an integer.
  return value === 0 ? 0 : value;
}

function readText(value: string, place: Place): string {
  if (value.isWellFormed()) return value;
  throw wrong(place, "text without halves of surrogate pairs", value);
}

function readItems(values: readonly unknown[], place: Place): Term[] {
  return values.map((value, index) => read(value, inside(place, `[${index}]`)));
}

function readPair(pair: unknown, place: Place): [Term, Term] {
  const [key, value, ...more] = readItems(arrayOf(pair, place), place);
  if (key === undefined || value === undefined || more.length > 0) throw wrong(place, "a key and its value", pair);
  return [key, value];
}

function readInteger(value: unknown, place: Place): Term {
  const digits = stringOf(value, place);
  if (!/^-?\d{1,1500}$/.test(digits)) throw wrong(place, "at most 1500 decimal digits, as a string", value);
  const integer = BigInt(digits);
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

function readFloat(value: unknown, place: Place): Term {
  const text = stringOf(value, place);
  const float = Number(text);
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) || !Number.isFinite(float)) throw wrong(place, 'a float, as "1.0"', value);
  return Number.isInteger(float) ? new Float(float) : float;
}

function readBase64(value: unknown, place: Place): Uint8Array {
  try {
    return Uint8Array.from(atob(stringOf(value, place)), (character) => character.charCodeAt(0));
  } catch (cause) {
    if (cause instanceof JsonTermError) throw cause;
    throw wrong(place, "base64", value);
  }
}

/** What a node gave us, for giving it back. No code: a fun that a caller made up is nobody's wish. */
function readIdentifier(value: unknown, place: Place): Term {
  const term = decodeAt(readBase64(value, place), place);
  if (term instanceof BitString) return term;
  if (term instanceof Pid || term instanceof Port || term instanceof Reference) {
    place.onAtom(term.node.name);
    return term;
  }
  throw wrong(place, "a pid, a port, a reference or a bitstring that came from here", format(term));
}

function decodeAt(bytes: Uint8Array, { path }: Place): Term {
  try {
    return decode(bytes);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new JsonTermError(`${at(path)}${cause.message}`, { cause });
  }
}

function stringOf(value: unknown, place: Place): string {
  if (typeof value === "string") return value;
  throw wrong(place, "a string", value);
}

function arrayOf(value: unknown, place: Place): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(place, "an array", value);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function wrong({ path }: Place, expected: string, got: unknown): JsonTermError {
  return new JsonTermError(`${at(path)}expected ${expected}, got ${shown(got)}`);
}

function at(path: string): string {
  return path === "" ? "" : `at ${path}: `;
}

/** As JSON, and no more of it than says which it was. */
function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** JSON would read the number of a `Float` back as an integer. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // A fatal decoder has only one thing to complain about.
    return undefined;
  }
}

/** Characters that one call of String.fromCharCode takes as arguments. */
const SLICE = 8192;

function base64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += SLICE) characters += String.fromCharCode(...bytes.subarray(at, at + SLICE));
  return btoa(characters);
}
