export * from "./bridge.ts";
export { type AuthConfig, type BridgeConfig, DEFAULT_PORT_NO, type ListenTls, type MonitorConfig } from "./config.ts";
export type { AddressRules } from "./addresses.ts";
export { DialError } from "./dial.ts";
export { type BridgeLimits, DEFAULT_BRIDGE_LIMITS } from "./limits.ts";
export type { Flow, Link } from "./link.ts";
export type { EndedBy, LinkRecord } from "./link-record.ts";
export {
  type Connected,
  type Grant,
  type Level,
  mintTicket,
  type NameRule,
  type Opening,
  type Refusal,
  type Side,
  type Rest,
  type Stage,
  sessionSecret,
  type Ticket,
  type TicketOptions,
  type TokenMemory,
  type Verdict,
  type Verify,
} from "./policy/index.ts";
export type { Dial, StageFactory, Target } from "./target.ts";
