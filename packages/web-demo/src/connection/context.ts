// How elements find their connection, and the words in which to speak: the nearest <erl-connection> or <erl-console> around them
// answers. The events are those of the web components' context protocol, so that an element of somebody else's can ask, too. Our own
// and not @lit/context, of which half is for more than these two: what a page has to load for the console has a bound.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Strings } from "../strings.ts";
import type { SharedConnection } from "./shared-connection.ts";

/** A string is the same in two copies of this module on one page. */
export const CONNECTION_CONTEXT = "erl-dist/connection";
export const STRINGS_CONTEXT = "erl-dist/strings";

/** What is found by these names. */
interface Contexts {
  readonly [CONNECTION_CONTEXT]: SharedConnection;
  readonly [STRINGS_CONTEXT]: Strings;
}
type Name = keyof Contexts;

const REQUEST = "context-request";
const PROVIDER = "context-provider";

type Answer<Value> = (value: Value, unsubscribe: () => void) => void;
type Host = ReactiveControllerHost & HTMLElement;

/** An event of the protocol: either asks for a context or says that there is one. */
class ContextEvent<Value> extends Event {
  readonly context: Name;
  readonly subscribe = true;
  /** Whom it is about; the event's own target is another one outside of a shadow root. */
  readonly contextTarget: Element | undefined;
  readonly callback: Answer<Value> | undefined;

  constructor(type: string, context: Name, contextTarget: Element, callback?: Answer<Value>) {
    super(type, { bubbles: true, composed: true });
    this.context = context;
    this.contextTarget = contextTarget;
    this.callback = callback;
  }
}

/** Calls back with the connection, or the words, of the nearest element around the host, and with the next one when that changes. */
export function consume<K extends Name>(host: Host, context: K, callback: (value: Contexts[K]) => void): void {
  host.addController(new Consumer(host, context, callback));
}

class Consumer<K extends Name> implements ReactiveController {
  readonly #host: Host;
  readonly #context: K;
  readonly #callback: (value: Contexts[K]) => void;
  #unsubscribe: (() => void) | undefined;

  constructor(host: Host, context: K, callback: (value: Contexts[K]) => void) {
    this.#host = host;
    this.#context = context;
    this.#callback = callback;
  }

  hostConnected(): void {
    this.#host.dispatchEvent(new ContextEvent(REQUEST, this.#context, this.#host, this.#answer));
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  readonly #answer: Answer<Contexts[K]> = (value, unsubscribe) => {
    // One that has come between answers in place of the one further out.
    if (unsubscribe !== this.#unsubscribe) this.#unsubscribe?.();
    this.#unsubscribe = unsubscribe;
    this.#callback(value);
  };
}

/** Gives a connection, or words, to the elements in its host. */
export class Provider<K extends Name> implements ReactiveController {
  readonly #host: Host;
  readonly #context: K;
  #value: Contexts[K];
  readonly #subscribed = new Map<Answer<Contexts[K]>, { readonly target: Element; readonly unsubscribe: () => void }>();

  constructor(host: Host, context: K, value: Contexts[K]) {
    this.#host = host;
    this.#context = context;
    this.#value = value;
    // Listeners of an element end with it.
    for (const type of [REQUEST, PROVIDER])
      host.addEventListener(type, (event) => this.#take(event as ContextEvent<Contexts[K]>));
    host.addController(this);
  }

  get value(): Contexts[K] {
    return this.#value;
  }

  set value(value: Contexts[K]) {
    if (value === this.#value) return;
    this.#value = value;
    for (const [answer, { unsubscribe }] of this.#subscribed) answer(value, unsubscribe);
  }

  hostConnected(): void {
    // Elements inside may have asked further out before this one was upgraded.
    this.#host.dispatchEvent(new ContextEvent(PROVIDER, this.#context, this.#host));
  }

  #take(event: ContextEvent<Contexts[K]>): void {
    const { type, context, contextTarget = event.composedPath()[0] as Element, callback, subscribe } = event;
    if (context !== this.#context || contextTarget === this.#host) return;
    event.stopPropagation();
    if (type === PROVIDER) {
      for (const [answer, { target }] of this.#subscribed)
        target.dispatchEvent(new ContextEvent(REQUEST, context, target, answer));
    } else if (callback !== undefined) {
      const unsubscribe = (): boolean => this.#subscribed.delete(callback);
      if (subscribe) this.#subscribed.set(callback, { target: contextTarget, unsubscribe });
      callback(this.#value, unsubscribe);
    }
  }
}
