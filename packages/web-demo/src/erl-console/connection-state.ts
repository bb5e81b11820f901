import type { Failure } from "./failure.ts";

/** What it takes to reach a node. */
export interface Settings {
  /** URL of the bridge, `ws:` or `wss:`. */
  readonly bridge: string;
  /** Full name of the Erlang node. */
  readonly node: string;
  readonly cookie: string;
  /** The bridge's word for the node, where it is not its name. */
  readonly target: string;
  /** Our own full node name; empty: the Erlang node gives us one. */
  readonly name: string;
}

/** First the way to the node, then the agreement with it. */
export type Step = "bridge" | "handshake";

export type ConnectionState =
  | { readonly type: "disconnected" }
  | {
      readonly type: "connecting";
      readonly step: Step;
      /** Why the connection has to be made again; absent the first time. */
      readonly failure?: Failure | undefined;
    }
  | {
      readonly type: "connected";
      /** Our node name, by which Erlang reaches this page. */
      readonly name: string;
      readonly peer: string;
    }
  | { readonly type: "failed"; readonly failure: Failure }
  | {
      readonly type: "waiting";
      /** Why the connection was lost, or why the last attempt to get it back failed. */
      readonly failure: Failure;
      readonly delayMs: number;
    };

/** The state in one or two words, as the header shows it. */
export const STATE_WORDS: Readonly<Record<ConnectionState["type"], string>> = {
  disconnected: "Not connected",
  connecting: "Connecting",
  connected: "Connected",
  failed: "Failed",
  waiting: "Reconnecting",
};
