// A distribution controller, as OTP calls what has a connection in its hands: it makes the handshake, cuts the bytes into packets,
// ticks, and ends with the carrier. Peers tells one what to send and is told what came; where the controller runs is its own
// affair: beside the node (direct-controller.ts), or behind a message port in a worker (remote-controller.ts).
import type { ControlMessage } from "../distribution/index.ts";
import type { ConnectionError, DecodeError, HandshakeError, ProtocolError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import type { HandshakeResult } from "../handshake/index.ts";
import type { Limits } from "../limits.ts";
import type { ReadGate } from "./read-gate.ts";

export interface Controller {
  /** Bytes accepted for sending that the carrier has not taken. */
  readonly bufferedBytes: number;
  /** Settles when the carrier is closed and nothing runs any more. */
  readonly done: Promise<void>;
  /** Sends with all else that is sent in this turn. Throws EncodeError for what has no external form that the peer takes. */
  send(control: ControlMessage, payload: Term | undefined): void;
  /** Another `net_ticktime` than it was opened with. */
  setTickTime(tickTimeMs: number): void;
  /** Resolves when so much has been written that sending may go on. */
  drained(): Promise<void>;
  /** Ends the connection from our side; what was sent before is still written where the carrier can. "closed" follows at once. */
  close(error?: ProtocolError | ConnectionError): Promise<void>;
}

/** The last event is "failed" or "closed". */
export type ControllerEvent =
  | { readonly type: "connected"; readonly result: HandshakeResult }
  | { readonly type: "failed"; readonly error: HandshakeError }
  | { readonly type: "closed"; readonly error?: ConnectionError | DecodeError | ProtocolError };

/** What a controller tells, and asks. */
export interface ControllerOwner {
  event(event: ControllerEvent, controller: Controller): void;
  /** A signal came, in so many bytes. May throw a ProtocolError, with which the connection is to be closed. */
  signal(peer: string, bytes: number, control: ControlMessage, payload: Term | undefined): void;
  /** While it is closed no more signals are given. */
  readonly gate: Pick<ReadGate, "isClosed" | "opened">;
}

/** The peer, and what we say of ourselves in the handshake (see `InitiatorOptions`). */
export interface OpenRequest {
  readonly peer: string;
  readonly name: string;
  readonly creation: number;
  readonly dynamicName: boolean;
  readonly cookie: string;
  readonly flags: bigint;
  readonly answerAlive: boolean;
  readonly tickTimeMs: number;
  readonly limits: Limits;
}

/**
 * Gives the controller when the carrier is there and the handshake begins. Rejects with what the carrier's connector rejects
 * with; when the signal aborts first, nothing is left of it.
 */
export type OpenController = (request: OpenRequest, owner: ControllerOwner, signal: AbortSignal) => Promise<Controller>;
