// A WebSocket without a network: the test is the server, and decides how much is buffered.
import type { CloseReport, WebSocketLike } from "../../src/transports/websocket-wire.ts";

type Listener = (event: never) => void;

export class FakeWebSocket implements WebSocketLike {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Messages sent: bytes as arrays, and texts. */
  readonly sent: (number[] | string)[] = [];
  /** What close() was called with. */
  closedWith: (number | string | undefined)[] | undefined;
  binaryType = "blob";
  protocol = "";
  bufferedAmount = 0;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: Uint8Array | string): void {
    this.sent.push(typeof data === "string" ? data : [...data]);
  }

  close(...args: (number | string | undefined)[]): void {
    this.closedWith ??= args;
  }

  /** The server took the offer and chose a subprotocol. */
  accept(protocol = "erldist.v1"): void {
    this.protocol = protocol;
    this.#emit("open", {});
  }

  /** The server sent bytes, or text. */
  message(data: Uint8Array | string): void {
    this.#emit("message", { data: typeof data === "string" ? data : new Uint8Array(data).buffer });
  }

  /** The connection ended: by a close frame of the server, or with 1006 without one. */
  end(report: CloseReport): void {
    this.#emit("close", report);
  }

  fail(): void {
    this.#emit("error", {});
  }

  #emit(type: string, event: object): void {
    // Each type of listener was added together with the type of its event.
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}
