// Everything that a peer can declare has a bound here, named with the attack it stops. Check first, allocate later.
import { SENDING_LIMITS } from "./sending-limits.ts";

export interface Limits {
  /** Bytes of one packet: a length of 4 GiB and nothing after it would otherwise reserve memory. */
  readonly packetBytes: number;
  /** Fragments of one message: the first one announces any number below 2^64. */
  readonly fragments: number;
  /** Messages of which some fragments have not come: each is remembered until the last one. */
  readonly fragmentSequences: number;
  /** Bytes of all fragments that wait for the rest of their messages: those that never end would fill the memory. */
  readonly fragmentedBytes: number;
  /** Bytes of one handshake message: nobody has shown a cookie yet. */
  readonly handshakeBytes: number;
  /** Bytes of one reply of EPMD: it has no length, and one that never ends would fill the memory. */
  readonly epmdReplyBytes: number;
  /** Nesting of terms: 200 kB of LIST_EXT headers nest 40,000 deep and would exhaust the stack of a recursive consumer. */
  readonly termDepth: number;
  /** Maps in keys of maps in keys: each level reads the whole key again to see that it comes once. */
  readonly mapKeyDepth: number;
  /** Bytes that a COMPRESSED term may unpack to: a bomb of 10 kB claims 4 GiB. */
  readonly uncompressedBytes: number;
  /** Bytes of one big integer; OTP 27 refuses more than 524,280. */
  readonly bigIntegerBytes: number;
  /** Atoms that the intern table keeps alive: a peer can mint new atoms without end. */
  readonly internedAtoms: number;
  /** Milliseconds for each step of the handshake (OTP: `net_setuptime`, 7 s). */
  readonly handshakeTimeMs: number;
  /** Processes of the node, above which peers can start none: each SPAWN_REQUEST of a function that never ends leaves one. */
  readonly processes: number;
  /**
   * Messages in one mailbox, above which nothing more is read from a node that sends to it until some are received. Twice as many
   * while its process waits for what is not among them: a receive that nothing fits, or a reply.
   */
  readonly mailboxMessages: number;
  /** Bytes that they came in, with the same effect: a few messages can be as large as many. */
  readonly mailboxBytes: number;
  /** Bytes accepted for sending to a node and not yet written, above which `drained` makes who asks it wait. */
  readonly outboundBytes: number;
  /**
   * The same, above which the connection is ended: the node has stopped reading, and senders that do not wait (or the answers
   * to what it goes on to ask) would fill the memory.
   */
  readonly backlogBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  ...SENDING_LIMITS,
  fragments: 65_536,
  fragmentSequences: 16_384,
  fragmentedBytes: 256 * 1024 * 1024,
  epmdReplyBytes: 1024 * 1024,
  termDepth: 10_000_000,
  mapKeyDepth: 32,
  uncompressedBytes: 64 * 1024 * 1024,
  processes: 262_144,
  mailboxMessages: 100_000,
  mailboxBytes: 64 * 1024 * 1024,
};
