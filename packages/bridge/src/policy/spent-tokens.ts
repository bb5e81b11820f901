// Tokens that are good for one link and were used: each is remembered until it would have expired anyway.

/** Where that is remembered. */
export interface TokenMemory {
  /**
   * Takes a token's one use: of all that ask for it, at once or later, one gets true. The others get false, as does who cannot be
   * remembered. Should it throw, nobody is let in and the error goes to the log. Times are in milliseconds since 1970.
   */
  spend(id: string, until: number, now: number): boolean | Promise<boolean>;
}

/** In this process, as long as it runs. */
export class SpentTokens implements TokenMemory {
  readonly #most: number;
  /** Id, and until when. */
  readonly #spent = new Map<string, number>();

  /** `most`: how many are remembered; above that nobody new gets in. */
  constructor(most = 100_000) {
    this.#most = most;
  }

  spend(id: string, until: number, now: number): boolean {
    if ((this.#spent.get(id) ?? -Infinity) >= now) return false;
    if (this.#spent.size >= this.#most) this.#forget(now);
    if (this.#spent.size >= this.#most) return false;
    this.#spent.set(id, until);
    return true;
  }

  #forget(now: number): void {
    for (const [id, until] of this.#spent) if (until < now) this.#spent.delete(id);
  }
}
