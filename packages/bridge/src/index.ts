export * from "./bridge.ts";
export { type BridgeConfig, DEFAULT_PORT_NO } from "./config.ts";
export type { AddressRules } from "./addresses.ts";
export { DialError } from "./dial.ts";
export { type BridgeLimits, DEFAULT_BRIDGE_LIMITS } from "./limits.ts";
export type { Flow, Link } from "./link.ts";
export type { EndedBy, LinkRecord } from "./link-record.ts";
export type { Connected, Refusal, Side, Stage } from "./policy/index.ts";
export type { Dial, StageFactory, Target } from "./target.ts";
