// How elements find their connection: the nearest <erl-connection> or <erl-console> around them answers.
import { type Context, ContextConsumer, createContext } from "@lit/context";
import type { ReactiveControllerHost } from "lit";
import type { SharedConnection } from "./shared-connection.ts";

/** A string is the same in two copies of this module on one page. */
export const connectionContext: Context<string, SharedConnection> = createContext<SharedConnection, string>(
  "erl-dist/connection",
);

/** Calls back with the connection of the nearest element around the host, and with the next one when that changes. */
export function consumeConnection(
  host: ReactiveControllerHost & HTMLElement,
  callback: (connection: SharedConnection) => void,
): ContextConsumer<typeof connectionContext, typeof host> {
  return new ContextConsumer(host, { context: connectionContext, subscribe: true, callback });
}
