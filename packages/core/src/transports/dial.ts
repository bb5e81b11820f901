// What every dial has in common: the peer's name, and two ways of taking too long.
import { ConnectionError } from "../errors.ts";

export interface DialWatch {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** For people: whose answer is awaited. */
  readonly from: string;
}

/** Calls `stop` when the time is over or the caller gives up; at once if it already has. Returns what ends the watch. */
export function watchDial(peer: string, watch: DialWatch, stop: (error: ConnectionError) => void): () => void {
  const { signal, timeoutMs, from } = watch;
  const onAbort = (): void => stop(abortError(peer, signal));
  const timer = setTimeout(
    () => stop(new ConnectionError("timeout", `cannot connect to ${peer}: no answer from ${from} in ${timeoutMs} ms`, { peer })),
    timeoutMs,
  );
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}

/** A dial that the caller's signal ended; one that AbortSignal.timeout() ended is a `timeout`. */
export function abortError(peer: string, signal: AbortSignal | undefined): ConnectionError {
  const cause: unknown = signal?.reason;
  const late = cause instanceof Error && cause.name === "TimeoutError";
  return late
    ? new ConnectionError("timeout", `connecting to ${peer} took too long`, { peer, cause })
    : new ConnectionError("aborted", `connecting to ${peer} was aborted`, { peer, cause });
}

/** The parts of a full node name before and after the `@`. */
export function splitName(peer: string): { readonly alive: string; readonly host: string } {
  const at = peer.indexOf("@");
  if (at < 1 || at === peer.length - 1) {
    throw new ConnectionError("no_such_node", `"${peer}" is not a full node name, as "app@host" is`, { peer });
  }
  return { alive: peer.slice(0, at), host: peer.slice(at + 1) };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
