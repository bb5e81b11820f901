// A node with one process and one connection, as OTP's C nodes are (ei_connect, ei_reg_send, ei_receive): for a page that
// has to be there at once. What it takes to connect, to send and to stay connected is loaded with this file. Whatever needs
// more (a message that arrives, a link, a call) first loads light-process.ts, and is what it is on any node from then on.
import { Connection, type ConnectionEvent, type Packets, SendOnly } from "../distribution/index.ts";
import { ConnectionError } from "../errors.ts";
import { atom, Pid, type Term } from "../etf/index.ts";
import { checkCookie, type HandshakeResult, Initiator, PASS_THROUGH_FLAGS } from "../handshake/index.ts";
import type { Limits } from "../limits.ts";
import { SENDING_LIMITS } from "../sending-limits.ts";
import type { Connector } from "../transports/byte-stream.ts";
import { checkNode, type Destination, parseDestination } from "./destination.ts";
import { Driver, monotonicMs } from "./driver.ts";
import type { LightProcess } from "./light-process.ts";
import type { Filter, Matcher, ReceiveOptions } from "./mailbox.ts";
import type { Process } from "./process.ts";
import { newChallenge, newCreation } from "./random.ts";
import { ReadGate } from "./read-gate.ts";

export interface LightNodeOptions {
  /** Full name, as in `"page@browser"`. Without it the peer names the node. */
  readonly name?: string | undefined;
  /** Latin-1 characters, as in an Erlang atom. */
  readonly cookie: string;
  /** How the peer's name becomes a byte stream. */
  readonly connect: Connector;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  /** OTP's `net_ticktime` (there in seconds), by default 60 s. */
  readonly netTickTimeMs?: number | undefined;
  /** Whether to end the connection that the peer still has with a node of our name; by default that is an error. */
  readonly takeOver?: boolean | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

const NET_TICK_TIME_MS = 60_000;

/** Made by `LightNode.connect`, ended by `close` or `await using`. */
export class LightNode implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #result: HandshakeResult;
  readonly #pid: Pid;
  readonly #ended: AbortSignal;
  readonly #load: () => Promise<LightProcess>;

  /**
   * Connects to a node. Rejects as `ErlangNode.connect` does: with a ConnectionError (no way to the node), a HandshakeError
   * (`wrong_cookie`, `name_in_use`, …), what the carrier threw, or the signal's reason.
   */
  static async connect(peer: string, options: LightNodeOptions): Promise<LightNode> {
    const { name, cookie, connect, signal, netTickTimeMs = NET_TICK_TIME_MS, takeOver = false } = options;
    checkNode(peer);
    if (name !== undefined) checkNode(name);
    checkCookie(cookie);
    const limits = { ...SENDING_LIMITS, ...options.limits };
    const stream = await connect(peer, { signal });
    const now = monotonicMs();
    const handshake = new Initiator({
      // A name from the peer has the peer's host, so that it is as long or short as all names there.
      name: name ?? peer.slice(peer.indexOf("@") + 1),
      creation: newCreation(),
      dynamicName: name === undefined,
      peer,
      cookie,
      flags: PASS_THROUGH_FLAGS,
      challenge: newChallenge(),
      packetBytes: stream.handshakePacketBytes ?? 2,
      now,
      stepTimeMs: limits.handshakeTimeMs,
      handshakeBytes: limits.handshakeBytes,
      answerAlive: takeOver,
    });
    const packets = (flags: bigint): Packets => ({ writer: new SendOnly(flags) });
    const connection = new Connection({ handshake, limits, tickTimeMs: netTickTimeMs, now, packets });
    const gate = new ReadGate();
    const ended = new AbortController();
    let loading: Promise<LightProcess> | undefined;
    let loaded: LightProcess | undefined;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal?.reason);
        void driver.close();
      };
      const driver = new Driver({ stream, connection, gate, limits, onEvent });
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted === true) onAbort();

      function onEvent(event: ConnectionEvent): void {
        if (event.type === "signal") loaded?.take(event);
        else if (event.type === "unread") {
          // Nothing is read until it can be.
          gate.report(true);
          load()
            .finally(() => gate.report(false))
            .catch(() => undefined);
        } else if (event.type === "connected") {
          signal?.removeEventListener("abort", onAbort);
          resolve(new LightNode(driver, event.result, ended.signal, load));
        } else if (event.type === "failed" || event.type === "closed") {
          signal?.removeEventListener("abort", onAbort);
          const error = event.error ?? new ConnectionError("closed", `the connection to ${peer} was closed`, { peer });
          reject(error);
          ended.abort(error);
          loaded?.end(event.error);
        }
      }

      /** Loads what a message that arrives needs, and takes it from then on. */
      function load(): Promise<LightProcess> {
        loading ??= import("./light-process.ts").then(
          ({ LightProcess }) => {
            loaded = new LightProcess(connection, driver, gate, options.limits, ended.signal);
            return loaded;
          },
          (cause: unknown) => {
            const error = new ConnectionError("closed", `what reads messages of ${peer} could not be loaded`, { peer, cause });
            void driver.close(error);
            throw error;
          },
        );
        return loading;
      }
    });
  }

  private constructor(driver: Driver, result: HandshakeResult, ended: AbortSignal, load: () => Promise<LightProcess>) {
    this.#driver = driver;
    this.#result = result;
    this.#ended = ended;
    this.#load = load;
    // The first of all pids, as Identifiers gives it.
    this.#pid = new Pid(atom(result.name), 1, 0, result.creation);
  }

  /** Full name of this node. */
  get name(): string {
    return this.#result.name;
  }

  get creation(): number {
    return this.#result.creation;
  }

  /** Full name of the node that it is connected to. */
  get peer(): string {
    return this.#result.peer;
  }

  /** Whom the peer answers: the one process of this node. */
  get pid(): Pid {
    return this.#pid;
  }

  /** Aborts when the connection ends. Its reason is the error that says why; "closed" when we have closed it. */
  get ended(): AbortSignal {
    return this.#ended;
  }

  /**
   * `To ! Message`, to a pid, an alias or `{ name, node }`; never waits. Throws a TypeError for what is no destination, an
   * EncodeError for a message without an external form, and a ConnectionError for any node but the peer: this one has one
   * connection and makes no others. `(await node.process()).send` reaches processes of this node too.
   */
  send(to: Destination, message: Term): void {
    const destination = parseDestination(to);
    const isName = "name" in destination;
    const node = isName ? destination.node : destination.node.name;
    const { aborted, reason } = this.ended;
    if (node !== this.peer || aborted) {
      const words = `no connection to ${node ?? this.name}: the only one ${aborted ? "was" : "is"} to ${this.peer}`;
      throw new ConnectionError("not_connected", words, { peer: node, cause: reason });
    }
    const fromPid = this.#pid;
    if (isName) this.#driver.send({ type: "REG_SEND", fromPid, toName: destination.name }, message);
    else if (destination instanceof Pid) this.#driver.send({ type: "SEND_SENDER", fromPid, toPid: destination }, message);
    else this.#driver.send({ type: "ALIAS_SEND", fromPid, alias: destination }, message);
  }

  /** Resolves when the peer has taken so much that no more than `limits.outboundBytes` wait. */
  drained(): Promise<void> {
    return this.#driver.drained();
  }

  /** Bytes that wait to be written. */
  get bufferedBytes(): number {
    return this.#driver.bufferedBytes;
  }

  /**
   * As `Process.receive`. What came before the connection ended can still be received; after it, whoever finds nothing is
   * told by the reason of `ended`.
   */
  receive<T extends Term>(filter: (message: Term) => message is T, options?: ReceiveOptions): Promise<T>;
  receive(filter?: (message: Term) => boolean, options?: ReceiveOptions): Promise<Term>;
  receive<T>(pattern: Matcher<T>, options?: ReceiveOptions): Promise<T>;
  async receive<T>(filter?: Filter<T>, options: ReceiveOptions = {}): Promise<Term | T> {
    return (await this.#load()).receive(filter, options);
  }

  /** The process, with all that a process can do: links, monitors, names, aliases; `erpc.call` and the like take it too. */
  async process(): Promise<Process> {
    return (await this.#load()).process;
  }

  /** Ends the connection, after what was sent. */
  async close(): Promise<void> {
    await this.#driver.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
