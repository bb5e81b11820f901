// How many at once, and how many in a time, of each of something: links of one address, openings of one address.

/** Counts what is there now, by name. */
export class Caps {
  readonly #counts = new Map<string, number>();

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.count(name) + 1);
  }

  remove(name: string): void {
    const left = this.count(name) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}

/** So many each minute, by name, all of them at once at most. */
export class Rate {
  readonly #perMinute: number;
  readonly #most: number;
  /** When a name's tokens were last counted, and how many it had. */
  readonly #buckets = new Map<string, { readonly at: number; readonly tokens: number }>();

  /** `most`: how many names are remembered; the one unseen for longest is forgotten for a new one. */
  constructor(perMinute: number, most = 10_000) {
    this.#perMinute = perMinute;
    this.#most = most;
  }

  /** False if that one is too many. `now` in milliseconds. */
  take(name: string, now: number): boolean {
    const { at, tokens } = this.#buckets.get(name) ?? { at: now, tokens: this.#perMinute };
    const there = Math.min(this.#perMinute, tokens + ((now - at) * this.#perMinute) / 60_000);
    // The map's order is that of their last visit.
    this.#buckets.delete(name);
    this.#buckets.set(name, { at: now, tokens: there >= 1 ? there - 1 : there });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#most && oldest !== undefined) this.#buckets.delete(oldest);
    return there >= 1;
  }
}
