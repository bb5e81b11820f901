// A registration that outlives its EPMD: when that one ends, the name is registered in the next (as `erl_epmd` does).
import type { ByteStream } from "../transports/byte-stream.ts";
import { type Registered, register } from "./client.ts";
import type { Registration } from "./messages.ts";

/** As `?RECONNECT_TIME` of `erl_epmd`. */
const RETRY_MS = 2_000;

/** As `erl_epmd` waits for the answer to a registration. */
const ANSWER_MS = 10_000;

export interface StayRegisteredOptions {
  /** Opens another connection to EPMD. */
  readonly connect: (options: { readonly signal: AbortSignal }) => Promise<ByteStream>;
  /** Between the loss of EPMD, or an attempt that failed, and the next attempt; by default 2000, as with OTP. */
  readonly retryMs?: number | undefined;
}

export interface StayingRegistered {
  /** That of the first registration. Our pids hold it, so it stays, whatever the next EPMD says. */
  readonly creation: number;
  /** Gives the name back. */
  close(): Promise<void>;
}

/**
 * Registers a node over the stream, and again over others when that one ends, until `close()`. Rejects when the first
 * registration fails (see `register`). Later attempts that fail are repeated: EPMD may be away for a while, and what took
 * the name meanwhile may go.
 */
export async function stayRegistered(
  stream: ByteStream,
  registration: Registration,
  { connect, retryMs = RETRY_MS }: StayRegisteredOptions,
): Promise<StayingRegistered> {
  const closing = new AbortController();
  const { signal } = closing;
  let current: Registered | undefined = await registerInTime(stream, registration, signal);
  const { creation } = current;

  const stay = async (): Promise<void> => {
    for (;;) {
      await current?.closed;
      current = undefined;
      await pause(retryMs, signal);
      if (signal.aborted) return;
      try {
        current = await registerInTime(await connect({ signal }), registration, signal);
      } catch {
        // Whatever it was, it may be over the next time.
      }
      if (signal.aborted) await current?.close();
    }
  };
  const stayed = stay();
  return {
    creation,
    async close() {
      closing.abort();
      await current?.close();
      await stayed;
    },
  };
}

/** An EPMD that takes too long to answer is hung up on, and so is one that nobody waits for any more. */
async function registerInTime(stream: ByteStream, registration: Registration, signal: AbortSignal): Promise<Registered> {
  const hangUp = (): void => void stream.close();
  const timer = setTimeout(hangUp, ANSWER_MS);
  signal.addEventListener("abort", hangUp);
  try {
    return await register(stream, registration);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", hangUp);
  }
}

/** Waits, unless or until the signal ends that. */
function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, timeMs);
    signal.addEventListener("abort", done);
  });
}
