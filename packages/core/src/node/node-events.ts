// What a node tells: `node.addEventListener("nodeup", …)`.
import type { Term } from "../etf/index.ts";
import type { LogMessage } from "./logger-proxy.ts";
import type { Process } from "./process.ts";
import type { ReconnectedEvent, ReconnectFailedEvent, ReconnectingEvent } from "./reconnect-events.ts";

/** Another node, as the handshake has shown it. */
export interface PeerInfo {
  readonly name: string;
  readonly creation: number;
  /** Not in `nodes()` of Erlang: one of the two nodes did not set DFLAG_PUBLISHED. */
  readonly hidden: boolean;
  /** The flags that both nodes set (DFLAG_*). */
  readonly flags: bigint;
}

/** As in OTP's `nodedown_reason`. */
export type NodeDownReason = "connection_closed" | "net_tick_timeout" | "disconnect" | "net_kernel_terminated";

export class NodeUpEvent extends Event {
  readonly peer: string;
  readonly hidden: boolean;

  constructor({ name, hidden }: PeerInfo) {
    super("nodeup");
    this.peer = name;
    this.hidden = hidden;
  }
}

export class NodeDownEvent extends Event {
  readonly peer: string;
  readonly hidden: boolean;
  readonly reason: NodeDownReason;
  /** What happened to the connection, where it was not our own doing. */
  readonly error: Error | undefined;

  constructor({ name, hidden }: PeerInfo, reason: NodeDownReason, error: Error | undefined) {
    super("nodedown");
    this.peer = name;
    this.hidden = hidden;
    this.reason = reason;
    this.error = error;
  }
}

/** No connection came up, in either direction. What was sent to the peer meanwhile is lost. */
export class ConnectErrorEvent extends Event {
  /** Undefined when somebody connected to us and never told its name. */
  readonly peer: string | undefined;
  readonly error: unknown;
  /** Somebody connected to us. */
  readonly incoming: boolean;

  constructor(peer: string | undefined, error: unknown, incoming: boolean) {
    super("connecterror");
    this.peer = peer;
    this.error = error;
    this.incoming = incoming;
  }
}

/** The function of a process threw; links and monitors learn of it as of any exit. */
export class ProcessCrashEvent extends Event {
  readonly process: Process;
  readonly error: unknown;

  constructor(process: Process, error: unknown) {
    super("processcrash");
    this.process = process;
    this.error = error;
  }
}

/** A message came to a gen_server that has no `handleInfo`. OTP logs it as a warning. */
export class UnhandledMessageEvent extends Event {
  readonly process: Process;
  readonly message: Term;

  constructor(process: Process, message: Term) {
    super("unhandledmessage");
    this.process = process;
    this.message = message;
  }
}

/** OTP's logger on another node tells of a process whose group leader is ours; `logText` makes text of it. */
export class LogEvent extends Event implements LogMessage {
  readonly level: LogMessage["level"];
  readonly message: LogMessage["message"];
  readonly meta: LogMessage["meta"];

  constructor({ level, message, meta }: LogMessage) {
    super("log");
    this.level = level;
    this.message = message;
    this.meta = meta;
  }
}

export interface NodeEventMap {
  nodeup: NodeUpEvent;
  nodedown: NodeDownEvent;
  connecterror: ConnectErrorEvent;
  reconnecting: ReconnectingEvent;
  reconnected: ReconnectedEvent;
  reconnectfailed: ReconnectFailedEvent;
  processcrash: ProcessCrashEvent;
  unhandledmessage: UnhandledMessageEvent;
  log: LogEvent;
}
