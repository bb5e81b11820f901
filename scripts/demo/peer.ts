/** The node that the demo's page talks to. */
export interface DemoPeer {
  readonly kind: "erlang" | "embedded";
  readonly name: string;
  readonly cookie: string;
  /** The distribution port on 127.0.0.1. */
  readonly portNo: number;
  /** One sentence: what it is. */
  readonly description: string;
  /**
   * Evaluates Erlang there and gives the value, or what was thrown, as text; undefined when the node has ended. Absent where
   * there is no Erlang.
   */
  readonly eval?: (expressions: string) => Promise<string | undefined>;
  stop(): Promise<void>;
}

export const PEER_ALIVE = "app";
