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
  readonly pieces: Uint8Array[];
  /** Bytes of the pieces, and what they are charged with. */
  length: number;
  charge: number;
  /** The id of the fragment that came last. */
  fragmentId: number;
}

/** What a fragment is charged with besides its bytes, since many tiny ones would take memory too. */
const PIECE_COST = 128;
/** A piece of a larger chunk is copied when it would keep alive more than so many times its size. */
const MAX_WASTE = 4;

export class Assembler {
  readonly #limits: Pick<Limits, "fragments" | "fragmentSequences" | "fragmentedBytes">;
  readonly #sequences = new Map<bigint, Sequence>();
  #charge = 0;

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
    const sequence = { control, references, pieces: [], length: 0, charge: 0, fragmentId: Number(fragmentId) };
    this.#sequences.set(sequenceId, sequence);
    this.#add(sequence, piece);
  }

  /** A further fragment. Returns the sequence when that was the last one. */
  add(sequenceId: bigint, fragmentId: bigint, piece: Uint8Array): Sequence | undefined {
    const sequence = this.#sequences.get(sequenceId);
    if (sequence === undefined) throw badFragment(`no message in fragments has the sequence ${sequenceId}`);
    if (fragmentId !== BigInt(sequence.fragmentId - 1)) {
      throw badFragment(`fragment ${fragmentId} of sequence ${sequenceId} came after fragment ${sequence.fragmentId}`);
    }
    sequence.fragmentId -= 1;
    this.#add(sequence, piece);
    if (sequence.fragmentId > 1) return undefined;
    this.#sequences.delete(sequenceId);
    this.#charge -= sequence.charge;
    return sequence;
  }

  #add(sequence: Sequence, piece: Uint8Array): void {
    const charge = piece.length + PIECE_COST;
    if (this.#charge + charge > this.#limits.fragmentedBytes) {
      throw badFragment(`fragments of more than ${this.#limits.fragmentedBytes} bytes wait for the rest of their messages`);
    }
    this.#charge += charge;
    sequence.charge += charge;
    sequence.length += piece.length;
    sequence.pieces.push(piece.buffer.byteLength > MAX_WASTE * piece.length ? piece.slice() : piece);
  }
}

/** The pieces as one run of bytes. */
export function joined({ pieces, length }: Sequence): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function badFragment(problem: string): ProtocolError {
  return new ProtocolError("bad_fragment", problem);
}
