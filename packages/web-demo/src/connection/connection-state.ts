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

export const NO_SETTINGS: Settings = { bridge: "", node: "", cookie: "", target: "", name: "" };

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
      /** Whether somebody asked for this connection, or it came back after a loss. */
      readonly since: "asked" | "lost";
      /** The Erlang node is not the one from before the loss: pids of that one mean nothing any more. */
      readonly restarted: boolean;
    }
  | { readonly type: "failed"; readonly failure: Failure }
  | {
      readonly type: "waiting";
      /** Why the connection was lost, or why the last attempt to get it back failed. */
      readonly failure: Failure;
      readonly delayMs: number;
    };
