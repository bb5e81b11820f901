import type { Socket } from "node:net";

/** A node that pages may reach, under an id: a page never names an address. */
export interface Target {
  /** Full name, as `"app@127.0.0.1"`. */
  readonly node: string;
  /** Address to dial instead of the host part of the name. */
  readonly host?: string | undefined;
  /** The node's distribution port, where it is fixed; otherwise EPMD is asked. */
  readonly portNo?: number | undefined;
  /** EPMD's port on that host, by default the bridge's setting. */
  readonly epmdPortNo?: number | undefined;
}

/**
 * Reaches a target. Rejects with a ConnectionError that says which step failed. Gives up when the signal is aborted; a
 * socket that comes after that is destroyed by the bridge.
 */
export type Dial = (target: Target, signal: AbortSignal) => Promise<Socket>;
