// A connection that elements share: one ErlangNode for each time it is up. Losing the connection ends that node; coming back
// makes a new one, because pids of the old one mean nothing to an Erlang node that has seen it go down. It keeps the name it was
// given, since each name is an atom that the Erlang node never forgets; only where there are tickets, the bridge names the page.
import type { PeerInfo, Pid, Process, Term } from "@erl-dist/core";
import type { RemoteNode } from "../remote/remote-node.ts";
import { STRINGS } from "../strings.ts";
import { backOffMs } from "./back-off.ts";
import { type ConnectionState, NO_SETTINGS, type Settings } from "./connection-state.ts";
import type { Failure } from "./failure.ts";
import type { Arrived, Session, Way } from "./session.ts";

/** Messages that are kept until a panel that shows them has been loaded. */
const UNREAD_MESSAGES = 100;

/** What a connection tells. */
export interface ConnectionEventMap {
  /** `state` is another, or `settings` are. */
  change: Event;
  connected: CustomEvent<{ readonly name: string; readonly peer: string }>;
  /** `failure` is absent when the user ended the connection. */
  disconnected: CustomEvent<{ readonly peer: string; readonly failure?: Failure }>;
  failed: CustomEvent<{ readonly failure: Failure }>;
  /** Something arrived at the process registered as `console`; with `reply` it is a call that waits for that. */
  message: CustomEvent<Arrived>;
  /** That process has sent something to a name registered on the node. */
  sent: CustomEvent<{ readonly to: string; readonly message: Term }>;
}

/** A message in either direction. */
export interface Exchanged {
  readonly direction: "received" | "sent";
  /** Received: our registered name. Sent: the name it went to. */
  readonly party: string;
  readonly message: Term;
  readonly reply?: (answer: Term) => void;
}

interface Attempt {
  readonly settings: Settings;
  readonly way: Way;
  /** Attempts to get a lost connection back, with this one; 0 for a first connection, which is not repeated by itself. */
  readonly retries: number;
  readonly failure?: Failure | undefined;
  /** The Erlang node as it was before the loss. */
  readonly before?: PeerInfo | undefined;
}

export class SharedConnection extends EventTarget {
  #state: ConnectionState = { type: "disconnected" };
  #settings: Settings = NO_SETTINGS;
  #way: Way = {};
  #session: Session | undefined;
  /** Ends the attempt, the connection or the waiting that is under way. */
  #abort: AbortController = new AbortController();
  #waiting: AbortController = new AbortController();
  #unread: Exchanged[] = [];

  get state(): ConnectionState {
    return this.#state;
  }

  /** With what the last connection was asked for. */
  get settings(): Settings {
    return this.#settings;
  }

  /** How the last connection was to be made, beside the settings. */
  get way(): Way {
    return this.#way;
  }

  /** The node on the other side, while there is a connection; another object after each reconnection. */
  get remote(): RemoteNode | undefined {
    return this.#session?.remote;
  }

  /** The process registered as `console`, while there is a connection. */
  get inbox(): Process | undefined {
    return this.#session?.inbox;
  }

  /** Connects; a connection that is there or under way is given up first. Failures become the state. */
  async connect(settings: Settings, way: Way = {}): Promise<void> {
    this.#settings = settings;
    this.#way = way;
    const ended = this.disconnect();
    const { signal } = this.#abort;
    await ended;
    if (!signal.aborted) await this.#attempt({ settings, way, retries: 0 });
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
    this.#tell("disconnected", { peer: session.remote.name });
    await session.end();
  }

  /**
   * Sends from the process registered as `console` to a name registered on the node, or to a pid; without a
   * connection the result is false.
   */
  send(to: string | Pid, message: Term): boolean {
    const session = this.#session;
    if (session === undefined) return false;
    session.inbox.send(typeof to === "string" ? { name: to, node: session.remote.name } : to, message);
    const party = String(to);
    this.#keep({ direction: "sent", party, message });
    this.#tell("sent", { to: party, message });
    return true;
  }

  /** The last messages that were sent or came before somebody asked for them, once. */
  takeUnread(): Exchanged[] {
    const unread = this.#unread;
    this.#unread = [];
    return unread;
  }

  override addEventListener<K extends keyof ConnectionEventMap>(
    type: K,
    listener: (event: ConnectionEventMap[K]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void {
    // A listener for one type of event gets no other.
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<K extends keyof ConnectionEventMap>(
    type: K,
    listener: (event: ConnectionEventMap[K]) => void,
  ): void {
    // As above.
    super.removeEventListener(type, listener as EventListener);
  }

  async #attempt(attempt: Attempt): Promise<void> {
    const { settings, way, failure, retries } = attempt;
    const { signal } = this.#abort;
    this.#become({ type: "connecting", step: "bridge", failure });
    try {
      const { openSession } = await import("./session.ts");
      signal.throwIfAborted();
      const session = await openSession({
        settings,
        way,
        // Our name from before the loss is ours to take back.
        takeOver: retries > 0,
        signal,
        shaking: () => this.#become({ type: "connecting", step: "handshake", failure }),
        received: (arrived) => this.#received(arrived),
      });
      this.#established(session, attempt);
    } catch (error) {
      if (signal.aborted) return;
      const described = await describe(error, settings);
      if (signal.aborted) return;
      this.#tell("failed", { failure: described });
      if (retries > 0 && described.passing) await this.#retry({ ...attempt, failure: described });
      else this.#become({ type: "failed", failure: described });
    }
  }

  #established(session: Session, attempt: Attempt): void {
    const { node, peer } = session;
    this.#session = session;
    // Nobody waits for it; but when the connection is lost, there may be no network to load it by.
    import("./failure.ts").catch(() => {});
    void session.lost.then((reason) => {
      if (this.#session === session) void this.#lost(session, attempt, reason);
    });
    const restarted = attempt.before !== undefined && attempt.before.creation !== peer.creation;
    const since = attempt.retries === 0 ? "asked" : "lost";
    this.#become({ type: "connected", name: node.name, peer: peer.name, since, restarted });
    this.#tell("connected", { name: node.name, peer: peer.name });
  }

  #received(arrived: Arrived): void {
    this.#keep({ direction: "received", party: "console", ...arrived });
    this.#tell("message", arrived);
  }

  #keep(exchanged: Exchanged): void {
    this.#unread.push(exchanged);
    if (this.#unread.length > UNREAD_MESSAGES) this.#unread.shift();
  }

  async #lost(session: Session, { settings, way }: Attempt, reason: unknown): Promise<void> {
    const { signal } = this.#abort;
    this.#session = undefined;
    const failure = await describe(reason, settings);
    if (signal.aborted) return;
    // A bridge that asks for a ticket says by it how the page is called: then a name that was given is not ours to ask for.
    const name = way.auth === undefined ? session.node.name : settings.name;
    const before = session.peer;
    this.#become({ type: "waiting", failure, delayMs: 0 });
    this.#tell("disconnected", { peer: session.remote.name, failure });
    await session.end();
    if (!signal.aborted) await this.#retry({ settings: { ...settings, name }, way, failure, before, retries: 0 });
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
    this.dispatchEvent(new Event("change"));
  }

  #tell<K extends Exclude<keyof ConnectionEventMap, "change">>(type: K, detail: ConnectionEventMap[K]["detail"]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Why there is no connection, in words that are loaded when there is something to explain. */
async function describe(error: unknown, settings: Settings): Promise<Failure> {
  try {
    const { describeFailure } = await import("./failure.ts");
    return describeFailure(error, settings);
  } catch {
    const message = error instanceof Error ? error.message : String(error);
    const { unexplained_title: title, unexplained_hint: hint } = STRINGS;
    return { code: "unexpected", title, detail: message, hint, passing: true, words: "unexplained", values: {} };
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
