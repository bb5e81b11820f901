// Defines <erl-console> and <erl-connection>; the panels are defined when they are first opened, or by importing
// @erl-dist/web-demo/panels.js. For the class alone: @erl-dist/web-demo/element.js
import { ErlConnection } from "./connection/erl-connection.ts";
import { define } from "./define.ts";
import { ErlConsole } from "./erl-console/element.ts";

export type { ConnectionState } from "./connection/connection-state.ts";
export type { Failure } from "./connection/failure.ts";
export type { Action, ErlConsoleEventMap, Permission } from "./events.ts";
export type { ErlElements } from "./jsx.ts";
export type { LinkForMfa } from "./panels/panel-element.ts";
export type { ProcessColumn } from "./panels/processes/erl-processes.ts";
export type { ProcessRow } from "./panels/processes/process-row.ts";
export type { Redact } from "./panels/shown-term.ts";
export type { PluralKey, StringKey, Strings } from "./strings.ts";
export { ErlConnection, ErlConsole };

define("erl-connection", ErlConnection);
define("erl-console", ErlConsole);
