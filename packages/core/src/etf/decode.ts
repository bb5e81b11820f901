// erl_ext_dist, "External Term Format", from bytes to terms.
//
// What decides the speed: one switch in which leaves are read on the spot and containers go to small methods; DataView for
// anything longer than a byte; atoms found by the words of their external form (atom.ts); binaries as views. Recursion is
// used for the first levels only, since an explicit stack costs 1.2 to 1.7 times as much; below that, terms of any depth
// are read with one.
import { unzlibSync } from "fflate";
import { DecodeError, type DecodeErrorCode } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { type Atom, atoms, cacheSlot, isAtomName } from "./atom.ts";
import { readMagnitude } from "./big.ts";
import { checkKeys, IndexedMap } from "./map.ts";
import { TAG, tagName, VERSION } from "./tags.ts";
import {
  BitString,
  Export,
  Float,
  Fun,
  type FunFields,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "./terms.ts";
import { utf8Text } from "./utf8.ts";

export interface DecodeOptions {
  /**
   * `"view"` (the default): binaries are views into the bytes given, so they keep those alive and change with them.
   * `"copy"`: they have memory of their own.
   */
  readonly binaries?: "view" | "copy";
  /** What ATOM_CACHE_REF refers to: the atoms of the distribution header, in its order. Without it the tag is an error. */
  readonly atoms?: readonly Atom[];
  readonly limits?: Partial<Pick<Limits, "termDepth" | "mapKeyDepth" | "uncompressedBytes" | "bigIntegerBytes">>;
}

/**
 * The term in an external term (`term_to_binary`): 131, then the term, perhaps compressed. Bytes behind it are ignored,
 * as binary_to_term/1 does; decodeTerm tells where it ends. Throws DecodeError.
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Term {
  if (bytes[0] !== VERSION) {
    throw bytes.length === 0
      ? new DecodeError("truncated", { offset: 0, expected: "VERSION (131)", got: "no bytes" })
      : new DecodeError("bad_version", { offset: 0, expected: "VERSION (131)", got: bytes[0] ?? 0 });
  }
  if (bytes[1] === TAG.COMPRESSED) return new TermReader(uncompress(bytes, options), 0, options).readTerm();
  return new TermReader(bytes, 1, options).readTerm();
}

/** One term without the leading 131, from inside a packet; `end` is the offset behind it. Throws DecodeError. */
export function decodeTerm(
  bytes: Uint8Array,
  offset: number,
  options: DecodeOptions = {},
): { readonly term: Term; readonly end: number } {
  const reader = new TermReader(bytes, offset, options);
  const term = reader.readTerm();
  return { term, end: reader.offset };
}

/** Levels read by recursion; 400 take about 100 kB of a stack of 1 MB. */
const RECURSIVE_LEVELS = 400;
const MAX_REFERENCE_WORDS = 5;
/** The old layouts have a creation of 2 bits. */
const MAX_OLD_CREATION = 3;

/** Reads terms one after the other. After an error it is of no more use. */
export class TermReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;
  readonly #end: number;
  readonly #copies: boolean;
  readonly #atoms: readonly Atom[] | undefined;
  readonly #termDepth: number;
  readonly #mapKeyDepth: number;
  readonly #bigIntegerBytes: number;
  #depth = 0;
  #keyDepth = 0;
  /** Elements that containers may still announce: each takes a byte at least, so no claim can be larger than the input. */
  #budget: number;

  constructor(bytes: Uint8Array, offset: number, options: DecodeOptions = {}) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = offset;
    this.#end = bytes.length;
    this.#budget = bytes.length - offset;
    this.#copies = options.binaries === "copy";
    this.#atoms = options.atoms;
    const limits = options.limits;
    this.#termDepth = limits?.termDepth ?? DEFAULT_LIMITS.termDepth;
    this.#mapKeyDepth = limits?.mapKeyDepth ?? DEFAULT_LIMITS.mapKeyDepth;
    this.#bigIntegerBytes = limits?.bigIntegerBytes ?? DEFAULT_LIMITS.bigIntegerBytes;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#position;
  }

  readTerm(): Term {
    const at = this.#position;
    const tag = this.#bytes[at];
    switch (tag) {
      case TAG.SMALL_ATOM_UTF8_EXT:
      case TAG.ATOM_UTF8_EXT:
      case TAG.ATOM_EXT:
      case TAG.SMALL_ATOM_EXT:
      case TAG.ATOM_CACHE_REF:
        return this.readAtom().term;
      case TAG.SMALL_INTEGER_EXT:
        return this.#bytes[this.#advance(2) + 1] ?? 0;
      case TAG.INTEGER_EXT:
        return this.#view.getInt32(this.#advance(5) + 1);
      case TAG.SMALL_TUPLE_EXT:
        return this.#tuple(this.#bytes[this.#advance(2) + 1] ?? 0, at);
      case TAG.LARGE_TUPLE_EXT:
        return this.#tuple(this.#view.getUint32(this.#advance(5) + 1), at);
      case TAG.NIL_EXT:
        this.#position = at + 1;
        return [];
      case TAG.STRING_EXT:
        return this.#string();
      case TAG.LIST_EXT:
        return this.#list(at);
      case TAG.BINARY_EXT:
        return this.#take(this.#view.getUint32(this.#advance(5) + 1));
      case TAG.MAP_EXT:
        return this.#map(at);
      case TAG.SMALL_BIG_EXT:
        return this.#big(this.#view.getUint8(this.#advance(3) + 1), this.#view.getUint8(at + 2));
      case TAG.LARGE_BIG_EXT:
        return this.#big(this.#view.getUint32(this.#advance(6) + 1), this.#view.getUint8(at + 5));
      case TAG.NEW_FLOAT_EXT:
        return this.#float(this.#view.getFloat64(this.#advance(9) + 1), at);
      case TAG.FLOAT_EXT:
        return this.#floatText();
      case TAG.NEW_PID_EXT:
      case TAG.PID_EXT:
        return this.#pid();
      case TAG.NEWER_REFERENCE_EXT:
      case TAG.NEW_REFERENCE_EXT:
      case TAG.REFERENCE_EXT:
        return this.#reference(tag);
      case TAG.V4_PORT_EXT:
      case TAG.NEW_PORT_EXT:
      case TAG.PORT_EXT:
        return this.#port(tag);
      case TAG.BIT_BINARY_EXT:
        return this.#bitString();
      case TAG.EXPORT_EXT:
        return this.#export();
      case TAG.NEW_FUN_EXT:
      case TAG.RECORD_EXT:
        return this.#deep();
      case undefined:
        throw this.#error("truncated", at, "a term", "the end");
      default:
        // FUN_EXT, LOCAL_EXT, COMPRESSED inside a term, a second VERSION, and what does not exist.
        throw new DecodeError("bad_tag", { offset: at, expected: "a term", got: `${tagName(tag)} (${tag})` });
    }
  }

  /** An atom in any of its five forms; for the fields of other terms, where `true` is an atom too. */
  readAtom(): Atom {
    const at = this.#position;
    const bytes = this.#bytes;
    const tag = bytes[at];
    switch (tag) {
      case TAG.SMALL_ATOM_UTF8_EXT: {
        const size = (bytes[at + 1] ?? 0) + 2;
        if (size > this.#end - at) throw this.#truncated(at, size);
        if (size >= 4 && size <= 64) {
          const view = this.#view;
          const first = view.getInt32(at);
          const last = view.getInt32(at + size - 4);
          const second = size >= 8 ? view.getInt32(at + 4) : 0;
          const found = atoms.slots[cacheSlot(first, second, last, size)];
          // The first word holds tag and size.
          if (found !== undefined && found.first === first && found.last === last && this.#hasWords(found, at)) {
            this.#position = at + size;
            return found;
          }
        }
        return this.#atomText(at + 2, size - 2);
      }
      case TAG.ATOM_UTF8_EXT:
        this.#advance(3);
        return this.#atomText(at + 3, this.#view.getUint16(at + 1));
      case TAG.ATOM_EXT:
        this.#advance(3);
        return this.#latin1Atom(this.#view.getUint16(at + 1));
      case TAG.SMALL_ATOM_EXT:
        this.#advance(2);
        return this.#latin1Atom(this.#view.getUint8(at + 1));
      case TAG.ATOM_CACHE_REF: {
        this.#advance(2);
        const found = this.#atoms?.[this.#view.getUint8(at + 1)];
        if (found === undefined)
          throw this.#error("bad_value", at, "an atom of the distribution header", `reference ${this.#view.getUint8(at + 1)}`);
        return found;
      }
      case undefined:
        throw this.#error("truncated", at, "an atom", "the end");
      default:
        throw new DecodeError("bad_tag", { offset: at, expected: "an atom", got: tagName(tag) });
    }
  }

  /** Compares the words between the first and the last. */
  #hasWords(atom: Atom, at: number): boolean {
    const words = atom.words;
    if (words === undefined) return false;
    for (let index = 1, count = atom.size >>> 2; index < count; index++) {
      if (words[index] !== this.#view.getInt32(at + index * 4)) return false;
    }
    return true;
  }

  #atomText(start: number, length: number): Atom {
    if (length > this.#end - start) throw this.#truncated(start, length);
    const name = utf8Text(this.#bytes.subarray(start, start + length));
    if (name === undefined) throw this.#error("bad_utf8", start, "an atom in UTF-8", "other bytes");
    if (!isAtomName(name))
      throw this.#error("too_large", start, "an atom of at most 255 characters", `${Array.from(name).length}`);
    this.#position = start + length;
    return atoms.intern(name);
  }

  #latin1Atom(length: number): Atom {
    const start = this.#position;
    if (length > this.#end - start) throw this.#truncated(start, length);
    if (length > 255) throw this.#error("too_large", start, "an atom of at most 255 characters", `${length}`);
    this.#position = start + length;
    return atoms.intern(String.fromCharCode(...this.#bytes.subarray(start, start + length)));
  }

  #tuple(arity: number, at: number): Tuple {
    if (this.#depth >= RECURSIVE_LEVELS) return this.#deepFrom(at) as Tuple;
    this.#claim(arity, at);
    this.#depth += 1;
    const elements: Term[] = [];
    for (let index = 0; index < arity; index++) elements.push(this.readTerm());
    this.#depth -= 1;
    return new Tuple(elements);
  }

  #list(at: number): Term {
    if (this.#depth >= RECURSIVE_LEVELS) return this.#deepFrom(at);
    const length = this.#view.getUint32(this.#advance(5) + 1);
    this.#claim(length, at);
    this.#depth += 1;
    const elements: Term[] = [];
    for (let index = 0; index < length; index++) elements.push(this.readTerm());
    const tail = this.#bytes[this.#position] === TAG.NIL_EXT ? this.#nil() : this.readTerm();
    this.#depth -= 1;
    return tail === undefined ? elements : withTail(elements, tail);
  }

  #nil(): undefined {
    this.#position += 1;
  }

  #map(at: number): Term {
    if (this.#depth >= RECURSIVE_LEVELS) return this.#deepFrom(at);
    const size = this.#view.getUint32(this.#advance(5) + 1);
    this.#claim(size * 2, at);
    this.#depth += 1;
    const keys: Term[] = [];
    const values: Term[] = [];
    for (let index = 0; index < size; index++) {
      this.#enterKey();
      keys.push(this.readTerm());
      this.#keyDepth -= 1;
      values.push(this.readTerm());
    }
    this.#depth -= 1;
    return this.#makeMap(keys, values, at);
  }

  #enterKey(): void {
    if (this.#keyDepth++ >= this.#mapKeyDepth) {
      throw this.#error("too_deep", this.#position, `at most ${this.#mapKeyDepth} maps in keys of maps`, "more");
    }
  }

  #makeMap(keys: Term[], values: Term[], at: number): IndexedMap {
    const { duplicate, index } = checkKeys(keys);
    if (duplicate >= 0) throw this.#error("duplicate_key", at, "a map with different keys", `key ${duplicate + 1} again`);
    return new IndexedMap(keys, values, index);
  }

  #string(): Term {
    const length = this.#view.getUint16(this.#advance(3) + 1);
    const start = this.#advance(length);
    const items: Term[] = [];
    for (let index = start; index < start + length; index++) items.push(this.#bytes[index] ?? 0);
    return items;
  }

  #take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#copies ? this.#bytes.slice(start, start + length) : plainView(this.#bytes, start, length);
  }

  #bitString(): Term {
    const start = this.#advance(6);
    const length = this.#view.getUint32(start + 1);
    const bits = this.#view.getUint8(start + 5);
    if (bits < 1 || bits > 8 || length === 0) {
      throw this.#error("bad_value", start, "BIT_BINARY_EXT with 1 to 8 bits in its last byte", `${bits} bits, ${length} bytes`);
    }
    const bytes = this.#take(length);
    return bits === 8 ? bytes : new BitString(bytes, bits);
  }

  #big(length: number, sign: number): number | bigint {
    const at = this.#position;
    if (length > this.#bigIntegerBytes)
      throw this.#error("too_large", at, `an integer of at most ${this.#bigIntegerBytes} bytes`, `${length}`);
    const start = this.#advance(length);
    const magnitude = readMagnitude(this.#view, start, length);
    if (magnitude > BigInt(Number.MAX_SAFE_INTEGER)) return sign === 0 ? magnitude : -magnitude;
    const small = Number(magnitude);
    return sign === 0 || small === 0 ? small : -small;
  }

  #float(value: number, at: number): number | Float {
    if (Number.isInteger(value)) return new Float(value);
    if (!Number.isFinite(value)) throw this.#error("bad_value", at, "a finite float", String(value));
    return value;
  }

  /** FLOAT_EXT: what C's printf makes of a double with "%.20e", padded with zero bytes. */
  #floatText(): number | Float {
    const start = this.#advance(32);
    const text = String.fromCharCode(...this.#bytes.subarray(start + 1, start + 32)).replace(/\0.*$/s, "");
    if (!/^[+-]?\d+[.,]\d+(e[+-]?\d+)?$/i.test(text))
      throw this.#error("bad_value", start, "FLOAT_EXT with a number in it", JSON.stringify(text));
    return this.#float(Number(text.replace(",", ".")), start);
  }

  #pid(): Pid {
    const at = this.#position;
    const isOld = this.#bytes[at] === TAG.PID_EXT;
    if (!isOld && this.#bytes[at] !== TAG.NEW_PID_EXT) {
      throw this.#error("bad_tag", at, "a pid", at < this.#end ? tagName(this.#bytes[at] ?? 0) : "the end");
    }
    this.#position += 1;
    const node = this.readAtom();
    const start = this.#advance(isOld ? 9 : 12);
    const creation = isOld ? this.#oldCreation(start + 8) : this.#view.getUint32(start + 8);
    return new Pid(node, this.#view.getUint32(start), this.#view.getUint32(start + 4), creation);
  }

  #oldCreation(at: number): number {
    const creation = this.#view.getUint8(at);
    if (creation > MAX_OLD_CREATION) throw this.#error("bad_value", at, "a creation of 0 to 3", `${creation}`);
    return creation;
  }

  #reference(tag: number): Reference {
    const at = this.#advance(1);
    if (tag === TAG.REFERENCE_EXT) {
      const node = this.readAtom();
      const start = this.#advance(5);
      return new Reference(node, this.#oldCreation(start + 4), [this.#view.getUint32(start)]);
    }
    const count = this.#view.getUint16(this.#advance(2));
    if (count < 1 || count > MAX_REFERENCE_WORDS) throw this.#error("bad_value", at, "a reference of 1 to 5 words", `${count}`);
    const node = this.readAtom();
    const creationBytes = tag === TAG.NEW_REFERENCE_EXT ? 1 : 4;
    const start = this.#advance(creationBytes + count * 4);
    const creation = creationBytes === 1 ? this.#oldCreation(start) : this.#view.getUint32(start);
    const ids: number[] = [];
    for (let index = 0; index < count; index++) ids.push(this.#view.getUint32(start + creationBytes + index * 4));
    return new Reference(node, creation, ids);
  }

  #port(tag: number): Port {
    this.#position += 1;
    const node = this.readAtom();
    if (tag === TAG.V4_PORT_EXT) {
      const start = this.#advance(12);
      return new Port(node, this.#view.getBigUint64(start), this.#view.getUint32(start + 8));
    }
    const start = this.#advance(tag === TAG.PORT_EXT ? 5 : 8);
    const creation = tag === TAG.PORT_EXT ? this.#oldCreation(start + 4) : this.#view.getUint32(start + 4);
    return new Port(node, BigInt(this.#view.getUint32(start)), creation);
  }

  #export(): Export {
    this.#position += 1;
    const module = this.readAtom();
    const name = this.readAtom();
    const start = this.#advance(2);
    if (this.#bytes[start] !== TAG.SMALL_INTEGER_EXT)
      throw this.#error("bad_tag", start, "SMALL_INTEGER_EXT", tagName(this.#bytes[start] ?? 0));
    return new Export(module, name, this.#bytes[start + 1] ?? 0);
  }

  /** What stands before the free variables of a NEW_FUN_EXT. Its size is ignored, as OTP does. */
  #funHead(): FunHead {
    const start = this.#advance(30);
    const arity = this.#view.getUint8(start + 5);
    const uniq = this.#bytes.slice(start + 6, start + 22);
    const index = this.#view.getUint32(start + 22);
    const count = this.#view.getUint32(start + 26);
    this.#claim(count, start);
    const module = this.readAtom();
    const oldIndex = this.#integer();
    const oldUniq = this.#integer();
    return { count, fields: { arity, uniq, index, module, oldIndex, oldUniq, pid: this.#pid() } };
  }

  #integer(): number {
    const at = this.#position;
    const tag = this.#bytes[at] ?? 0;
    const isInteger = tag === TAG.SMALL_INTEGER_EXT || tag === TAG.INTEGER_EXT || tag === TAG.SMALL_BIG_EXT;
    const value = isInteger || at >= this.#end ? this.readTerm() : undefined;
    if (typeof value !== "number") throw this.#error("bad_value", at, "an integer", tagName(tag));
    return value;
  }

  /** What stands before the values of a RECORD_EXT. */
  #recordHead(): RecordHead {
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
    if (new Set(fields.map((field) => field.name)).size < count)
      throw this.#error("duplicate_key", start, "a record with different fields", "one twice");
    return { count, module, name, exported: flags === 1, fields };
  }

  #deepFrom(at: number): Term {
    this.#position = at;
    return this.#deep();
  }

  /** Reads one term with a stack of its own; leaves are read as everywhere. */
  #deep(): Term {
    const frames: Frame[] = [];
    for (;;) {
      const opened = this.#open(frames.at(-1));
      if (opened !== undefined) {
        if (frames.push(opened) + this.#depth > this.#termDepth) {
          throw this.#error("too_deep", opened.at, `at most ${this.#termDepth} levels`, "more");
        }
        if (opened.missing > 0) continue;
      }
      let term = opened === undefined ? this.readTerm() : this.#close(frames);
      for (let frame = frames.at(-1); ; frame = frames.at(-1)) {
        if (frame === undefined) return term;
        frame.items.push(term);
        if (--frame.missing > 0) break;
        term = this.#close(frames);
      }
    }
  }

  /** Reads the head of a container; undefined when no container is next. */
  #open(parent: Frame | undefined): Frame | undefined {
    const at = this.#position;
    const isKey = parent?.tag === TAG.MAP_EXT && (parent.items.length & 1) === 0;
    const frame = this.#head(at);
    if (frame !== undefined && isKey) {
      this.#enterKey();
      frame.isKey = true;
    }
    return frame;
  }

  #head(at: number): Frame | undefined {
    const tag = this.#bytes[at];
    switch (tag) {
      case TAG.SMALL_TUPLE_EXT:
        return this.#frame(TAG.SMALL_TUPLE_EXT, at, this.#view.getUint8(this.#advance(2) + 1));
      case TAG.LARGE_TUPLE_EXT:
        return this.#frame(TAG.SMALL_TUPLE_EXT, at, this.#view.getUint32(this.#advance(5) + 1));
      case TAG.LIST_EXT:
        return this.#frame(tag, at, this.#view.getUint32(this.#advance(5) + 1) + 1);
      case TAG.MAP_EXT:
        return this.#frame(tag, at, this.#view.getUint32(this.#advance(5) + 1) * 2);
      case TAG.NEW_FUN_EXT: {
        const head = this.#funHead();
        return { tag, at, missing: head.count, items: [], isKey: false, fun: head };
      }
      case TAG.RECORD_EXT: {
        const head = this.#recordHead();
        return { tag, at, missing: head.count, items: [], isKey: false, record: head };
      }
      default:
        return undefined;
    }
  }

  #frame(tag: number, at: number, missing: number): Frame {
    this.#claim(missing, at);
    return { tag, at, missing, items: [], isKey: false };
  }

  #close(frames: Frame[]): Term {
    // It is called with the frame that has just become full.
    const frame = frames.pop() as Frame;
    if (frame.isKey) this.#keyDepth -= 1;
    const { tag, items } = frame;
    if (tag === TAG.SMALL_TUPLE_EXT) return new Tuple(items);
    if (tag === TAG.LIST_EXT) {
      // A list's tail is among its items.
      const tail = items.pop() as Term;
      return withTail(items, tail);
    }
    if (tag === TAG.MAP_EXT) {
      const keys = items.filter((_, index) => (index & 1) === 0);
      const values = items.filter((_, index) => (index & 1) === 1);
      return this.#makeMap(keys, values, frame.at);
    }
    if (frame.fun !== undefined) return new Fun({ ...frame.fun.fields, free: items });
    const { module, name, exported, fields } = frame.record as RecordHead;
    return new NativeRecord(module, name, exported, fields, items);
  }

  /** Notes that a container announces so many elements. */
  #claim(elements: number, at: number): void {
    this.#budget -= elements;
    if (this.#budget < 0 || elements > this.#end - this.#position) throw this.#truncated(at, elements);
    if (this.#depth >= this.#termDepth) throw this.#error("too_deep", at, `at most ${this.#termDepth} levels`, "more");
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

  #error(code: DecodeErrorCode, offset: number, expected: string, got: string): DecodeError {
    return new DecodeError(code, { offset, expected, got });
  }
}

/** A container of which not all elements are read. */
interface Frame {
  readonly tag: number;
  readonly at: number;
  missing: number;
  readonly items: Term[];
  isKey: boolean;
  readonly fun?: FunHead;
  readonly record?: RecordHead;
}

interface FunHead {
  readonly count: number;
  readonly fields: Omit<FunFields, "free">;
}

interface RecordHead {
  readonly count: number;
  readonly module: Atom;
  readonly name: Atom;
  readonly exported: boolean;
  readonly fields: readonly Atom[];
}

/** `[a, b | tail]`: a tail that is a list continues it, and no element at all leaves the tail alone. */
function withTail(elements: Term[], tail: Term): Term {
  if (elements.length === 0) return tail;
  if (tail instanceof ImproperList) return new ImproperList([...elements, ...tail.elements], tail.tail);
  if (!Array.isArray(tail)) return new ImproperList(elements, tail);
  for (const element of tail) elements.push(element);
  return elements;
}

/** A Uint8Array also where the bytes are a Buffer of Node.js, whose subarray would be another Buffer. */
function plainView(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}

/** COMPRESSED: the size that it unpacks to, and a zlib stream. The size is a claim; only as much as it says is made. */
function uncompress(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const limit = options.limits?.uncompressedBytes ?? DEFAULT_LIMITS.uncompressedBytes;
  if (bytes.length < 6)
    throw new DecodeError("truncated", { offset: 1, expected: "COMPRESSED with a size", got: `${bytes.length} bytes` });
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2);
  if (size > limit) throw new DecodeError("too_large", { offset: 2, expected: `at most ${limit} bytes`, got: `${size}` });
  try {
    const output = unzlibSync(bytes.subarray(6), { out: new Uint8Array(size) });
    if (output.length === size) return output;
  } catch (cause) {
    throw new DecodeError("bad_compression", { offset: 6, expected: "a zlib stream", got: "another", cause });
  }
  throw new DecodeError("bad_compression", { offset: 6, expected: `${size} bytes in the zlib stream`, got: "fewer" });
}
