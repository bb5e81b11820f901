// The element's node: one ErlangNode for each connection. Losing the connection ends that node; coming back makes a new one,
// usually under a new name, because pids of the old one mean nothing to an Erlang node that has seen it go down.
import { ConnectionError, type Connector, ErlangNode, type Process, type Term } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { backOffMs } from "./back-off.ts";
import type { ConnectionState, Settings } from "./connection-state.ts";
import { describeFailure, type Failure } from "./failure.ts";

/** The name under which Erlang reaches the page: `{console, Node} ! Message`. */
export const REGISTERED_NAME = "console";

/** What the controller tells its element. */
export interface ConnectionObserver {
  connected(name: string, peer: string): void;
  /** `failure` is absent when the user ended the connection. */
  disconnected(peer: string, failure?: Failure): void;
  failed(failure: Failure): void;
  received(message: Term): void;
}

/** One connected node and the process that receives for the page. */
interface Session {
  readonly node: ErlangNode;
  readonly inbox: Process;
  readonly peer: string;
}

interface Attempt {
  readonly settings: Settings;
  readonly connector: Connector | undefined;
  /** Attempts to get a lost connection back, with this one; 0 for a first connection, which is not repeated by itself. */
  readonly retries: number;
  readonly failure?: Failure | undefined;
}

export class ConnectionController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly isConnected: boolean };
  readonly #observer: ConnectionObserver;
  #state: ConnectionState = { type: "disconnected" };
  #session: Session | undefined;
  /** Ends the attempt, the connection or the waiting that is under way. */
  #abort: AbortController = new AbortController();
  #waiting: AbortController = new AbortController();

  constructor(host: ReactiveControllerHost & { readonly isConnected: boolean }, observer: ConnectionObserver) {
    this.#host = host;
    this.#observer = observer;
    host.addController(this);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** An element that is only moved within the document keeps its connection. */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) void this.disconnect();
    });
  }

  /** Connects; a connection that is there or under way is given up first. Failures become the state. */
  async connect(settings: Settings, connector?: Connector): Promise<void> {
    const ended = this.disconnect();
    const { signal } = this.#abort;
    await ended;
    if (!signal.aborted) await this.#attempt({ settings, connector, retries: 0 });
  }

  /** Ends the waiting for the next attempt. */
  reconnectNow(): void {
    this.#waiting.abort();
  }

  async disconnect(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const session = this.#session;
    this.#session = undefined;
    this.#become({ type: "disconnected" });
    if (session === undefined) return;
    this.#observer.disconnected(session.peer);
    await session.node.stop();
  }

  /** Round trip of Erlang's own ping in milliseconds, or undefined for `pang`. */
  async ping(): Promise<number | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    const start = performance.now();
    return (await session.node.ping(session.peer)) ? performance.now() - start : undefined;
  }

  /** Sends from the page's process to a name registered on the node; `message` may use the sender's pid. */
  send(name: string, message: (self: Process["pid"]) => Term): Term | undefined {
    const session = this.#session;
    if (session === undefined) return undefined;
    const term = message(session.inbox.pid);
    session.inbox.send({ name, node: session.peer }, term);
    return term;
  }

  async #attempt(attempt: Attempt): Promise<void> {
    const { settings } = attempt;
    const { signal } = this.#abort;
    this.#become({ type: "connecting", step: "bridge", failure: attempt.failure });
    let node: ErlangNode | undefined;
    try {
      node = await ErlangNode.start({
        ...(settings.name === "" ? {} : { name: settings.name }),
        cookie: settings.cookie,
        // Our name from before the loss is ours to take back.
        takeOver: attempt.retries > 0,
        connect: this.#watched(attempt, signal),
      });
      await node.connect(settings.node, { signal });
      signal.throwIfAborted();
      this.#established(node, attempt);
    } catch (error) {
      await node?.stop();
      if (signal.aborted) return;
      const failure = describeFailure(error, settings);
      this.#observer.failed(failure);
      if (attempt.retries > 0 && failure.passing) await this.#retry({ ...attempt, failure });
      else this.#become({ type: "failed", failure });
    }
  }

  /** The way to the node, telling when it is there and the handshake begins. */
  #watched({ settings, connector, failure }: Attempt, signal: AbortSignal): Connector {
    const connect = connector ?? bridge(settings.bridge, settings.target === "" ? {} : { target: settings.target });
    return async (peer, options) => {
      const stream = await connect(peer, options);
      if (!signal.aborted) this.#become({ type: "connecting", step: "handshake", failure });
      return stream;
    };
  }

  #established(node: ErlangNode, attempt: Attempt): void {
    const peer = attempt.settings.node;
    const inbox = node.spawn();
    inbox.register(REGISTERED_NAME);
    const session = { node, inbox, peer };
    this.#session = session;
    node.addEventListener("nodedown", (event) => {
      if (this.#session === session)
        void this.#lost(session, attempt, event.error ?? new ConnectionError("closed", event.reason));
    });
    void this.#receive(inbox);
    this.#become({ type: "connected", name: node.name, peer });
    this.#observer.connected(node.name, peer);
  }

  async #receive(inbox: Process): Promise<void> {
    for await (const message of inbox) this.#observer.received(message);
  }

  async #lost(session: Session, { settings, connector }: Attempt, reason: unknown): Promise<void> {
    const { signal } = this.#abort;
    this.#session = undefined;
    const failure = describeFailure(reason, settings);
    this.#observer.disconnected(session.peer, failure);
    await session.node.stop();
    if (!signal.aborted) await this.#retry({ settings, connector, failure, retries: 0 });
  }

  /** Waits, longer each time, then tries again. */
  async #retry(last: Attempt & { readonly failure: Failure }): Promise<void> {
    const { signal } = this.#abort;
    const retries = last.retries + 1;
    const delayMs = backOffMs(retries, Math.random());
    this.#become({ type: "waiting", failure: last.failure, delayMs });
    this.#waiting = new AbortController();
    await passed(delayMs, AbortSignal.any([signal, this.#waiting.signal]));
    if (!signal.aborted) await this.#attempt({ ...last, retries });
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#host.requestUpdate();
  }
}

/** Resolves after the time, or at once when the signal is aborted. */
function passed(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
