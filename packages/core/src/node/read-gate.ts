// Backpressure from mailboxes to a peer: while one that the peer has overfilled is over its limit nothing is read from its
// connection, the carrier's buffers fill, and the senders on its node are suspended as by a busy port.

export class ReadGate {
  #full = 0;
  #waiting: (() => void)[] = [];

  get isClosed(): boolean {
    return this.#full > 0;
  }

  /** The peer has overfilled a mailbox, or that is under its limit again. */
  readonly report = (isFull: boolean): void => {
    this.#full += isFull ? 1 : -1;
    if (this.#full === 0) for (const resume of this.#waiting.splice(0)) resume();
  };

  /** Resolves when every mailbox that the peer has overfilled is under its limit. */
  opened(): Promise<void> {
    return this.isClosed ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }
}
