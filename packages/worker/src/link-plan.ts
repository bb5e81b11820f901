// What an object does about its links each time it wakes: which to dial, which to give up, when to wake again. No clock and no
// storage in here, so that a test moves the time.

/** A link that is wanted, or is up. */
export interface Link {
  readonly peer: string;
  readonly alwaysOn: boolean;
  readonly isUp: boolean;
  /** The peer has connected to us, and ends it when it likes. */
  readonly isTheirs: boolean;
  /** Something that needs it is under way. */
  readonly isInUse: boolean;
  /** When something last was. */
  readonly usedAt: number;
  /** Whether it has ever been up: one that could not be made is the caller's to try again. */
  readonly wasUp: boolean;
  /** Attempts in vain since it was last up. */
  readonly failures: number;
  /** Not before. */
  readonly dialAt: number;
}

export interface PlanOptions {
  readonly keepAliveMs: number;
  readonly idleMs: number;
}

export interface Plan {
  readonly dial: readonly string[];
  /** Up, and not wanted any more. */
  readonly hangUp: readonly string[];
  /** Not up, and not wanted any more. */
  readonly forget: readonly string[];
  /** When to wake next; undefined when nothing is wanted, so that the object may be put away. */
  readonly wakeAt: number | undefined;
}

export function planLinks(links: readonly Link[], now: number, { keepAliveMs, idleMs }: PlanOptions): Plan {
  const isWanted = (link: Link): boolean =>
    link.alwaysOn || link.isInUse || (link.isUp && link.isTheirs) || (link.wasUp && now - link.usedAt < idleMs);
  const wanted = links.filter(isWanted);
  const others = links.filter((link) => !isWanted(link));
  const down = wanted.filter((link) => !link.isUp);
  const due = down.filter(({ dialAt }) => dialAt <= now);
  const later = down.filter(({ dialAt }) => dialAt > now).map(({ dialAt }) => dialAt);
  return {
    dial: due.map(({ peer }) => peer),
    hangUp: others.filter(({ isUp }) => isUp).map(({ peer }) => peer),
    forget: others.filter(({ isUp }) => !isUp).map(({ peer }) => peer),
    wakeAt: wanted.length === 0 ? undefined : Math.min(now + keepAliveMs, ...later),
  };
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A link that was up for less is no success: two programs may be taking one name from each other. */
const STABLE_MS = 10_000;

/** When to dial again after so many attempts in vain: twice as late each time; `chance`, from 0 to 1, takes off up to half. */
export function nextDial(failures: number, now: number, chance: number): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  return now + Math.round(pauseMs * (1 - chance / 2));
}

/** The attempts in vain that still count when a link is lost that was up since `upAt`. */
export function failuresAfterLoss(failures: number, upAt: number, now: number): number {
  return now - upAt < STABLE_MS ? failures : 0;
}
