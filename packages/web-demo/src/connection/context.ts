// How elements find their connection: the nearest <erl-connection> or <erl-console> around them answers. The events are those of the
// web components' context protocol, so that an element of somebody else's can ask, too. Our own and not @lit/context, of which half
// is for contexts in general: what a page has to load for the console has a bound.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { SharedConnection } from "./shared-connection.ts";

/** A string is the same in two copies of this module on one page. */
export const CONNECTION_CONTEXT = "erl-dist/connection";

const REQUEST = "context-request";
const PROVIDER = "context-provider";

type Answer = (connection: SharedConnection, unsubscribe: () => void) => void;
type Host = ReactiveControllerHost & HTMLElement;

/** An event of the protocol: either asks for a context or says that there is one. */
class ContextEvent extends Event {
  readonly context = CONNECTION_CONTEXT;
  readonly subscribe = true;
  /** Whom it is about; the event's own target is another one outside of a shadow root. */
  readonly contextTarget: Element | undefined;
  readonly callback: Answer | undefined;

  constructor(type: string, contextTarget: Element, callback?: Answer) {
    super(type, { bubbles: true, composed: true });
    this.contextTarget = contextTarget;
    this.callback = callback;
  }
}

/** Calls back with the connection of the nearest element around the host, and with the next one when that changes. */
export function consumeConnection(host: Host, callback: (connection: SharedConnection) => void): void {
  host.addController(new ConnectionConsumer(host, callback));
}

class ConnectionConsumer implements ReactiveController {
  readonly #host: Host;
  readonly #callback: (connection: SharedConnection) => void;
  #unsubscribe: (() => void) | undefined;

  constructor(host: Host, callback: (connection: SharedConnection) => void) {
    this.#host = host;
    this.#callback = callback;
  }

  hostConnected(): void {
    this.#host.dispatchEvent(new ContextEvent(REQUEST, this.#host, this.#answer));
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  readonly #answer: Answer = (connection, unsubscribe) => {
    // One that has come between answers in place of the one further out.
    if (unsubscribe !== this.#unsubscribe) this.#unsubscribe?.();
    this.#unsubscribe = unsubscribe;
    this.#callback(connection);
  };
}

/** Gives its connection to the elements in its host. */
export class ConnectionProvider implements ReactiveController {
  readonly #host: Host;
  #connection: SharedConnection;
  readonly #subscribed = new Map<Answer, { readonly target: Element; readonly unsubscribe: () => void }>();

  constructor(host: Host, connection: SharedConnection) {
    this.#host = host;
    this.#connection = connection;
    // Listeners of an element end with it.
    for (const type of [REQUEST, PROVIDER]) host.addEventListener(type, (event) => this.#take(event as ContextEvent));
    host.addController(this);
  }

  set connection(connection: SharedConnection) {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const [answer, { unsubscribe }] of this.#subscribed) answer(connection, unsubscribe);
  }

  hostConnected(): void {
    // Elements inside may have asked further out before this one was upgraded.
    this.#host.dispatchEvent(new ContextEvent(PROVIDER, this.#host));
  }

  #take(event: ContextEvent): void {
    const { type, context, contextTarget = event.composedPath()[0] as Element, callback, subscribe } = event;
    if (context !== CONNECTION_CONTEXT || contextTarget === this.#host) return;
    event.stopPropagation();
    if (type === PROVIDER) {
      for (const [answer, { target }] of this.#subscribed) target.dispatchEvent(new ContextEvent(REQUEST, target, answer));
    } else if (callback !== undefined) {
      const unsubscribe = (): boolean => this.#subscribed.delete(callback);
      if (subscribe) this.#subscribed.set(callback, { target: contextTarget, unsubscribe });
      callback(this.#connection, unsubscribe);
    }
  }
}
