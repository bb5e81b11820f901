// Maps as they are decoded: a list of keys and a list of values. Building an index waits until somebody asks for a key,
// since most maps of a message are only walked (1.7 to 6 times faster to decode than into a JavaScript Map).
import { atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { KeyIndex } from "./key-index.ts";
import { isLeaf } from "./leaf.ts";
import type { SharedKeys } from "./shape.ts";
import { ErlMap, type Term, type Wide } from "./terms.ts";

/** Up to this size comparing with each key is as fast as an index. */
const SCANNED_KEYS = 8;

/**
 * A map from an object, whose keys become atoms, or from entries with keys of any kind; of two entries with equal keys
 * the later one counts.
 */
export function map<K extends Term, V extends Term>(entries?: Iterable<readonly [K, V]>): ErlMap<Wide<K>, Wide<V>>;
export function map<V extends Term>(object: { readonly [key: string]: V }): ErlMap<Term, Wide<V>>;
export function map(source: Iterable<readonly [Term, Term]> | { readonly [key: string]: Term } = []): ErlMap {
  const made = new IndexedMap([], []);
  if (isEntries(source)) for (const [key, value] of source) made.set(key, value);
  else for (const [key, value] of Object.entries(source)) made.set(atom(key), value);
  return made;
}

function isEntries(source: object): source is Iterable<readonly [Term, Term]> {
  return Symbol.iterator in source;
}

/** The one implementation of ErlMap; a class apart so that terms.ts need not know how terms are compared. */
export class IndexedMap extends ErlMap {
  /** Not to be changed while they are shared. */
  #keys: Term[];
  readonly #values: Term[];
  #shared: SharedKeys | undefined;
  #index: KeyIndex | undefined = undefined;

  /** The caller has seen to it that no two keys are equal, and gives the lists away (the keys not where they are shared). */
  constructor(keys: Term[], values: Term[], shared?: SharedKeys) {
    super();
    this.#keys = keys;
    this.#values = values;
    this.#shared = shared;
  }

  get size(): number {
    return this.#values.length;
  }

  get(key: Term): Term | undefined {
    const position = this.#find(key);
    return position < 0 ? undefined : this.#values[position];
  }

  has(key: Term): boolean {
    return this.#find(key) >= 0;
  }

  set(key: Term, value: Term): this {
    const position = this.#find(key);
    if (position >= 0) this.#values[position] = value;
    else {
      this.#ownKeys();
      this.#keys.push(key);
      this.#values.push(value);
      this.#index?.add(this.#keys.length - 1);
    }
    return this;
  }

  /** Takes time in proportion to the size: the pairs behind move up. */
  delete(key: Term): boolean {
    const position = this.#find(key);
    if (position < 0) return false;
    this.#ownKeys();
    this.#keys.splice(position, 1);
    this.#values.splice(position, 1);
    this.#index = undefined;
    return true;
  }

  keys(): IterableIterator<Term> {
    return this.#keys[Symbol.iterator]();
  }

  values(): IterableIterator<Term> {
    return this.#values[Symbol.iterator]();
  }

  *entries(): IterableIterator<[Term, Term]> {
    for (let position = 0; position < this.#keys.length; position++) {
      // Both lists are as long as `size` says.
      yield [this.#keys[position] as Term, this.#values[position] as Term];
    }
  }

  get keyList(): readonly Term[] {
    return this.#keys;
  }

  get valueList(): readonly Term[] {
    return this.#values;
  }

  #ownKeys(): void {
    if (this.#shared === undefined) return;
    this.#keys = [...this.#keys];
    this.#shared = undefined;
  }

  #find(key: Term): number {
    if (this.#shared !== undefined) return this.#shared.find(key);
    if (this.#index === undefined) {
      if (this.#keys.length <= SCANNED_KEYS && isLeaf(key)) return this.#keys.findIndex((candidate) => equals(candidate, key));
      this.#index = KeyIndex.of(this.#keys);
    }
    return this.#index.find(key);
  }
}
