// What <erl-connection> and <erl-console> have in common: they know how to reach a node, hold the connection, and give it to the
// elements inside.
import type { Connector, Term } from "@erl-dist/core";
import { type PropertyDeclarations } from "lit";
import { StyledElement } from "../styled-element.ts";
import { consoleEvent } from "../events.ts";
import type { Strings } from "../strings.ts";
import type { ConnectionState, Settings } from "./connection-state.ts";
import { ConnectionWatcher } from "./connection-watcher.ts";
import { CONNECTION_CONTEXT, consume, Provider, STRINGS_CONTEXT } from "./context.ts";
import type { Way } from "./session.ts";
import { type ConnectionEventMap, SharedConnection } from "./shared-connection.ts";

export class ConnectingElement extends StyledElement {
  static override properties: PropertyDeclarations = {
    connection: { attribute: false, noAccessor: true },
    bridge: { type: String },
    node: { type: String },
    cookie: { type: String },
    target: { type: String },
    name: { type: String },
    autoconnect: { type: Boolean },
    withoutWorker: { type: Boolean, attribute: "without-worker" },
    connector: { attribute: false },
    worker: { attribute: false },
    auth: { attribute: false },
    strings: { attribute: false, noAccessor: true },
  };

  /** URL of the bridge: `ws://127.0.0.1:8080`. */
  declare bridge: string;
  /** Full name of the Erlang node. */
  declare node: string;
  /** The node's cookie: for the machine that you develop on, since whoever reads it has the whole node. */
  declare cookie: string;
  /** The bridge's word for the node, where it is not the node's name. */
  declare target: string;
  /** Our own full node name; empty: the Erlang node gives us one. */
  declare name: string;
  /** Connect as soon as the element is in the document. */
  declare autoconnect: boolean;
  /** Keep the connection in the page itself, where a policy forbids workers and reports each attempt. */
  declare withoutWorker: boolean;
  /** Another way to the node than the bridge. */
  declare connector: Connector | undefined;
  /** Makes the worker that has the connection, of the package's `worker.js`, where the console would not find it by itself. */
  declare worker: (() => Worker) | undefined;
  /** Fetches what lets this page through the bridge, for each connection: `{ token, secret }`, or a token. Then no cookie is needed. */
  declare auth: Way["auth"];

  readonly #own: SharedConnection = new SharedConnection();
  readonly #provider: Provider<typeof CONNECTION_CONTEXT> = new Provider(this, CONNECTION_CONTEXT, this.#own);
  readonly #watcher: ConnectionWatcher = new ConnectionWatcher(this, () => this.connectionChanged());
  #given: SharedConnection | undefined;
  #outer: SharedConnection | undefined;
  readonly #words: Provider<typeof STRINGS_CONTEXT> = new Provider(this, STRINGS_CONTEXT, {});
  #strings: Strings | undefined;
  #outerStrings: Strings | undefined;

  constructor() {
    super();
    this.bridge = "";
    this.node = "";
    this.cookie = "";
    this.target = "";
    this.name = "";
    this.autoconnect = false;
    this.withoutWorker = false;
    this.#watcher.connection = this.#own;
    // An element inside of another one takes part in its connection.
    consume(this, CONNECTION_CONTEXT, (connection) => {
      this.#outer = connection;
      this.#chosen();
    });
    consume(this, STRINGS_CONTEXT, (strings) => {
      this.#outerStrings = strings;
      this.#said();
    });
  }

  /** The connection: one that was set, else that of an element around this one, else its own. */
  get connection(): SharedConnection {
    return this.#given ?? this.#outer ?? this.#own;
  }

  set connection(connection: SharedConnection | undefined) {
    this.#given = connection;
    this.#chosen();
  }

  /**
   * Words of the page's own for all that is inside, such as a translation; for those that it leaves out, the words of an element around
   * this one, else ours.
   */
  get strings(): Strings | undefined {
    return this.#strings;
  }

  set strings(strings: Strings | undefined) {
    this.#strings = strings;
    this.#said();
  }

  /** Those of this element and of the ones around it. */
  protected get allStrings(): Strings {
    return this.#words.value;
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.connection.state;
  }

  /** Connects with the present attributes. Resolves when that has succeeded or failed; failures are states and `erl-error`. */
  async connect(): Promise<void> {
    const { connector, auth, worker } = this;
    await this.connection.connect(this.settings(), { connector, auth, worker: this.withoutWorker ? false : worker });
  }

  async disconnect(): Promise<void> {
    await this.connection.disconnect();
  }

  /** Sends a term to a name registered on the node; with no connection nothing happens and the result is false. */
  send(name: string, message: Term): boolean {
    return this.connection.send(name, message);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#relay(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that is only moved within the document keeps its connection.
    queueMicrotask(() => {
      if (this.isConnected) return;
      void this.#own.disconnect().finally(() => {
        if (!this.isConnected) this.#relay(false);
      });
    });
  }

  protected override firstUpdated(): void {
    if (this.autoconnect && this.connection === this.#own) void this.connect();
  }

  /** The connection's state is another one, or the connection is. */
  protected connectionChanged(): void {}

  protected settings(): Settings {
    const { bridge, node, cookie, target, name } = this;
    return { bridge, node, cookie, target, name };
  }

  #chosen(): void {
    const { connection } = this;
    this.#watcher.connection = connection;
    this.#provider.value = connection;
  }

  #said(): void {
    this.#words.value = { ...this.#outerStrings, ...this.#strings };
    this.requestUpdate();
  }

  /** The events of a connection are told by the element that it belongs to. */
  #relay(listen: boolean): void {
    const own = this.#own;
    if (listen) {
      own.addEventListener("connected", this.#connected);
      own.addEventListener("disconnected", this.#disconnected);
      own.addEventListener("failed", this.#failed);
      own.addEventListener("message", this.#message);
    } else {
      own.removeEventListener("connected", this.#connected);
      own.removeEventListener("disconnected", this.#disconnected);
      own.removeEventListener("failed", this.#failed);
      own.removeEventListener("message", this.#message);
    }
  }

  readonly #connected = ({ detail }: ConnectionEventMap["connected"]): void => {
    this.dispatchEvent(consoleEvent("erl-connect", detail));
  };

  readonly #disconnected = ({ detail }: ConnectionEventMap["disconnected"]): void => {
    this.dispatchEvent(consoleEvent("erl-disconnect", detail));
  };

  readonly #failed = ({ detail }: ConnectionEventMap["failed"]): void => {
    this.dispatchEvent(consoleEvent("erl-error", detail));
  };

  readonly #message = ({ detail }: ConnectionEventMap["message"]): void => {
    this.dispatchEvent(consoleEvent("erl-message", detail));
  };
}
