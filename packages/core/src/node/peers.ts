// The connections of a node: who is connected, who is being connected to, what waits to be sent meanwhile. Those who connect to
// us are in accepting.ts.
import { Writer } from "../bytes/writer.ts";
import { appendPacket, type ControlMessage, type ControlMessageOf } from "../distribution/index.ts";
import { ConnectionError, EncodeError, type HandshakeError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import { DFLAG, type HandshakeResult } from "../handshake/index.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import type { Accepting } from "./accepting.ts";
import type { Delivery } from "./delivery.ts";
import type { Connecting } from "./connecting.ts";
import type { Controller, ControllerOwner, OpenController } from "./controller.ts";
import type { Identifiers } from "./identifiers.ts";
import type { NodeDownReason, PeerInfo } from "./node-events.ts";
import type { ResolvedOptions } from "./node-options.ts";
import { ReadGate } from "./read-gate.ts";

/** What the node wants to know of its connections. */
export interface PeersListener {
  /** A signal arrived. May throw a ProtocolError, which ends the connection. */
  signal(from: string, control: ControlMessage, payload: Term | undefined): void;
  /** The first peer has named us. */
  named(name: string, creation: number): void;
  up(info: PeerInfo): void;
  /** `isOurs` when this node has made the connection, or was about to when the peer did. */
  down(info: PeerInfo, reason: NodeDownReason, error: Error | undefined, isOurs: boolean): void;
  /** No connection came up; `incoming` when it was somebody who connected to us. */
  failed(peer: string | undefined, error: unknown, incoming: boolean): void;
}

export interface PeersOptions extends ResolvedOptions {
  readonly identifiers: Identifiers;
  readonly delivery: Delivery;
  /** The peers name us. */
  readonly isDynamic: boolean;
  /** A node that does not listen has none. */
  readonly accepting: typeof Accepting | undefined;
  /** A node that only accepts has none. */
  readonly open: OpenController | undefined;
  readonly listener: PeersListener;
}

interface Up {
  readonly info: PeerInfo;
  readonly controller: Controller;
  /** Somebody here wanted it, at this time or before a take-over. */
  readonly isOurs: boolean;
  tickTimeMs: number;
  /** Set when we end it ourselves. */
  reason?: NodeDownReason;
}

/** Signals for which Erlang sets up a connection; the others mean nothing to a node that is not connected. */
const CONNECTING: ReadonlySet<ControlMessage["type"]> = new Set([
  "SEND_SENDER",
  "REG_SEND",
  "ALIAS_SEND",
  "LINK",
  "MONITOR_P",
  "PAYLOAD_EXIT2",
  "GROUP_LEADER",
  "SPAWN_REQUEST",
]);

/** Asking for the cookie, asking EPMD, connecting: carriers keep the time of each and know better words when it is over. */
const DIAL_STEPS = 3;

export class Peers {
  readonly #options: PeersOptions;
  readonly #up = new Map<string, Up>();
  readonly #connecting = new Map<string, Connecting>();
  /** Those who connect to us. */
  readonly #accepting: Accepting | undefined;
  /** Everything that has a carrier, so that stop() finds it. */
  readonly #controllers = new Set<Controller>();
  /** Peers that we have been connected to under our present name, and know that we no longer are. */
  readonly #lost = new Set<string>();
  /** The attempt that gets us a dynamic name; others wait for it. */
  #naming: Promise<unknown> | undefined;
  #isStopped = false;

  constructor(options: PeersOptions) {
    this.#options = options;
    const { accepting: Side } = options;
    if (Side === undefined) return;
    this.#accepting = new Side(options, {
      connecting: this.#connecting,
      isUp: (peer) => this.#up.has(peer),
      owner: () => this.#owner(),
      track: (controller) => this.#track(controller),
      up: (result, controller) => this.#isUp(result, controller),
      down: (controller, error) => this.#isDown(controller, error),
      fail: (attempt, error) => this.#fail(attempt, error),
      dial: (attempt) => this.#startDial(attempt),
    });
  }

  get names(): string[] {
    return [...this.#up.keys()];
  }

  /** Connects unless connected. Rejects with the reason; a signal that aborts gives up this caller's wait. */
  connect(peer: string, signal?: AbortSignal): Promise<PeerInfo> {
    const up = this.#up.get(peer);
    if (up !== undefined) return Promise.resolve(up.info);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const attempt = this.#attempt(peer);
    attempt.waiting += 1;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        attempt.waiting -= 1;
        // Nobody else needs it.
        if (attempt.waiting === 0 && attempt.queue.length === 0) attempt.abort.abort(signal?.reason);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort);
      attempt.promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", onAbort));
    });
  }

  /** Sends a signal, connecting first where Erlang would. Throws an EncodeError for terms without an external form. */
  send(peer: string, control: ControlMessage, payload: Term | undefined): void {
    const up = this.#up.get(peer);
    if (up !== undefined) {
      this.#write(up, control, payload);
      return;
    }
    if (this.#isStopped || (!this.#connecting.has(peer) && !CONNECTING.has(control.type))) return;
    // Encoded again when the connection is up: our own name may be another one then. Now is when the caller can be told.
    const writer = new Writer(0);
    appendPacket(writer, control, payload);
    const attempt = this.#attempt(peer);
    attempt.queue.push({ control, payload });
    attempt.queuedBytes += writer.length;
    if (attempt.queuedBytes > this.#options.limits.backlogBytes) queueMicrotask(() => this.#endBacklog(attempt));
  }

  /** Says whether there was a connection. */
  async disconnect(peer: string, reason: NodeDownReason = "disconnect"): Promise<boolean> {
    this.#connecting.get(peer)?.abort.abort();
    const up = this.#up.get(peer);
    if (up === undefined) return false;
    up.reason = reason;
    await up.controller.close();
    return true;
  }

  /** The tick time of a connection, undefined where there is none. */
  tickTimeMs(peer: string): number | undefined {
    return this.#up.get(peer)?.tickTimeMs;
  }

  /** Sets the tick time of this connection, should it be there still. */
  setTickTime(info: PeerInfo, tickTimeMs: number): void {
    const up = this.#up.get(info.name);
    if (up?.info !== info) return;
    up.tickTimeMs = tickTimeMs;
    up.controller.setTickTime(tickTimeMs);
  }

  /** Bytes that wait to be written to a peer. */
  bufferedBytes(peer: string): number {
    return this.#up.get(peer)?.controller.bufferedBytes ?? this.#connecting.get(peer)?.queuedBytes ?? 0;
  }

  /** Waits until the peer is connected (or was found not to be reachable) and less than the limit waits to be written. */
  async drained(peer: string): Promise<void> {
    await this.#connecting.get(peer)?.promise.catch(() => undefined);
    await this.#up.get(peer)?.controller.drained();
  }

  /** Somebody connected to us. */
  accept(stream: ByteStream): void {
    if (this.#isStopped || this.#accepting === undefined) void stream.close();
    else this.#accepting.accept(stream);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const attempt of this.#connecting.values()) {
      this.#fail(attempt, new ConnectionError("stopped", "the node was stopped", { peer: attempt.peer }));
      attempt.abort.abort();
    }
    for (const up of this.#up.values()) up.reason = "net_kernel_terminated";
    await Promise.all([...this.#controllers].map((controller) => controller.close()));
  }

  #attempt(peer: string): Connecting {
    const known = this.#connecting.get(peer);
    if (known !== undefined) return known;
    let settle!: Pick<Connecting, "resolve" | "reject">;
    const promise = new Promise<PeerInfo>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // Who only sent something is told by an event.
    promise.catch(() => undefined);
    const attempt: Connecting = {
      peer,
      promise,
      ...settle,
      abort: new AbortController(),
      queue: [],
      queuedBytes: 0,
      waiting: 0,
      hasDialled: false,
    };
    this.#connecting.set(peer, attempt);
    attempt.abort.signal.addEventListener("abort", () => {
      void attempt.controller?.close();
      // An attempt of the peer goes on in its place.
      if (attempt.incoming !== undefined) return;
      this.#fail(attempt, new ConnectionError("aborted", `connecting to ${peer} was aborted`, { peer }));
    });
    const incoming = this.#accepting?.underWay(peer);
    // A second connection beside the one that is coming up would be taken for one that replaces it.
    if (incoming === undefined) this.#startDial(attempt);
    else attempt.incoming = incoming;
    return attempt;
  }

  #startDial(attempt: Connecting): void {
    attempt.hasDialled = true;
    this.#dial(attempt).catch((error: unknown) => {
      if (attempt.incoming === undefined) this.#fail(attempt, error);
    });
  }

  /** Connects and starts the handshake. */
  async #dial(attempt: Connecting): Promise<void> {
    const { peer, abort } = attempt;
    const { open, identifiers, limits, flags, isDynamic, cookie, takeOver, netTickTimeMs } = this.#options;
    if (open === undefined)
      throw new ConnectionError("not_connected", `this node only accepts; ${peer} has to connect`, { peer });
    if (this.#isStopped) throw new ConnectionError("stopped", "the node was stopped", { peer });
    if (peer === identifiers.name) throw new ConnectionError("unreachable", `${peer} is this node itself`, { peer });
    const dynamicName = isDynamic && (await this.#hasToAskForName(attempt));
    const timeMs = DIAL_STEPS * limits.handshakeTimeMs;
    const timer = setTimeout(() => {
      const message = `no connection to ${peer} came up within ${timeMs} ms`;
      this.#fail(attempt, new ConnectionError("timeout", message, { peer }));
      abort.abort();
    }, timeMs);
    const owner: ControllerOwner = {
      ...this.#owner(),
      event: (event, controller) => {
        if (event.type === "connected") {
          if (dynamicName) {
            this.#lost.clear();
            this.#options.listener.named(event.result.name, event.result.creation);
          }
          this.#isUp(event.result, controller);
        } else if (event.type === "failed") {
          this.#refused(attempt, event.error);
        } else {
          this.#isDown(controller, event.error);
          if (attempt.incoming === undefined && event.error !== undefined) this.#fail(attempt, event.error);
        }
      },
    };
    try {
      const secret = await cookie(peer);
      const controller = await open(
        {
          peer,
          name: dynamicName ? hostOf(peer) : identifiers.name,
          creation: dynamicName ? 0 : identifiers.creation,
          dynamicName,
          cookie: secret,
          flags,
          answerAlive: takeOver || this.#lost.has(peer),
          tickTimeMs: netTickTimeMs,
          limits,
        },
        owner,
        abort.signal,
      );
      this.#track(controller);
      attempt.controller = controller;
      if (abort.signal.aborted) void controller.close();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Only one attempt at a time may get us a name; the others wait, and go on with that name. */
  async #hasToAskForName(attempt: Connecting): Promise<boolean> {
    while (this.#naming !== undefined) await this.#naming;
    // Without any connection nobody holds a name for us any more.
    if (this.#up.size > 0) return false;
    const settled = (): void => {
      this.#naming = undefined;
    };
    this.#naming = attempt.promise.then(settled, settled);
    return true;
  }

  /** Our handshake failed. After `nok` the peer's own attempt, which has precedence, is about to come in. */
  #refused(attempt: Connecting, error: HandshakeError): void {
    if (attempt.incoming !== undefined) return;
    if (error.code === "simultaneous_refused" && this.#accepting !== undefined) {
      attempt.timer = setTimeout(() => this.#fail(attempt, error), this.#options.limits.handshakeTimeMs);
    } else {
      this.#fail(attempt, error);
    }
  }

  /** What all controllers are given, each with a gate of its own. */
  #owner(): Pick<ControllerOwner, "gate" | "signal"> {
    const { delivery, listener } = this.#options;
    const gate = new ReadGate();
    return {
      gate,
      signal: (peer, bytes, control, payload) => delivery.from(gate, bytes, () => listener.signal(peer, control, payload)),
    };
  }

  #track(controller: Controller): void {
    this.#controllers.add(controller);
    void controller.done.finally(() => this.#controllers.delete(controller));
  }

  #isUp({ peer, peerCreation, hidden, flags }: HandshakeResult, controller: Controller): void {
    const old = this.#up.get(peer);
    if (old !== undefined) {
      // The peer has taken its old connection over.
      void old.controller.close();
    }
    const attempt = this.#connecting.get(peer);
    const isOurs = attempt !== undefined || old?.isOurs === true;
    const up: Up = {
      info: { name: peer, creation: peerCreation, hidden, flags },
      controller,
      isOurs,
      tickTimeMs: this.#options.netTickTimeMs,
    };
    this.#up.set(peer, up);
    this.#lost.delete(peer);
    this.#connecting.delete(peer);
    clearTimeout(attempt?.timer);
    this.#options.listener.up(up.info);
    for (const { control, payload } of attempt?.queue ?? []) this.#writeQueued(up, control, payload);
    attempt?.resolve(up.info);
  }

  /** A controller that is nobody's any more, or has not been up, is of no interest. */
  #isDown(controller: Controller, error: Error | undefined): void {
    const up = [...this.#up.values()].find((each) => each.controller === controller);
    if (up === undefined) return;
    const peer = up.info.name;
    this.#up.delete(peer);
    this.#lost.add(peer);
    const isSilent = error instanceof ConnectionError && error.code === "net_tick_timeout";
    const reason = up.reason ?? (isSilent ? "net_tick_timeout" : "connection_closed");
    this.#options.listener.down(up.info, reason, error, up.isOurs);
  }

  #fail(attempt: Connecting, error: unknown): void {
    if (this.#connecting.get(attempt.peer) !== attempt) return;
    this.#connecting.delete(attempt.peer);
    clearTimeout(attempt.timer);
    attempt.reject(error);
    this.#options.listener.failed(attempt.peer, error, false);
  }

  /** So much was sent before the connection was up that no more can be kept. */
  #endBacklog(attempt: Connecting): void {
    const { peer, queuedBytes } = attempt;
    const words = `${queuedBytes} bytes were sent to ${peer} before there was a connection; a fast sender has to await connect()`;
    this.#fail(attempt, new ConnectionError("overloaded", words, { peer }));
    attempt.abort.abort();
  }

  /** Its sender has been told what no node takes; that this one knows no native records shows only now. */
  #writeQueued(up: Up, control: ControlMessage, payload: Term | undefined): void {
    try {
      this.#write(up, control, payload);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      this.#options.listener.failed(up.info.name, error, false);
    }
  }

  #write({ controller, info }: Up, control: ControlMessage, payload: Term | undefined): void {
    // The connection knows which form the peer takes, and sends nothing for which there is none.
    if (control.type === "SPAWN_REQUEST" && (info.flags & DFLAG.SPAWN) === 0n) this.#answerNotsup(info.name, control);
    else controller.send(control, payload);
  }

  /** A peer that knows no spawn requests would never answer; OTP answers for it. */
  #answerNotsup(peer: string, { reqId, fromPid }: ControlMessageOf<"SPAWN_REQUEST">): void {
    const reply = { type: "SPAWN_REPLY", reqId, toPid: fromPid, flags: 0, result: "notsup" } as const;
    this.#options.listener.signal(peer, reply, undefined);
  }
}

/** The host that a dynamic name is asked for: the peer's own, so that the name is as long or short as all names there. */
function hostOf(peer: string): string {
  return peer.slice(peer.indexOf("@") + 1);
}
