// EPMD, which knows the TCP ports of the nodes on its host (erl_dist_protocol, "EPMD Protocol").
export { dump, kill, lookup, names, type Registered, register, stop } from "./client.ts";
export type { DumpEntry, NodeDetails, NodeEntry, Registration } from "./messages.ts";
export { stayRegistered, type StayingRegistered, type StayRegisteredOptions } from "./stay-registered.ts";
export { type AcceptOptions, EpmdServer, type EpmdServerOptions } from "./server.ts";
