// What comes from a peer at this moment. A mailbox that it overfills stops the reading from that peer, and from no other.
import type { ReadGate } from "./read-gate.ts";

export class Delivery {
  /** Undefined while nothing comes from a peer: a sender of our own node is stopped by nobody. */
  #gate: ReadGate | undefined;
  #bytes = 0;

  get gate(): ReadGate | undefined {
    return this.#gate;
  }

  /** The size on the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  from(gate: ReadGate, bytes: number, deliver: () => void): void {
    this.#gate = gate;
    this.#bytes = bytes;
    try {
      deliver();
    } finally {
      this.#gate = undefined;
      this.#bytes = 0;
    }
  }
}
