// Gets back the connections that this node made and lost (option `reconnect`): after a pause that doubles with each attempt and
// differs from node to node, so that a peer which comes back is not stormed. What a loss has ended stays ended.
import { ConnectionError, type ConnectionErrorCode, HandshakeError, type HandshakeErrorCode } from "../errors.ts";
import { monotonicMs } from "./driver.ts";
import { MAX_TIMER_MS } from "./max-timer.ts";
import type { Identifiers } from "./identifiers.ts";
import type { PeerInfo } from "./node-events.ts";
import { newFraction } from "./random.ts";
import { ReconnectedEvent, ReconnectFailedEvent, ReconnectingEvent } from "./reconnect-events.ts";
import type { ResolvedReconnect } from "./reconnect-options.ts";

export { resolveReconnect } from "./reconnect-options.ts";

/** Milliseconds before attempt number `attempt` (from 1); `fraction` is chance, from 0 to 1. */
export function pauseMs({ delayMs, maxDelayMs }: ResolvedReconnect, attempt: number, fraction: number): number {
  const full = Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1), MAX_TIMER_MS);
  return Math.round(full * (1 - fraction / 2));
}

/** Errors that time does not mend. Whatever is in neither table, such as an error of `cookie`, is tried again. */
const FINAL_CONNECTION: Partial<Record<ConnectionErrorCode, true>> = {
  bridge_refused: true,
  tls_failed: true,
  aborted: true,
  stopped: true,
};
const FINAL_HANDSHAKE: Partial<Record<HandshakeErrorCode, true>> = {
  wrong_cookie: true,
  not_allowed: true,
  name_in_use: true,
  missing_flags: true,
  wrong_node: true,
  bad_name: true,
  bad_message: true,
  unexpected_status: true,
};

/** A peer that is not connected, and is to be again. */
interface Loss {
  readonly peer: string;
  /** Who the two nodes were. */
  readonly name: string;
  readonly creation: number;
  readonly peerCreation: number;
  /** Attempts since the connection was lost. */
  attempts: number;
  /** Attempts that count for the length of the pause. */
  step: number;
  timer?: TimerHandle;
}

/** A peer that is connected again: should it soon be lost again, the pauses go on where they were. */
interface Return {
  readonly step: number;
  readonly at: number;
}

export interface ReconnectorOptions extends ResolvedReconnect {
  readonly identifiers: Identifiers;
  readonly connect: (peer: string) => Promise<unknown>;
  readonly emit: (event: Event) => void;
}

export class Reconnector {
  readonly #options: ReconnectorOptions;
  readonly #losses = new Map<string, Loss>();
  readonly #returns = new Map<string, Return>();

  constructor(options: ReconnectorOptions) {
    this.#options = options;
  }

  /** A connection of ours was lost; `tell` says so to everybody else, who may still decide against a next one. */
  lost({ name: peer, creation: peerCreation }: PeerInfo, error: unknown, tell: () => void): void {
    const { identifiers, maxDelayMs } = this.#options;
    const before = this.#returns.get(peer);
    this.#returns.delete(peer);
    // Two programs that take one name from each other would otherwise do so without a pause.
    const isSoon = before !== undefined && monotonicMs() - before.at < maxDelayMs;
    const { name, creation } = identifiers;
    const loss: Loss = { peer, name, creation, peerCreation, attempts: 0, step: isSoon ? before.step : 0 };
    this.#losses.set(peer, loss);
    tell();
    if (this.#losses.get(peer) === loss) this.#wait(loss, error);
  }

  /** A node is connected, whoever has seen to that. */
  up({ name: peer, creation: peerCreation }: PeerInfo): void {
    const loss = this.#take(peer);
    if (loss === undefined) return;
    this.#returns.set(peer, { step: loss.step, at: monotonicMs() });
    const { identifiers, emit } = this.#options;
    emit(
      new ReconnectedEvent(peer, {
        attempts: loss.attempts,
        previousName: loss.name,
        renamed: loss.name !== identifiers.name || loss.creation !== identifiers.creation,
        restarted: loss.peerCreation !== peerCreation,
      }),
    );
  }

  /** The peer is not wanted any more. */
  cancel(peer: string): void {
    this.#take(peer);
    this.#returns.delete(peer);
  }

  stop(): void {
    for (const peer of this.#losses.keys()) this.#take(peer);
    this.#returns.clear();
  }

  #take(peer: string): Loss | undefined {
    const loss = this.#losses.get(peer);
    clearTimeout(loss?.timer);
    this.#losses.delete(peer);
    return loss;
  }

  #wait(loss: Loss, error: unknown): void {
    const { emit } = this.#options;
    loss.step += 1;
    const delayMs = pauseMs(this.#options, loss.step, newFraction());
    loss.timer = setTimeout(() => void this.#attempt(loss), delayMs);
    emit(new ReconnectingEvent(loss.peer, { attempt: loss.attempts + 1, delayMs, error }));
  }

  async #attempt(loss: Loss): Promise<void> {
    const { connect, maxAttempts, emit } = this.#options;
    loss.attempts += 1;
    try {
      await connect(loss.peer);
    } catch (error) {
      if (this.#losses.get(loss.peer) !== loss) return;
      if (isFinal(error) || loss.attempts >= maxAttempts) {
        this.cancel(loss.peer);
        emit(new ReconnectFailedEvent(loss.peer, { attempts: loss.attempts, error }));
      } else {
        this.#wait(loss, error);
      }
    }
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof ConnectionError) return FINAL_CONNECTION[error.code] === true;
  return error instanceof HandshakeError && FINAL_HANDSHAKE[error.code] === true;
}
