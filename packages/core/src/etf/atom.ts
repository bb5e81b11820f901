// Atoms are compared by identity wherever that is possible, so there is one table of them for the whole program, as in
// Erlang. Three ways lead into it, and none lets a peer fill the memory:
//
// - `atom(name)` is the program's own word. Such an atom stays for good, as one made by list_to_atom/1 does.
// - An atom that arrives is kept in two generations. When the young one is full it becomes the old one, and what was in
//   the old one and was not seen again is let go. So decode gives the same object for a name as long as it is in use,
//   and a peer that mints new names only turns the generations over faster. An atom object that outlived its entry is
//   still equal to its successor by `equals`, in maps and in patterns; only `===` between those two is lost.
// - A small cache finds an atom by the words of its external form: see atom-slots.ts. Whatever it holds is held by the table.
//
// The table is the one exception to "no module-level mutable state": identity across decoders cannot be had otherwise.
import { SENDING_LIMITS } from "../sending-limits.ts";
import { showInConsole } from "./console.ts";

/** An Erlang atom. Made by `atom(name)`, which gives the same object for the same name. */
export class Atom<N extends string = string> {
  static {
    showInConsole(this.prototype);
  }

  readonly name: N;
  /** What decode gives for this atom: itself, or a boolean. @internal */
  readonly term: Atom | boolean;
  /** Hash of the name, for maps. @internal */
  readonly hash: number;
  /** The first and the last four bytes of the external form; 0 for one that the cache does not take. @internal */
  readonly first: number;
  /** @internal */
  readonly last: number;
  /** Bytes of the external form, tag included. @internal */
  readonly size: number;
  /** The external form as big-endian words, the last one padded; only for an atom of up to 64 bytes. @internal */
  readonly words: Int32Array | undefined;

  /** Use `atom(name)`: an atom made here is only equal, never identical, to others of its name. @internal */
  constructor(name: N) {
    this.name = name;
    this.term = name === "true" ? true : name === "false" ? false : this;
    this.hash = hashName(name);
    const size = writeForm(name);
    const isCached = size >= 4 && size <= CACHED_BYTES;
    this.size = size;
    this.first = isCached ? scratch.view.getInt32(0) : 0;
    this.last = isCached ? scratch.view.getInt32(size - 4) : 0;
    this.words = size <= CACHED_BYTES ? wordsOf(size) : undefined;
  }

  toString(): string {
    return this.name;
  }
}

/** The atom of this name. Throws a RangeError for more than 255 characters or half a surrogate pair. */
export function atom<const N extends string>(name: N): Atom<N> {
  // The table holds one atom for each name, so the one found has the type of the name.
  return atoms.own(name) as Atom<N>;
}

const MAX_CHARACTERS = 255;
/** Longer external forms go by their string: few atoms are that long. */
const CACHED_BYTES = 64;

/** All atoms of the program, or in a test some of them. */
export class AtomTable {
  readonly #own = new Map<string, Atom>();
  #young = new Map<string, Atom>();
  #old = new Map<string, Atom>();
  readonly #generation: number;
  /** How often atoms may have been let go. Who keeps atoms interns them again then, or `===` is lost. @internal */
  turns = 0;
  /** The cache of atom-slots.ts, empty until the first atom is read. @internal */
  slots: (Atom | undefined)[] = [];

  /** Keeps at most `limit` atoms besides those of `own`. */
  constructor(limit: number) {
    this.#generation = Math.max(1, limit >>> 1);
  }

  /** How many atoms the table keeps alive. */
  get size(): number {
    return this.#own.size + this.#young.size + this.#old.size;
  }

  /** An atom that stays for good. */
  own(name: string): Atom {
    const known = this.#own.get(name);
    if (known !== undefined) return known;
    if (!isAtomName(name)) throw new RangeError(`an atom has at most ${MAX_CHARACTERS} well-formed characters`);
    const made = this.#young.get(name) ?? this.#old.get(name) ?? new Atom(name);
    this.#own.set(name, made);
    return made;
  }

  /** An atom that came from elsewhere; the caller has checked the name. */
  intern(name: string): Atom {
    const known = this.#own.get(name) ?? this.#young.get(name);
    if (known !== undefined) return known;
    const made = this.#old.get(name) ?? new Atom(name);
    if (this.#young.size >= this.#generation) this.#turn();
    this.#young.set(name, made);
    return made;
  }

  /** What is in the cache is in use, though no look-up by name has shown it. */
  #turn(): void {
    this.turns += 1;
    this.#old = this.#young;
    this.#young = new Map();
    for (const used of this.slots) {
      if (used !== undefined && !this.#own.has(used.name)) this.#young.set(used.name, used);
    }
  }
}

/** The table of the program. @internal */
export const atoms: AtomTable = new AtomTable(SENDING_LIMITS.internedAtoms);

/** At most 255 characters (not UTF-16 units), no half of a surrogate pair. @internal */
export function isAtomName(name: string): boolean {
  if (!name.isWellFormed()) return false;
  return name.length <= MAX_CHARACTERS || (name.length <= 2 * MAX_CHARACTERS && Array.from(name).length <= MAX_CHARACTERS);
}

const encoder = new TextEncoder();
const MAX_FORM = 3 + 4 * MAX_CHARACTERS;
/** Where external forms are made; nothing in it outlasts the making of one atom. */
const scratch = scratchOf(new Uint8Array(MAX_FORM + 1));

function scratchOf(
  bytes: Uint8Array<ArrayBuffer>,
): Readonly<Record<"bytes" | "short" | "long", Uint8Array>> & { readonly view: DataView } {
  return { bytes, short: bytes.subarray(2), long: bytes.subarray(3), view: new DataView(bytes.buffer) };
}

/** SMALL_ATOM_UTF8_EXT, or ATOM_UTF8_EXT for more than 255 bytes. @internal */
export function externalForm(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(scratch.bytes.subarray(0, writeForm(name)));
}

/** Makes the external form in the scratch memory and gives its size. */
function writeForm(name: string): number {
  const { bytes, short, long } = scratch;
  const shortSize = writeAscii(name, short) ?? encoder.encodeInto(name, short).written;
  if (shortSize < 256) {
    bytes[0] = 119 /* SMALL_ATOM_UTF8_EXT */;
    bytes[1] = shortSize;
    return 2 + shortSize;
  }
  const size = encoder.encodeInto(name, long).written;
  bytes[0] = 118 /* ATOM_UTF8_EXT */;
  bytes[1] = size >>> 8;
  bytes[2] = size;
  return 3 + size;
}

/** Most names are short and of ASCII, where a call of TextEncoder takes longer. */
function writeAscii(name: string, to: Uint8Array): number | undefined {
  if (name.length > CACHED_BYTES) return undefined;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code > 127) return undefined;
    to[index] = code;
  }
  return name.length;
}

function wordsOf(size: number): Int32Array {
  scratch.bytes.fill(0, size, size + 3);
  const words = new Int32Array((size + 3) >>> 2);
  for (let index = 0; index < words.length; index++) words[index] = scratch.view.getInt32(index * 4);
  return words;
}

function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash | 0;
}
