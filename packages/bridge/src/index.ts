export * from "./bridge.ts";
export { type BridgeConfig, type BridgeLimits, DEFAULT_BRIDGE_LIMITS, DEFAULT_PORT_NO } from "./config.ts";
export type { Flow, Link } from "./link.ts";
export type { EndedBy, LinkRecord } from "./link-record.ts";
export type { Dial, Target } from "./target.ts";
