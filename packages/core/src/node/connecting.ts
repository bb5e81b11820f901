// An attempt at a connection, which peers.ts makes and accepting.ts may give way to.
import type { ControlMessage } from "../distribution/index.ts";
import type { Term } from "../etf/index.ts";
import type { Controller } from "./controller.ts";
import type { PeerInfo } from "./node-events.ts";

export interface Connecting {
  readonly peer: string;
  readonly promise: Promise<PeerInfo>;
  resolve(info: PeerInfo): void;
  reject(error: unknown): void;
  /** Ends our own attempt. */
  readonly abort: AbortController;
  readonly queue: { readonly control: ControlMessage; readonly payload: Term | undefined }[];
  queuedBytes: number;
  /** Callers of connect() that have not given up. */
  waiting: number;
  /** It did not only wait for the peer's own attempt. */
  hasDialled: boolean;
  controller?: Controller;
  /** The peer's own attempt, which has taken the place of ours. */
  incoming?: Controller;
  timer?: TimerHandle;
}
