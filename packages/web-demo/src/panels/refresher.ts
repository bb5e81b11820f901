// When a panel may look at the node again: after its interval, but never so often that looking costs more than a twentieth of
// one scheduler, and not at all while nobody can see the panel.
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A look may cost this share of one scheduler. */
export const LARGEST_COST = 0.05;

export interface RefresherOptions {
  readonly intervalMs: () => number;
  /** Looks at the node; gives the time that it took there, or undefined when it did not succeed. */
  readonly look: (signal: AbortSignal) => Promise<number | undefined>;
}

/** Milliseconds until the next look, after one that took `tookMs` on the node. */
export function waitMs(intervalMs: number, tookMs: number): number {
  return Math.max(intervalMs, tookMs / LARGEST_COST);
}

export class Refresher implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #options: RefresherOptions;
  #running = false;
  #paused = false;
  #inView = true;
  #busy = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController = new AbortController();
  #observer: IntersectionObserver | undefined;
  #cost: number | undefined;

  constructor(host: ReactiveControllerHost & Element, options: RefresherOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** Share of one scheduler that looking takes; undefined before the first look. */
  get cost(): number | undefined {
    return this.#cost;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** A paused one looks only when it is told to. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.#host.requestUpdate();
    if (paused) clearTimeout(this.#timer);
    else this.#schedule(0);
  }

  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  /** Gives up a look that is under way. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Looks at once, with another question than before: one that is under way is given up. */
  now(): void {
    if (!this.#running) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    void this.#look();
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.#visible);
    this.#observer = new IntersectionObserver((entries) => {
      this.#inView = entries.some(({ isIntersecting }) => isIntersecting);
      if (this.#inView) this.#visible();
    });
    this.#observer.observe(this.#host);
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.#visible);
    this.#observer?.disconnect();
    this.stop();
  }

  /** What came due while nobody looked. */
  readonly #visible = (): void => {
    if (this.#again) this.#schedule(0);
  };

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#running && !this.#paused) this.#timer = setTimeout(() => void this.#due(), delayMs);
  }

  async #due(): Promise<void> {
    this.#again = document.hidden || !this.#inView;
    if (!this.#again) await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#busy) {
      // The one that is under way has been given up, and says so in a moment.
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#again = false;
    const { signal } = this.#abort;
    let tookMs = 0;
    try {
      tookMs = (await this.#options.look(signal)) ?? 0;
    } finally {
      this.#busy = false;
    }
    if (signal.aborted) {
      if (this.#again && this.#running) void this.#look();
      return;
    }
    const delayMs = waitMs(this.#options.intervalMs(), tookMs);
    this.#cost = tookMs / (tookMs + delayMs);
    this.#host.requestUpdate();
    this.#schedule(delayMs);
  }
}
