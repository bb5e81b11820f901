// What both sides of the handshake are to their driver: bytes go in with receive(), events come out of nextEvent(now),
// bytes to write out of takeOutbound(), deadlines out of nextTimeout().
import type { HandshakeError } from "../errors.ts";
import type { Status } from "./messages.ts";

export interface Handshake {
  /** Takes bytes from the carrier, in any split; the chunk must not change afterwards. */
  receive(chunk: Uint8Array): void;
  /** The carrier ended. In some states that is the peer's answer: "failed" says what it means. */
  receiveEnd(): void;
  /** The next thing that happened, undefined when more bytes are needed. Call it until then after each receive(). */
  nextEvent(now: number): HandshakeEvent | undefined;
  /** All bytes to write now, as one chunk. Write them after "failed" too: they may tell the peer why. */
  takeOutbound(): Uint8Array | undefined;
  /** When handleTimeout() has to be called, in the time of `now`; undefined when the handshake is over. */
  nextTimeout(): number | undefined;
  handleTimeout(now: number): void;
  /** After "connected": the bytes that came behind the handshake, the first packets of the connection. */
  takeRest(): Uint8Array;
}

export type HandshakeEvent = NameEvent | StatusEvent | ConnectedEvent | FailedEvent;

/** Acceptor: somebody wants to connect. The handshake waits for `answer()`. */
export interface NameEvent {
  readonly type: "name";
  /** The full node name, or the host alone when it wants a name. */
  readonly name: string;
  readonly flags: bigint;
  /** 0 when not known yet: in version 5 it comes later, and a node that wants a name has none. */
  readonly creation: number;
  readonly version: 5 | 6;
  readonly wantsName: boolean;
}

/** Initiator: what the acceptor said to our name. */
export interface StatusEvent {
  readonly type: "status";
  readonly status: Status;
}

export interface ConnectedEvent {
  readonly type: "connected";
  readonly result: HandshakeResult;
}

/** The last event: the carrier has to be closed, after what takeOutbound() still has. */
export interface FailedEvent {
  readonly type: "failed";
  readonly error: HandshakeError;
}

export interface HandshakeResult {
  /** Our own name and creation: those that the peer gave us, if it named us. */
  readonly name: string;
  readonly creation: number;
  readonly peer: string;
  readonly peerCreation: number;
  readonly peerFlags: bigint;
  /** The flags that both sides set. */
  readonly flags: bigint;
  /** One of the two has not set DFLAG_PUBLISHED: neither shows the other in `nodes()`. */
  readonly hidden: boolean;
}

/** What both sides are told. */
export interface HandshakeOptions {
  /** What we can do (see PASS_THROUGH_FLAGS). */
  readonly flags: bigint;
  /** An unpredictable unsigned 32-bit number, another one for each handshake. */
  readonly challenge: number;
  /** Width of the length before each message: 2 over TCP, 4 over TLS. */
  readonly packetBytes: 2 | 4;
  /** The time, on the scale of nextEvent() and handleTimeout(). */
  readonly now: number;
  /** Milliseconds that the peer has for each message. */
  readonly stepTimeMs: number;
  /** Bytes that one message may have. */
  readonly handshakeBytes: number;
}
