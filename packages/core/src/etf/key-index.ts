// Finds keys in the key list of a map. Keys without terms inside, as nearly all are, go by a hash into open addressing;
// keys that are containers go by `termKey`, so that comparing maps in keys of maps in keys stays linear. Whoever sends
// keys whose hashes collide on purpose is met by `termKey` too: n keys cost n steps and not n times n.
import { Atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { BitString, Export, Float, Pid, Port, Reference, type Term } from "./terms.ts";
import { termKey } from "./term-key.ts";
import { utf8Bytes } from "./utf8.ts";

/** Steps after which a search counts as attacked; a table that is at most half full stays far below by chance. */
const MAX_STEPS = 128;
/** Keys of one hash after which it does; each of them costs a comparison. */
const MAX_COMPARISONS = 8;

/** Positions in a list of keys. The list belongs to the map; it only ever grows while the index lives. */
export class KeyIndex {
  readonly #keys: readonly Term[];
  /** Leaves in `#slots`. */
  #leaves = 0;
  /** Pairs of hash and position + 1; a position of 0 is an empty place. */
  #slots: Int32Array;
  /** Containers; since an attack leaves too. */
  readonly #strings = new Map<string, number>();
  #attacked = false;

  /** Makes room for `capacity` keys; none is in it yet. */
  constructor(keys: readonly Term[], capacity: number) {
    this.#keys = keys;
    this.#slots = new Int32Array(tableSize(capacity) * 2);
  }

  /** Whether it holds strings, which may be as long as the keys. */
  get isLarge(): boolean {
    return this.#strings.size > 0;
  }

  /** Position of a key, or -1. */
  find(key: Term): number {
    if (!this.#attacked && isLeaf(key)) {
      const slot = this.#search(key, hashLeaf(key));
      if (slot !== ATTACKED) return (this.#slots[slot + 1] ?? 0) - 1;
      this.#defend();
    }
    return this.#strings.get(termKey(key)) ?? -1;
  }

  /** Adds the key at `position` of the list. False when an equal one is there already. */
  add(position: number): boolean {
    // The caller has put it there.
    const key = this.#keys[position] as Term;
    if (!this.#attacked && isLeaf(key)) {
      if (this.#leaves * 4 >= this.#slots.length) this.#grow();
      const hash = hashLeaf(key);
      const slot = this.#search(key, hash);
      if (slot !== ATTACKED) {
        if (this.#slots[slot + 1] !== 0) return false;
        this.#slots[slot] = hash;
        this.#slots[slot + 1] = position + 1;
        this.#leaves += 1;
        return true;
      }
      this.#defend();
    }
    const text = termKey(key);
    if (this.#strings.has(text)) return false;
    this.#strings.set(text, position);
    return true;
  }

  /** The place of the key, or the empty one where it belongs, or ATTACKED. */
  #search(key: Term, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    let comparisons = 0;
    for (let step = 0; step < MAX_STEPS; step++) {
      const position = slots[slot + 1] ?? 0;
      if (position === 0) return slot;
      if (slots[slot] === hash) {
        if (equals(this.#keys[position - 1] as Term, key)) return slot;
        if (++comparisons === MAX_COMPARISONS) return ATTACKED;
      }
      slot = (slot + 2) & mask;
    }
    return ATTACKED;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      const position = old[from + 1] ?? 0;
      if (position === 0) continue;
      const hash = old[from] ?? 0;
      let slot = (hash << 1) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      slots[slot] = hash;
      slots[slot + 1] = position;
    }
    this.#slots = slots;
  }

  /** Moves the leaves over to strings, for good. */
  #defend(): void {
    for (let slot = 1; slot < this.#slots.length; slot += 2) {
      const position = this.#slots[slot] ?? 0;
      if (position !== 0) this.#strings.set(termKey(this.#keys[position - 1] as Term), position - 1);
    }
    this.#slots = new Int32Array(2);
    this.#attacked = true;
  }
}

const ATTACKED = -1;

function tableSize(capacity: number): number {
  return 1 << (32 - Math.clz32(Math.max(4, capacity) * 2 - 1));
}

/** Whether a term has no terms inside, as nearly all keys; the two halves of the index are for the two kinds. */
export function isLeaf(term: Term): boolean {
  return (
    typeof term !== "object" ||
    term instanceof Atom ||
    term instanceof Uint8Array ||
    term instanceof Pid ||
    term instanceof Reference ||
    term instanceof Float ||
    term instanceof Port ||
    term instanceof BitString ||
    term instanceof Export
  );
}

function hashLeaf(term: Term): number {
  const hash = rawHash(term);
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** Equal leaves have equal hashes. */
function rawHash(term: Term): number {
  switch (typeof term) {
    case "number":
      return hashNumber(term);
    case "bigint":
      return Number.isSafeInteger(Number(term)) ? hashNumber(Number(term)) : Number(BigInt.asIntN(32, term ^ (term >> 32n)));
    case "boolean":
      return term ? 1 : 2;
    case "string":
      return hashBytes(utf8Bytes(term));
    default:
  }
  if (term instanceof Atom) return term.name === "true" ? 1 : term.name === "false" ? 2 : term.hash;
  if (term instanceof Uint8Array) return hashBytes(term);
  if (term instanceof Pid) return Math.imul(term.id, 31) + Math.imul(term.serial, 17) + term.creation;
  if (term instanceof Reference) return term.ids.reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, term.creation);
  if (term instanceof Float) return hashNumber(term.value);
  if (term instanceof Port) return Number(BigInt.asIntN(32, term.id)) ^ term.creation;
  if (term instanceof BitString) return hashBytes(term.bytes) + term.bits;
  return term instanceof Export ? Math.imul(term.module.hash, 31) + term.function.hash + term.arity : 3;
}

function hashNumber(value: number): number {
  if (Number.isInteger(value)) return (value | 0) ^ Math.imul((value / 4_294_967_296) | 0, 0x9e3779b1);
  return Math.imul((value * 65_536) | 0, 0x9e3779b1) ^ (value / 65_536);
}

/** All bytes of a short binary; of a long one the head and the tail. */
function hashBytes(bytes: Uint8Array): number {
  let hash = bytes.length;
  const length = bytes.length;
  const head = length <= 64 ? length : 32;
  for (let index = 0; index < head; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  for (let index = Math.max(head, length - 32); index < length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
