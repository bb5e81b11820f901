// The bytes of `<<...>>` with literal segments (Erlang Reference Manual, "Bit Syntax Expressions").

/** One segment: `Value:Size/Types-unit:Unit`. A string stands for one segment for each of its characters. */
export interface Segment {
  readonly value: bigint | number | string;
  /** In units; undefined is the default of the type. */
  readonly size: number | undefined;
  readonly types: readonly string[];
  readonly unit: number | undefined;
}

const TYPES = ["integer", "float", "utf8", "utf16", "utf32"] as const;
const MODIFIERS = ["signed", "unsigned", "big", "little", "native"];

/** What a text may still claim by sizes: a dozen characters can ask for any number of bytes, so claims are counted before anything is reserved. */
export interface SizeBudget {
  bits: number;
}

/** Beyond its length, a text may ask for this many bits by sizes. */
export const CLAIMED_BITS: number = 8 * 64 * 1024;

/** `bits` is how many bits of the last byte count, 0 for all. `fail` throws; it is told what was expected. */
export function segmentBytes(
  segments: readonly Segment[],
  budget: SizeBudget,
  fail: (expected: string) => never,
): { bytes: Uint8Array; bits: number } {
  const bits = new Bits();
  for (const segment of segments) appendSegment(bits, segment, budget, fail);
  return { bytes: bits.bytes(), bits: bits.length % 8 };
}

function appendSegment(bits: Bits, segment: Segment, budget: SizeBudget, fail: (expected: string) => never): void {
  const { value, types, size, unit } = segment;
  const unknown = types.find((type) => !isType(type) && !MODIFIERS.includes(type));
  if (unknown !== undefined) fail(`a type of the bit syntax, not ${unknown}`);
  const type = types.find(isType) ?? (typeof value === "number" ? "float" : "integer");
  if (size === undefined && unit === undefined && typeof value !== "number" && appendPlain(bits, value, type)) return;
  if (typeof value === "string") {
    for (const character of value) appendValue(bits, BigInt(character.codePointAt(0) ?? 0), type, segment, budget, fail);
  } else appendValue(bits, value, type, segment, budget, fail);
}

/** Nearly all segments: bytes, and texts of bytes or of UTF-8. */
function appendPlain(bits: Bits, value: bigint | string, type: (typeof TYPES)[number]): boolean {
  if (type === "integer" && typeof value === "bigint") bits.appendByte(Number(BigInt.asUintN(8, value)));
  else if (type === "integer" && typeof value === "string")
    for (const character of value) bits.appendByte((character.codePointAt(0) ?? 0) & 0xff);
  else if (type === "utf8" && typeof value === "string" && value.isWellFormed())
    for (const byte of new TextEncoder().encode(value)) bits.appendByte(byte);
  else return false;
  return true;
}

function appendValue(
  bits: Bits,
  value: bigint | number,
  type: (typeof TYPES)[number],
  segment: Segment,
  budget: SizeBudget,
  fail: (expected: string) => never,
): void {
  const little = segment.types.includes("little") || segment.types.includes("native");
  if (type === "utf8" || type === "utf16" || type === "utf32") {
    if (typeof value !== "bigint" || value < 0n || value > 0x10ffffn || (value >= 0xd800n && value <= 0xdfffn))
      fail("a Unicode character");
    if (segment.size !== undefined || segment.unit !== undefined) fail(`no size with ${type}`);
    appendCharacter(bits, Number(value), type, little);
    return;
  }
  const size = (segment.size ?? (type === "float" ? 64 : 8)) * (segment.unit ?? 1);
  budget.bits -= size;
  if (!(budget.bits >= 0)) fail("sizes that add up to no more than 64 KiB");
  if (type === "float") {
    if (size !== 16 && size !== 32 && size !== 64) fail("a float of 16, 32 or 64 bits");
    bits.append(floatBits(Number(value), size), size, little);
  } else if (typeof value === "bigint") bits.append(value, size, little);
  else fail("an integer, or a float with /float");
}

function isType(type: string): type is (typeof TYPES)[number] {
  return (TYPES as readonly string[]).includes(type);
}

function appendCharacter(bits: Bits, character: number, type: "utf8" | "utf16" | "utf32", little: boolean): void {
  if (type === "utf32") bits.append(BigInt(character), 32, little);
  else if (type === "utf16") {
    const text = String.fromCodePoint(character);
    for (let index = 0; index < text.length; index++) bits.append(BigInt(text.charCodeAt(index)), 16, little);
  } else {
    for (const byte of new TextEncoder().encode(String.fromCodePoint(character))) bits.append(BigInt(byte), 8, false);
  }
}

function floatBits(value: number, size: 16 | 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (size === 64) {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(0, value);
  const single = view.getUint32(0);
  return BigInt(size === 32 ? single : halfBits(single));
}

/** The half-precision float nearest to a single-precision one, ties to even. */
function halfBits(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    const shift = 126 - (magnitude >>> 23);
    const mantissa = (magnitude & 0x7fffff) | 0x800000;
    return shift > 24 ? sign : sign | roundShift(mantissa, shift);
  }
  return sign | roundShift(magnitude - 0x38000000, 13);
}

function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const rest = value & ((1 << shift) - 1);
  const floor = value >>> shift;
  return rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor;
}

/** A growing string of bits. */
class Bits {
  #bytes = new Uint8Array(64);
  length = 0;

  /** The low `size` bits of a value. */
  append(value: bigint, size: number, little: boolean): void {
    this.#reserve(size);
    const whole = Math.ceil(size / 8);
    const digits = BigInt.asUintN(size, value)
      .toString(16)
      .padStart(whole * 2, "0");
    for (let index = 0; index < whole; index++) {
      // From the most significant byte; a little-endian value has its odd bits last, at the most significant end.
      const at = little ? whole - 1 - index : index;
      const byte = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
      const isTop = at === 0 && size % 8 !== 0;
      this.#push(byte, isTop ? size % 8 : 8);
    }
  }

  appendByte(byte: number): void {
    this.#reserve(8);
    this.#push(byte, 8);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.length / 8));
  }

  #push(byte: number, size: number): void {
    if (size === 8 && this.length % 8 === 0) {
      this.#bytes[this.length >>> 3] = byte;
      this.length += 8;
      return;
    }
    for (let bit = size - 1; bit >= 0; bit--) {
      if ((byte >>> bit) & 1)
        this.#bytes[this.length >>> 3] = (this.#bytes[this.length >>> 3] ?? 0) | (0x80 >>> (this.length & 7));
      this.length++;
    }
  }

  #reserve(size: number): void {
    const needed = Math.ceil((this.length + size) / 8);
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
