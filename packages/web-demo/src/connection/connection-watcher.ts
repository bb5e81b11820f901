import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { SharedConnection } from "./shared-connection.ts";

/** Renders its host anew with each change of a connection, and listens only while the host is in the document. */
export class ConnectionWatcher implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #changed: () => void;
  #connection: SharedConnection | undefined;
  // Not the host's isConnected: that is true already in the constructor of an element that is upgraded.
  #listening = false;

  /** `changed` is called with each change, and when there is another connection. */
  constructor(host: ReactiveControllerHost, changed: () => void = () => {}) {
    this.#host = host;
    this.#changed = changed;
    host.addController(this);
  }

  get connection(): SharedConnection | undefined {
    return this.#connection;
  }

  set connection(connection: SharedConnection | undefined) {
    if (connection === this.#connection) return;
    this.#connection?.removeEventListener("change", this.#listener);
    this.#connection = connection;
    if (this.#listening) this.hostConnected();
  }

  hostConnected(): void {
    this.#listening = true;
    this.#connection?.addEventListener("change", this.#listener);
    this.#listener();
  }

  hostDisconnected(): void {
    this.#listening = false;
    this.#connection?.removeEventListener("change", this.#listener);
  }

  readonly #listener = (): void => {
    this.#changed();
    this.#host.requestUpdate();
  };
}
