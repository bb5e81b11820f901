// What a connection tells its driver.
import type { ConnectionError, DecodeError, ProtocolError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import type { HandshakeEvent } from "../handshake/index.ts";
import type { ControlMessage } from "./control.ts";

/** A control message from the peer, with its payload. */
export interface SignalEvent {
  readonly type: "signal";
  readonly control: ControlMessage;
  readonly payload?: Term;
}

/** A packet of length 0: the peer has nothing to say and is alive. */
export interface TickEvent {
  readonly type: "tick";
}

/** A packet has come that is no tick, and there is no reader yet: see `Connection.setPackets`. Said once. */
export interface UnreadEvent {
  readonly type: "unread";
}

/**
 * The last event. `error` says whose fault it is: the peer broke the protocol (DecodeError, ProtocolError), fell silent
 * (ConnectionError "net_tick_timeout") or its carrier ended or broke (ConnectionError); without one, we closed it.
 */
export interface ClosedEvent {
  readonly type: "closed";
  readonly error?: ConnectionError | DecodeError | ProtocolError;
}

/** The handshake's events first; "failed" and "closed" are final, "connected" starts the rest. */
export type ConnectionEvent = HandshakeEvent | SignalEvent | TickEvent | UnreadEvent | ClosedEvent;
