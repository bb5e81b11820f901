import type { Term } from "@erl-dist/core";
import type { Failure } from "./connection/failure.ts";

/** What changes something on the node. Each has to be in `allow`. */
export type Permission = "eval" | "kill" | "gc" | "send" | "trace" | "log-level";

/** Something a person is about to do, or has done, to the node. */
export interface Action {
  readonly permission: Permission;
  /** What it is done to: a pid, a name, an expression. */
  readonly target: string;
  /** The node that it happens on. */
  readonly node: string;
}

/** What the elements dispatch, by event name. All of them bubble and leave the shadow tree. */
export interface ErlConsoleEventMap {
  /** The handshake succeeded: `name` is this page's node, `peer` the Erlang node. */
  "erl-connect": CustomEvent<{ readonly name: string; readonly peer: string }>;
  /** A connection that was up has ended; `failure` is absent when the user ended it. */
  "erl-disconnect": CustomEvent<{ readonly peer: string; readonly failure?: Failure }>;
  /** An attempt to connect failed, or a panel could not be shown. */
  "erl-error": CustomEvent<{ readonly failure: Failure }>;
  /** Something arrived at the page's registered process; with `reply` it is a call that waits for that. */
  "erl-message": CustomEvent<{ readonly message: Term; readonly reply?: (answer: Term) => void }>;
  /** A person is about to change something on the node. Cancelled, it does not happen. */
  "erl-before-action": CustomEvent<Action>;
  /** It happened. */
  "erl-action": CustomEvent<Action>;
  /** A person opened a panel. */
  "erl-panel-change": CustomEvent<{ readonly panel: string }>;
  /**
   * A person selected something in a panel: a process, a node. Empty: nothing any more. With `panel` it is another panel that shows it,
   * which the console opens.
   */
  "erl-select": CustomEvent<{ readonly selected: string; readonly panel?: string }>;
  /** A log event of the node, as the logs panel got it. */
  "erl-log": CustomEvent<{ readonly level: string; readonly text: string }>;
}

export function consoleEvent<Name extends keyof ErlConsoleEventMap>(
  name: Name,
  detail: ErlConsoleEventMap[Name]["detail"],
): CustomEvent<ErlConsoleEventMap[Name]["detail"]> {
  return new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: name === "erl-before-action" });
}

declare global {
  interface HTMLElementEventMap extends ErlConsoleEventMap {}
}
