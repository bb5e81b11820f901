// What a link must not do for too long. Time is counted in beats, and a count needs the condition at every one of them: so a bridge
// that stood still itself (a busy event loop, a suspended machine) blames nobody, for between two beats there is always a turn
// in which it reads what has come. The wall clock plays no part.
import type { BridgeCloseName } from "@erl-dist/core/transports/bridge-protocol";
import type { BridgeLimits } from "./limits.ts";

/** What happened on a link since the last beat, and how it is now. */
export interface Pulse {
  /** How long there has been a link, in milliseconds. */
  readonly ageMs: number;
  /**
   * The present pause of a sending side, counted from 1; 0 while it is not paused. A busy link is paused and resumed many times a
   * second, and no two of those are one long pause.
   */
  readonly toPagePause: number;
  readonly toNodePause: number;
  /** The page gave a sign of life. */
  readonly pageAlive: boolean;
  /** Something else than ticks went through. */
  readonly active: boolean;
}

export interface Overdue {
  readonly close: BridgeCloseName;
  readonly detail: string;
  /** One side does not take what is sent, or cannot be reached: nothing waits for it any longer. */
  readonly drop: boolean;
}

/** Milliseconds between beats: a second, or less where a limit needs it finer. */
export function beatTimeMs(limits: BridgeLimits): number {
  const { pingTimeMs, pongTimeMs, stallTimeMs, nodeStallTimeMs, handshakeTimeMs, idleTimeMs, sessionTimeMs, lingerTimeMs } =
    limits;
  const times = [pingTimeMs, pongTimeMs, stallTimeMs, nodeStallTimeMs, handshakeTimeMs, idleTimeMs, sessionTimeMs, lingerTimeMs];
  const least = Math.min(...times.filter((time) => time > 0));
  return Math.min(1_000, Math.max(5, Math.floor(least / 5)));
}

/** Beats in a row at which the same thing holds. */
export class Streak {
  readonly #limit: number;
  #what = 0;
  #beats = 0;

  /** A `timeMs` of 0 is no limit. */
  constructor(timeMs: number, beatMs: number) {
    this.#limit = timeMs === 0 ? Infinity : Math.max(1, Math.floor(timeMs / beatMs));
  }

  /** True when it has held for so long. `what`: 0 or false for nothing; another number begins anew. */
  beat(what: number | boolean): boolean {
    const now = Number(what);
    this.#beats = now === this.#what ? this.#beats + 1 : 1;
    this.#what = now;
    return now !== 0 && this.#beats >= this.#limit;
  }
}

/** The watch over one link until it ends. */
export class Watch {
  readonly #limits: BridgeLimits;
  readonly #stall: Streak;
  readonly #nodeStall: Streak;
  readonly #silence: Streak;
  readonly #idle: Streak;

  constructor(limits: BridgeLimits, beatMs: number = beatTimeMs(limits)) {
    this.#limits = limits;
    this.#stall = new Streak(limits.stallTimeMs, beatMs);
    this.#nodeStall = new Streak(limits.nodeStallTimeMs, beatMs);
    this.#silence = new Streak(limits.pingTimeMs + limits.pongTimeMs, beatMs);
    this.#idle = new Streak(limits.idleTimeMs, beatMs);
  }

  /** The first limit that the link has passed. */
  beat(pulse: Pulse): Overdue | undefined {
    const { stallTimeMs, nodeStallTimeMs, pingTimeMs, pongTimeMs, idleTimeMs, sessionTimeMs } = this.#limits;
    const stalled = this.#stall.beat(pulse.toPagePause);
    const nodeStalled = this.#nodeStall.beat(pulse.toNodePause);
    const silent = this.#silence.beat(!pulse.pageAlive);
    const idle = this.#idle.beat(!pulse.active);
    if (stalled) return { close: "tooSlow", drop: true, detail: `the node had to wait for the page for ${stallTimeMs} ms` };
    if (silent) return { close: "noPong", drop: true, detail: `no sign of life in ${pingTimeMs + pongTimeMs} ms` };
    if (nodeStalled)
      return { close: "nodeStuck", drop: true, detail: `the page had to wait for the node for ${nodeStallTimeMs} ms` };
    if (idle) return { close: "idle", drop: false, detail: `nothing but ticks in ${idleTimeMs} ms` };
    if (sessionTimeMs > 0 && pulse.ageMs >= sessionTimeMs) {
      return { close: "sessionEnded", drop: false, detail: `the link has lasted ${sessionTimeMs} ms` };
    }
    return undefined;
  }
}

/** The longest run of zeros that is taken for ticks. */
const TICKS_BYTES = 64;

/**
 * Whether a chunk is nothing but ticks (packets of length 0) or a part of one. It may be zeros out of the midst of a packet, where
 * TCP has cut it so: then its other parts are no ticks.
 */
export function isTicks(chunk: Uint8Array): boolean {
  return chunk.length <= TICKS_BYTES && chunk.every((byte) => byte === 0);
}
