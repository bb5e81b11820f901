// Erlang terms as JavaScript values: the table in ARCHITECTURE.md. What JavaScript has no value for is a small class here.
import { Atom } from "./atom.ts";
import { showInConsole } from "./console.ts";

/**
 * Any Erlang term. A `string` stands for a binary with its UTF-8 text in what you give; decode never gives one.
 * A `number` with an integral value is an integer; a float that is integral is a `Float`.
 */
export type Term =
  | Atom
  | boolean
  | number
  | bigint
  | Float
  | Uint8Array
  | string
  | BitString
  | Tuple
  | Term[]
  | ImproperList
  | ErlMap
  | Pid
  | Port
  | Reference
  | Fun
  | Export
  | NativeRecord;

/** A tuple. Iterates its elements, so `const [tag, value] = reply` works; `elements` keeps the type of each. */
export class Tuple<E extends readonly Term[] = readonly Term[]> {
  static {
    showInConsole(this.prototype);
  }

  readonly elements: E;

  constructor(elements: E) {
    this.elements = elements;
  }

  get length(): E["length"] {
    return this.elements.length;
  }

  /** The element at `index`, from 0; a negative one counts from the end, as Array.prototype.at does. */
  at<I extends number>(index: I): E[I] {
    // The type of an index that is out of range is undefined, which is what Array.prototype.at gives then.
    return this.elements.at(index) as E[I];
  }

  [Symbol.iterator](): ArrayIterator<E[number]> {
    return this.elements[Symbol.iterator]();
  }

  /**
   * Whether the first element is this atom. Narrows: of `Tuple<[Atom<"ok">, number]> | Tuple<[Atom<"error">, Term]>` it leaves
   * the first for `atom("ok")`.
   */
  is<N extends string>(tag: Atom<N>): this is Tuple<readonly [Atom<N>, ...Term[]]> {
    const first = this.elements[0];
    return first instanceof Atom && (first === tag || first.name === tag.name);
  }

  toString(): string {
    return show(this);
  }
}

/** `tuple(atom("ok"), 1)` has the type `Tuple<[Atom<"ok">, number]>`: names of atoms are kept, values are not. */
export function tuple<E extends readonly Term[]>(...elements: E): Tuple<Widened<E>> {
  // The same elements, with less said about them.
  return new Tuple(elements as Widened<E>);
}

/** The type of values in place of a single one: `number` for `1`. */
export type Wide<T extends Term> = T extends number
  ? number
  : T extends string
    ? string
    : T extends bigint
      ? bigint
      : T extends boolean
        ? boolean
        : T;

/** `Wide` of each element. */
export type Widened<E extends readonly Term[]> = { [I in keyof E]: Wide<E[I]> };

/** A float that JavaScript cannot tell from an integer, as 1.0. `+float` and `float.value` give the number. */
export class Float {
  static {
    showInConsole(this.prototype);
  }

  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return show(this);
  }
}

/** A bitstring whose size is no multiple of 8. */
export class BitString {
  static {
    showInConsole(this.prototype);
  }

  readonly bytes: Uint8Array;
  /** How many bits of the last byte count, from the highest down: 1 to 7. */
  readonly bits: number;

  /** Bits that do not count become 0, in a copy if need be. Throws a RangeError for no bytes, or bits outside 1 to 7. */
  constructor(bytes: Uint8Array, bits: number) {
    const end = bytes.length - 1;
    const last = bytes[end];
    if (last === undefined || !(bits >= 1 && bits <= 7 && Number.isInteger(bits))) {
      throw new RangeError("a BitString has at least one byte and 1 to 7 bits in the last; other bitstrings are a Uint8Array");
    }
    const clean = last & (0xff00 >>> bits);
    if (clean === last) this.bytes = bytes;
    else {
      this.bytes = bytes.slice();
      this.bytes[end] = clean;
    }
    this.bits = bits;
  }

  /** Size in bits. */
  get bitLength(): number {
    return (this.bytes.length - 1) * 8 + this.bits;
  }

  toString(): string {
    return show(this);
  }
}

/** A list whose last tail is no list: `[a | b]` has elements `[a]` and the tail `b`. There is at least one element. */
export class ImproperList {
  static {
    showInConsole(this.prototype);
  }

  readonly elements: Term[];
  readonly tail: Term;

  constructor(elements: Term[], tail: Term) {
    this.elements = elements;
    this.tail = tail;
  }

  toString(): string {
    return show(this);
  }
}

/** A process identifier. The three numbers are unsigned and of 32 bits. */
export class Pid {
  static {
    showInConsole(this.prototype);
  }

  readonly node: Atom;
  readonly id: number;
  readonly serial: number;
  readonly creation: number;

  constructor(node: Atom, id: number, serial: number, creation: number) {
    this.node = node;
    this.id = id;
    this.serial = serial;
    this.creation = creation;
  }

  toString(): string {
    return `<${this.node.name}.${this.id}.${this.serial}>`;
  }
}

/** A port identifier (erlang:open_port/2), nothing of TCP. `id` is of 64 bits, `creation` of 32. */
export class Port {
  static {
    showInConsole(this.prototype);
  }

  readonly node: Atom;
  readonly id: bigint;
  readonly creation: number;

  constructor(node: Atom, id: bigint, creation: number) {
    this.node = node;
    this.id = id;
    this.creation = creation;
  }

  toString(): string {
    return `#Port<${this.node.name}.${this.id}>`;
  }
}

/** A reference; also the alias of a process. One to five words of 32 bits, in the order of the wire. */
export class Reference {
  static {
    showInConsole(this.prototype);
  }

  readonly node: Atom;
  readonly creation: number;
  readonly ids: readonly number[];

  constructor(node: Atom, creation: number, ids: readonly number[]) {
    this.node = node;
    this.creation = creation;
    this.ids = ids;
  }

  /** The words from the last to the first, as Erlang prints them. */
  toString(): string {
    return `#Ref<${this.node.name}.${this.ids.toReversed().join(".")}>`;
  }
}

/** What NEW_FUN_EXT carries of a fun: enough to hand it back to its node, not to run it here. */
export interface FunFields {
  readonly arity: number;
  /** MD5 of the significant parts of the module's code, 16 bytes. */
  readonly uniq: Uint8Array;
  readonly index: number;
  readonly module: Atom;
  readonly oldIndex: number;
  readonly oldUniq: number;
  /** The process that made it; since OTP 27 always init of that node. */
  readonly pid: Pid;
  /** Values of the variables that the fun has closed over. */
  readonly free: readonly Term[];
}

/** A fun with an environment, made on some Erlang node (`fun(X) -> X + Y end`). */
export class Fun {
  static {
    showInConsole(this.prototype);
  }

  readonly arity: number;
  readonly uniq: Uint8Array;
  readonly index: number;
  readonly module: Atom;
  readonly oldIndex: number;
  readonly oldUniq: number;
  readonly pid: Pid;
  readonly free: readonly Term[];

  constructor(fields: FunFields) {
    this.arity = fields.arity;
    this.uniq = fields.uniq;
    this.index = fields.index;
    this.module = fields.module;
    this.oldIndex = fields.oldIndex;
    this.oldUniq = fields.oldUniq;
    this.pid = fields.pid;
    this.free = fields.free;
  }

  toString(): string {
    return `#Fun<${this.module.name}.${this.index}.${this.oldUniq}>`;
  }
}

/** An external fun: `fun lists:map/2`. */
export class Export {
  static {
    showInConsole(this.prototype);
  }

  readonly module: Atom;
  readonly function: Atom;
  readonly arity: number;

  /** `arity` is 0 to 255. */
  constructor(module: Atom, name: Atom, arity: number) {
    this.module = module;
    this.function = name;
    this.arity = arity;
  }

  toString(): string {
    return `fun ${this.module.name}:${this.function.name}/${this.arity}`;
  }
}

/** A native record of OTP 29 (`#mod:name{field = value}`). The order of the fields is part of it. */
export class NativeRecord {
  static {
    showInConsole(this.prototype);
  }

  readonly module: Atom;
  readonly name: Atom;
  /** The module exports the definition. */
  readonly exported: boolean;
  readonly fields: readonly Atom[];
  /** One for each field. */
  readonly values: readonly Term[];

  /** Throws a RangeError when the numbers of fields and values differ, or a field comes twice. */
  constructor(module: Atom, name: Atom, exported: boolean, fields: readonly Atom[], values: readonly Term[]) {
    if (fields.length !== values.length) throw new RangeError(`${fields.length} fields and ${values.length} values`);
    if (new Set(fields.map((field) => field.name)).size !== fields.length)
      throw new RangeError("a field of a record comes twice");
    this.module = module;
    this.name = name;
    this.exported = exported;
    this.fields = fields;
    this.values = values;
  }

  /** The value of a field, or undefined when there is none of that name. */
  get(field: Atom | string): Term | undefined {
    const name = typeof field === "string" ? field : field.name;
    return this.values[this.fields.findIndex((candidate) => candidate.name === name)];
  }

  toString(): string {
    return show(this);
  }
}

/**
 * A map. Keys are terms of any kind, compared as Erlang's `=:=` does: 1, 1.0 and <<"1">> are three keys.
 * Keeps the order of insertion (of the wire, for a decoded one), which Erlang gives no meaning to. Made by `map`.
 * A key must not be changed in place while it is in a map.
 */
export abstract class ErlMap<K extends Term = Term, V extends Term = Term> {
  static {
    showInConsole(this.prototype);
  }

  abstract readonly size: number;
  abstract get(key: Term): V | undefined;
  abstract has(key: Term): boolean;
  abstract set(key: K, value: V): this;
  abstract delete(key: Term): boolean;
  abstract keys(): IterableIterator<K>;
  abstract values(): IterableIterator<V>;
  abstract entries(): IterableIterator<[K, V]>;
  /** The lists themselves, for the encoder: one value for each key. @internal */
  abstract readonly keyList: readonly Term[];
  /** @internal */
  abstract readonly valueList: readonly Term[];

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  toString(): string {
    return show(this);
  }
}

const SHOWN_LEVELS = 6;
const SHOWN_ITEMS = 50;

/**
 * A term for people, cut where it gets long. `format` prints it as Erlang does, and whole. `textOf` may have words for a list or
 * a binary.
 */
export function show(term: Term, levels: number = SHOWN_LEVELS, textOf?: (codes: ArrayLike<Term>) => string | undefined): string {
  if (levels === 0) return "...";
  const one = (item: Term): string => show(item, levels - 1, textOf);
  const list = <T>(items: Iterable<T>, shownAs: (item: T) => string): string => {
    const shown: string[] = [];
    for (const item of items) if (shown.push(shown.length === SHOWN_ITEMS ? "..." : shownAs(item)) > SHOWN_ITEMS) break;
    return shown.join(",");
  };
  if (term instanceof Tuple) return `{${list(term.elements, one)}}`;
  if (Array.isArray(term)) return textOf?.(term) ?? `[${list(term, one)}]`;
  if (term instanceof ImproperList) return `[${list(term.elements, one)}|${one(term.tail)}]`;
  if (term instanceof Uint8Array) return `<<${textOf?.(term) ?? list(term, String)}>>`;
  if (term instanceof BitString) {
    const last = `${(term.bytes.at(-1) ?? 0) >>> (8 - term.bits)}:${term.bits}`;
    const whole = [...term.bytes.subarray(0, -1).subarray(0, SHOWN_ITEMS)];
    return `<<${[...whole, last].join(",")}>>`;
  }
  if (term instanceof Float) {
    const { value } = term;
    const text = Object.is(value, -0) ? "-0" : `${value}`;
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${text}.0` : text;
  }
  if (term instanceof ErlMap) return `#{${list(term, ([key, value]) => `${one(key)}=>${one(value)}`)}}`;
  if (term instanceof NativeRecord) {
    const fields = list(term.fields.entries(), ([index, field]) => `${field.name}=${one(term.values[index] ?? [])}`);
    return `#${term.module.name}:${term.name.name}{${fields}}`;
  }
  return typeof term === "string" ? JSON.stringify(term) : String(term);
}
