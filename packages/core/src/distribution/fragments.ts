// Messages that go out in fragments (erl_ext_dist, "Distribution Header for fragmented messages"). Between two fragments of
// a message there is room for ticks and for what other processes send.
import type { Writer } from "../bytes/writer.ts";
import { type Atom, VERSION } from "../etf/index.ts";
import type { OutboundAtomCache } from "./atom-cache.ts";
import { DIST_FRAG_CONT, DIST_FRAG_HEADER } from "./header.ts";
import { LENGTH_BYTES } from "./packet.ts";

/** Larger messages are cut, into pieces of this size as OTP's are. */
export const FRAGMENT_BYTES = 65_536;

/** An encoded message: the terms, and the atoms that they refer to. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Of the bytes, those of the control message. */
  readonly controlBytes: number;
  readonly references: readonly Atom[];
  /** It goes out in fragments. */
  readonly isFragmented: boolean;
}

/** A message on its way out, piece by piece. */
export class OutboundSequence {
  /** Whose message it is: nothing else of theirs may be sent before its last fragment. */
  readonly sender: string;
  readonly #message: Encoded;
  readonly #sequenceId: bigint;
  #fragmentId: number;
  #sent = 0;

  /** Sequence 0 makes OTP's emulator crash: ids start at 1. */
  constructor(sender: string, message: Encoded, sequenceId: bigint) {
    this.sender = sender;
    this.#message = message;
    this.#sequenceId = sequenceId;
    this.#fragmentId = 1 + Math.ceil((message.bytes.length - firstPiece(message)) / FRAGMENT_BYTES);
  }

  get isSent(): boolean {
    return this.#fragmentId === 0;
  }

  /** Appends the next fragment as a packet. Returns how many bytes of the message are in it. */
  appendNext(writer: Writer, cache: OutboundAtomCache | undefined): number {
    const { bytes, references } = this.#message;
    const isFirst = this.#sent === 0;
    const piece = bytes.subarray(this.#sent, this.#sent + (isFirst ? firstPiece(this.#message) : FRAGMENT_BYTES));
    const start = writer.length;
    const length = writer.reserve(LENGTH_BYTES);
    writer.u8(VERSION);
    writer.u8(isFirst ? DIST_FRAG_HEADER : DIST_FRAG_CONT);
    writer.u64(this.#sequenceId);
    writer.u64(BigInt(this.#fragmentId));
    if (isFirst) appendReferences(writer, references, cache);
    writer.append(piece);
    writer.patchU32(length, writer.length - start - LENGTH_BYTES);
    this.#sent += piece.length;
    this.#fragmentId -= 1;
    return piece.length;
  }
}

/** The atoms of a header: none without a cache. */
export function appendReferences(writer: Writer, references: readonly Atom[], cache: OutboundAtomCache | undefined): void {
  if (cache === undefined) writer.u8(0);
  else cache.appendReferences(writer, references);
}

/** The control message has to be whole in the first fragment. */
function firstPiece({ bytes, controlBytes }: Encoded): number {
  return Math.min(bytes.length, Math.max(FRAGMENT_BYTES, controlBytes));
}
