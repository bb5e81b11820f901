// What the WebSocket carrier and the bridge agree on. Binary messages are the raw distribution bytes, split anywhere; text messages
// ask whether those before them were read (ECHO_PROTOCOL); everything else that either side has to say is in the opening request and
// in the close code.
import type { ConnectionErrorCode } from "../errors.ts";

// What the page needs of it is apart, so that a page loads no more.
export * from "./bridge-codes.ts";

/** Longest reason of a close frame, in UTF-8 bytes (RFC 6455, section 5.5: 125, less the two of the code). */
export const CLOSE_REASON_BYTES = 123;

export interface BridgeClose {
  /** WebSocket close code: from the range for private use, but for 1012 (service restart, IANA's registry for RFC 6455). */
  readonly code: number;
  /** What the page's connection fails with; the page has that from bridge-codes.ts. */
  readonly error: ConnectionErrorCode;
  /** For people: the reason that the bridge gives with the code, where it knows nothing better. */
  readonly meaning: string;
}

export type BridgeCloseName =
  | "restarting"
  | "badRequest"
  | "badToken"
  | "notAllowed"
  | "unknownTarget"
  | "handshakeTimeout"
  | "badHandshake"
  | "wrongSecret"
  | "tooSlow"
  | "nameInUse"
  | "sessionEnded"
  | "noPong"
  | "idle"
  | "tooLarge"
  | "tooMany"
  | "internal"
  | "nodeLost"
  | "shuttingDown"
  | "dialTimeout"
  | "nodeStuck"
  | "refused"
  | "epmdUnreachable"
  | "noSuchNode"
  | "hostUnknown"
  | "wrongCookie"
  | "badNode"
  | "unreachable"
  | "tlsFailed"
  | "addressDenied";

/** Why the bridge closes otherwise: 44xx is the page's doing, 45xx the bridge's or the node's. */
export const BRIDGE_CLOSE: Readonly<Record<BridgeCloseName, BridgeClose>> = {
  restarting: { code: 1012, error: "bridge_refused", meaning: "the bridge takes no more connections; try again soon" },
  badRequest: { code: 4400, error: "bridge_refused", meaning: "the bridge does not understand the request" },
  badToken: { code: 4401, error: "bridge_refused", meaning: "the token is missing, wrong or expired" },
  notAllowed: { code: 4403, error: "bridge_refused", meaning: "this page or this target is not allowed" },
  unknownTarget: { code: 4404, error: "bridge_refused", meaning: "the bridge knows no target of that name" },
  handshakeTimeout: { code: 4405, error: "timeout", meaning: "the handshake took too long" },
  badHandshake: { code: 4406, error: "bridge_refused", meaning: "the bridge lets no such handshake through" },
  wrongSecret: { code: 4407, error: "bridge_refused", meaning: "the cookie that the page uses is not its session's secret" },
  tooSlow: { code: 4408, error: "closed", meaning: "the page read too slowly: the node had to wait for it" },
  nameInUse: { code: 4409, error: "bridge_refused", meaning: "the node is still connected with a node of the page's name" },
  sessionEnded: { code: 4410, error: "closed", meaning: "the page's session has ended or was revoked" },
  noPong: { code: 4411, error: "closed", meaning: "the page no longer answers" },
  idle: { code: 4412, error: "closed", meaning: "nothing was said for too long" },
  tooLarge: { code: 4413, error: "closed", meaning: "the page announced a packet that is too large" },
  tooMany: { code: 4429, error: "bridge_refused", meaning: "the bridge has too many connections; try again later" },
  internal: { code: 4500, error: "closed", meaning: "the bridge failed" },
  nodeLost: { code: 4502, error: "closed", meaning: "the bridge lost its connection to the node" },
  shuttingDown: { code: 4503, error: "closed", meaning: "the bridge is shutting down" },
  dialTimeout: { code: 4504, error: "timeout", meaning: "the node did not answer the bridge in time" },
  nodeStuck: { code: 4505, error: "closed", meaning: "the node took nothing for too long" },
  refused: { code: 4510, error: "refused", meaning: "nothing listens at the node's port; is the node running?" },
  epmdUnreachable: { code: 4511, error: "epmd_unreachable", meaning: "EPMD on the node's host cannot be reached" },
  noSuchNode: { code: 4512, error: "no_such_node", meaning: "EPMD on that host knows no node of that name" },
  hostUnknown: { code: 4513, error: "unreachable", meaning: "the node's host is unknown" },
  wrongCookie: { code: 4514, error: "bridge_refused", meaning: "the bridge and the node have different cookies" },
  badNode: { code: 4515, error: "bridge_refused", meaning: "what answered the bridge is not the node that it expects" },
  unreachable: { code: 4516, error: "unreachable", meaning: "the node's host cannot be reached" },
  tlsFailed: { code: 4517, error: "tls_failed", meaning: "the bridge and the node do not agree on TLS" },
  addressDenied: { code: 4518, error: "bridge_refused", meaning: "the node's host has no address that the bridge may dial" },
};
