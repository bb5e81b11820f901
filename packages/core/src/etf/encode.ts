// erl_ext_dist, "External Term Format", from terms to bytes: what term_to_binary/1 of OTP 26 and later writes, byte for
// byte. Mirrors decode.ts, in its order and in its use of the stack.
import { zlibSync } from "fflate";
import { Writer } from "../bytes/writer.ts";
import { EncodeError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { Atom, externalForm } from "./atom.ts";
import { magnitudeBytes, writeMagnitude } from "./big.ts";
import { IndexedMap } from "./map.ts";
import { TAG, VERSION } from "./tags.ts";
import {
  BitString,
  ErlMap,
  Export,
  Float,
  Fun,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "./terms.ts";
import { utf8Bytes } from "./utf8.ts";

export interface EncodeTermOptions {
  /**
   * Called for each atom, those in pids and funs and the two booleans included; writes it and returns true, or returns
   * false to have it written out. A connection with an atom cache writes ATOM_CACHE_REF here.
   */
  readonly appendAtom?: ((writer: Writer, name: string) => boolean) | undefined;
}

export interface EncodeOptions {
  /** Level of zlib compression, 0 to 9 (true: 6). As in OTP, a term that it does not make smaller is not compressed. */
  readonly compressed?: boolean | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

/**
 * The external form of a term, with the leading 131. Throws EncodeError for what is no term; its `path` leads there.
 * The result may share its `buffer` with others: transfer a copy, not that buffer, to another thread.
 */
export function encode(term: Term, options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const level = options.compressed === true ? 6 : options.compressed || 0;
  const writer = new Writer(256);
  writer.u8(VERSION);
  appendTerm(writer, term);
  const plain = writer.finish();
  return level === 0 ? plain : compress(plain, level);
}

/** One term without the leading 131. When it throws, the writer is as it was. */
export function appendTerm(writer: Writer, term: Term, options: EncodeTermOptions = {}): void {
  const before = writer.length;
  try {
    write(writer, term, { depth: 0, appendAtom: options.appendAtom });
  } catch (error) {
    writer.truncate(before);
    throw error;
  }
}

interface State {
  depth: number;
  readonly appendAtom: EncodeTermOptions["appendAtom"];
}

const RECURSIVE_LEVELS = 400;
const MAX_ARITY = 0xff_ffff;

function write(writer: Writer, term: Term, state: State): void {
  if (typeof term === "number") return writeNumber(writer, term);
  if (term instanceof Atom) return writeAtom(writer, term, state);
  if (term instanceof Tuple || Array.isArray(term)) return writeContainer(writer, term, state);
  if (term instanceof Uint8Array) return writeBinary(writer, term);
  if (typeof term === "string") return writeText(writer, term);
  if (typeof term === "boolean") return writeAtom(writer, term ? TRUE : FALSE, state);
  if (typeof term === "bigint") return writeInteger(writer, term);
  if (term instanceof Pid) return writePid(writer, term, state);
  if (term instanceof Reference) return writeReference(writer, term, state);
  if (term instanceof Float) return writeFloat(writer, term.value);
  if (term instanceof Port) return writePort(writer, term, state);
  if (term instanceof BitString) return writeBitString(writer, term);
  if (term instanceof Export) return writeExport(writer, term, state);
  return writeContainer(writer, term, state);
}

const TRUE = new Atom("true");
const FALSE = new Atom("false");

function writeAtom(writer: Writer, atom: Atom, state: State): void {
  if (state.appendAtom?.(writer, atom.name) === true) return;
  const { words, size } = atom;
  if (words === undefined) return writer.append(externalForm(atom.name));
  // Whole words are written; what the last one has too much is written over by the next term.
  writer.ensure(size + 3);
  let at = writer.position;
  for (let index = 0; index < words.length; index++, at += 4) writer.view.setInt32(at, words[index] ?? 0);
  writer.position += size;
}

function writeNumber(writer: Writer, value: number): void {
  if (value === (value | 0)) {
    writer.ensure(5);
    const at = writer.position;
    if (value >= 0 && value <= 255) {
      writer.bytes[at] = TAG.SMALL_INTEGER_EXT;
      writer.bytes[at + 1] = value;
      writer.position = at + 2;
    } else {
      writer.bytes[at] = TAG.INTEGER_EXT;
      writer.view.setInt32(at + 1, value);
      writer.position = at + 5;
    }
  } else if (Number.isSafeInteger(value)) writeSafeInteger(writer, value);
  else if (Number.isInteger(value)) {
    throw new EncodeError(
      "out_of_range",
      `${value} may be an integer that lost digits: give a bigint, or new Float(${value}) for the float`,
    );
  } else writeFloat(writer, value);
}

/** An integer outside of 32 bits: 4 to 7 bytes. */
function writeSafeInteger(writer: Writer, value: number): void {
  const magnitude = Math.abs(value);
  const high = Math.floor(magnitude / 4_294_967_296);
  const length = 8 - (Math.clz32(high) >>> 3);
  writer.ensure(11);
  const at = writer.position;
  writer.bytes[at] = TAG.SMALL_BIG_EXT;
  writer.bytes[at + 1] = length;
  writer.bytes[at + 2] = value < 0 ? 1 : 0;
  writer.view.setUint32(at + 3, magnitude, true);
  writer.view.setUint32(at + 7, high, true);
  writer.position = at + 3 + length;
}

function writeInteger(writer: Writer, value: bigint): void {
  if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) return writeNumber(writer, Number(value));
  const magnitude = value < 0n ? -value : value;
  const length = magnitudeBytes(magnitude);
  if (length > DEFAULT_LIMITS.bigIntegerBytes) {
    throw new EncodeError(
      "out_of_range",
      `an integer of ${length} bytes is more than OTP takes (${DEFAULT_LIMITS.bigIntegerBytes})`,
    );
  }
  writer.ensure(6 + length);
  if (length < 256) {
    writer.u8(TAG.SMALL_BIG_EXT);
    writer.u8(length);
  } else {
    writer.u8(TAG.LARGE_BIG_EXT);
    writer.u32(length);
  }
  writer.u8(value < 0n ? 1 : 0);
  writeMagnitude(writer.view, writer.position, length, magnitude);
  writer.position += length;
}

function writeFloat(writer: Writer, value: number): void {
  if (!Number.isFinite(value)) throw new EncodeError("out_of_range", `Erlang has no float for ${value}`);
  writer.u8(TAG.NEW_FLOAT_EXT);
  writer.f64(value);
}

function writeBinary(writer: Writer, bytes: Uint8Array): void {
  writer.u8(TAG.BINARY_EXT);
  writer.u32(bytes.length);
  writer.append(bytes);
}

function writeText(writer: Writer, text: string): void {
  try {
    writeBinary(writer, utf8Bytes(text));
  } catch (cause) {
    throw cause instanceof RangeError && !text.isWellFormed() ? new EncodeError("not_a_term", cause.message) : cause;
  }
}

function writeBitString(writer: Writer, { bytes, bits }: BitString): void {
  writer.u8(TAG.BIT_BINARY_EXT);
  writer.u32(bytes.length);
  writer.u8(bits);
  writer.append(bytes);
}

function writePid(writer: Writer, pid: Pid, state: State): void {
  writer.u8(TAG.NEW_PID_EXT);
  writeAtom(writer, pid.node, state);
  writer.u32(pid.id);
  writer.u32(pid.serial);
  writer.u32(pid.creation);
}

function writeReference(writer: Writer, reference: Reference, state: State): void {
  const count = reference.ids.length;
  if (count < 1 || count > 5) throw new EncodeError("out_of_range", `a reference has 1 to 5 words, not ${count}`);
  writer.u8(TAG.NEWER_REFERENCE_EXT);
  writer.u16(count);
  writeAtom(writer, reference.node, state);
  writer.u32(reference.creation);
  for (const word of reference.ids) writer.u32(word);
}

function writePort(writer: Writer, port: Port, state: State): void {
  writer.u8(TAG.V4_PORT_EXT);
  writeAtom(writer, port.node, state);
  writer.u64(port.id);
  writer.u32(port.creation);
}

function writeExport(writer: Writer, { module, function: name, arity }: Export, state: State): void {
  if (!(Number.isInteger(arity) && arity >= 0 && arity <= 255))
    throw new EncodeError("out_of_range", `an arity is 0 to 255, not ${arity}`);
  writer.u8(TAG.EXPORT_EXT);
  writeAtom(writer, module, state);
  writeAtom(writer, name, state);
  writer.u8(TAG.SMALL_INTEGER_EXT);
  writer.u8(arity);
}

/** Writes the head of a container, and then what is in it: recursively, or from a certain depth on with an own stack. */
function writeContainer(writer: Writer, term: Term, state: State): void {
  const opened = open(writer, term, state);
  if (opened === undefined) return;
  if (state.depth < RECURSIVE_LEVELS) {
    state.depth += 1;
    for (const item of opened.items) write(writer, item, state);
    state.depth -= 1;
    close(writer, opened);
    return;
  }
  const frames = [opened];
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (frame.next === frame.items.length) {
      close(writer, frame);
      frames.pop();
      continue;
    }
    const item = frame.items[frame.next++] as Term;
    const inner = isContainer(item) ? open(writer, item, state) : write(writer, item, state);
    if (inner !== undefined) frames.push(inner);
  }
}

/** A container whose head is written. */
interface Frame {
  readonly items: readonly Term[];
  next: number;
  /** Written behind the items: the end of a proper list. */
  readonly isList: boolean;
  /** Where the size of a fun waits for its value. */
  readonly sizePlace?: number;
}

function isContainer(term: Term): boolean {
  return (
    term instanceof Tuple ||
    Array.isArray(term) ||
    term instanceof ErlMap ||
    term instanceof ImproperList ||
    term instanceof Fun ||
    term instanceof NativeRecord
  );
}

function open(writer: Writer, term: Term, state: State): Frame | undefined {
  if (term instanceof Tuple) {
    openTuple(writer, term);
    return { items: term.elements, next: 0, isList: false };
  }
  if (Array.isArray(term)) return openList(writer, term);
  if (term instanceof ErlMap) {
    writer.u8(TAG.MAP_EXT);
    writer.u32(term.size);
    return { items: pairsOf(term), next: 0, isList: false };
  }
  if (term instanceof ImproperList) {
    if (term.elements.length === 0) throw new EncodeError("not_a_term", "an ImproperList has at least one element");
    writer.u8(TAG.LIST_EXT);
    writer.u32(term.elements.length);
    return { items: [...term.elements, term.tail], next: 0, isList: false };
  }
  if (term instanceof Fun) return openFun(writer, term, state);
  if (term instanceof NativeRecord) {
    writer.u8(TAG.RECORD_EXT);
    writer.u32(term.fields.length);
    writer.u8(term.exported ? 1 : 0);
    for (const name of [term.module, term.name, ...term.fields]) writeAtom(writer, name, state);
    return { items: term.values, next: 0, isList: false };
  }
  throw new EncodeError("not_a_term", refusal(term));
}

function close(writer: Writer, frame: Frame): void {
  if (frame.isList) writer.u8(TAG.NIL_EXT);
  if (frame.sizePlace !== undefined) writer.patchU32(frame.sizePlace, writer.length - frame.sizePlace);
}

function openTuple(writer: Writer, { length }: Tuple): void {
  if (length < 256) {
    writer.u8(TAG.SMALL_TUPLE_EXT);
    writer.u8(length);
    return;
  }
  if (length > MAX_ARITY)
    throw new EncodeError("too_large", `a tuple of ${length} elements is more than OTP takes (${MAX_ARITY})`);
  writer.u8(TAG.LARGE_TUPLE_EXT);
  writer.u32(length);
}

function openList(writer: Writer, list: readonly Term[]): Frame | undefined {
  if (list.length === 0) {
    writer.u8(TAG.NIL_EXT);
    return undefined;
  }
  if (isByteList(list)) {
    writer.u8(TAG.STRING_EXT);
    writer.u16(list.length);
    writer.ensure(list.length);
    for (const byte of list) writer.bytes[writer.position++] = byte;
    return undefined;
  }
  writer.u8(TAG.LIST_EXT);
  writer.u32(list.length);
  return { items: list, next: 0, isList: true };
}

/** STRING_EXT is for 1 to 65,535 integers of one byte each. */
function isByteList(list: readonly Term[]): list is readonly number[] {
  if (list.length > 65_535) return false;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (typeof item !== "number" || (item & 255) !== item) return false;
  }
  return true;
}

function pairsOf(map: ErlMap): Term[] {
  if (!(map instanceof IndexedMap)) return Array.from(map).flat(1);
  const items: Term[] = [];
  for (let index = 0; index < map.keyList.length; index++) {
    // Both lists have this index.
    items.push(map.keyList[index] as Term, map.valueList[index] as Term);
  }
  return items;
}

/** The size of NEW_FUN_EXT counts from itself to the end. */
function openFun(writer: Writer, fun: Fun, state: State): Frame {
  writer.u8(TAG.NEW_FUN_EXT);
  const sizePlace = writer.reserve(4);
  writer.u8(fun.arity);
  writer.append(fun.uniq);
  writer.u32(fun.index);
  writer.u32(fun.free.length);
  writeAtom(writer, fun.module, state);
  writeNumber(writer, fun.oldIndex);
  writeNumber(writer, fun.oldUniq);
  writePid(writer, fun.pid, state);
  return { items: fun.free, next: 0, isList: false, sizePlace };
}

function refusal(value: unknown): string {
  if (value === undefined) return 'undefined is no term: use atom("undefined")';
  if (value === null) return 'null is no term: use atom("nil"), atom("null") or atom("undefined")';
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value} is no term`;
  if (value instanceof Map) return "a Map is no term: use map(entries)";
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  return name === "Object"
    ? "a plain object is no term: use map(object) for atom keys, or json(value) for JSON data"
    : `a ${name} is no term`;
}

/** 131, COMPRESSED, the size, and a zlib stream: only where that is shorter. */
function compress(plain: Uint8Array<ArrayBuffer>, level: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9): Uint8Array<ArrayBuffer> {
  const packed = zlibSync(plain.subarray(1), { level });
  if (packed.length + 5 >= plain.length) return plain;
  const writer = new Writer(packed.length + 6);
  writer.u8(VERSION);
  writer.u8(TAG.COMPRESSED);
  writer.u32(plain.length - 1);
  writer.append(packed);
  return writer.finish();
}
