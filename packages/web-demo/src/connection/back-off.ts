const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait before attempt number `attempt` (from 1): doubling from half a second up to 30 s, then shortened by
 * up to a half, so that many pages do not come back in the same moment. `random` is from [0, 1).
 */
export function backOffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(full * (1 - random / 2));
}
