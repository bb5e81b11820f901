import type { Term } from "@erl-dist/core";
import type { Failure } from "./failure.ts";

/** What `<erl-console>` dispatches, by event name. All of them bubble and leave the shadow tree. */
export interface ErlConsoleEventMap {
  /** The handshake succeeded: `name` is this page's node, `peer` the Erlang node. */
  "erl-connect": CustomEvent<{ readonly name: string; readonly peer: string }>;
  /** A connection that was up has ended; `failure` is absent when the user ended it. */
  "erl-disconnect": CustomEvent<{ readonly peer: string; readonly failure?: Failure }>;
  /** An attempt to connect failed, or a message could not be sent. */
  "erl-error": CustomEvent<{ readonly failure: Failure }>;
  /** Something arrived at the page's registered process. */
  "erl-message": CustomEvent<{ readonly message: Term }>;
}

export function consoleEvent<Name extends keyof ErlConsoleEventMap>(
  name: Name,
  detail: ErlConsoleEventMap[Name]["detail"],
): CustomEvent<ErlConsoleEventMap[Name]["detail"]> {
  return new CustomEvent(name, { detail, bubbles: true, composed: true });
}
