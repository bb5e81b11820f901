// What came in one packet, in each of the forms of packet-form.ts.
import type { ChunkQueue } from "../bytes/chunk-queue.ts";
import { ProtocolError } from "../errors.ts";
import { type Atom, TermReader, VERSION } from "../etf/index.ts";
import type { Limits } from "../limits.ts";
import { Assembler, messageOf } from "./assembler.ts";
import { InboundAtomCache } from "./atom-cache.ts";
import { type ControlMessage, hasPayload } from "./control.ts";
import { controlFromTerm } from "./control-reader.ts";
import { DIST_FRAG_CONT, DIST_FRAG_HEADER, DIST_HEADER, FRAGMENT_IDS_END, readReferences } from "./header.ts";
import type { Packet } from "./packet.ts";
import type { PacketForm } from "./packet-form.ts";
import type { PacketSource } from "./packets.ts";
import { missingPayload, readPassThrough } from "./pass-through-reader.ts";

export class PacketReader implements PacketSource {
  readonly #form: PacketForm;
  readonly #terms: TermReader;
  readonly #cache: InboundAtomCache | undefined;
  readonly #assembler: Assembler;
  /** The atoms of the packet's header. */
  #references: Atom[] = [];
  #bytes = 0;

  constructor(form: PacketForm, limits: Limits) {
    this.#form = form;
    this.#terms = new TermReader(new Uint8Array(0), 0, { limits });
    this.#cache = form.atomCache ? new InboundAtomCache() : undefined;
    this.#assembler = new Assembler(limits);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What follows the last term is ignored, as OTP ignores it. */
  read(bytes: Uint8Array): Packet | undefined {
    this.#bytes = bytes.length;
    const packet = this.#form.header ? this.#readHeader(bytes) : readPassThrough(this.#terms, bytes);
    this.#terms.release();
    return packet;
  }

  readFrom(queue: ChunkQueue, length: number): Packet | undefined {
    // A fragment that came in several chunks is not put together first, for its message will be (`npm run bench:dist`, binaries
    // of 1 MiB in).
    const isSplit = queue.run < length && length >= FRAGMENT_IDS_END && this.#form.fragments;
    if (!isSplit || queue.peekU8() !== VERSION || queue.peekU8(1) !== DIST_FRAG_CONT) return this.read(queue.take(length));
    this.#bytes = length;
    const ids = queue.take(FRAGMENT_IDS_END);
    const pieces: Uint8Array[] = [];
    for (let left = length - ids.length; left > 0; ) {
      const piece = queue.take(Math.min(left, queue.run));
      pieces.push(piece);
      left -= piece.length;
    }
    const packet = this.#readFragment(ids, pieces);
    this.#terms.release();
    return packet;
  }

  #readHeader(bytes: Uint8Array): Packet | undefined {
    const tag = bytes[1];
    if (bytes[0] !== VERSION) {
      throw new ProtocolError("bad_packet", `the packet starts with ${bytes[0]}, a distribution header with ${VERSION}`);
    }
    if (tag === DIST_HEADER) return this.#readWhole(bytes, 2);
    if (!this.#form.fragments || (tag !== DIST_FRAG_HEADER && tag !== DIST_FRAG_CONT)) {
      throw new ProtocolError("bad_packet", `no packet of this connection has the tag ${tag}`);
    }
    if (bytes.length < FRAGMENT_IDS_END) throw new ProtocolError("bad_fragment", "a fragment ends in its ids");
    if (tag === DIST_FRAG_CONT) return this.#readFragment(bytes, [bytes.subarray(FRAGMENT_IDS_END)]);
    const { sequenceId, fragmentId } = idsOf(bytes);
    if (fragmentId === 0n) throw new ProtocolError("bad_fragment", "a message of no fragments is announced");
    if (fragmentId === 1n) return this.#readWhole(bytes, FRAGMENT_IDS_END);
    const control = this.#readControl(bytes, FRAGMENT_IDS_END);
    const references = this.#references;
    this.#references = [];
    this.#assembler.open(sequenceId, fragmentId, { control, references, piece: bytes.subarray(this.#terms.offset) });
    return undefined;
  }

  #readWhole(bytes: Uint8Array, offset: number): Packet {
    const control = this.#readControl(bytes, offset);
    if (!hasPayload(control.type)) return { control };
    if (this.#terms.offset === bytes.length) throw missingPayload(control);
    return { control, payload: this.#terms.readTerm() };
  }

  /** The atoms and the control message, which have to be whole in the first fragment. */
  #readControl(bytes: Uint8Array, offset: number): ControlMessage {
    const start = readReferences(bytes, offset, this.#cache, this.#references);
    this.#terms.reset(bytes, start, this.#references);
    return controlFromTerm(this.#terms.readTerm());
  }

  #readFragment(head: Uint8Array, pieces: readonly Uint8Array[]): Packet | undefined {
    const { sequenceId, fragmentId } = idsOf(head);
    const sequence = this.#assembler.add(sequenceId, fragmentId, pieces);
    if (sequence === undefined) return undefined;
    this.#bytes = sequence.length;
    const { control, references } = sequence;
    if (!hasPayload(control.type)) return { control };
    if (sequence.length === 0) throw missingPayload(control);
    this.#terms.reset(messageOf(sequence), 0, references);
    return { control, payload: this.#terms.readTerm() };
  }
}

/** The two numbers after the tag of a fragment. */
function idsOf(bytes: Uint8Array): { readonly sequenceId: bigint; readonly fragmentId: bigint } {
  const ids = new DataView(bytes.buffer, bytes.byteOffset);
  return { sequenceId: ids.getBigUint64(2), fragmentId: ids.getBigUint64(10) };
}
