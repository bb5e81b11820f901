// What one connection has to say, in the order in which it goes out. Small messages are written at once. Messages that go
// out in fragments wait, and with each call of take() some of their fragments are written behind what is there by then, one
// of each message in turn: so ticks and the small messages of others pass between the fragments of a large message. What
// the same process sends after its large message waits for the end of that (erl_dist_protocol wants its signals in order).
//
// Slots of the atom cache change when a header is written here, never earlier: see atom-cache.ts.
import { Writer } from "../bytes/writer.ts";
import { type Atom, appendTerm, type EncodeTermOptions, TAG, type Term, VERSION } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { OutboundAtomCache } from "./atom-cache.ts";
import { type ControlMessage, controlToTerm, payloadOf } from "./control.ts";
import { needsConversion, packetForPeer } from "./for-peer.ts";
import { appendReferences, type Encoded, FRAGMENT_BYTES, OutboundSequence } from "./fragments.ts";
import { DIST_HEADER } from "./header.ts";
import { LENGTH_BYTES } from "./length-bytes.ts";
import { appendTick } from "./packet.ts";
import { type PacketForm, packetForm } from "./packet-form.ts";
import type { PacketWriter } from "./packets.ts";
import { LENT_BYTES, Parts, Segments } from "./parts.ts";
import { senderOf } from "./sender.ts";

export interface OutboundOptions {
  /** By default true. False: no atom is put into the cache. */
  readonly usesAtomCache?: boolean | undefined;
  /**
   * Each take() gives the next part of what is to be written, and a small one may come before a large one, as the head of a
   * packet: for carriers to which small writes make no difference. By default false.
   */
  readonly inParts?: boolean | undefined;
  /** Of a message on its way the rest is gone: the connection has to be ended. */
  readonly onFault?: ((error: Error) => void) | undefined;
}

export class Outbound implements PacketWriter {
  readonly #flags: bigint;
  readonly #form: PacketForm;
  readonly #converts: boolean;
  readonly #cache: OutboundAtomCache | undefined;
  readonly #options: EncodeTermOptions;
  readonly #inParts: boolean;
  readonly #onFault: ((error: Error) => void) | undefined;
  /** What goes out next. */
  readonly #parts = new Parts();
  readonly #writer = this.#parts.writer;
  /** Where the terms of a packet are encoded, since the atoms before them are known only then. */
  readonly #terms = new Writer();
  /** Large binaries in them, and where among the bytes each stands. */
  #lent: { readonly at: number; readonly binary: Uint8Array }[] = [];
  #lentBytes = 0;
  /** Messages of which fragments are still to be sent, in the order of their turns. */
  readonly #sequences: OutboundSequence[] = [];
  /** What their senders have sent since. */
  readonly #held = new Map<string, Encoded[]>();
  #waitingBytes = 0;
  #sequenceId = 0n;

  /** `flags` are those that both nodes set. */
  constructor(flags: bigint, { usesAtomCache = true, inParts = false, onFault }: OutboundOptions = {}) {
    this.#flags = flags;
    this.#form = packetForm(flags);
    this.#converts = needsConversion(flags);
    const nativeRecords = (flags & DFLAG.NATIVE_RECORDS) !== 0n;
    this.#cache = this.#form.atomCache && usesAtomCache ? new OutboundAtomCache(nativeRecords) : undefined;
    this.#inParts = inParts;
    this.#onFault = onFault;
    const lendBinary = (writer: Writer, binary: Uint8Array): boolean => this.#lend(writer, binary);
    if (this.#cache !== undefined) this.#cache.lendBinary = lendBinary;
    this.#options = this.#cache ?? { nativeRecords, lendBinary };
  }

  /** Bytes that wait for take(), those of headers to come not counted. */
  get length(): number {
    return this.#parts.length + this.#waitingBytes;
  }

  /** Some message is on its way in fragments. */
  get hasFragments(): boolean {
    return this.#sequences.length > 0;
  }

  /** Bytes of the handshake, to be sent before all else. */
  append(bytes: Uint8Array): void {
    this.#writer.append(bytes);
  }

  tick(): void {
    appendTick(this.#writer);
  }

  /**
   * Sends a control message in the form that the peer knows, or not at all when it knows none. When a term cannot be encoded
   * nothing of the message is sent, and the atom cache is as it was. Throws EncodeError.
   */
  send(control: ControlMessage, payload: Term | undefined): void {
    if (this.#converts || control.type === "ALTACT_SIG_SEND") {
      const packet = packetForPeer(control, payload, this.#flags);
      if (packet !== undefined) this.#send(control, packet.control, packet.payload);
    } else {
      this.#send(control, control, payload);
    }
  }

  /**
   * All that is to be written now. Where fragments wait, those go along that start within the first `maxBytes` bytes, and one
   * in any case; the others wait for the next call.
   */
  take(maxBytes: number = Infinity): Uint8Array | undefined {
    const parts = this.#parts;
    if (parts.isBroken) return undefined;
    const bytes = this.#inParts ? this.#takePart() : this.#takeWhole(maxBytes);
    if (parts.isBroken) this.#break();
    return bytes;
  }

  #takePart(): Uint8Array | undefined {
    if (this.#parts.length === 0 && this.#sequences.length > 0) this.#sendFragment();
    return this.#parts.takePart();
  }

  #takeWhole(maxBytes: number): Uint8Array | undefined {
    const parts = this.#parts;
    for (let isFirst = true; this.#sequences.length > 0 && (isFirst || parts.length < maxBytes); isFirst = false) {
      this.#sendFragment();
      if (parts.isBroken) return undefined;
    }
    return parts.take();
  }

  /** `original` tells who sent it, which the converted form may not. */
  #send(original: ControlMessage, control: ControlMessage, payload: Term | undefined): void {
    const controlBytes = this.#encode(control, payload);
    const isFragmented = this.#isFragmented(control, controlBytes);
    if (!isFragmented && this.#lentBytes === 0 && this.#sequences.length === 0) {
      this.#appendWhole(this.#terms.written, this.#takeReferences());
      this.#terms.clear();
    } else {
      const references = this.#takeReferences();
      this.#schedule(senderOf(original), { segments: this.#takeSegments(), controlBytes, references, isFragmented });
    }
  }

  /** Encodes both terms and returns the size of the first. */
  #encode(control: ControlMessage, payload: Term | undefined): number {
    const terms = this.#terms;
    try {
      appendTerm(terms, controlToTerm(control), this.#options);
      const controlBytes = terms.length + this.#lentBytes;
      const follows = payloadOf(control, payload);
      if (follows !== undefined) appendTerm(terms, follows, this.#options);
      return controlBytes;
    } catch (error) {
      this.#takeSegments();
      this.#takeReferences();
      throw error;
    }
  }

  /** Of a large binary only the head is written. One whose memory can change its size is copied. */
  #lend(writer: Writer, binary: Uint8Array): boolean {
    const { length, buffer } = binary;
    if (length <= LENT_BYTES || !(buffer instanceof ArrayBuffer) || buffer.resizable) return false;
    writer.u8(TAG.BINARY_EXT);
    writer.u32(length);
    this.#lent.push({ at: writer.length, binary });
    this.#lentBytes += length;
    return true;
  }

  /** The message that was encoded; the next one starts anew. */
  #takeSegments(): Segments {
    const bytes = this.#terms.finish();
    const segments: Uint8Array[] = [];
    let start = 0;
    for (const { at, binary } of this.#lent) {
      segments.push(bytes.subarray(start, at), binary);
      start = at;
    }
    segments.push(bytes.subarray(start));
    this.#lent = [];
    this.#lentBytes = 0;
    return new Segments(segments);
  }

  #takeReferences(): readonly Atom[] {
    return this.#cache === undefined ? NO_ATOMS : this.#cache.takeReferences();
  }

  /** OTP 28 and 29.0 before 29.0.6 crash on priority messages to an alias in fragments (erlang/otp#11416): those go whole. */
  #isFragmented(control: ControlMessage, controlBytes: number): boolean {
    const length = this.#terms.length + this.#lentBytes;
    return this.#form.fragments && length > FRAGMENT_BYTES && length > controlBytes && control.type !== "ALTACT_SIG_SEND";
  }

  #schedule(sender: string | undefined, message: Encoded): void {
    // Nobody knows what it has to come after, or what after it: it goes now, behind everything.
    if (sender === undefined) this.#sendFragments();
    const held = sender === undefined ? undefined : this.#held.get(sender);
    if (held !== undefined) {
      held.push(message);
      this.#waitingBytes += message.segments.length;
    } else if (message.isFragmented) {
      this.#waitingBytes += message.segments.length;
      this.#start(sender ?? NOBODY, message);
      if (sender === undefined) this.#sendFragments();
    } else {
      this.#appendSegments(message);
    }
  }

  #start(sender: string, message: Encoded): void {
    if (!this.#held.has(sender)) this.#held.set(sender, []);
    this.#sequenceId += 1n;
    this.#sequences.push(new OutboundSequence(sender, message, this.#sequenceId));
  }

  #sendFragments(): void {
    while (this.#sequences.length > 0) this.#sendFragment();
  }

  #sendFragment(): void {
    const sequence = this.#sequences.shift();
    if (sequence === undefined) return;
    this.#waitingBytes -= sequence.appendNext(this.#parts, this.#cache);
    if (sequence.isSent) this.#resume(sequence.sender);
    else this.#sequences.push(sequence);
  }

  /** A program has taken away what it was about to send: nothing can follow what is out of it. */
  #break(): void {
    this.#sequences.length = 0;
    this.#held.clear();
    this.#waitingBytes = 0;
    this.#onFault?.(new TypeError("a binary that was sent was transferred to another thread before it had left"));
  }

  /** Writes what waited for the end of this sender's message, up to the next one that goes in fragments. */
  #resume(sender: string): void {
    const held = this.#held.get(sender) ?? [];
    for (const [index, message] of held.entries()) {
      if (message.isFragmented) {
        held.splice(0, index + 1);
        this.#start(sender, message);
        return;
      }
      this.#waitingBytes -= message.segments.length;
      this.#appendSegments(message);
    }
    this.#held.delete(sender);
  }

  #appendWhole(terms: Uint8Array, references: readonly Atom[]): void {
    this.#appendHeader(terms.length, references);
    this.#writer.append(terms);
  }

  #appendSegments({ segments, references }: Encoded): void {
    this.#appendHeader(segments.length, references);
    segments.appendTo(this.#parts, segments.length);
  }

  /** The head of a packet with so many bytes of terms. */
  #appendHeader(termBytes: number, references: readonly Atom[]): void {
    const writer = this.#writer;
    const start = writer.length;
    const length = writer.reserve(LENGTH_BYTES);
    writer.u8(VERSION);
    writer.u8(DIST_HEADER);
    appendReferences(writer, references, this.#cache);
    writer.patchU32(length, writer.length - start - LENGTH_BYTES + termBytes);
  }
}

const NO_ATOMS: readonly Atom[] = [];
const NOBODY = "";
