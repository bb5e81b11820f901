// Erlang nodes and processes in JavaScript.
export type { Destination } from "./destination.ts";
export { ErlangError } from "./erlang-error.ts";
export { NO_NAME } from "./identifiers.ts";
export type { Filter, Matcher, ReceiveOptions } from "./mailbox.ts";
export { type ConnectCallOptions, ErlangNode, type ProcessFunction } from "./node.ts";
export * from "./node-events.ts";
export type { DistributionOptions, NodeOptions } from "./node-options.ts";
export { type AliasOptions, type DemonitorOptions, Process } from "./process.ts";
export type { MonitorOptions } from "./signals.ts";
