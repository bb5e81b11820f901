// How much and how long: everything that a page or a node can make grow here has a bound.

export interface BridgeLimits {
  /** Milliseconds for reaching the node, EPMD included. */
  readonly dialTimeMs: number;
  /** Milliseconds from there for the handshake, where the bridge looks at it. */
  readonly handshakeTimeMs: number;
  /** Bytes of one WebSocket message. */
  readonly messageBytes: number;
  /** Bytes waiting for one side at which the other has to wait. */
  readonly bufferedBytes: number;
  /** Milliseconds between pings. */
  readonly pingTimeMs: number;
  /** Milliseconds that a page has for its answer: one that gives no sign of life for both together is gone. */
  readonly pongTimeMs: number;
  /** Milliseconds that the node may have to wait at a stretch for a page: its processes are suspended in that time. */
  readonly stallTimeMs: number;
  /** Milliseconds that a page may have to wait at a stretch for the node. */
  readonly nodeStallTimeMs: number;
  /** Milliseconds in which neither side sends anything but ticks; 0 for no limit. */
  readonly idleTimeMs: number;
  /** Milliseconds that a link may last; 0 for no limit. */
  readonly sessionTimeMs: number;
  /** Milliseconds that an ended link has for its two closing handshakes, when everything is sent. */
  readonly closeTimeMs: number;
  /** Milliseconds that an ended link may go without either side taking anything of what is left for it. */
  readonly lingerTimeMs: number;
  /** Milliseconds that the links have when the bridge is told to stop. */
  readonly drainTimeMs: number;
}

export const DEFAULT_BRIDGE_LIMITS: BridgeLimits = {
  dialTimeMs: 5_000,
  handshakeTimeMs: 7_000,
  messageBytes: 1024 * 1024,
  bufferedBytes: 512 * 1024,
  pingTimeMs: 20_000,
  pongTimeMs: 10_000,
  stallTimeMs: 10_000,
  // As long as a node with the usual net_ticktime may be silent.
  nodeStallTimeMs: 75_000,
  idleTimeMs: 0,
  sessionTimeMs: 0,
  closeTimeMs: 5_000,
  lingerTimeMs: 600_000,
  drainTimeMs: 30_000,
};
