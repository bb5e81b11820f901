// What is left of a link when it has ended: who, to where, why, how much, how long. Never a byte that was relayed, a cookie
// or a token. It is one line of the log, so all of it is plain data.
import { BRIDGE_CLOSE, type BridgeCloseName } from "@erl-dist/core/transports/bridge-protocol";

export interface LinkRecord {
  /** Counts the WebSockets of this bridge, from 1. */
  readonly link: number;
  /** Address of the page's side. */
  readonly ip: string;
  readonly origin?: string | undefined;
  /** The target's id as the page gave it, clipped; absent where the request had none. */
  readonly target?: string | undefined;
  /** Name of the node behind the target, where there is one. */
  readonly node?: string | undefined;
  /** For whom the token, or what else was shown, is good. */
  readonly subject?: string | undefined;
  /** The page's full node name there, where the bridge has seen the handshake. */
  readonly name?: string | undefined;
  /** Whose doing the end was. */
  readonly by: EndedBy;
  /** Close code of the WebSocket (core's transports/bridge-protocol.ts; below 4000: RFC 6455, section 7.4). */
  readonly code: number;
  /** What the page was told, or has said. */
  readonly reason: string;
  /** What only the operator should know: addresses, the system's error. */
  readonly detail?: string | undefined;
  readonly toNodeBytes: number;
  readonly toPageBytes: number;
  /** Milliseconds until the node was reached; absent if it was not. */
  readonly dialMs?: number | undefined;
  /** Milliseconds until the handshake was over; absent if it was not, or the bridge did not look. */
  readonly handshakeMs?: number | undefined;
  readonly durationMs: number;
}

export type EndedBy = "page" | "node" | "bridge";

/** Why a link ends. */
export interface Ending {
  readonly by: EndedBy;
  readonly code: number;
  readonly reason: string;
  readonly detail?: string | undefined;
}

/** The bridge's own ending of that name, in its general words. */
export function endingOf(name: BridgeCloseName): Ending {
  const { code, meaning } = BRIDGE_CLOSE[name];
  return { by: "bridge", code, reason: meaning };
}
