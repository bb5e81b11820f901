// The atom cache (erl_ext_dist, "Distribution Header"): each direction of a connection has 2048 slots, which the sender
// fills and both sides remember. A header lists the atoms of its packet, by slot or with their text, and the terms refer
// to them by their number in that list.
//
// What we send: an atom has one slot, by the hash of its name, and takes it from whichever atom was there. Of two atoms of
// one slot in one packet the second is written out, as are all after the 255th, and those too short to gain from a slot.
// While a packet is encoded only the numbers are given; slots change when its header is written behind the packets before
// it. So a packet that cannot be encoded changes nothing, and neither does one that waits its turn and is never sent.
import type { Writer } from "../bytes/writer.ts";
import { atoms, externalForm } from "../etf/atom.ts";
import { type Atom, type EncodeTermOptions, TAG } from "../etf/index.ts";

export const CACHE_SLOTS = 2048;
/** References in one header: their number has one byte, and 255 is the last. */
export const MAX_REFERENCES = 255;

/** Bits of the four that a header has for each reference, and of the four after them. */
export const NEW_ENTRY = 8;
export const SEGMENT = 7;
export const LONG_ATOMS = 1;

/** Slots that are empty: a connection has two such lists, and filling each by a call for each slot took a tenth of connecting. */
function noAtoms(): (Atom | undefined)[] {
  return new Array<Atom | undefined>(CACHE_SLOTS).fill(undefined);
}

/** What the peer has put into its slots. */
export class InboundAtomCache {
  #turns = atoms.turns;
  readonly #slots: (Atom | undefined)[] = noAtoms();

  at(slot: number): Atom | undefined {
    return this.#slots[slot];
  }

  put(slot: number, atom: Atom): void {
    this.#slots[slot] = atom;
  }

  /**
   * Gives each atom its place in the table of the program again, where that may have let it go meanwhile: the peer sends only
   * its slot, and `atom(name)` must still be the same object.
   */
  refresh(): void {
    if (this.#turns === atoms.turns) return;
    for (const [slot, atom] of this.#slots.entries()) if (atom !== undefined) this.#slots[slot] = atoms.intern(atom.name);
    this.#turns = atoms.turns;
  }
}

/** From this size of its external form on an atom gains from a slot: the reference takes two bytes itself. */
const MIN_FORM_BYTES = 4;
/** The largest external form that has one byte for its length. */
const SHORT_FORM_BYTES = 2 + 255;

/** What we have put into the peer's slots, and the references of the packet that is being encoded. */
export class OutboundAtomCache implements EncodeTermOptions {
  readonly nativeRecords: boolean;
  lendBinary: EncodeTermOptions["lendBinary"];
  readonly #slots: (Atom | undefined)[] = noAtoms();
  #references: Atom[] = [];
  /** For each slot the packet that last referred to it, counted from 1, and the number of the reference there. */
  readonly #packets = new Float64Array(CACHE_SLOTS);
  readonly #numbers = new Uint8Array(CACHE_SLOTS);
  #packet = 1;

  constructor(nativeRecords: boolean) {
    this.nativeRecords = nativeRecords;
  }

  /** ATOM_CACHE_REF for an atom of this packet; false for one that is to be written out. */
  appendAtom(writer: Writer, atom: Atom): boolean {
    const slot = slotOf(atom);
    let number = this.#references.length;
    if (this.#packets[slot] === this.#packet) {
      number = this.#numbers[slot] ?? 0;
      if (!isSame(this.#references[number], atom)) return false;
    } else if (number === MAX_REFERENCES || atom.size < MIN_FORM_BYTES) {
      return false;
    } else {
      this.#references.push(atom);
      this.#packets[slot] = this.#packet;
      this.#numbers[slot] = number;
    }
    writer.ensure(2);
    writer.bytes[writer.position++] = TAG.ATOM_CACHE_REF;
    writer.bytes[writer.position++] = number;
    return true;
  }

  /** The references of the packet that was encoded; the next one starts anew. */
  takeReferences(): readonly Atom[] {
    const references = this.#references;
    if (references.length > 0) {
      this.#references = [];
      this.#packet += 1;
    }
    return references;
  }

  /** The part of a header that names these atoms. It has to be the next one that the peer reads. */
  appendReferences(writer: Writer, references: readonly Atom[]): void {
    const count = references.length;
    writer.u8(count);
    if (count === 0) return;
    const flagBytes = (count >>> 1) + 1;
    const flagsAt = writer.reserve(flagBytes);
    const isLong = this.#hasLongEntry(references);
    let flags = 0;
    for (let number = 0; number < count; number++) {
      // There are `count` of them.
      const atom = references[number] as Atom;
      const slot = slotOf(atom);
      let nibble = slot >>> 8;
      writer.u8(slot & 0xff);
      if (!this.#holds(atom)) {
        nibble |= NEW_ENTRY;
        this.#slots[slot] = atom;
        appendText(writer, atom, isLong);
      }
      // The even numbers have the lower half of their byte.
      if (number % 2 === 0) flags = nibble;
      else writer.patchU8(flagsAt + (number >>> 1), flags | (nibble << 4));
    }
    const last = isLong ? LONG_ATOMS : 0;
    writer.patchU8(flagsAt + flagBytes - 1, count % 2 === 0 ? last : flags | (last << 4));
  }

  #hasLongEntry(references: readonly Atom[]): boolean {
    for (const atom of references) if (atom.size > SHORT_FORM_BYTES && !this.#holds(atom)) return true;
    return false;
  }

  #holds(atom: Atom): boolean {
    return isSame(this.#slots[slotOf(atom)], atom);
  }
}

function slotOf(atom: Atom): number {
  return atom.hash & (CACHE_SLOTS - 1);
}

/** Atoms of one name are mostly one object, but not always (see etf/atom.ts). */
function isSame(held: Atom | undefined, atom: Atom): boolean {
  return held === atom || held?.name === atom.name;
}

function appendText(writer: Writer, atom: Atom, isLong: boolean): void {
  const form = externalForm(atom.name);
  const text = form.subarray(form.length > SHORT_FORM_BYTES ? 3 : 2);
  if (isLong) writer.u16(text.length);
  else writer.u8(text.length);
  writer.append(text);
}
