// What one connection has to say, in the order in which it goes out. Small messages are written at once. Messages that go
// out in fragments wait, and with each call of take() some of their fragments are written behind what is there by then, one
// of each message in turn: so ticks and the small messages of others pass between the fragments of a large message. What
// the same process sends after its large message waits for the end of that (erl_dist_protocol wants its signals in order).
//
// Slots of the atom cache change when a header is written here, never earlier: see atom-cache.ts.
import { Writer } from "../bytes/writer.ts";
import { type Atom, appendTerm, type EncodeTermOptions, type Term, VERSION } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { OutboundAtomCache } from "./atom-cache.ts";
import { type ControlMessage, controlToTerm, payloadOf } from "./control.ts";
import { needsConversion, packetForPeer } from "./for-peer.ts";
import { appendReferences, type Encoded, FRAGMENT_BYTES, OutboundSequence } from "./fragments.ts";
import { DIST_HEADER } from "./header.ts";
import { appendTick, LENGTH_BYTES } from "./packet.ts";
import { type PacketForm, packetForm } from "./packet-form.ts";
import type { PacketWriter } from "./packets.ts";
import { senderOf } from "./sender.ts";

export class Outbound implements PacketWriter {
  readonly #flags: bigint;
  readonly #form: PacketForm;
  readonly #converts: boolean;
  readonly #cache: OutboundAtomCache | undefined;
  readonly #options: EncodeTermOptions;
  /** What goes out next. */
  readonly #writer = new Writer();
  /** Where the terms of a packet are encoded, since the atoms before them are known only then. */
  readonly #terms = new Writer();
  /** Messages of which fragments are still to be sent, in the order of their turns. */
  readonly #sequences: OutboundSequence[] = [];
  /** What their senders have sent since. */
  readonly #held = new Map<string, Encoded[]>();
  #waitingBytes = 0;
  #sequenceId = 0n;

  /** `flags` are those that both nodes set. Without `usesAtomCache` no atom is put into the cache. */
  constructor(flags: bigint, usesAtomCache: boolean) {
    this.#flags = flags;
    this.#form = packetForm(flags);
    this.#converts = needsConversion(flags);
    const nativeRecords = (flags & DFLAG.NATIVE_RECORDS) !== 0n;
    this.#cache = this.#form.atomCache && usesAtomCache ? new OutboundAtomCache(nativeRecords) : undefined;
    this.#options = this.#cache ?? { nativeRecords };
  }

  /** Bytes that wait for take(), those of headers to come not counted. */
  get length(): number {
    return this.#writer.length + this.#waitingBytes;
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
    if (this.#sequences.length > 0) this.#makeRoom(maxBytes);
    for (let isFirst = true; this.#sequences.length > 0 && (isFirst || this.#writer.length < maxBytes); isFirst = false) {
      this.#sendFragment();
    }
    return this.#writer.length === 0 ? undefined : this.#writer.finish();
  }

  /** One slab for all fragments of a call; should some header be larger, the writer finds another. */
  #makeRoom(maxBytes: number): void {
    const fragments = Math.ceil(Math.min(this.#waitingBytes, maxBytes) / FRAGMENT_BYTES);
    this.#writer.ensureExactly(fragments * (FRAGMENT_BYTES + HEADER_ROOM));
  }

  /** `original` tells who sent it, which the converted form may not. */
  #send(original: ControlMessage, control: ControlMessage, payload: Term | undefined): void {
    const controlBytes = this.#encode(control, payload);
    const isFragmented = this.#isFragmented(control, controlBytes);
    if (!isFragmented && this.#sequences.length === 0) {
      this.#appendWhole(this.#terms.written, this.#takeReferences());
      this.#terms.clear();
    } else {
      const references = this.#takeReferences();
      this.#schedule(senderOf(original), { bytes: this.#terms.finish(), controlBytes, references, isFragmented });
    }
  }

  /** Encodes both terms and returns the size of the first. */
  #encode(control: ControlMessage, payload: Term | undefined): number {
    const terms = this.#terms;
    try {
      appendTerm(terms, controlToTerm(control), this.#options);
      const controlBytes = terms.length;
      const follows = payloadOf(control, payload);
      if (follows !== undefined) appendTerm(terms, follows, this.#options);
      return controlBytes;
    } catch (error) {
      terms.clear();
      this.#takeReferences();
      throw error;
    }
  }

  #takeReferences(): readonly Atom[] {
    return this.#cache === undefined ? NO_ATOMS : this.#cache.takeReferences();
  }

  /** OTP 28 and 29.0 before 29.0.6 crash on priority messages to an alias in fragments (erlang/otp#11416): those go whole. */
  #isFragmented(control: ControlMessage, controlBytes: number): boolean {
    const { length } = this.#terms;
    return this.#form.fragments && length > FRAGMENT_BYTES && length > controlBytes && control.type !== "ALTACT_SIG_SEND";
  }

  #schedule(sender: string | undefined, message: Encoded): void {
    // Nobody knows what it has to come after, or what after it: it goes now, behind everything.
    if (sender === undefined) this.#sendFragments();
    const held = sender === undefined ? undefined : this.#held.get(sender);
    if (held !== undefined) {
      held.push(message);
      this.#waitingBytes += message.bytes.length;
    } else if (message.isFragmented) {
      this.#waitingBytes += message.bytes.length;
      this.#start(sender ?? NOBODY, message);
      if (sender === undefined) this.#sendFragments();
    } else {
      this.#appendWhole(message.bytes, message.references);
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
    this.#waitingBytes -= sequence.appendNext(this.#writer, this.#cache);
    if (sequence.isSent) this.#resume(sequence.sender);
    else this.#sequences.push(sequence);
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
      this.#waitingBytes -= message.bytes.length;
      this.#appendWhole(message.bytes, message.references);
    }
    this.#held.delete(sender);
  }

  #appendWhole(terms: Uint8Array, references: readonly Atom[]): void {
    const writer = this.#writer;
    const start = writer.length;
    const length = writer.reserve(LENGTH_BYTES);
    writer.u8(VERSION);
    writer.u8(DIST_HEADER);
    appendReferences(writer, references, this.#cache);
    writer.append(terms);
    writer.patchU32(length, writer.length - start - LENGTH_BYTES);
  }
}

const NO_ATOMS: readonly Atom[] = [];
const NOBODY = "";
const HEADER_ROOM = 256;
