// What a node with the option `reconnect` tells of a connection that was lost.

/** A lost connection will be tried to get back, when the pause is over (option `reconnect`). `connect(peer)` does so at once. */
export class ReconnectingEvent extends Event {
  readonly peer: string;
  /** Of the coming attempt, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Why the connection was lost, or why the last attempt failed. */
  readonly error: unknown;

  constructor(peer: string, { attempt, delayMs, error }: { attempt: number; delayMs: number; error: unknown }) {
    super("reconnecting");
    this.peer = peer;
    this.attempt = attempt;
    this.delayMs = delayMs;
    this.error = error;
  }
}

/**
 * A lost connection is there again (option `reconnect`). What the loss has ended stays ended: links and monitors across it have
 * told `noconnection`, calls have failed, and of what was sent last nobody knows whether it arrived.
 */
export class ReconnectedEvent extends Event {
  readonly peer: string;
  /** Of this node; 0 when the peer, or something that was sent to it, was faster. */
  readonly attempts: number;
  /** This node's name before the loss. */
  readonly previousName: string;
  /**
   * This node has another name or creation than before, as one without a name of its own gets from the first peer. Its processes
   * live on under new pids; the old pids, references and `{Name, Node}` that others still hold lead nowhere any more.
   */
  readonly renamed: boolean;
  /** The peer was started anew: whatever pids of it are held here, they are dead. */
  readonly restarted: boolean;

  constructor(peer: string, data: Pick<ReconnectedEvent, "attempts" | "previousName" | "renamed" | "restarted">) {
    super("reconnected");
    this.peer = peer;
    this.attempts = data.attempts;
    this.previousName = data.previousName;
    this.renamed = data.renamed;
    this.restarted = data.restarted;
  }
}

/** A lost connection is given up: after the last attempt, or because of an error that time does not mend, as a wrong cookie. */
export class ReconnectFailedEvent extends Event {
  readonly peer: string;
  readonly attempts: number;
  readonly error: unknown;

  constructor(peer: string, { attempts, error }: { attempts: number; error: unknown }) {
    super("reconnectfailed");
    this.peer = peer;
    this.attempts = attempts;
    this.error = error;
  }
}
