// erl_ext_dist, "External Term Format": what term_to_binary/1 of OTP 26 and later writes for each kind of term, byte for
// byte. Mirrors term-reader.ts: recursive for the first levels, with an own stack below, and direct access to the
// writer's memory where a message spends its time.
import { Writer } from "../bytes/writer.ts";
import { EncodeError } from "../errors.ts";
import { SENDING_LIMITS } from "../sending-limits.ts";
import { Atom, atom, externalForm } from "./atom.ts";
import { magnitudeBytes, WORDWISE_ROOM, writeMagnitude, writeWords } from "./big-writer.ts";
import { isLeaf } from "./leaf.ts";
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
import { appendUtf8 } from "./utf8-writer.ts";

export interface EncodeTermOptions {
  /**
   * Called for each atom, those in pids and funs and the two booleans included; writes it and returns true, or returns
   * false to have it written out. A connection with an atom cache writes ATOM_CACHE_REF here.
   */
  readonly appendAtom?: ((writer: Writer, atom: Atom) => boolean) | undefined;
  /** `false`: the reader knows no native records (OTP before 29), so they are refused as "unsupported_by_peer". */
  readonly nativeRecords?: boolean | undefined;
  /**
   * Called for each binary; writes its head and returns true, when the writer's owner puts the bytes in there
   * later, or returns false to have it written out.
   */
  readonly lendBinary?: ((writer: Writer, binary: Uint8Array) => boolean) | undefined;
}

const RECURSIVE_LEVELS = 400;
/** A tuple of OTP has at most so many elements. */
const MAX_ARITY = 0xff_ffff;
const MAX_STRING_BYTES = 65_535;

/** Appends one term. When it throws an EncodeError, part of the term is in the writer. */
export function append(writer: Writer, term: Term, options: EncodeTermOptions, depth = 0): void {
  if (typeof term === "object") {
    if (term instanceof Atom) appendAtom(writer, term, options);
    else if (term instanceof Tuple) appendTuple(writer, term, options, depth);
    else if (Array.isArray(term)) appendList(writer, term, options, depth);
    else if (term instanceof Uint8Array) appendBinary(writer, term, options);
    else if (term instanceof ErlMap) appendMap(writer, term, options, depth);
    else if (term instanceof Pid) appendPid(writer, term, options);
    else if (term instanceof Reference) appendReference(writer, term, options);
    else if (term instanceof Float) appendFloat(writer, term.value);
    else if (term instanceof ImproperList) appendImproperList(writer, term, options, depth);
    else appendRare(writer, term, options);
  } else if (typeof term === "number") appendNumber(writer, term);
  else if (typeof term === "string") appendText(writer, term);
  else if (typeof term === "boolean") appendAtom(writer, term ? TRUE : FALSE, options);
  else if (typeof term === "bigint") appendInteger(writer, term);
  else throw refusal(term);
}

/** Whether a value can be appended as far as it is not made of others. */
export function canAppend(part: Term, { nativeRecords }: EncodeTermOptions): boolean {
  const writer = new Writer(64);
  const options = { nativeRecords };
  try {
    if (openContainer(writer, part, options, []) === undefined) append(writer, part, options);
    return true;
  } catch {
    // Why not was thrown already where the term was first appended.
    return false;
  }
}

const TRUE = atom("true");
const FALSE = atom("false");

function appendAtom(writer: Writer, term: Atom, options: EncodeTermOptions): void {
  if (options.appendAtom?.(writer, term) === true) return;
  const { words, size } = term;
  if (words === undefined) {
    writer.append(externalForm(term.name));
    return;
  }
  // Whole words are written; what the last one has too much is written over by the next term.
  writer.ensure(size + 3);
  const { view } = writer;
  let at = writer.position;
  writer.position = at + size;
  for (let index = 0; index < words.length; index++, at += 4) view.setInt32(at, words[index] ?? 0);
}

function appendTuple(writer: Writer, tuple: Tuple, options: EncodeTermOptions, depth: number): void {
  if (depth >= RECURSIVE_LEVELS) return appendDeep(writer, tuple, options);
  const { elements } = tuple;
  openTuple(writer, elements.length);
  for (let index = 0; index < elements.length; index++) appendItem(writer, elements[index] as Term, options, depth + 1);
}

/** Atoms and small integers are most of what containers hold, and take the short way (maps of integers: half of the time). */
function appendItem(writer: Writer, item: Term, options: EncodeTermOptions, depth: number): void {
  if (typeof item === "number" && item === (item | 0)) appendInt32(writer, item);
  else if (item instanceof Atom) appendAtom(writer, item, options);
  else append(writer, item, options, depth);
}

function openTuple(writer: Writer, length: number): void {
  if (length < 256) {
    writer.u16((104 /* SMALL_TUPLE_EXT */ << 8) + length);
    return;
  }
  if (length > MAX_ARITY)
    throw new EncodeError("too_large", `a tuple of ${length} elements is more than OTP takes (${MAX_ARITY})`);
  appendHead(writer, 105 /* LARGE_TUPLE_EXT */, length);
}

/** A tag and a number of 32 bits. */
function appendHead(writer: Writer, tag: number, value: number): void {
  writer.ensure(5);
  const { bytes, view, position } = writer;
  bytes[position] = tag;
  view.setUint32(position + 1, value);
  writer.position = position + 5;
}

function appendList(writer: Writer, list: readonly Term[], options: EncodeTermOptions, depth: number): void {
  if (depth >= RECURSIVE_LEVELS) return appendDeep(writer, list as Term[], options);
  if (!openList(writer, list)) return;
  // Lists of integers are frequent enough to write them here, with the writer's fields at hand (a tenth faster).
  let { bytes, view, position } = writer;
  for (let index = 0; index < list.length; index++) {
    const item = list[index] as Term;
    if (typeof item === "number" && item === (item | 0) && position + 5 <= bytes.length) {
      if ((item & 255) === item) {
        bytes[position] = 97 /* SMALL_INTEGER_EXT */;
        bytes[position + 1] = item;
        position += 2;
      } else {
        bytes[position] = 98 /* INTEGER_EXT */;
        view.setInt32(position + 1, item);
        position += 5;
      }
    } else {
      writer.position = position;
      append(writer, item, options, depth + 1);
      ({ bytes, view, position } = writer);
    }
  }
  writer.position = position;
  writer.u8(106 /* NIL_EXT */);
}

/** Writes the head of a list; false when that was all of it. */
function openList(writer: Writer, list: readonly Term[]): boolean {
  const { length } = list;
  if (length === 0) {
    writer.u8(106 /* NIL_EXT */);
    return false;
  }
  if (length <= MAX_STRING_BYTES && appendByteList(writer, list)) return false;
  appendHead(writer, 108 /* LIST_EXT */, length);
  return true;
}

/** STRING_EXT, for 1 to 65,535 integers of one byte each; false, with nothing appended, for other lists. */
function appendByteList(writer: Writer, list: readonly Term[]): boolean {
  const { length } = list;
  writer.ensure(3 + length);
  const { bytes, position } = writer;
  for (let index = 0; index < length; index++) {
    const item = list[index];
    if (typeof item !== "number") return false;
    // Kept apart, as the engine then stores a whole number (a tenth faster).
    const byte = item & 255;
    if (byte !== item) return false;
    bytes[position + 3 + index] = byte;
  }
  bytes[position] = 107 /* STRING_EXT */;
  writer.view.setUint16(position + 1, length);
  writer.position = position + 3 + length;
  return true;
}

function appendImproperList(writer: Writer, list: ImproperList, options: EncodeTermOptions, depth: number): void {
  if (depth >= RECURSIVE_LEVELS) return appendDeep(writer, list, options);
  const { elements, tail } = list;
  openImproperList(writer, elements.length);
  for (let index = 0; index < elements.length; index++) append(writer, elements[index] as Term, options, depth + 1);
  append(writer, tail, options, depth + 1);
}

function openImproperList(writer: Writer, length: number): void {
  if (length === 0) throw new EncodeError("not_a_term", "an ImproperList has at least one element");
  appendHead(writer, 108 /* LIST_EXT */, length);
}

function appendMap(writer: Writer, map: ErlMap, options: EncodeTermOptions, depth: number): void {
  if (depth >= RECURSIVE_LEVELS) return appendDeep(writer, map, options);
  const { keyList, valueList } = map;
  appendHead(writer, 116 /* MAP_EXT */, valueList.length);
  for (let index = 0; index < valueList.length; index++) {
    appendItem(writer, keyList[index] as Term, options, depth + 1);
    appendItem(writer, valueList[index] as Term, options, depth + 1);
  }
}

function appendNumber(writer: Writer, value: number): void {
  if (value === (value | 0)) appendInt32(writer, value);
  else if (Number.isSafeInteger(value)) appendSafeInteger(writer, value);
  else if (!Number.isInteger(value)) appendFloat(writer, value);
  else {
    const advice = `give a bigint, or new Float(${value}) for the float`;
    throw new EncodeError("out_of_range", `${value} may be an integer that has lost digits: ${advice}`);
  }
}

function appendInt32(writer: Writer, value: number): void {
  if (writer.position + 5 > writer.bytes.length) writer.ensure(5);
  const at = writer.position;
  if (value >= 0 && value <= 255) {
    writer.bytes[at] = 97 /* SMALL_INTEGER_EXT */;
    writer.bytes[at + 1] = value;
    writer.position = at + 2;
  } else {
    writer.bytes[at] = 98 /* INTEGER_EXT */;
    writer.view.setInt32(at + 1, value);
    writer.position = at + 5;
  }
}

/** An integer outside of 32 bits, in 4 to 7 bytes. */
function appendSafeInteger(writer: Writer, value: number): void {
  const magnitude = Math.abs(value);
  const high = Math.floor(magnitude / 4_294_967_296);
  const length = 8 - (Math.clz32(high) >>> 3);
  writer.ensure(11);
  const { bytes, view, position } = writer;
  bytes[position] = 110 /* SMALL_BIG_EXT */;
  bytes[position + 1] = length;
  bytes[position + 2] = value < 0 ? 1 : 0;
  view.setUint32(position + 3, magnitude, true);
  view.setUint32(position + 7, high, true);
  writer.position = position + 3 + length;
}

function appendInteger(writer: Writer, value: bigint): void {
  const isNegative = value < 0n;
  const magnitude = isNegative ? -value : value;
  writer.ensure(3 + WORDWISE_ROOM);
  const { bytes, view, position } = writer;
  let length: number;
  if (magnitude <= 0xffff_ffff_ffff_ffffn) {
    // Most that are given as a bigint have up to 64 bits, and then one write does.
    view.setBigUint64(position + 3, magnitude, true);
    const high = view.getUint32(position + 7, true);
    if (high < 0x20_0000) return appendNumber(writer, Number(value));
    length = 8 - (Math.clz32(high) >>> 3);
  } else length = writeWords(view, position + 3, magnitude);
  if (length < 0 || length > 255) return appendLargeInteger(writer, magnitude, isNegative);
  bytes[position] = 110 /* SMALL_BIG_EXT */;
  bytes[position + 1] = length;
  bytes[position + 2] = isNegative ? 1 : 0;
  writer.position = position + 3 + length;
}

function appendLargeInteger(writer: Writer, magnitude: bigint, isNegative: boolean): void {
  const length = magnitudeBytes(magnitude);
  if (length > SENDING_LIMITS.bigIntegerBytes) {
    const most = SENDING_LIMITS.bigIntegerBytes;
    throw new EncodeError("out_of_range", `an integer of ${length} bytes is more than OTP takes (${most})`);
  }
  // The last word may reach beyond the last byte.
  writer.ensure(6 + length + 8);
  appendHead(writer, 111 /* LARGE_BIG_EXT */, length);
  writer.u8(isNegative ? 1 : 0);
  writeMagnitude(writer.view, writer.position, length, magnitude);
  writer.position += length;
}

function appendFloat(writer: Writer, value: number): void {
  if (!Number.isFinite(value)) throw new EncodeError("out_of_range", `Erlang has no float for ${value}`);
  writer.ensure(9);
  writer.bytes[writer.position] = 70 /* NEW_FLOAT_EXT */;
  writer.view.setFloat64(writer.position + 1, value);
  writer.position += 9;
}

function appendBinary(writer: Writer, source: Uint8Array, options: EncodeTermOptions): void {
  if (options.lendBinary?.(writer, source) === true) return;
  const { length } = source;
  writer.ensure(5 + length);
  const { bytes, position } = writer;
  bytes[position] = 109 /* BINARY_EXT */;
  writer.view.setUint32(position + 1, length);
  // A call costs more than copying a few bytes here.
  if (length > SHORT_BYTES) bytes.set(source, position + 5);
  else for (let index = 0; index < length; index++) bytes[position + 5 + index] = source[index] ?? 0;
  writer.position = position + 5 + length;
}

const SHORT_BYTES = 48;

function appendText(writer: Writer, text: string): void {
  const start = writer.length;
  writer.u8(109 /* BINARY_EXT */);
  const place = writer.reserve(4);
  if (!appendUtf8(writer, text)) throw new EncodeError("not_a_term", "a string with half a surrogate pair has no UTF-8 form");
  writer.patchU32(place, writer.length - start - 5);
}

function appendPid(writer: Writer, pid: Pid, options: EncodeTermOptions): void {
  writer.u8(88 /* NEW_PID_EXT */);
  appendAtom(writer, pid.node, options);
  writer.ensure(12);
  const { view, position } = writer;
  view.setUint32(position, pid.id);
  view.setUint32(position + 4, pid.serial);
  view.setUint32(position + 8, pid.creation);
  writer.position = position + 12;
}

function appendReference(writer: Writer, reference: Reference, options: EncodeTermOptions): void {
  const { ids } = reference;
  const { length } = ids;
  if (length < 1 || length > 5) throw new EncodeError("out_of_range", `a reference has 1 to 5 words, not ${length}`);
  writer.u8(90 /* NEWER_REFERENCE_EXT */);
  writer.u16(length);
  appendAtom(writer, reference.node, options);
  writer.ensure(24);
  const { view, position } = writer;
  view.setUint32(position, reference.creation);
  for (let index = 0; index < length; index++) view.setUint32(position + 4 + index * 4, ids[index] ?? 0);
  writer.position = position + 4 + length * 4;
}

/** What few messages hold, and what is no term. */
function appendRare(writer: Writer, term: Term, options: EncodeTermOptions): void {
  if (term instanceof Port) {
    writer.u8(120 /* V4_PORT_EXT */);
    appendAtom(writer, term.node, options);
    writer.u64(term.id);
    writer.u32(term.creation);
  } else if (term instanceof BitString) {
    appendHead(writer, 77 /* BIT_BINARY_EXT */, term.bytes.length);
    writer.u8(term.bits);
    writer.append(term.bytes);
  } else if (term instanceof Export) appendExport(writer, term, options);
  else appendDeep(writer, term, options);
}

function appendExport(writer: Writer, { module, function: name, arity }: Export, options: EncodeTermOptions): void {
  if (arity !== (arity & 255)) throw new EncodeError("out_of_range", `an arity is 0 to 255, not ${arity}`);
  writer.u8(113 /* EXPORT_EXT */);
  appendAtom(writer, module, options);
  appendAtom(writer, name, options);
  writer.u8(97 /* SMALL_INTEGER_EXT */);
  writer.u8(arity);
}

/** Appends one term with a stack of its own, of lists and not of objects; leaves are written as everywhere. */
function appendDeep(writer: Writer, term: Term, options: EncodeTermOptions): void {
  const outerTerms: Term[] = [];
  const outerItems: (readonly Term[])[] = [];
  const outerNext: number[] = [];
  /** Where the sizes of the funs around wait for their values. */
  const sizePlaces: number[] = [];
  // Of the container that is being written. First of all one around the term.
  let container: Term = 0;
  let items: readonly Term[] = [term];
  let next = 0;
  for (;;) {
    while (next === items.length) {
      if (outerTerms.length === 0) return;
      if (Array.isArray(container)) writer.u8(106 /* NIL_EXT */);
      else if (container instanceof Fun) closeFun(writer, sizePlaces);
      // There are as many of each.
      container = outerTerms.pop() as Term;
      items = outerItems.pop() as readonly Term[];
      next = outerNext.pop() as number;
    }
    const item = items[next++] as Term;
    if (typeof item !== "object") {
      append(writer, item, options);
      continue;
    }
    const opened = openContainer(writer, item, options, sizePlaces);
    if (opened === undefined) append(writer, item, options);
    else if (opened !== COMPLETE) {
      outerTerms.push(container);
      outerItems.push(items);
      outerNext.push(next);
      container = item;
      items = opened;
      next = 0;
      if ((outerTerms.length & 0xffff) === 0) refuseCircle(outerTerms);
    }
  }
}

/** A container that is written already. */
const COMPLETE: readonly Term[] = [];

/** Writes the head of a container and gives its items, or writes all of a list that STRING_EXT is for; undefined, with nothing written, for a leaf. */
function openContainer(
  writer: Writer,
  term: Term,
  options: EncodeTermOptions,
  sizePlaces: number[],
): readonly Term[] | undefined {
  if (typeof term !== "object") return undefined;
  if (term instanceof Tuple) {
    openTuple(writer, term.elements.length);
    return term.elements;
  }
  if (isLeaf(term)) return undefined;
  if (Array.isArray(term)) return openList(writer, term) ? term : COMPLETE;
  if (term instanceof ErlMap) {
    appendHead(writer, 116 /* MAP_EXT */, term.size);
    return Array.from(term).flat(1);
  }
  if (term instanceof ImproperList) {
    openImproperList(writer, term.elements.length);
    return [...term.elements, term.tail];
  }
  if (term instanceof Fun) {
    sizePlaces.push(openFun(writer, term, options));
    return term.free;
  }
  if (term instanceof NativeRecord) {
    if (options.nativeRecords === false)
      throw new EncodeError("unsupported_by_peer", "the peer knows no native records (OTP 29)");
    appendHead(writer, 67 /* RECORD_EXT */, term.fields.length);
    writer.u8(term.exported ? 1 : 0);
    for (const name of [term.module, term.name, ...term.fields]) appendAtom(writer, name, options);
    return term.values;
  }
  throw refusal(term);
}

/** The size of NEW_FUN_EXT counts from itself to the end of the fun; returns its place. */
function openFun(writer: Writer, fun: Fun, options: EncodeTermOptions): number {
  if (fun.uniq.length !== 16) throw new EncodeError("out_of_range", `the uniq of a fun has 16 bytes, not ${fun.uniq.length}`);
  writer.u8(112 /* NEW_FUN_EXT */);
  const sizePlace = writer.reserve(4);
  writer.u8(fun.arity);
  writer.append(fun.uniq);
  writer.u32(fun.index);
  writer.u32(fun.free.length);
  appendAtom(writer, fun.module, options);
  appendNumber(writer, fun.oldIndex);
  appendNumber(writer, fun.oldUniq);
  appendPid(writer, fun.pid, options);
  return sizePlace;
}

function closeFun(writer: Writer, sizePlaces: number[]): void {
  // Its own.
  const place = sizePlaces.pop() as number;
  writer.patchU32(place, writer.length - place);
}

/** A container inside itself has no end. Looking for one at each doubling of the depth costs next to nothing. */
function refuseCircle(around: readonly Term[]): void {
  const depth = around.length;
  if ((depth & (depth - 1)) !== 0) return;
  const seen = new Set<Term>();
  for (const term of around) {
    if (seen.has(term)) throw new EncodeError("too_deep", "the term contains itself");
    seen.add(term);
  }
}

function refusal(value: unknown): EncodeError {
  return new EncodeError("not_a_term", describeRefusal(value));
}

function describeRefusal(value: unknown): string {
  if (value === undefined) return 'undefined is no term: use atom("undefined")';
  if (value === null) return 'null is no term: use atom("nil"), atom("null") or atom("undefined")';
  if (typeof value !== "object") return `a ${typeof value} is no term`;
  if (value instanceof Map) return "a Map is no term: use map(entries)";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return "a plain object is no term: use map(object) for atoms as keys, or json(value) for JSON data";
  }
  return `a ${value.constructor.name} is no term`;
}
