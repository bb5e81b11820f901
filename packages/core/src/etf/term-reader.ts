// erl_ext_dist, "External Term Format": one class that reads terms of every tag.
//
// What decides the speed (bench/etf): one switch in which leaves are read on the spot and containers go to small methods;
// DataView for anything longer than a byte, and one that lasts for all terms of a chunk; atoms found by the words of their
// external form (atom-slots.ts); maps of atoms by their shape (shape.ts); binaries as views. Recursion is used for the first
// levels only, since an explicit stack takes 1.2 to 1.7 times as long; below that, terms of any depth are read with one.
import { DecodeError, type DecodeErrorCode } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { type Atom, atoms, isAtomName } from "./atom.ts";
import { cacheSlot, internRead, tinySlot } from "./atom-slots.ts";
import { readInteger } from "./big.ts";
import { duplicateKey, duplicateLeaf } from "./key-check.ts";
import { hashLeaf, hashView } from "./key-hash.ts";
import { isLeaf } from "./leaf.ts";
import { IndexedMap } from "./map.ts";
import { BinaryKeys, MAX_SHAPE_KEYS, rootShape, type Shape } from "./shape.ts";
import { tagName } from "./tag-name.ts";
import { BitString, Export, Float, Fun, ImproperList, NativeRecord, Pid, Port, Reference, type Term, Tuple } from "./terms.ts";
import { shortAscii, utf8Text } from "./utf8.ts";

export interface DecodeOptions {
  /**
   * `"view"` (the default): binaries are views into the bytes given, so they keep those alive and change with them.
   * `"copy"`: they have memory of their own.
   */
  readonly binaries?: "view" | "copy" | undefined;
  /** What ATOM_CACHE_REF refers to: the atoms of the distribution header, in its order. Without it the tag is an error. */
  readonly atoms?: readonly Atom[] | undefined;
  readonly limits?: Partial<Pick<Limits, "termDepth" | "mapKeyDepth" | "uncompressedBytes" | "bigIntegerBytes">> | undefined;
}

/** Levels read by recursion; 400 take about 100 kB of a stack of 1 MB. */
const RECURSIVE_LEVELS = 400;
const MAX_REFERENCE_WORDS = 5;
/** The old layouts have a creation of 2 bits. */
const MAX_OLD_CREATION = 3;
/** Buffers up to this size are remembered with their DataView, as the next packet mostly lies in the same one. */
const REMEMBERED_BYTES = 262_144;

/** Reads terms one after the other. After an error it has to be reset. */
export class TermReader {
  #given: Uint8Array = NO_BYTES;
  /** The whole buffer under the bytes given, so that one pair of views serves all packets in it. */
  #bytes: Uint8Array = NO_BYTES;
  #buffer: ArrayBufferLike = this.#bytes.buffer;
  #view: DataView = new DataView(this.#buffer);
  /** Where the bytes given start, where to read on, and where they end, in the buffer. */
  #base = 0;
  #position = 0;
  #end = 0;
  #depth = 0;
  #keyDepth = 0;
  /** Elements that containers may still announce: each takes a byte at least, so no claim can be larger than the input. */
  #budget = 0;
  readonly #copies: boolean;
  #atoms: readonly Atom[] | undefined;
  readonly #recursiveLevels: number;
  readonly #termDepth: number;
  readonly #mapKeyDepth: number;
  readonly #bigIntegerBytes: number;
  /** Hashes of the keys of the maps that are being read, the inner ones behind the outer ones. */
  #hashes: Int32Array = NO_HASHES;
  #hashCount = 0;
  /** By size, the keys of the last map of binary keys in these bytes. */
  #binaryKeys: (BinaryKeys | undefined)[] | undefined;

  constructor(bytes: Uint8Array, offset: number, options?: DecodeOptions) {
    const limits = options?.limits;
    this.#copies = options?.binaries === "copy";
    this.#atoms = options?.atoms;
    this.#termDepth = limits?.termDepth ?? DEFAULT_LIMITS.termDepth;
    this.#recursiveLevels = Math.min(RECURSIVE_LEVELS, this.#termDepth);
    this.#mapKeyDepth = limits?.mapKeyDepth ?? DEFAULT_LIMITS.mapKeyDepth;
    this.#bigIntegerBytes = limits?.bigIntegerBytes ?? DEFAULT_LIMITS.bigIntegerBytes;
    this.reset(bytes, offset);
  }

  /** Starts anew, at `offset` of other bytes; `atoms` as in the options. */
  reset(bytes: Uint8Array, offset: number, atoms: readonly Atom[] | undefined = this.#atoms): void {
    this.#atoms = atoms;
    // Asking for the buffer takes 10 ns, and a packet is often given twice: for its control message and for its payload.
    if (this.#given !== bytes) {
      this.#given = bytes;
      this.#base = bytes.byteOffset;
      const { buffer } = bytes;
      if (this.#buffer !== buffer) {
        this.#buffer = buffer;
        this.#bytes = new Uint8Array(buffer);
        this.#view = new DataView(buffer);
      }
    }
    const { length } = bytes;
    this.#position = this.#base + offset;
    this.#end = this.#base + length;
    this.#budget = length - offset;
    this.#depth = 0;
    this.#keyDepth = 0;
    this.#hashCount = 0;
    this.#binaryKeys = undefined;
  }

  /** Lets go of what was read, and of a large buffer. */
  release(): void {
    this.#binaryKeys = undefined;
    if (this.#bytes.length > REMEMBERED_BYTES) this.reset(NO_BYTES, 0);
    if (this.#hashes.length > REMEMBERED_BYTES) this.#hashes = NO_HASHES;
  }

  /** Offset of the next byte, in the bytes given. */
  get offset(): number {
    return this.#position - this.#base;
  }

  readTerm(): Term {
    const at = this.#position;
    const bytes = this.#bytes;
    if (at >= this.#end) throw this.#truncated(at, 1);
    switch (bytes[at]) {
      case 119 /* SMALL_ATOM_UTF8_EXT */:
        return this.#shortAtom(at).term;
      case 97 /* SMALL_INTEGER_EXT */:
        {
          if (at + 2 > this.#end) throw this.#truncated(at, 2);
          this.#position = at + 2;
          return bytes[at + 1] ?? 0;
        }
      case 98 /* INTEGER_EXT */:
        {
          if (at + 5 > this.#end) throw this.#truncated(at, 5);
          this.#position = at + 5;
          return this.#view.getInt32(at + 1);
        }
      case 104 /* SMALL_TUPLE_EXT */:
        {
          if (at + 2 > this.#end) throw this.#truncated(at, 2);
          this.#position = at + 2;
          return this.#tuple(bytes[at + 1] ?? 0, at);
        }
      case 106 /* NIL_EXT */:
        this.#position = at + 1;
        return [];
      case 108 /* LIST_EXT */:
        return this.#list(at);
      case 109 /* BINARY_EXT */:
        {
          if (at + 5 > this.#end) throw this.#truncated(at, 5);
          const length = this.#view.getUint32(at + 1);
          const start = at + 5;
          if (length > this.#end - start) throw this.#truncated(at, length);
          this.#position = start + length;
          return this.#copies ? copyOf(bytes, start, length) : new Uint8Array(this.#buffer, start, length);
        }
      case 116 /* MAP_EXT */:
        return this.#map(at);
      case 110 /* SMALL_BIG_EXT */:
        {
          if (at + 3 > this.#end) throw this.#truncated(at, 3);
          const length = bytes[at + 1] ?? 0;
          if (length > this.#end - at - 3) throw this.#truncated(at, length);
          this.#position = at + 3 + length;
          return readInteger(this.#view, at + 3, length, bytes[at + 2] ?? 0);
        }
      case 70 /* NEW_FLOAT_EXT */:
        {
          if (at + 9 > this.#end) throw this.#truncated(at, 9);
          this.#position = at + 9;
          const value = this.#view.getFloat64(at + 1);
          // Neither NaN nor an infinity minus itself is 0.
          if (value - value !== 0) throw this.#error("bad_value", at, "a finite float", String(value));
          return Number.isInteger(value) ? new Float(value) : value;
        }
      case 107 /* STRING_EXT */:
        return this.#string(at);
      case 88 /* NEW_PID_EXT */:
        return this.#newPid();
      case 90 /* NEWER_REFERENCE_EXT */:
        return this.#newerReference();
      default:
        return this.#rare(bytes[at] ?? 0, at);
    }
  }

  /** What few messages hold, apart to keep the switch above small. */
  #rare(tag: number, at: number): Term {
    switch (tag) {
      case 82 /* ATOM_CACHE_REF */:
      case 118 /* ATOM_UTF8_EXT */:
      case 100 /* ATOM_EXT */:
      case 115 /* SMALL_ATOM_EXT */:
        return this.readAtom().term;
      case 105 /* LARGE_TUPLE_EXT */:
        return this.#tuple(this.#view.getUint32(this.#advance(5) + 1), at);
      case 111 /* LARGE_BIG_EXT */:
        return this.#largeBig(at);
      case 99 /* FLOAT_EXT */:
        return this.#floatText();
      case 103 /* PID_EXT */:
        return this.#oldPid();
      case 114 /* NEW_REFERENCE_EXT */:
      case 101 /* REFERENCE_EXT */:
        return this.#oldReference(tag);
      case 120 /* V4_PORT_EXT */:
      case 89 /* NEW_PORT_EXT */:
      case 102 /* PORT_EXT */:
        return this.#port(tag);
      case 77 /* BIT_BINARY_EXT */:
        return this.#bitString();
      case 113 /* EXPORT_EXT */:
        return this.#export();
      case 112 /* NEW_FUN_EXT */:
      case 67 /* RECORD_EXT */:
        return this.#deep();
      default:
        // FUN_EXT, LOCAL_EXT, COMPRESSED inside a term, a second VERSION, and what does not exist.
        throw this.#error("bad_tag", at, "a term", tagName(tag));
    }
  }

  /** An atom in any of its five forms; for the fields of other terms, where `true` is an atom too. */
  readAtom(): Atom {
    const at = this.#position;
    if (at >= this.#end) throw this.#truncated(at, 1);
    const tag = this.#bytes[at] ?? 0;
    switch (tag) {
      case 119 /* SMALL_ATOM_UTF8_EXT */:
        return this.#shortAtom(at);
      case 82 /* ATOM_CACHE_REF */:
        {
          this.#advance(2);
          const index = this.#bytes[at + 1] ?? 0;
          const found = this.#atoms?.[index];
          if (found === undefined) throw this.#error("bad_value", at, "an atom of the distribution header", `reference ${index}`);
          return found;
        }
      case 118 /* ATOM_UTF8_EXT */:
        this.#advance(3);
        return this.#atomText(at + 3, this.#view.getUint16(at + 1));
      case 100 /* ATOM_EXT */:
        this.#advance(3);
        return this.#latin1Atom(this.#view.getUint16(at + 1));
      case 115 /* SMALL_ATOM_EXT */:
        this.#advance(2);
        return this.#latin1Atom(this.#bytes[at + 1] ?? 0);
      default:
        throw this.#error("bad_tag", at, "an atom", tagName(tag));
    }
  }

  /** SMALL_ATOM_UTF8_EXT, without building a string where the cache of atom-slots.ts knows the bytes. */
  #shortAtom(at: number): Atom {
    const size = (this.#bytes[at + 1] ?? 0) + 2;
    if (at + 2 > this.#end || size > this.#end - at) throw this.#truncated(at, size);
    if (size >= 4) {
      const view = this.#view;
      const first = view.getInt32(at);
      const last = view.getInt32(at + size - 4);
      const second = size >= 8 ? view.getInt32(at + 4) : 0;
      const slot = cacheSlot(first, second, last, size);
      let found = atoms.slots[slot];
      // The first word holds the size too. Atoms that are too long for the cache have 0 there, which is no tag.
      if (found === undefined || found.first !== first || found.last !== last) found = atoms.slots[slot ^ 1];
      if (found !== undefined && found.first === first && found.last === last && (size < 8 || this.#hasWords(found, at, size))) {
        this.#position = at + size;
        return found;
      }
    } else {
      const found = atoms.slots[tinySlot(size, this.#bytes[at + 2] ?? 0)];
      if (found !== undefined) {
        this.#position = at + size;
        return found;
      }
    }
    return this.#atomText(at + 2, size - 2);
  }

  /** Whether this very atom stands there as SMALL_ATOM_UTF8_EXT: saves the search, as most maps are followed by one of their shape. */
  #isNext(guess: Atom, at: number): boolean {
    const { size } = guess;
    if (guess.first === 0 || at + size > this.#end) return false;
    const view = this.#view;
    if (view.getInt32(at) !== guess.first || view.getInt32(at + size - 4) !== guess.last) return false;
    return size < 8 || this.#hasWords(guess, at, size);
  }

  /** Compares the words between the first and the last. */
  #hasWords(found: Atom, at: number, size: number): boolean {
    const words = found.words ?? NO_HASHES;
    const view = this.#view;
    for (let index = 1, count = (size - 1) >>> 2; index < count; index++) {
      if (words[index] !== view.getInt32(at + index * 4)) return false;
    }
    return true;
  }

  #atomText(start: number, length: number): Atom {
    if (length > this.#end - start) throw this.#truncated(start, length);
    const name = shortAscii(this.#bytes, start, length) ?? utf8Text(this.#bytes.subarray(start, start + length));
    if (name === undefined) throw this.#error("bad_utf8", start, "an atom in UTF-8", "other bytes");
    if (!isAtomName(name))
      throw this.#error("too_large", start, "an atom of at most 255 characters", `${Array.from(name).length}`);
    this.#position = start + length;
    return internRead(atoms, name);
  }

  #latin1Atom(length: number): Atom {
    const start = this.#position;
    if (length > this.#end - start) throw this.#truncated(start, length);
    if (length > 255) throw this.#error("too_large", start, "an atom of at most 255 characters", `${length}`);
    this.#position = start + length;
    return internRead(atoms, String.fromCharCode(...this.#bytes.subarray(start, start + length)));
  }

  #tuple(arity: number, at: number): Tuple {
    if (this.#depth >= this.#recursiveLevels) return this.#deepFrom(at) as Tuple;
    this.#claim(arity, at);
    this.#depth += 1;
    let elements: Term[];
    // Array literals are made faster than anything else.
    if (arity === 2) elements = [this.readTerm(), this.readTerm()];
    else if (arity === 3) elements = [this.readTerm(), this.readTerm(), this.readTerm()];
    else if (arity === 4) elements = [this.readTerm(), this.readTerm(), this.readTerm(), this.readTerm()];
    else {
      elements = new Array<Term>(arity);
      for (let index = 0; index < arity; index++) elements[index] = this.readTerm();
    }
    this.#depth -= 1;
    return new Tuple(elements);
  }

  #list(at: number): Term {
    if (this.#depth >= this.#recursiveLevels) return this.#deepFrom(at);
    const length = this.#view.getUint32(this.#advance(5) + 1);
    this.#claim(length, at);
    this.#depth += 1;
    const elements = new Array<Term>(length);
    const bytes = this.#bytes;
    const end = this.#end;
    for (let index = 0; index < length; index++) {
      const next = this.#position;
      // Lists of integers are frequent enough to read them here (a fifth faster).
      if (bytes[next] === 97 /* SMALL_INTEGER_EXT */ && next + 2 <= end) {
        this.#position = next + 2;
        elements[index] = bytes[next + 1] ?? 0;
      } else if (bytes[next] === 98 /* INTEGER_EXT */ && next + 5 <= end) {
        this.#position = next + 5;
        elements[index] = this.#view.getInt32(next + 1);
      } else elements[index] = this.readTerm();
    }
    if (bytes[this.#position] === 106 /* NIL_EXT */ && this.#position < end) {
      this.#position += 1;
      this.#depth -= 1;
      return elements;
    }
    // A tail that is a list goes on with this one: its elements must not be moved once for each tail.
    while (this.#isListNext()) {
      const from = this.#position;
      const more = this.#view.getUint32(this.#advance(5) + 1);
      this.#claim(more, from);
      for (let index = 0; index < more; index++) elements.push(this.readTerm());
    }
    const tail = this.readTerm();
    this.#depth -= 1;
    return withTail(elements, tail);
  }

  #isListNext(): boolean {
    return this.#position < this.#end && this.#bytes[this.#position] === 108 /* LIST_EXT */;
  }

  #map(at: number): Term {
    if (this.#depth >= this.#recursiveLevels) return this.#deepFrom(at);
    const size = this.#view.getUint32(this.#advance(5) + 1);
    this.#claim(size * 2, at);
    this.#depth += 1;
    const values = new Array<Term>(size);
    if (size > MAX_SHAPE_KEYS) return this.#anyMap(values, [], at);
    if (this.#bytes[this.#position] === 109 /* BINARY_EXT */) return this.#binaryKeysMap(values, at);
    let shape = rootShape();
    for (let index = 0; index < size; index++) {
      const next = this.#step(shape);
      if (next === undefined) return this.#anyMap(values, shape.keys, at);
      shape = next;
      values[index] = this.readTerm();
    }
    this.#depth -= 1;
    return new IndexedMap(shape.keys, values, shape);
  }

  /**
   * A map that mostly has the keys of the last one of its size, as those of a list of documents: it shares them then, and needs
   * no views for them and no search for duplicates (`npm run bench:etf`, payload h: a third of the time).
   */
  #binaryKeysMap(values: Term[], at: number): IndexedMap {
    const size = values.length;
    const last = this.#binaryKeys?.[size];
    let index = 0;
    if (last !== undefined) {
      for (; index < size && this.#isBinary(last.starts[index] ?? 0); index++) values[index] = this.readTerm();
      if (index === size) {
        this.#depth -= 1;
        return new IndexedMap(last.keys, values, last);
      }
    }
    return this.#anyMap(values, last?.keys.slice(0, index) ?? [], at, last?.starts.slice(0, index) ?? []);
  }

  /** Whether the same binary comes next as stands at `known`; then it is read. */
  #isBinary(known: number): boolean {
    const view = this.#view;
    const at = this.#position;
    const size = view.getUint32(known + 1) + 5;
    if (at + size > this.#end) return false;
    // By words, of which the last one overlaps with the one before.
    for (let offset = 0; offset < size; offset += 4) {
      const place = Math.min(offset, size - 4);
      if (view.getInt32(at + place) !== view.getInt32(known + place)) return false;
    }
    this.#position = at + size;
    return true;
  }

  /** The shape with the key that comes next; undefined when that is no atom (or a boolean), and then nothing is read. */
  #step(shape: Shape): Shape | undefined {
    const at = this.#position;
    const guess = shape.lastAtom;
    if (guess !== undefined && this.#isNext(guess, at)) {
      this.#position = at + guess.size;
      return shape.lastShape;
    }
    const tag = this.#bytes[at];
    if (at >= this.#end || (tag !== 119 /* SMALL_ATOM_UTF8_EXT */ && tag !== 82) /* ATOM_CACHE_REF */) return undefined;
    const key = tag === 119 /* SMALL_ATOM_UTF8_EXT */ ? this.#shortAtom(at) : this.readAtom();
    if (key.term === key) {
      const next = shape.with(key);
      if (next === undefined) throw this.#error("duplicate_key", at, "a map with different keys", `${key.name} again`);
      return next;
    }
    this.#position = at;
    return undefined;
  }

  /** Goes on with a map whose first keys are `known`, by way of hashes. Notes in `starts` where binaries among them stand. */
  #anyMap(values: Term[], known: readonly Term[], at: number, starts?: number[]): IndexedMap {
    const size = values.length;
    const keys = new Array<Term>(size);
    const base = this.#hashCount;
    this.#hashCount += size;
    if (this.#hashCount > this.#hashes.length) this.#growHashes();
    for (let index = 0; index < known.length; index++) {
      // Both have this index.
      const key = known[index] as Term;
      keys[index] = key;
      this.#hashes[base + index] = hashLeaf(key);
    }
    let onlyLeaves = true;
    const view = this.#view;
    const bytes = this.#bytes;
    const end = this.#end;
    for (let index = known.length; index < size; index++) {
      const next = this.#position;
      let key: Term;
      let hash = 0;
      // What large maps are mostly made of is read here, as in lists.
      if (bytes[next] === 109 /* BINARY_EXT */) {
        key = this.readTerm();
        // It was one.
        const { length } = key as Uint8Array;
        hash = hashView(view, this.#position - length, length);
        starts?.push(next);
      } else if (bytes[next] === 98 /* INTEGER_EXT */ && next + 5 <= end) {
        key = view.getInt32(next + 1);
        hash = key;
        this.#position = next + 5;
      } else {
        key = this.#key();
        if (isLeaf(key)) hash = hashLeaf(key);
        else onlyLeaves = false;
      }
      keys[index] = key;
      this.#hashes[base + index] = hash;
      const from = this.#position;
      if (bytes[from] === 98 /* INTEGER_EXT */ && from + 5 <= end) {
        this.#position = from + 5;
        values[index] = view.getInt32(from + 1);
      } else values[index] = this.readTerm();
    }
    this.#depth -= 1;
    this.#hashCount = base;
    const duplicate = size < 2 ? -1 : onlyLeaves ? duplicateLeaf(keys, this.#hashes, base) : duplicateKey(keys);
    if (duplicate >= 0) throw this.#duplicate(duplicate, at);
    if (starts?.length !== size) return new IndexedMap(keys, values);
    const shared = new BinaryKeys(keys, starts);
    (this.#binaryKeys ??= [])[size] = shared;
    return new IndexedMap(keys, values, shared);
  }

  #growHashes(): void {
    const grown = new Int32Array(this.#hashCount * 2);
    grown.set(this.#hashes);
    this.#hashes = grown;
  }

  #key(): Term {
    this.#enterKey();
    const key = this.readTerm();
    this.#keyDepth -= 1;
    return key;
  }

  #enterKey(): void {
    if (this.#keyDepth++ >= this.#mapKeyDepth) {
      throw this.#error("too_deep", this.#position, `at most ${this.#mapKeyDepth} maps in keys of maps`, "more");
    }
  }

  #duplicate(position: number, at: number): DecodeError {
    return this.#error("duplicate_key", at, "a map with different keys", `key ${position + 1} again`);
  }

  #string(at: number): Term {
    const start = this.#advance(3) + 3;
    const length = this.#view.getUint16(at + 1);
    this.#advance(length);
    const items = new Array<Term>(length);
    const view = this.#view;
    let index = 0;
    // By words (`npm run bench:etf`, payload c2: a fifth less time).
    for (; index + 4 <= length; index += 4) {
      const word = view.getInt32(start + index);
      items[index] = word >>> 24;
      items[index + 1] = (word >>> 16) & 255;
      items[index + 2] = (word >>> 8) & 255;
      items[index + 3] = word & 255;
    }
    for (; index < length; index++) items[index] = view.getUint8(start + index);
    return items;
  }

  #bitString(): Term {
    const start = this.#advance(6);
    const length = this.#view.getUint32(start + 1);
    const bits = this.#view.getUint8(start + 5);
    if (bits < 1 || bits > 8 || length === 0) {
      throw this.#error("bad_value", start, "BIT_BINARY_EXT with 1 to 8 bits in its last byte", `${bits} bits, ${length} bytes`);
    }
    const from = this.#advance(length);
    const bytes = this.#copies ? copyOf(this.#bytes, from, length) : new Uint8Array(this.#buffer, from, length);
    return bits === 8 ? bytes : new BitString(bytes, bits);
  }

  #largeBig(at: number): number | bigint {
    this.#advance(6);
    const length = this.#view.getUint32(at + 1);
    if (length > this.#bigIntegerBytes) {
      throw this.#error("too_large", at, `an integer of at most ${this.#bigIntegerBytes} bytes`, `${length}`);
    }
    return readInteger(this.#view, this.#advance(length), length, this.#bytes[at + 5] ?? 0);
  }

  /** FLOAT_EXT: what C's printf makes of a double with "%.20e", padded with zero bytes. */
  #floatText(): number | Float {
    const start = this.#advance(32);
    const text = String.fromCharCode(...this.#bytes.subarray(start + 1, start + 32)).replace(/\0.*$/s, "");
    const value = /^[+-]?\d+[.,]\d+(e[+-]?\d+)?$/i.test(text) ? Number(text.replace(",", ".")) : Number.NaN;
    if (!Number.isFinite(value)) throw this.#error("bad_value", start, "FLOAT_EXT with a finite number", JSON.stringify(text));
    return Number.isInteger(value) ? new Float(value) : value;
  }

  #newPid(): Pid {
    this.#position += 1;
    const node = this.readAtom();
    const start = this.#advance(12);
    const view = this.#view;
    return new Pid(node, view.getUint32(start), view.getUint32(start + 4), view.getUint32(start + 8));
  }

  #oldPid(): Pid {
    this.#position += 1;
    const node = this.readAtom();
    const start = this.#advance(9);
    return new Pid(node, this.#view.getUint32(start), this.#view.getUint32(start + 4), this.#oldCreation(start + 8));
  }

  #oldCreation(at: number): number {
    const creation = this.#view.getUint8(at);
    if (creation > MAX_OLD_CREATION) throw this.#error("bad_value", at, "a creation of 0 to 3", `${creation}`);
    return creation;
  }

  #newerReference(): Reference {
    const count = this.#referenceWords();
    const node = this.readAtom();
    const start = this.#advance(4 + count * 4);
    return new Reference(node, this.#view.getUint32(start), this.#ids(start + 4, count));
  }

  #oldReference(tag: number): Reference {
    if (tag === 101 /* REFERENCE_EXT */) {
      this.#advance(1);
      const node = this.readAtom();
      const start = this.#advance(5);
      return new Reference(node, this.#oldCreation(start + 4), [this.#view.getUint32(start)]);
    }
    const count = this.#referenceWords();
    const node = this.readAtom();
    const start = this.#advance(1 + count * 4);
    return new Reference(node, this.#oldCreation(start), this.#ids(start + 1, count));
  }

  #referenceWords(): number {
    const at = this.#advance(3);
    const count = this.#view.getUint16(at + 1);
    if (count < 1 || count > MAX_REFERENCE_WORDS) throw this.#error("bad_value", at, "a reference of 1 to 5 words", `${count}`);
    return count;
  }

  #ids(start: number, count: number): number[] {
    const view = this.#view;
    if (count === 3) return [view.getUint32(start), view.getUint32(start + 4), view.getUint32(start + 8)];
    const ids: number[] = [];
    for (let index = 0; index < count; index++) ids.push(view.getUint32(start + index * 4));
    return ids;
  }

  #port(tag: number): Port {
    this.#position += 1;
    const node = this.readAtom();
    if (tag === 120 /* V4_PORT_EXT */) {
      const start = this.#advance(12);
      return new Port(node, this.#view.getBigUint64(start), this.#view.getUint32(start + 8));
    }
    const start = this.#advance(tag === 102 /* PORT_EXT */ ? 5 : 8);
    const creation = tag === 102 /* PORT_EXT */ ? this.#oldCreation(start + 4) : this.#view.getUint32(start + 4);
    return new Port(node, BigInt(this.#view.getUint32(start)), creation);
  }

  #export(): Export {
    this.#position += 1;
    const module = this.readAtom();
    const name = this.readAtom();
    const start = this.#advance(2);
    const tag = this.#bytes[start] ?? 0;
    if (tag !== 97 /* SMALL_INTEGER_EXT */) throw this.#error("bad_tag", start, "SMALL_INTEGER_EXT", tagName(tag));
    return new Export(module, name, this.#bytes[start + 1] ?? 0);
  }

  /** What stands before the free variables of a NEW_FUN_EXT. Its size is ignored, as OTP does. */
  #funHead(): Kind {
    const start = this.#advance(30);
    const arity = this.#view.getUint8(start + 5);
    const uniq = copyOf(this.#bytes, start + 6, 16);
    const index = this.#view.getUint32(start + 22);
    const count = this.#view.getUint32(start + 26);
    this.#claim(count, start);
    const module = this.readAtom();
    const oldIndex = this.#integer();
    const oldUniq = this.#integer();
    const pid = this.#pid();
    return { isMap: false, count, finish: (free) => new Fun({ arity, uniq, index, module, oldIndex, oldUniq, pid, free }) };
  }

  #integer(): number {
    const at = this.#position;
    const tag = this.#bytes[at] ?? 0;
    const isInteger = tag === 97 /* SMALL_INTEGER_EXT */ || tag === 98 /* INTEGER_EXT */ || tag === 110 /* SMALL_BIG_EXT */;
    const value = isInteger || at >= this.#end ? this.readTerm() : undefined;
    if (typeof value !== "number") throw this.#error("bad_value", at, "an integer", tagName(tag));
    return value;
  }

  #pid(): Pid {
    const at = this.#position;
    if (at >= this.#end) throw this.#truncated(at, 1);
    const tag = this.#bytes[at] ?? 0;
    if (tag === 88 /* NEW_PID_EXT */) return this.#newPid();
    if (tag === 103 /* PID_EXT */) return this.#oldPid();
    throw this.#error("bad_tag", at, "a pid", tagName(tag));
  }

  /** What stands before the values of a RECORD_EXT. */
  #recordHead(): Kind {
    const start = this.#advance(6);
    const count = this.#view.getUint32(start + 1);
    this.#claim(count * 2, start);
    const flags = this.#view.getUint8(start + 5);
    // The lowest bit says that the record is exported; the others have no meaning yet.
    if (flags > 1) throw this.#error("bad_value", start + 5, "RECORD_EXT with the flags 0 or 1", `${flags}`);
    const module = this.readAtom();
    const name = this.readAtom();
    const fields: Atom[] = [];
    for (let index = 0; index < count; index++) fields.push(this.readAtom());
    const names = new Set(fields.map((field) => field.name));
    if (names.size < count) throw this.#error("duplicate_key", start, "a record with different fields", "one twice");
    return { isMap: false, count, finish: (values) => new NativeRecord(module, name, flags === 1, fields, values) };
  }

  #deepFrom(at: number): Term {
    this.#position = at;
    return this.#deep();
  }

  /**
   * Reads one term with a stack of its own; leaves are read as everywhere. The stack is three lists and no objects, and a
   * container's items are written where they stay (`npm run bench:etf`, payload f: a third of the time).
   */
  #deep(): Term {
    const outerItems: Term[][] = [];
    const outerMissing: number[] = [];
    const outerKinds: Kind[] = [];
    // Of the container that is being read. First of all one around the term, which is never closed.
    let items: Term[] = [0];
    let missing = 1;
    let kind: Kind = TUPLE;
    for (;;) {
      const at = this.#position;
      if (at >= this.#end) throw this.#truncated(at, 1);
      if (kind.isMap && ((items.length - missing) & 1) === 0) this.#enterKey();
      let term: Term;
      let count: number;
      let opened: Kind;
      switch (this.#bytes[at]) {
        case 104 /* SMALL_TUPLE_EXT */:
          count = this.#view.getUint8(this.#advance(2) + 1);
          opened = TUPLE;
          break;
        case 105 /* LARGE_TUPLE_EXT */:
          count = this.#view.getUint32(this.#advance(5) + 1);
          opened = TUPLE;
          break;
        case 108 /* LIST_EXT */:
          count = this.#view.getUint32(this.#advance(5) + 1);
          if (kind === LIST && missing === 1) {
            // The tail of a list: see #list.
            this.#claim(count, at);
            items.length += count;
            missing += count;
            continue;
          }
          // The last item is the tail.
          count += 1;
          opened = LIST;
          break;
        case 116 /* MAP_EXT */:
          count = this.#view.getUint32(this.#advance(5) + 1) * 2;
          opened = { isMap: true, count, finish: (pairs) => this.#closeMap(pairs, at) };
          break;
        case 112 /* NEW_FUN_EXT */:
          opened = this.#funHead();
          count = opened.count;
          break;
        case 67 /* RECORD_EXT */:
          opened = this.#recordHead();
          count = opened.count;
          break;
        default:
          opened = LEAF;
          count = 0;
      }
      if (opened === LEAF) term = this.readTerm();
      else {
        if (outerItems.length + this.#depth >= this.#termDepth) throw this.#tooDeep(at);
        // The heads of funs and records have claimed theirs.
        if (opened === TUPLE || opened === LIST || opened.isMap) this.#claim(count, at);
        const made = new Array<Term>(count);
        if (count > 0) {
          outerItems.push(items);
          outerMissing.push(missing);
          outerKinds.push(kind);
          items = made;
          missing = count;
          kind = opened;
          continue;
        }
        term = opened.finish(made);
      }
      for (;;) {
        if (kind.isMap && ((items.length - missing) & 1) === 0) this.#keyDepth -= 1;
        items[items.length - missing] = term;
        missing -= 1;
        if (missing > 0) break;
        if (outerItems.length === 0) return term;
        term = kind === TUPLE ? new Tuple(items) : kind.finish(items);
        // There are as many of each.
        items = outerItems.pop() as Term[];
        missing = outerMissing.pop() as number;
        kind = outerKinds.pop() as Kind;
      }
    }
  }

  #closeMap(items: readonly Term[], at: number): IndexedMap {
    const keys = items.filter((_, index) => (index & 1) === 0);
    const values = items.filter((_, index) => (index & 1) === 1);
    const duplicate = duplicateKey(keys);
    if (duplicate >= 0) throw this.#duplicate(duplicate, at);
    return new IndexedMap(keys, values);
  }

  #tooDeep(at: number): DecodeError {
    return this.#error("too_deep", at, `at most ${this.#termDepth} levels`, "more");
  }

  /** Notes that a container announces so many elements. */
  #claim(elements: number, at: number): void {
    this.#budget -= elements;
    if (this.#budget < 0) throw this.#truncated(at, elements);
  }

  #advance(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) throw this.#truncated(start, length);
    this.#position = start + length;
    return start;
  }

  #truncated(at: number, length: number): DecodeError {
    return this.#error("truncated", at, `${length} more bytes`, `${Math.max(0, this.#end - at)}`);
  }

  #error(code: DecodeErrorCode, at: number, expected: string, got: string): DecodeError {
    return new DecodeError(code, { offset: at - this.#base, expected, got });
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_HASHES = new Int32Array(0);

/** What becomes of the items of a container, once all are read. */
interface Kind {
  readonly isMap: boolean;
  readonly count: number;
  readonly finish: (items: Term[]) => Term;
}

const TUPLE: Kind = { isMap: false, count: 0, finish: (items) => new Tuple(items) };
const LIST: Kind = { isMap: false, count: 0, finish: (items) => withTail(items, items.pop() as Term) };
/** No container. */
const LEAF: Kind = { isMap: false, count: 0, finish: (items) => items };

/** `[a, b | tail]`: STRING_EXT as a tail continues the list, and no element at all leaves the tail alone. */
function withTail(elements: Term[], tail: Term): Term {
  if (elements.length === 0) return tail;
  if (!Array.isArray(tail)) return new ImproperList(elements, tail);
  for (const element of tail) elements.push(element);
  return elements;
}

/** Memory of its own, exactly as long as needed. */
function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return bytes.slice(start, start + length);
}
