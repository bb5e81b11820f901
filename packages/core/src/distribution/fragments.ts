// Messages that go out in fragments (erl_ext_dist, "Distribution Header for fragmented messages"). Between two fragments of
// a message there is room for ticks and for what other processes send.
import type { Writer } from "../bytes/writer.ts";
import { type Atom, VERSION } from "../etf/index.ts";
import type { OutboundAtomCache } from "./atom-cache.ts";
import { DIST_FRAG_CONT, DIST_FRAG_HEADER } from "./header.ts";
import { LENGTH_BYTES } from "./length-bytes.ts";
import type { Parts, Segments } from "./parts.ts";

/** Larger messages are cut, into pieces of this size as OTP's are. */
export const FRAGMENT_BYTES = 65_536;

/** An encoded message: the terms, and the atoms that they refer to. */
export interface Encoded {
  readonly segments: Segments;
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
    this.#fragmentId = 1 + Math.ceil((message.segments.length - firstPiece(message)) / FRAGMENT_BYTES);
  }

  get isSent(): boolean {
    return this.#fragmentId === 0;
  }

  /** Appends the next fragment as a packet. Returns how many bytes of the message are in it. */
  appendNext(parts: Parts, cache: OutboundAtomCache | undefined): number {
    const { segments, references } = this.#message;
    const isFirst = this.#sent === 0;
    const most = isFirst ? firstPiece(this.#message) : FRAGMENT_BYTES;
    const pieceBytes = Math.min(most, segments.length - this.#sent);
    const { writer } = parts;
    const start = writer.length;
    const length = writer.reserve(LENGTH_BYTES);
    writer.u8(VERSION);
    writer.u8(isFirst ? DIST_FRAG_HEADER : DIST_FRAG_CONT);
    writer.u64(this.#sequenceId);
    writer.u64(BigInt(this.#fragmentId));
    if (isFirst) appendReferences(writer, references, cache);
    writer.patchU32(length, writer.length - start - LENGTH_BYTES + pieceBytes);
    segments.appendTo(parts, pieceBytes);
    this.#sent += pieceBytes;
    this.#fragmentId -= 1;
    return pieceBytes;
  }
}

/** The atoms of a header: none without a cache. */
export function appendReferences(writer: Writer, references: readonly Atom[], cache: OutboundAtomCache | undefined): void {
  if (cache === undefined) writer.u8(0);
  else cache.appendReferences(writer, references);
}

/** The control message has to be whole in the first fragment. */
function firstPiece({ segments, controlBytes }: Encoded): number {
  return Math.min(segments.length, Math.max(FRAGMENT_BYTES, controlBytes));
}
