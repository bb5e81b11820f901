// Erlang nodes and processes in JavaScript.
export type { ConnectCallOptions, NodeCounts, ProcessFunction } from "./bare-node.ts";
export type { Destination } from "./destination.ts";
export { ErlangError, type ErlangErrorCode, type ErlangErrorOptions } from "./erlang-error.ts";
export * as erpc from "./erpc.ts";
export type { CallOptions, CallResult, ErpcRequest } from "./erpc.ts";
export type { ExposedFunction, ExposedFunctions } from "./exposed-modules.ts";
export { Caller, type CallReply, type GenServer, Next, type NextOptions } from "./gen-server.ts";
export type { GenCallOptions, MultiCallResult } from "./gen-server-client.ts";
export * as genEvent from "./gen-event.ts";
export * as genServer from "./gen-server-client.ts";
export * as genStatem from "./gen-statem.ts";
export * as global from "./global.ts";
export { NO_NAME } from "./identifiers.ts";
export {
  EOF,
  io,
  ioFormat,
  type IoFormatOptions,
  type IoInputText,
  type IoReader,
  IoServer,
  ioServer,
  type IoServerOptions,
  type ProcessStarter,
} from "./io.ts";
export { logText } from "./log-text.ts";
export type { LogMessage } from "./logger-proxy.ts";
export type { Filter, Matcher, ReceiveOptions } from "./mailbox.ts";
export { ErlangNode } from "./node.ts";
export * from "./node-events.ts";
export type { DistributionOptions, NodeOptions } from "./node-options.ts";
export { NO_REPLY } from "./no-reply.ts";
export { GroupEvent, type Joining, pg, type PgNode, type PgOptions, ProcessGroups } from "./pg.ts";
export { type AliasOptions, type DemonitorOptions, Process, type SpawnRequest, type SpawnRequestOptions } from "./process.ts";
export * from "./reconnect-events.ts";
export type { ReconnectOptions } from "./reconnect-options.ts";
export * as rpc from "./rpc.ts";
export type { GlobalRef, ServerRef } from "./server-ref.ts";
export type { MonitorOptions } from "./signals.ts";
export { Stop } from "./system-messages.ts";
