// JSON data as terms, and terms as plain JavaScript data for those who only want to read them.
import { Atom, atom } from "./atom.ts";
import { map } from "./map.ts";
import {
  type BitString,
  ErlMap,
  type Export,
  Float,
  type Fun,
  ImproperList,
  NativeRecord,
  type Pid,
  type Port,
  type Reference,
  type Term,
  Tuple,
} from "./terms.ts";
import { utf8Text } from "./utf8.ts";

/**
 * JSON data as OTP's `json:decode/1` would give it: objects become maps with binary keys, strings binaries, null the atom
 * `null`. Numbers that JavaScript cannot keep apart as integers beyond 2^53 become floats. As in JSON.stringify, `toJSON`
 * is called where there is one, and a property that is undefined (or a function) is left out.
 * Throws a TypeError for what JSON has no form for: bigint, NaN, a value inside itself.
 */
export function json(value: unknown): Term {
  return jsonTerm(value, new Set());
}

function jsonTerm(value: unknown, outer: Set<object>): Term {
  if (value === null) return atom("null");
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? new Float(value) : value;
  }
  if (typeof value === "number" || typeof value === "bigint") throw new TypeError(`JSON has no form for ${value}`);
  if (typeof value !== "object") throw new TypeError(`JSON has no form for ${typeof value}`);
  if (outer.has(value)) throw new TypeError("the value contains itself");
  outer.add(value);
  const term = jsonObject(value, outer);
  outer.delete(value);
  return term;
}

function jsonObject(value: object, outer: Set<object>): Term {
  if ("toJSON" in value && typeof value.toJSON === "function") return jsonTerm(value.toJSON(), outer);
  if (Array.isArray(value)) return value.map((item: unknown) => jsonTerm(isLeftOut(item) ? null : item, outer));
  const entries = Object.entries(value).filter(([, item]) => !isLeftOut(item));
  return map(entries.map(([key, item]): [string, Term] => [key, jsonTerm(item, outer)]));
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}

/** What toJs gives: data of JavaScript, and the terms that it leaves as they are. */
export type JsValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | JsValue[]
  | { [key: string]: JsValue }
  | Map<JsValue, JsValue>
  | BitString
  | Pid
  | Port
  | Reference
  | Fun
  | Export;

/** Deeper terms would overflow the stack of whoever reads the result. */
const MAX_LEVELS = 2000;

/**
 * A term as plain data, for reading; what Erlang tells apart and JavaScript does not is lost. The atoms `null`, `nil` and
 * `undefined` become null, other atoms their name; a binary becomes a string if it is UTF-8 and else stays a Uint8Array;
 * tuples and lists become arrays; floats numbers. A map becomes an object if its keys are atoms or binaries with text and
 * give different names, and else a Map. A native record becomes an object of its fields. Pids, references and the like
 * stay what they are. Charlists stay arrays of numbers: `text` reads those. Throws a RangeError beyond 2,000 levels.
 */
export function toJs(term: Term): JsValue {
  return jsValue(term, 0);
}

function jsValue(term: Term, level: number): JsValue {
  if (level > MAX_LEVELS) throw new RangeError(`a term of more than ${MAX_LEVELS} levels`);
  const inside = (part: Term): JsValue => jsValue(part, level + 1);
  if (term instanceof Atom) return NOTHING.has(term.name) ? null : typeof term.term === "boolean" ? term.term : term.name;
  if (term instanceof Uint8Array) return utf8Text(term) ?? term;
  if (term instanceof Float) return term.value;
  if (Array.isArray(term)) return term.map(inside);
  if (term instanceof Tuple) return term.elements.map(inside);
  if (term instanceof ImproperList) return [...term.elements, term.tail].map(inside);
  if (term instanceof NativeRecord) {
    return Object.fromEntries(term.fields.map((field, index) => [field.name, inside(term.values[index] as Term)]));
  }
  if (!(term instanceof ErlMap)) return term;
  const entries = Array.from(term, ([key, value]): [Term, JsValue] => [key, inside(value)]);
  const named = entries.map(([key, value]): [string | undefined, JsValue] => [nameOf(key), value]);
  const names = new Set(named.map(([name]) => name));
  if (names.has(undefined) || names.size < named.length) return new Map(entries.map(([key, value]) => [inside(key), value]));
  // Defines properties, so that a key `__proto__` is one like any other.
  return Object.fromEntries(named);
}

const NOTHING: ReadonlySet<string> = new Set(["null", "nil", "undefined"]);

function nameOf(key: Term): string | undefined {
  if (key instanceof Atom) return key.name;
  return key instanceof Uint8Array ? utf8Text(key) : typeof key === "string" ? key : undefined;
}
