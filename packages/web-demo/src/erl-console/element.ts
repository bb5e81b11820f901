import { type Connector, parse, type Term, tuple } from "@erl-dist/core";
import {
  type CSSResult,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import { type Answers, connectForm } from "./connect-form.ts";
import { ConnectionController, REGISTERED_NAME } from "./connection.ts";
import type { ConnectionState, Settings } from "./connection-state.ts";
import { consoleEvent, type ErlConsoleEventMap } from "./events.ts";
import { type HeaderModel, headerView } from "./header-view.ts";
import { MessageLog } from "./message-log.ts";
import { messagesView } from "./messages-view.ts";
import { type Outgoing, sendForm } from "./send-form.ts";
import { statusView } from "./status-view.ts";
import { styles } from "./styles.ts";
import { tokens } from "./tokens.ts";

const COPIED_MS = 2_000;
/** So near to its end the log counts as read to the end. */
const FOLLOWING_PIXELS = 24;

/**
 * A console for an Erlang node, and itself a hidden node of Erlang's distribution. It connects through a bridge, pings, sends
 * terms to registered names, and shows what Erlang sends to `{console, Node}`.
 *
 * A cookie in a page gives whoever reads it the whole Erlang node: use it on the machine you develop on.
 *
 * @fires erl-connect - connected; `detail.name` is this page's node name
 * @fires erl-disconnect - a connection that was up has ended
 * @fires erl-error - an attempt to connect failed
 * @fires erl-message - a message arrived
 * @csspart header status failure connect-form send-form messages log entry button input
 */
export class ErlConsole extends LitElement {
  static override styles: CSSResult[] = [tokens, styles];

  static override properties: PropertyDeclarations = {
    bridge: { type: String },
    node: { type: String },
    cookie: { type: String },
    target: { type: String },
    name: { type: String },
    to: { type: String },
    theme: { type: String, reflect: true },
    autoconnect: { type: Boolean },
    connector: { attribute: false },
    _problem: { state: true },
    _roundTrip: { state: true },
    _copied: { state: true },
  };

  /** URL of the bridge: `ws://127.0.0.1:8080`. */
  declare bridge: string;
  /** Full name of the Erlang node. */
  declare node: string;
  declare cookie: string;
  /** The bridge's word for the node, where it is not the node's name. */
  declare target: string;
  /** Our own full node name; empty: the Erlang node gives us one. */
  declare name: string;
  /** The registered name that the send form begins with. */
  declare to: string;
  /** `"light"`, `"dark"`, or `"auto"`: the color-scheme of the page around. */
  declare theme: "auto" | "light" | "dark";
  /** Connect as soon as the element is in the document. */
  declare autoconnect: boolean;
  /** Another way to the node than the bridge. */
  declare connector: Connector | undefined;

  declare private _problem: string | undefined;
  declare private _roundTrip: HeaderModel["roundTrip"];
  declare private _copied: boolean;

  #following = true;
  readonly #log: MessageLog = new MessageLog();
  readonly #connection: ConnectionController = new ConnectionController(this, {
    connected: (name, peer) => {
      this.dispatchEvent(consoleEvent("erl-connect", { name, peer }));
      void this.ping();
    },
    disconnected: (peer, failure) => {
      this._roundTrip = undefined;
      this.dispatchEvent(consoleEvent("erl-disconnect", failure === undefined ? { peer } : { peer, failure }));
    },
    failed: (failure) => this.dispatchEvent(consoleEvent("erl-error", { failure })),
    received: (message) => {
      this.#log.add("received", REGISTERED_NAME, message);
      this.requestUpdate();
      this.dispatchEvent(consoleEvent("erl-message", { message }));
    },
  });

  constructor() {
    super();
    this.bridge = "";
    this.node = "";
    this.cookie = "";
    this.target = "";
    this.name = "";
    this.to = "";
    this.theme = "auto";
    this.autoconnect = false;
    this._copied = false;
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Connects with the present attributes. Resolves when that has succeeded or failed; failures are states and `erl-error`. */
  async connect(): Promise<void> {
    await this.#connection.connect(this.#settings(), this.connector);
  }

  async disconnect(): Promise<void> {
    await this.#connection.disconnect();
  }

  /** The round trip of Erlang's own ping in milliseconds; undefined when there is no connection or no answer. */
  async ping(): Promise<number | undefined> {
    if (this.state.type !== "connected") return undefined;
    const roundTrip = await this.#connection.ping();
    if (this.state.type === "connected") this._roundTrip = roundTrip ?? "pang";
    return roundTrip;
  }

  /** Sends a term to a name registered on the node; with no connection nothing happens and the result is false. */
  send(name: string, message: Term): boolean {
    return this.#send(name, () => message);
  }

  protected override firstUpdated(): void {
    if (this.autoconnect) void this.connect();
  }

  protected override update(changed: PropertyValues<this>): void {
    // The newest message stays in view, unless the reader has scrolled up.
    const log = this.renderRoot.querySelector(".log");
    this.#following = log === null || log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOWING_PIXELS;
    super.update(changed);
  }

  protected override updated(): void {
    const log = this.renderRoot.querySelector(".log");
    if (log !== null && this.#following) log.scrollTop = log.scrollHeight;
  }

  protected override render(): TemplateResult {
    const { state } = this;
    const settings = this.#settings();
    return html`
      <div part="console" class="console">
        ${headerView({
          state,
          node: this.node,
          roundTrip: this._roundTrip,
          ping: () => void this.ping(),
          disconnect: () => void this.disconnect(),
        })}
        ${statusView(state, settings, () => this.#connection.reconnectNow())}
        ${state.type === "disconnected" || state.type === "failed" ? connectForm(settings, state.type === "failed", this.#answered) : nothing}
        ${state.type === "connected" || this.#log.entries.length > 0 ? this.#body(state) : nothing}
      </div>
    `;
  }

  #body(state: ConnectionState): TemplateResult {
    const connected = state.type === "connected";
    return html`
      <div class="body ${connected ? "" : "without-sending"}">
        ${connected ? sendForm({ to: this.to, problem: this._problem, send: this.#sendTyped }) : nothing}
        ${messagesView({
          entries: this.#log.entries,
          expression: connected ? `{${REGISTERED_NAME}, '${state.name}'} ! hello.` : undefined,
          copied: this._copied,
          copy: (text) => void this.#copy(text),
          clear: () => {
            this.#log.clear();
            this.requestUpdate();
          },
        })}
      </div>
    `;
  }

  #settings(): Settings {
    return { bridge: this.bridge, node: this.node, cookie: this.cookie, target: this.target, name: this.name };
  }

  readonly #answered = (answers: Answers): void => {
    Object.assign(this, answers);
    void this.connect();
  };

  readonly #sendTyped = ({ to, shape, text }: Outgoing): boolean => {
    this._problem = undefined;
    try {
      const term = parse(text);
      return this.#send(to, (self) => (shape === "with_self" ? tuple(self, term) : term));
    } catch (error) {
      this._problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  };

  #send(name: string, message: Parameters<ConnectionController["send"]>[1]): boolean {
    const term = this.#connection.send(name, message);
    if (term === undefined) return false;
    this.#log.add("sent", name, term);
    this.requestUpdate();
    return true;
  }

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this._copied = true;
    setTimeout(() => (this._copied = false), COPIED_MS);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-console": ErlConsole;
  }
  interface HTMLElementEventMap extends ErlConsoleEventMap {}
}
