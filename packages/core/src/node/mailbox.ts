// The messages of one process, in the order of arrival, and those who wait for one of them (selective receive).
import { TimeoutError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import { onGivingUp } from "./give-up.ts";

/** Chooses a message: a predicate, or something with a `match` method, as a pattern is. */
export type Filter<T> = ((message: Term) => boolean) | Matcher<T>;

/** `match` gives what it made of the message (the bindings), or undefined or false when it does not fit. */
export interface Matcher<T> {
  match(message: Term): T | boolean | undefined;
}

export interface ReceiveOptions {
  /** Erlang's `after`: without a fitting message within this time, the receive rejects with a TimeoutError. */
  readonly timeoutMs?: number | undefined;
  /** Gives up; the receive rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits for a message. */
export interface Waiter {
  /** Takes the message if it fits. */
  offer(message: Term): boolean;
  /** The process has ended, or what waits has failed. */
  fail(error: unknown): void;
}

/** Told when the mailbox goes over its limit, and when it is under it again. */
export type PressureListener = (isFull: boolean) => void;

export class Mailbox {
  #messages: Term[] = [];
  /** Messages before this one are taken; they are let go in one go, so that taking is not quadratic. */
  #head = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #expecting = new Set<Waiter>();
  readonly #limit: number;
  readonly #onPressure: PressureListener;
  #isFull = false;
  /** Set when the process has ended; makes the error for each who still wants a message. */
  #failure: (() => unknown) | undefined;

  constructor(limit: number, onPressure: PressureListener) {
    this.#limit = limit;
    this.#onPressure = onPressure;
  }

  /** Messages that nobody has taken. */
  get size(): number {
    return this.#messages.length - this.#head;
  }

  put(message: Term): void {
    if (this.#failure !== undefined) return;
    for (const waiter of this.#expecting) if (waiter.offer(message)) return;
    for (const waiter of this.#waiters) if (waiter.offer(message)) return;
    this.#messages.push(message);
    this.#checkPressure();
  }

  /** The first message that fits, now or when it comes; those that do not stay for other receives. */
  receive<T>(filter: Filter<T> | undefined, { timeoutMs, signal }: ReceiveOptions): Promise<Term | T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure();
      signal?.throwIfAborted();
      for (let index = this.#head; index < this.#messages.length; index++) {
        // The bounds are those of the array.
        const fitting = apply(filter, this.#messages[index] as Term);
        if (fitting === undefined) continue;
        this.#take(index);
        resolve(fitting.value);
        return;
      }
      const done = (): void => {
        this.#waiters.delete(waiter);
        stay();
      };
      const waiter: Waiter = {
        offer: (message) => {
          try {
            const fitting = apply(filter, message);
            if (fitting === undefined) return false;
            done();
            resolve(fitting.value);
            return true;
          } catch (error) {
            // The filter's own failure is its receiver's; the message is for the others.
            waiter.fail(error);
            return false;
          }
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      const onTimeout = (): void => waiter.fail(new TimeoutError(`no fitting message came within ${timeoutMs} ms`));
      const stay = onGivingUp({ timeoutMs, signal }, onTimeout, (reason) => waiter.fail(reason));
    });
  }

  /**
   * From now on this waiter has the first choice, before any `receive`, until `forget`. For a message that cannot have come
   * yet, such as the reply to a request: what is here already is not looked through.
   */
  expect(waiter: Waiter): void {
    if (this.#failure === undefined) this.#expecting.add(waiter);
    else waiter.fail(this.#failure());
  }

  forget(waiter: Waiter): void {
    this.#expecting.delete(waiter);
  }

  /** Removes the messages that fit, as `erlang:demonitor(Ref, [flush])` does. */
  discard(fits: (message: Term) => boolean): void {
    this.#messages = this.#messages.slice(this.#head).filter((message) => !fits(message));
    this.#head = 0;
    this.#checkPressure();
  }

  /** The process has ended: nothing comes any more, and those who wait fail with `error`. */
  close(error: () => unknown): void {
    this.#failure = error;
    this.#messages = [];
    this.#head = 0;
    this.#checkPressure();
    for (const waiter of [...this.#expecting, ...this.#waiters]) waiter.fail(error());
    this.#expecting.clear();
  }

  #take(index: number): void {
    if (index > this.#head) {
      this.#messages.splice(index, 1);
    } else if (++this.#head === this.#messages.length || this.#head >= 1024) {
      this.#messages.splice(0, this.#head);
      this.#head = 0;
    }
    this.#checkPressure();
  }

  #checkPressure(): void {
    const isFull = this.size > this.#limit;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#onPressure(isFull);
  }
}

function apply<T>(filter: Filter<T> | undefined, message: Term): { readonly value: Term | T } | undefined {
  if (filter === undefined) return { value: message };
  const result = typeof filter === "function" ? filter(message) : filter.match(message);
  if (result === undefined || result === false) return undefined;
  return { value: result === true ? message : result };
}
