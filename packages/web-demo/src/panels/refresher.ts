// When a panel may look at the node again: after its interval, but never so often that looking costs more than a twentieth of
// one scheduler, and not at all while nobody can see the panel. Several on one page share that twentieth, and look one after the other.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { RemoteNode } from "../remote/remote-node.ts";

/** Looks may cost this share of one scheduler, those of all panels together. */
export const LARGEST_COST = 0.05;

export interface RefresherOptions {
  readonly intervalMs: () => number;
  /** Looks at the node; gives the time that it took there, or undefined when it did not succeed. */
  readonly look: (signal: AbortSignal) => Promise<number | undefined>;
}

export type RefresherHost = ReactiveControllerHost & Element & { readonly remote: RemoteNode | undefined };

/** Milliseconds until the next look, after one that took `tookMs` on the node. */
export function waitMs(intervalMs: number, tookMs: number, largestCost: number = LARGEST_COST): number {
  return Math.max(intervalMs, tookMs / largestCost);
}

/** Those that look at one node, for as long as there is a connection to it. */
const LOOKING = new WeakMap<RemoteNode, Set<Refresher>>();

export class Refresher implements ReactiveController {
  readonly #host: RefresherHost;
  readonly #options: RefresherOptions;
  /** All that look at the same node, this one too; undefined while it does not. */
  #all: Set<Refresher> | undefined;
  #paused = false;
  #inView = true;
  /** A look that is under way, and never rejects. */
  #looking: Promise<void> | undefined;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController = new AbortController();
  #observer: IntersectionObserver | undefined;
  #cost: number | undefined;

  constructor(host: RefresherHost, options: RefresherOptions) {
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

  /** There has to be a node to look at. */
  start(): void {
    const { remote } = this.#host;
    if (remote === undefined) return;
    this.#all = LOOKING.get(remote) ?? new Set();
    LOOKING.set(remote, this.#all.add(this));
    this.#schedule(0);
  }

  /** Gives up a look that is under way. */
  stop(): void {
    this.#all?.delete(this);
    this.#all = undefined;
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Looks at once, with another question than before: one that is under way is given up. */
  now(): void {
    if (this.#all === undefined) return;
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
    if (this.#all !== undefined && !this.#paused) this.#timer = setTimeout(() => void this.#due(), delayMs);
  }

  async #due(): Promise<void> {
    this.#again = document.hidden || !this.#inView;
    if (this.#again) return;
    const { signal } = this.#abort;
    await this.#turn();
    if (!signal.aborted && !this.#paused) await this.#look();
  }

  /** Until no other panel looks at the node; one that takes longer than the interval is not waited for. */
  async #turn(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), this.#options.intervalMs());
    });
    for (let other = this.#other(); other !== undefined; other = this.#other()) {
      if ((await Promise.race([other.#looking, late])) === "late") break;
    }
    clearTimeout(timer);
  }

  /** One that looks right now. */
  #other(): Refresher | undefined {
    return [...(this.#all ?? [])].find((each) => each !== this && each.#looking !== undefined);
  }

  /** What the others leave of the twentieth, and at least an even part. */
  #largestCost(): number {
    const others = [...(this.#all ?? [])].filter((each) => each !== this && !each.#paused && each.#inView);
    const taken = others.reduce((sum, each) => sum + (each.#cost ?? 0), 0);
    return Math.max(LARGEST_COST - taken, LARGEST_COST / (others.length + 1));
  }

  async #look(): Promise<void> {
    if (this.#looking !== undefined) {
      // The one that is under way has been given up, and says so in a moment.
      this.#again = true;
      return;
    }
    this.#again = false;
    const { signal } = this.#abort;
    const start = performance.now();
    const look = this.#options.look(signal);
    this.#looking = look.then(
      () => {},
      () => {},
    );
    let tookMs = 0;
    try {
      // One that was ended for its time or its size has cost as much as others.
      tookMs = (await look) ?? performance.now() - start;
    } finally {
      this.#looking = undefined;
    }
    if (signal.aborted) {
      if (this.#again && this.#all !== undefined) void this.#look();
      return;
    }
    const delayMs = waitMs(this.#options.intervalMs(), tookMs, this.#largestCost());
    this.#cost = tookMs / (tookMs + delayMs);
    this.#host.requestUpdate();
    this.#schedule(delayMs);
  }
}
