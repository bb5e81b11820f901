// The messages of one process, in the order of arrival, and those who wait for one of them (selective receive).
import { TimeoutError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import type { Limits } from "../limits.ts";
import type { Delivery } from "./delivery.ts";
import { onGivingUp } from "./give-up.ts";
import type { ReadGate } from "./read-gate.ts";

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

export type MailboxLimits = Pick<Limits, "mailboxMessages" | "mailboxBytes">;

/**
 * How many times its limit a mailbox may hold while its process waits for something that is not in it: who stopped reading then
 * would keep from it what it waits for.
 */
const WAITING_FACTOR = 2;

export class Mailbox {
  #messages: Term[] = [];
  /** Of each message, the bytes that it came in. */
  #sizes: number[] = [];
  #bytes = 0;
  /** Messages before this one are taken; they are let go in one go, so that taking is not quadratic. */
  #head = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #expecting = new Set<Waiter>();
  /** What the process waits for beside its mailbox. */
  #awaited = 0;
  readonly #limits: MailboxLimits;
  readonly #delivery: Delivery;
  /** Those whose messages came when it was full already: they are not read from. */
  readonly #stopped = new Set<ReadGate>();
  /** Set when the process has ended; makes the error for each who still wants a message. */
  #failure: (() => unknown) | undefined;

  constructor(limits: MailboxLimits, delivery: Delivery) {
    this.#limits = limits;
    this.#delivery = delivery;
  }

  /** Messages that nobody has taken. */
  get size(): number {
    return this.#messages.length - this.#head;
  }

  put(message: Term): void {
    if (this.#failure !== undefined) return;
    if (this.#expecting.size > 0) for (const waiter of this.#expecting) if (waiter.offer(message)) return;
    if (this.#waiters.size > 0) for (const waiter of this.#waiters) if (waiter.offer(message)) return;
    const { bytes, gate } = this.#delivery;
    this.#messages.push(message);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    if (gate === undefined || !this.#isFull() || this.#stopped.has(gate)) return;
    this.#stopped.add(gate);
    gate.report(true);
  }

  /** The first message that fits, now or when it comes; those that do not stay for other receives. */
  receive<T>(filter: Filter<T> | undefined, { timeoutMs, signal }: ReceiveOptions): Promise<Term | T> {
    // The next message, which is there: what a process asks for most.
    if (filter === undefined && signal === undefined && this.#head < this.#messages.length) {
      const message = this.#messages[this.#head] as Term;
      this.#take(this.#head);
      return Promise.resolve(message);
    }
    return new Promise((resolve, reject) => {
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
      // The filter may have ended the process meanwhile, or aborted the signal.
      if (this.#failure !== undefined) throw this.#failure();
      const onTimeout = (): void => waiter.fail(new TimeoutError(`no fitting message came within ${timeoutMs} ms`));
      const stay = onGivingUp({ timeoutMs, signal }, onTimeout, (reason) => waiter.fail(reason));
      this.#waiters.add(waiter);
      this.#relieve();
    });
  }

  /**
   * From now on this waiter has the first choice, before any `receive`, until `forget`. For a message that cannot have come
   * yet, such as the reply to a request: what is here already is not looked through.
   */
  expect(waiter: Waiter): void {
    if (this.#failure !== undefined) {
      waiter.fail(this.#failure());
      return;
    }
    this.#expecting.add(waiter);
    this.#relieve();
  }

  forget(waiter: Waiter): void {
    this.#expecting.delete(waiter);
  }

  /** The process waits for so many more replies that do not come by its mailbox. */
  awaitReplies(count: number): void {
    this.#awaited += count;
    this.#relieve();
  }

  /** Removes the messages that fit, as `erlang:demonitor(Ref, [flush])` does. */
  discard(fits: (message: Term) => boolean): void {
    const messages: Term[] = [];
    const sizes: number[] = [];
    for (let index = this.#head; index < this.#messages.length; index++) {
      // The bounds are those of the arrays.
      const message = this.#messages[index] as Term;
      const size = this.#sizes[index] as number;
      if (fits(message)) {
        this.#bytes -= size;
      } else {
        messages.push(message);
        sizes.push(size);
      }
    }
    this.#messages = messages;
    this.#sizes = sizes;
    this.#head = 0;
    this.#relieve();
  }

  /** The process has ended: nothing comes any more, and those who wait fail with `error`. */
  close(error: () => unknown): void {
    this.#failure = error;
    this.#messages = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#head = 0;
    this.#relieve();
    for (const waiter of [...this.#expecting, ...this.#waiters]) waiter.fail(error());
    this.#expecting.clear();
  }

  #take(index: number): void {
    this.#bytes -= this.#sizes[index] ?? 0;
    if (index > this.#head) {
      this.#messages.splice(index, 1);
      this.#sizes.splice(index, 1);
    } else {
      // Nobody holds it any more, and its place goes with all before it when they are half of all: the rest is moved so seldom
      // that a mailbox of any length is emptied in linear time.
      this.#messages[index] = 0;
      this.#head += 1;
      if (this.#head * 2 >= this.#messages.length) {
        this.#messages.splice(0, this.#head);
        this.#sizes.splice(0, this.#head);
        this.#head = 0;
      }
    }
    this.#relieve();
  }

  #isFull(): boolean {
    const { mailboxMessages, mailboxBytes } = this.#limits;
    const factor = this.#waiters.size + this.#expecting.size + this.#awaited > 0 ? WAITING_FACTOR : 1;
    return this.size > factor * mailboxMessages || this.#bytes > factor * mailboxBytes;
  }

  #relieve(): void {
    if (this.#stopped.size === 0 || this.#isFull()) return;
    for (const gate of this.#stopped) gate.report(false);
    this.#stopped.clear();
  }
}

function apply<T>(filter: Filter<T> | undefined, message: Term): { readonly value: Term | T } | undefined {
  if (filter === undefined) return { value: message };
  const result = typeof filter === "function" ? filter(message) : filter.match(message);
  if (result === undefined || result === false) return undefined;
  return { value: result === true ? message : result };
}
