// Who may do what, without any runtime's own things: the bridge's server and a Worker use the same.
export { type Custody, GATE_FLAGS, type GateOptions, type GivenName, HandshakeGate } from "./handshake-gate.ts";
export { LinkStage, type LinkStageOptions } from "./link-stage.ts";
export { checkNameRule, DEFAULT_NAME_RULE, type NameRule, NamesInUse } from "./names.ts";
export { PacketGate } from "./packet-gate.ts";
export type { Connected, Refusal, Rest, Side, Stage } from "./stage.ts";
export { Caps, Rate } from "./caps.ts";
export { type HttpCallbackOptions, httpCallback } from "./http-callback.ts";
export { DEFAULT_LONGEST_SECONDS, importKey, type JwtOptions, jwtTokens } from "./jwt.ts";
export {
  checkOpening,
  goesBy,
  hostNameOf,
  isLoopback,
  type Opening,
  type OpeningRules,
  type OpeningSource,
  parseUrl,
  readOpening,
} from "./opening.ts";
export { type ProxyHeaderOptions, proxyHeader } from "./proxy-header.ts";
export { checkKey, sessionSecret } from "./session-secret.ts";
export { SpentTokens, type TokenMemory } from "./spent-tokens.ts";
export { type StaticToken, staticTokens } from "./static-tokens.ts";
export { mintTicket, type Ticket, type TicketOptions } from "./ticket.ts";
export type { Grant, Verdict, Verify, VerifyOptions } from "./verifier.ts";
export {
  type AdmissionLimits,
  Admissions,
  type AdmissionSettings,
  type AdmissionsOptions,
  type AdmissionTarget,
  type Admitted,
  DEFAULT_ADMISSION_LIMITS,
  type Level,
  type Refused,
} from "./admissions.ts";
