// Finds keys in the key list of a map. Keys without terms inside, as nearly all are, go by a hash into open addressing;
// keys that are containers go by `termKey`, so that comparing maps in keys of maps in keys stays linear. Whoever sends
// keys whose hashes collide on purpose is met by `termKey` too: n keys cost n steps and not n times n.
import { equals } from "./equal.ts";
import { hashLeaf, spread } from "./key-hash.ts";
import { isLeaf } from "./leaf.ts";
import { termKey } from "./term-key.ts";
import type { Term } from "./terms.ts";

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

  /** With all of the keys. */
  static of(keys: readonly Term[]): KeyIndex {
    const index = new KeyIndex(keys, keys.length);
    for (let position = 0; position < keys.length; position++) index.add(position);
    return index;
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

  /** Adds the key at `position` of the list. False when an equal one is there already. The hash of a leaf may be known. */
  add(position: number, known?: number): boolean {
    // The caller has put it there.
    const key = this.#keys[position] as Term;
    if (!this.#attacked && isLeaf(key)) {
      if (this.#leaves * 4 >= this.#slots.length) this.#grow();
      const hash = known ?? hashLeaf(key);
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
    let slot = (spread(hash) << 1) & mask;
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
      let slot = (spread(hash) << 1) & mask;
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
