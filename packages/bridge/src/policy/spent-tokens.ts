// Tokens that are good for one link and were used: each is remembered until it would have expired anyway.

/** Where that is remembered. */
export interface TokenMemory {
  /** False if it was used before, or cannot be remembered. Times are in milliseconds since 1970. */
  spend(id: string, until: number, now: number): boolean;
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
