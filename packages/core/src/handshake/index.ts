// The handshake of two nodes (erl_dist_protocol, "Distribution Handshake"), as machines without I/O.
export { Acceptor, type AcceptorAnswer, type AcceptorOptions } from "./acceptor.ts";
export { checkCookie, digest, equalDigests } from "./digest.ts";
export {
  DFLAG,
  type FlagName,
  flagNames,
  HEADER_FLAGS,
  MANDATORY_FLAGS,
  PASS_THROUGH_FLAGS,
} from "./flags.ts";
export type * from "./handshake.ts";
export { Initiator, type InitiatorOptions } from "./initiator.ts";
// For who stands between two nodes.
export { decodeAliveAnswer, decodeName, decodeReply, encodeAck, encodeChallenge, encodeStatus } from "./acceptor-messages.ts";
export { decodeAck, decodeChallenge, decodeStatus, encodeAliveAnswer, encodeName, encodeReply } from "./initiator-messages.ts";
export { type ChallengeMessage, type NamedStatus, type NameMessage, type ReplyMessage, type Status } from "./messages.ts";
export { checkHost, checkNodeName, type NodeName, splitNodeName } from "./node-name.ts";
