// Who may do what, without any runtime's own things: the bridge's server and a Worker use the same.
export { type Custody, GATE_FLAGS, type GateOptions, type GivenName, HandshakeGate } from "./handshake-gate.ts";
export { LinkStage, type LinkStageOptions } from "./link-stage.ts";
export { checkNameRule, DEFAULT_NAME_RULE, type NameRule, NamesInUse } from "./names.ts";
export { PacketGate } from "./packet-gate.ts";
export type { Connected, Refusal, Side, Stage } from "./stage.ts";
