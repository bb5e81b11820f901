// Backpressure from mailboxes to peers: while a mailbox is over its limit nothing is read from any connection, the
// carriers' buffers fill, and the senders on the other nodes are suspended as by a busy port.

export class ReadGate {
  #full = 0;
  #waiting: (() => void)[] = [];

  get isClosed(): boolean {
    return this.#full > 0;
  }

  /** A mailbox went over its limit, or is under it again. */
  readonly report = (isFull: boolean): void => {
    this.#full += isFull ? 1 : -1;
    if (this.#full === 0) for (const resume of this.#waiting.splice(0)) resume();
  };

  /** Resolves when every mailbox is under its limit. */
  opened(): Promise<void> {
    return this.isClosed ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }
}
