// What may stand between the two pumps of a link: it sees all bytes of both sides, and says what goes on. Like the machines
// of the core it does no I/O and knows no clock, so the same one serves a server, a Worker and a test.
import type { BridgeCloseName } from "@erl-dist/core/transports/bridge-protocol";

export type Side = "page" | "node";

/** Why a link has to end. */
export interface Refusal {
  readonly close: BridgeCloseName;
  /** For the page, in place of the code's general words. Names no address. */
  readonly reason?: string | undefined;
  /** For the operator. Never a cookie, a secret, a digest or what was said behind the handshake. */
  readonly detail?: string | undefined;
}

export interface Stage {
  /** Takes bytes from one side, in any split; the chunk must not change afterwards. */
  receive(from: Side, chunk: Uint8Array): void;
  /** The next bytes to write to that side; undefined when there are none. Call it for both sides after everything else. */
  takeOutbound(to: Side): Uint8Array | undefined;
  /** Set when the link has to end, after what takeOutbound() still has. What comes then is dropped. */
  readonly refusal: Refusal | undefined;
  /** When handleTimeout() has to be called, in the time of `now`; undefined when nothing is waited for. */
  nextTimeout(): number | undefined;
  handleTimeout(now: number): void;
  /** The node was reached: what it says may come from now on. */
  nodeReached(now: number): void;
  /** A side has ended the connection. What that means, where the stage knows better words than "it ended". */
  explainEnd(from: Side): Refusal | undefined;
  /** The handshake is over, and this is who is connected; undefined before. */
  readonly connected: Connected | undefined;
  /**
   * Set when the stage has nothing to change any more: then, with what takeOutbound() still has written, the link lets go of it and
   * passes bytes as they are. A stage that goes on reading has none.
   */
  readonly rest?: Rest | undefined;
}

/** What is left to do after a stage. */
export interface Rest {
  /** Looks at a chunk of the page before it goes on; with a refusal, it must not, and the link ends. Absent: nobody has to. */
  inspect?(chunk: Uint8Array): Refusal | undefined;
}

export interface Connected {
  /** Full node name that the page has on the node. */
  readonly name: string;
  /** The flags that both sides may use. */
  readonly flags: bigint;
}
