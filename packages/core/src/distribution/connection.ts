// The state of the protocol with one peer, from the first byte of the handshake to the end: no I/O, no clock. Bytes go in
// with receive(), events come out of nextEvent(now), bytes to write out of takeOutbound(), deadlines out of nextTimeout().
import { ChunkQueue } from "../bytes/chunk-queue.ts";
import { ConnectionError, DecodeError, ProtocolError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import type { Handshake, HandshakeResult } from "../handshake/index.ts";
import type { Limits } from "../limits.ts";
import type { ControlMessage } from "./control.ts";
import type { ClosedEvent, ConnectionEvent } from "./events.ts";
import { LENGTH_BYTES } from "./length-bytes.ts";
import type { Packet } from "./packet.ts";
import type { PacketSource, PacketsFor, PacketWriter } from "./packets.ts";

export interface ConnectionOptions {
  readonly handshake: Handshake;
  readonly limits: Pick<Limits, "packetBytes">;
  /** OTP's `net_ticktime` in milliseconds: a tick is due each quarter of it, and the peer is lost after five silent quarters. */
  readonly tickTimeMs: number;
  readonly now: number;
  /** How packets are written and read: `allForms`, as a rule. */
  readonly packets: PacketsFor;
}

const TICKS_PER_TICK_TIME = 4;
// OTP looks each quarter and gives up between 3 and 5 of them; the longer bound forgives a late timer.
const SILENT_QUARTERS = 5;
// What comes in is answered with a tick no more often than this, which is enough for the shortest `net_ticktime` in use.
const ANSWER_MS = 1_000;

type State = "handshake" | "up" | "closed";

export class Connection {
  readonly #handshake: Handshake;
  readonly #limits: Pick<Limits, "packetBytes">;
  #quarterMs: number;
  readonly #queue = new ChunkQueue();
  readonly #packets: PacketsFor;
  /** Is there from the event "connected" on. */
  #outbound: PacketWriter | undefined;
  #reader: PacketSource | undefined;
  /** "unread" was said. */
  #isUnread = false;
  #state: State = "handshake";
  #result: HandshakeResult | undefined;
  /** The last event, until nextEvent() has given it. */
  #closed: ClosedEvent | undefined;
  /** The carrier's end; packets that came before it are read first. */
  #ended: ConnectionError | undefined;
  #tickAt: number;
  #heardAt: number;
  /** Bytes came in since nextEvent() last knew the time. */
  #heard = false;
  #reading = true;
  /** Something was written since the last tick was due. */
  #wrote = false;
  /** Something was written since the last packet came in. */
  #answered = false;
  /** From when on bytes that come in are a reason to tick, unless something was written since the last time they were. */
  #answerAt: number;
  #wroteLately = false;

  constructor({ handshake, limits, tickTimeMs, now, packets }: ConnectionOptions) {
    this.#handshake = handshake;
    this.#limits = limits;
    this.#packets = packets;
    this.#quarterMs = tickTimeMs / TICKS_PER_TICK_TIME;
    this.#tickAt = now + this.#quarterMs;
    this.#heardAt = now;
    this.#answerAt = now + this.#answerMs;
  }

  get state(): State {
    return this.#state;
  }

  /** What the handshake agreed on, from the event "connected" on. */
  get result(): HandshakeResult | undefined {
    return this.#result;
  }

  /** Bytes that wait for takeOutbound(). */
  get outboundBytes(): number {
    return this.#outbound?.length ?? 0;
  }

  /** What the last signal took on the wire. */
  get signalBytes(): number {
    return this.#reader?.bytes ?? 0;
  }

  /** Takes bytes from the carrier, in any split; the chunk must not change afterwards. */
  receive(chunk: Uint8Array): void {
    this.#heard = true;
    if (this.#state === "handshake") this.#handshake.receive(chunk);
    else if (this.#state === "up") this.#queue.push(chunk);
  }

  /**
   * The carrier ended without our doing; `error` is what it gave as the reason. During the handshake a plain end is the
   * peer's answer (to a wrong cookie, say), and "failed" tells what it means.
   */
  receiveEnd(error?: ConnectionError): void {
    const isPlain = error === undefined || error.code === "closed";
    if (this.#state === "handshake" && isPlain) this.#handshake.receiveEnd();
    else this.#ended = error ?? new ConnectionError("closed", "the peer closed the connection", { peer: this.#result?.peer });
  }

  /** The next thing that happened, undefined when more bytes are needed. Call it until then after each receive(). */
  nextEvent(now: number): ConnectionEvent | undefined {
    if (this.#state === "handshake") {
      const event = this.#handshakeEvent(now);
      if (event !== undefined) return event;
    }
    const isHeard = this.#heard;
    if (isHeard) {
      this.#heard = false;
      this.#heardAt = now;
    }
    if (this.#state === "up") {
      if (isHeard) this.#answerBytes(now);
      this.#tickWhenDue(now);
      const event = this.#packetEvent();
      if (event !== undefined) return event;
    }
    if (this.#ended !== undefined) this.#close(this.#ended);
    const closed = this.#closed;
    this.#closed = undefined;
    return closed;
  }

  /**
   * The bytes to write now, as one chunk. With `maxBytes` of large messages only about so much is given at once, the rest with
   * the next call, so that on a slow carrier ticks and other messages need not wait for their end. Smaller messages and
   * those that may not be sent in fragments are always given whole.
   */
  takeOutbound(maxBytes?: number): Uint8Array | undefined {
    const outbound = this.#outbound;
    if (outbound === undefined) return this.#handshake.takeOutbound();
    if (outbound.hasFragments) {
      this.#wrote = true;
      this.#wroteLately = true;
    }
    return outbound.take(maxBytes);
  }

  /** When handleTimeout() has to be called, in the time of nextEvent(now). */
  nextTimeout(): number | undefined {
    if (this.#state === "handshake") return this.#handshake.nextTimeout();
    if (this.#state === "closed") return undefined;
    return this.#reading ? Math.min(this.#tickAt, this.#silentAt()) : this.#tickAt;
  }

  handleTimeout(now: number): void {
    if (this.#state === "handshake") this.#handshake.handleTimeout(now);
    if (this.#state !== "up") return;
    if (this.#heard) this.#heardAt = now;
    if (this.#reading && now >= this.#silentAt()) {
      const peer = this.#result?.peer;
      this.#close(
        new ConnectionError("net_tick_timeout", `${peer} has not been heard of for ${now - this.#heardAt} ms`, { peer }),
      );
    } else {
      this.#tickWhenDue(now);
    }
  }

  /** The driver stopped reading (backpressure) or reads again: a peer that nobody listens to is not silent. */
  setReading(reading: boolean, now: number): void {
    this.#reading = reading;
    this.#heardAt = now;
  }

  /** From now on this holds in place of the `tickTimeMs` that the connection was made with. */
  setTickTime(tickTimeMs: number, now: number): void {
    this.#quarterMs = tickTimeMs / TICKS_PER_TICK_TIME;
    this.#tickAt = now + this.#quarterMs;
    this.#heardAt = now;
  }

  /**
   * Queues a control message, in the form that the peer knows; one that it has no form of is not sent, as by OTP. Throws
   * EncodeError for a term that has no external form or none that the peer takes, and leaves nothing of it in the packets
   * that wait; ConnectionError "not_connected" outside of a connection that is up.
   */
  send(control: ControlMessage, payload?: Term): void {
    const outbound = this.#outbound;
    if (this.#state !== "up" || outbound === undefined) {
      throw new ConnectionError("not_connected", "the connection is not up");
    }
    outbound.send(control, payload);
    this.#hasWritten();
  }

  /** How packets are written and read from now on, for a connection that did less before. Take the events that wait. */
  setPackets(packets: PacketsFor): void {
    if (this.#state !== "up" || this.#result === undefined) return;
    const { writer, reader } = packets(this.#result.flags);
    const waiting = this.#outbound?.take();
    if (waiting !== undefined) writer.append(waiting);
    this.#outbound = writer;
    this.#reader = reader;
  }

  /**
   * Ends the connection from our side; "closed" follows, with the peer's fault if that is why. What waits in
   * takeOutbound() may still be written.
   */
  close(error?: ClosedEvent["error"]): void {
    this.#close(error);
  }

  #handshakeEvent(now: number): ConnectionEvent | undefined {
    const event = this.#handshake.nextEvent(now);
    if (event?.type === "connected") {
      const { flags } = event.result;
      const { writer: outbound, reader } = this.#packets(flags);
      this.#outbound = outbound;
      this.#reader = reader;
      // The acceptor's challenge_ack may still wait to be written, and the first packets may have come with it.
      const last = this.#handshake.takeOutbound();
      if (last !== undefined) outbound.append(last);
      this.#queue.push(this.#handshake.takeRest());
      this.#result = event.result;
      this.#state = "up";
      this.#heardAt = now;
      this.#tickAt = now + this.#quarterMs;
    } else if (event?.type === "failed") {
      this.#state = "closed";
    }
    return event;
  }

  /** The first packet that is an event: a fragment that is not the last of its message is none. */
  #packetEvent(): ConnectionEvent | undefined {
    for (;;) {
      const length = this.#nextPacket();
      if (length === undefined) return this.#unreadEvent();
      if (length === 0) return this.#tickEvent();
      this.#answered = false;
      try {
        const packet = this.#reader?.readFrom(this.#queue, length);
        if (packet !== undefined) return signalOf(packet);
      } catch (error) {
        const isPeersFault = error instanceof DecodeError || error instanceof ProtocolError;
        this.#close(
          isPeersFault
            ? error
            : new ProtocolError("bad_packet", `a packet could not be read: ${String(error)}`, { cause: error }),
        );
        return undefined;
      }
    }
  }

  /** Says once that a packet is there which nobody can read yet. */
  #unreadEvent(): ConnectionEvent | undefined {
    if (this.#isUnread || this.#state !== "up" || this.#reader !== undefined || this.#queue.length < LENGTH_BYTES)
      return undefined;
    this.#isUnread = true;
    return { type: "unread" };
  }

  /** The length of the next packet, once all of it is there and can be read; it is next in the queue then. */
  #nextPacket(): number | undefined {
    const queue = this.#queue;
    if (queue.length < LENGTH_BYTES) return undefined;
    const length = queue.peekU32();
    if (length > this.#limits.packetBytes) {
      const message = `a packet of ${length} bytes is announced, ${this.#limits.packetBytes} are allowed`;
      this.#close(new ProtocolError("packet_too_large", message));
      return undefined;
    }
    if (queue.length < LENGTH_BYTES + length || (length > 0 && this.#reader === undefined)) return undefined;
    queue.skip(LENGTH_BYTES);
    return length;
  }

  // Timers are late in a background tab, bytes are not: a tick is answered with a tick. Not each: two nodes that do the same
  // must fall silent again, so an answer is due only when nothing was written since the packet before this one.
  #tickEvent(): ConnectionEvent {
    if (this.#answered) this.#answered = false;
    else this.#tick();
    return { type: "tick" };
  }

  // A large message on a slow link keeps the peer's ticks waiting behind it, and the peer waits for ours meanwhile.
  #answerBytes(now: number): void {
    if (now < this.#answerAt) return;
    if (!this.#wroteLately && this.outboundBytes === 0) this.#tick();
    this.#wroteLately = false;
    this.#answerAt = now + this.#answerMs;
  }

  #tickWhenDue(now: number): void {
    if (now < this.#tickAt) return;
    // What waits to be written is as good as a tick.
    if (!this.#wrote && this.outboundBytes === 0) this.#tick();
    this.#wrote = false;
    this.#tickAt = now + this.#quarterMs;
  }

  #tick(): void {
    this.#outbound?.tick();
    this.#hasWritten();
  }

  #hasWritten(): void {
    this.#wrote = true;
    this.#answered = true;
    this.#wroteLately = true;
  }

  get #answerMs(): number {
    return Math.min(ANSWER_MS, this.#quarterMs);
  }

  #silentAt(): number {
    return this.#heardAt + SILENT_QUARTERS * this.#quarterMs;
  }

  #close(error: ClosedEvent["error"]): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#closed = error === undefined ? { type: "closed" } : { type: "closed", error };
    this.#queue.skip(this.#queue.length);
    // Fragments may wait there for the rest of their messages.
    this.#reader = undefined;
  }
}

function signalOf({ control, payload }: Packet): ConnectionEvent {
  return payload === undefined ? { type: "signal", control } : { type: "signal", control, payload };
}
