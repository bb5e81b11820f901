// What a LightNode loads when it needs more than to send: reading packets, and its one process with links, monitors and all
// else that a process of an ErlangNode has, by the same code. Other nodes can ping it, and run nothing here.
import {
  type Connection,
  type ControlMessage,
  packetForm,
  PacketReader,
  PassThrough,
  type SignalEvent,
} from "../distribution/index.ts";
import { ConnectionError, ProtocolError, TimeoutError } from "../errors.ts";
import type { Pid, Term } from "../etf/index.ts";
import type { HandshakeResult } from "../handshake/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { Delivery } from "./delivery.ts";
import type { Driver } from "./driver.ts";
import { ExposedModules } from "./exposed-modules.ts";
import { Identifiers } from "./identifiers.ts";
import { type Filter, Mailbox, type Matcher, type ReceiveOptions } from "./mailbox.ts";
import { NET_KERNEL, netKernel } from "./net-kernel.ts";
import { Process } from "./process.ts";
import { ProcessEntry } from "./process-entry.ts";
import type { ReadGate } from "./read-gate.ts";
import { SignalReceiver } from "./signal-receiver.ts";
import { Signals } from "./signals.ts";
import { SpawnServer } from "./spawn-server.ts";

export class LightProcess {
  readonly process: Process;
  readonly #peer: string;
  readonly #driver: Driver;
  readonly #connection: Connection;
  readonly #gate: ReadGate;
  readonly #delivery = new Delivery();
  readonly #limits: Limits;
  /** Aborts with the connection. */
  readonly #ended: AbortSignal;
  readonly #identifiers = new Identifiers();
  readonly #signals: Signals;
  readonly #receiver: SignalReceiver;

  constructor(connection: Connection, driver: Driver, gate: ReadGate, given: Partial<Limits> | undefined, ended: AbortSignal) {
    const limits = { ...DEFAULT_LIMITS, ...given };
    // It is asked for after the handshake.
    const { name, creation, peer } = connection.result as HandshakeResult;
    // So far the connection could only send.
    connection.setPackets((flags) => ({ writer: new PassThrough(flags), reader: new PacketReader(packetForm(flags), limits) }));
    this.#peer = peer;
    this.#ended = ended;
    this.#connection = connection;
    this.#driver = driver;
    this.#gate = gate;
    this.#limits = limits;
    this.#identifiers.rename(name, creation);
    this.#signals = new Signals(
      this.#identifiers,
      (to, control, payload) => this.#send(to, control, payload),
      (from, control, payload) => this.#receiver.receive(from, control, payload),
    );
    const spawnServer = new SpawnServer({
      signals: this.#signals,
      exposed: new ExposedModules(),
      maxProcesses: limits.processes,
      newEntry: () => this.#newEntry(kernel.pid),
      // Only what is exposed can run and crash.
      onCrash: () => undefined,
    });
    this.#receiver = new SignalReceiver(
      () => this.#signals,
      (from, request, args) => spawnServer.serve(from, request, args),
    );
    // The first pid is the one that LightNode has told the peer.
    const entry = this.#newEntry();
    const kernel = new Process(this.#newEntry(), this.#signals);
    entry.groupLeader = kernel.pid;
    kernel.register(NET_KERNEL);
    void netKernel(kernel);
    this.process = new Process(entry, this.#signals);
  }

  take({ control, payload }: SignalEvent): void {
    try {
      this.#delivery.from(this.#gate, this.#connection.signalBytes, () => this.#receiver.receive(this.#peer, control, payload));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      void this.#driver.close(error);
    }
  }

  /** When the connection has ended, only what has come already can be received. */
  receive<T>(filter: Filter<T> | undefined, options: ReceiveOptions): Promise<Term | T> {
    const ended = this.#ended;
    // One of the overloads; which one makes no difference.
    const chosen = filter as Matcher<T>;
    if (!ended.aborted) {
      const signal = options.signal === undefined ? ended : AbortSignal.any([options.signal, ended]);
      return this.process.receive(chosen, { ...options, signal });
    }
    return this.process.receive(chosen, { timeoutMs: 0 }).catch((error: unknown) => {
      throw error instanceof TimeoutError ? ended.reason : error;
    });
  }

  /** The connection has ended: links and monitors across it end with `noconnection`. */
  end(cause: Error | undefined): void {
    this.#signals.lost(this.#peer, cause);
  }

  #send(to: string, control: ControlMessage, payload: Term | undefined): void {
    if (to === this.#peer && !this.#ended.aborted) {
      this.#driver.send(control, payload);
      return;
    }
    // As for a node that cannot be reached; not in the turn of whoever sends.
    const cause = new ConnectionError("not_connected", `there is no connection to ${to}`, { peer: to });
    queueMicrotask(() => this.#signals.lost(to, cause));
  }

  #newEntry(leader?: Pid): ProcessEntry {
    const identifiers = this.#identifiers;
    const mailbox = new Mailbox(this.#limits, this.#delivery);
    const entry = new ProcessEntry(identifiers.newPid(), mailbox, (pid) => identifiers.key(pid));
    if (leader !== undefined) entry.groupLeader = leader;
    this.#signals.registry.add(entry);
    return entry;
  }
}
