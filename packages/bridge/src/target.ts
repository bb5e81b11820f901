import type { Socket } from "node:net";
import type { Stage } from "./policy/index.ts";

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

/** Makes what looks at the bytes of one link on their way; undefined for nothing. `now` is the time of the link's own clock. */
export type StageFactory = (target: Target, now: number) => Stage | undefined;
