// Those of limits.ts that also hold for what only sends: a page that has to be there at once loads no others.

export const SENDING_LIMITS: Readonly<
  Record<
    "packetBytes" | "handshakeBytes" | "bigIntegerBytes" | "internedAtoms" | "handshakeTimeMs" | "outboundBytes" | "backlogBytes",
    number
  >
> = {
  packetBytes: 128 * 1024 * 1024,
  handshakeBytes: 4096,
  bigIntegerBytes: 524_280,
  internedAtoms: 65_536,
  handshakeTimeMs: 7_000,
  outboundBytes: 16 * 1024 * 1024,
  backlogBytes: 256 * 1024 * 1024,
};
