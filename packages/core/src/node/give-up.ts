// Waiting no longer: because it took too long, or because somebody does not want the answer any more.
import { MAX_TIMER_MS } from "./max-timer.ts";

export interface GiveUpOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls one of the two when it is time to give up; the function that it returns takes that back. Throws the signal's reason
 * if that has aborted already.
 */
export function onGivingUp(
  { timeoutMs = Infinity, signal }: GiveUpOptions,
  onTimeout: () => void,
  onAbort: (reason: unknown) => void,
): () => void {
  signal?.throwIfAborted();
  const timer = timeoutMs === Infinity ? undefined : setTimeout(onTimeout, Math.min(timeoutMs, MAX_TIMER_MS));
  const aborted = (): void => onAbort(signal?.reason);
  signal?.addEventListener("abort", aborted);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
  };
}
