// Fragments that came in (erl_ext_dist, "Distribution Header for fragmented messages"), until their message is whole. The
// fragments of one message have one sequence id and fragment ids that count down to 1; those of other messages, and whole
// messages, may come between them.
import { ProtocolError } from "../errors.ts";
import type { Atom } from "../etf/index.ts";
import type { Limits } from "../limits.ts";
import type { ControlMessage } from "./control.ts";

/** A message of which the last fragment has not come. */
export interface Sequence {
  readonly control: ControlMessage;
  /** The atoms of the first fragment's header: later packets may take their slots meanwhile. */
  readonly references: readonly Atom[];
  /** The fragments so far, and room for some of those to come. */
  bytes: Uint8Array;
  /** Bytes of the fragments, and what they are charged with. */
  length: number;
  charge: number;
  /** The id of the fragment that came last. */
  fragmentId: number;
}

/** What a fragment is charged with besides its bytes, since many tiny ones would take memory too. */
const PIECE_COST = 128;
/** The memory of a message is at most so many times what has come of it, whatever is announced. */
const MAX_ROOM = 32;
/** Of what may wait in fragments, this part may be room for what has not come. */
const SPARE_PART = 0.25;

export class Assembler {
  readonly #limits: Pick<Limits, "fragments" | "fragmentSequences" | "fragmentedBytes">;
  readonly #sequences = new Map<bigint, Sequence>();
  #charge = 0;
  /** Bytes of room for fragments to come. */
  #spare = 0;

  constructor(limits: Pick<Limits, "fragments" | "fragmentSequences" | "fragmentedBytes">) {
    this.#limits = limits;
  }

  /** The first fragment of several. All methods throw ProtocolError "bad_fragment". */
  open(
    sequenceId: bigint,
    fragmentId: bigint,
    { control, references, piece }: Pick<Sequence, "control" | "references"> & { readonly piece: Uint8Array },
  ): void {
    if (this.#sequences.has(sequenceId)) throw badFragment(`sequence ${sequenceId} starts again before its end`);
    if (fragmentId > BigInt(this.#limits.fragments)) {
      throw badFragment(`a message of ${fragmentId} fragments is announced, ${this.#limits.fragments} are allowed`);
    }
    if (this.#sequences.size >= this.#limits.fragmentSequences) {
      throw badFragment(`more than ${this.#limits.fragmentSequences} messages come in fragments at once`);
    }
    const sequence = { control, references, bytes: NOTHING, length: 0, charge: 0, fragmentId: Number(fragmentId) };
    this.#sequences.set(sequenceId, sequence);
    this.#add(sequence, piece, piece.length);
  }

  /** A further fragment, in the pieces that it came in. Returns the sequence when that was the last one. */
  add(sequenceId: bigint, fragmentId: bigint, pieces: readonly Uint8Array[]): Sequence | undefined {
    const sequence = this.#sequences.get(sequenceId);
    if (sequence === undefined) throw badFragment(`no message in fragments has the sequence ${sequenceId}`);
    if (fragmentId !== BigInt(sequence.fragmentId - 1)) {
      throw badFragment(`fragment ${fragmentId} of sequence ${sequenceId} came after fragment ${sequence.fragmentId}`);
    }
    sequence.fragmentId -= 1;
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    for (const piece of pieces) this.#add(sequence, piece, size);
    if (sequence.fragmentId > 1) return undefined;
    this.#sequences.delete(sequenceId);
    this.#charge -= sequence.charge;
    this.#spare -= sequence.bytes.length - sequence.length;
    return sequence;
  }

  /** `fragmentBytes` is the size of the whole fragment: mostly that of the others to come. */
  #add(sequence: Sequence, piece: Uint8Array, fragmentBytes: number): void {
    const charge = piece.length + PIECE_COST;
    if (this.#charge + charge > this.#limits.fragmentedBytes) {
      throw badFragment(`fragments of more than ${this.#limits.fragmentedBytes} bytes wait for the rest of their messages`);
    }
    this.#charge += charge;
    sequence.charge += charge;
    const { bytes, length, fragmentId } = sequence;
    const end = length + piece.length;
    this.#spare -= piece.length;
    if (end > bytes.length) {
      const wanted = Math.min(length + fragmentId * fragmentBytes, MAX_ROOM * end);
      const isAllowed = this.#spare + wanted - bytes.length <= SPARE_PART * this.#limits.fragmentedBytes;
      // A part more in any case, so that fragments of odd sizes do not have all of it moved each time.
      sequence.bytes = new Uint8Array(Math.max(end, withSpare(length), isAllowed ? wanted : 0));
      sequence.bytes.set(bytes.subarray(0, length));
      this.#spare += sequence.bytes.length - bytes.length;
    }
    sequence.bytes.set(piece, length);
    sequence.length = end;
  }
}

const NOTHING = new Uint8Array(0);

/** All of the message, in memory that it has mostly filled. */
export function messageOf({ bytes, length }: Sequence): Uint8Array {
  return bytes.length > withSpare(length) ? bytes.slice(0, length) : bytes.subarray(0, length);
}

function withSpare(length: number): number {
  return length + (length >>> 2);
}

function badFragment(problem: string): ProtocolError {
  return new ProtocolError("bad_fragment", problem);
}
