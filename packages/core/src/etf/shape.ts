// The key lists of maps whose keys are atoms, as nearly all maps of a program are: maps with the same keys in the same
// order share one list, its index, and the knowledge that no key comes twice. Shapes form a tree, one step for each key;
// a step that was taken last is found by one comparison.
import type { Atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { KeyIndex } from "./key-index.ts";
import type { Term } from "./terms.ts";

/** A list of keys that several maps share, and the place of a key in it, or -1. */
export interface SharedKeys {
  find(key: Term): number;
}

/** Larger maps have no order of keys that would repeat: Erlang itself keeps them by hash. */
export const MAX_SHAPE_KEYS = 32;
/** A peer can send new shapes without end; from so many on the tree starts anew. */
const MAX_SHAPES = 4096;

/** One list of keys: that of the parent and one more. */
export class Shape implements SharedKeys {
  readonly #parent: Shape | undefined;
  readonly #atom: Atom | undefined;
  readonly size: number;
  #steps: Map<Atom, Shape> | undefined;
  /** The step that was taken last: the reader looks whether it is the next one too. */
  lastAtom: Atom | undefined;
  lastShape: Shape | undefined;
  #keys: Atom[] | undefined;
  #positions: Map<Term, number> | undefined;

  constructor(parent?: Shape, atom?: Atom) {
    this.#parent = parent;
    this.#atom = atom;
    this.size = parent === undefined ? 0 : parent.size + 1;
  }

  /** The keys in order. Belongs to all maps of this shape: not to be changed. */
  get keys(): Atom[] {
    if (this.#keys === undefined) {
      const keys: Atom[] = [];
      for (let shape: Shape = this; shape.#atom !== undefined && shape.#parent !== undefined; shape = shape.#parent)
        keys.push(shape.#atom);
      this.#keys = keys.reverse();
    }
    return this.#keys;
  }

  find(key: Term): number {
    this.#positions ??= new Map(this.keys.map((atom, position) => [atom, position]));
    // Two atom objects of one name are rare (atom.ts), but they are the same atom.
    return this.#positions.get(key) ?? this.keys.findIndex((atom) => equals(atom, key));
  }

  /** The shape with one key more, or undefined where that key is in this one. */
  with(atom: Atom): Shape | undefined {
    if (this.lastAtom === atom) return this.lastShape;
    const next = this.#steps?.get(atom) ?? this.#grow(atom);
    if (next !== undefined) {
      this.lastAtom = atom;
      this.lastShape = next;
    }
    return next;
  }

  #grow(atom: Atom): Shape | undefined {
    for (let shape: Shape = this; shape.#atom !== undefined && shape.#parent !== undefined; shape = shape.#parent) {
      if (shape.#atom.name === atom.name) return undefined;
    }
    const next = new Shape(this, atom);
    this.#steps ??= new Map();
    this.#steps.set(atom, next);
    shapes.count += 1;
    return next;
  }
}

const shapes = { root: new Shape(), count: 0 };

/** The shape without keys. */
export function rootShape(): Shape {
  if (shapes.count >= MAX_SHAPES) {
    shapes.root = new Shape();
    shapes.count = 0;
  }
  return shapes.root;
}

/** Keys that are binaries, and where each stands in the bytes that they were read from. */
export class BinaryKeys implements SharedKeys {
  readonly keys: Term[];
  readonly starts: readonly number[];
  #index: KeyIndex | undefined = undefined;

  constructor(keys: Term[], starts: readonly number[]) {
    this.keys = keys;
    this.starts = starts;
  }

  find(key: Term): number {
    this.#index ??= KeyIndex.of(this.keys);
    return this.#index.find(key);
  }
}
