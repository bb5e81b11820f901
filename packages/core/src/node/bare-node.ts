// An Erlang node: starts and ends processes, connects to other nodes, and lets the one send signals to the other.
import { ConnectionError } from "../errors.ts";
import { atom, type Pid, type Term } from "../etf/index.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import type { Accepting } from "./accepting.ts";
import { checkTerm } from "./check-term.ts";
import type { OpenController } from "./controller.ts";
import { Delivery } from "./delivery.ts";
import { checkNode, type Destination } from "./destination.ts";
import { ErlangError, exitReasonOf } from "./erlang-error.ts";
import { ExposedModules, type ExposedFunctions } from "./exposed-modules.ts";
import type { GenServer } from "./gen-server.ts";
import { Identifiers, type Key } from "./identifiers.ts";
import { Mailbox, type Waiter } from "./mailbox.ts";
import {
  ConnectErrorEvent,
  LogEvent,
  NodeDownEvent,
  type NodeDownReason,
  type NodeEventMap,
  NodeUpEvent,
  type PeerInfo,
  ProcessCrashEvent,
  UnhandledMessageEvent,
} from "./node-events.ts";
import type { NodeOptions, ResolvedOptions } from "./node-options.ts";
import { Peers } from "./peers.ts";
import { Process } from "./process.ts";
import { ProcessEntry } from "./process-entry.ts";
import { newCreation } from "./random.ts";
import type * as Reconnecting from "./reconnector.ts";
import { SignalReceiver } from "./signal-receiver.ts";
import { Signals } from "./signals.ts";
import { SpawnServer } from "./spawn-server.ts";
import type { SpawnServerOptions } from "./spawn-server-options.ts";
import { exposedTickTime } from "./tick-time.ts";

/** What a process does. When it returns the process exits `normal`; when it throws, with the reason that Erlang would give. */
export type ProcessFunction = (self: Process) => unknown;

export interface ConnectCallOptions {
  /** Gives up waiting; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Entries in the tables of a node. */
export interface NodeCounts {
  readonly processes: number;
  readonly names: number;
  readonly aliases: number;
  /** Ends of links: one between two processes of this node counts twice. */
  readonly links: number;
  /** Ends of monitors. */
  readonly monitors: number;
  /** Spawn requests that have not been answered. */
  readonly spawnRequests: number;
}

/** Where the log events of our processes go, which other nodes send here. */
const LOGGER_PROXY = "logger_proxy";

/** How a node is connected with others. */
export interface Connections {
  /** For those that it makes. */
  readonly open: OpenController | undefined;
  /** For those that others make. */
  readonly accepting?: typeof Accepting | undefined;
}

interface Parts extends Connections {
  readonly reconnecting: typeof Reconnecting | undefined;
}

/** What every node is: processes, names, connections. What makes the connections is given to it; calls are the caller's. */
export class BareNode extends EventTarget implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #identifiers = new Identifiers();
  readonly #delivery = new Delivery();
  readonly #signals: Signals;
  readonly #peers: Peers;
  /** `net_kernel`, in whose name the node itself does what it does. */
  protected readonly kernel: Process;
  readonly #exposed = new ExposedModules();
  readonly #spawning: SpawnServerOptions;
  readonly #spawnServer: SpawnServer;
  readonly #reconnector: Reconnecting.Reconnector | undefined;
  #stopped: Promise<void> | undefined;

  /** As `ErlangNode.start`, with options that are known to work. @internal */
  static async startWith(
    options: Pick<NodeOptions, "name" | "creation">,
    resolved: ResolvedOptions,
    connections: Connections,
  ): Promise<BareNode> {
    // What only some nodes need is loaded for those.
    const reconnecting = resolved.reconnect === undefined ? undefined : await import("./reconnector.ts");
    return new this(options, resolved, { ...connections, reconnecting });
  }

  protected constructor(
    { name, creation }: Pick<NodeOptions, "name" | "creation">,
    options: ResolvedOptions,
    { accepting, reconnecting, open }: Parts,
  ) {
    super();
    this.#options = options;
    if (name !== undefined) this.#identifiers.rename(name, creation ?? newCreation());
    const receiver = new SignalReceiver(
      () => this.#signals,
      (from, request, args) => this.#spawnServer.serve(from, request, args),
    );
    this.#peers = new Peers({
      ...options,
      identifiers: this.#identifiers,
      delivery: this.#delivery,
      isDynamic: name === undefined,
      accepting,
      open,
      listener: {
        signal: (from, control, payload) => receiver.receive(from, control, payload),
        named: (given, creation) => this.rename(given, creation),
        up: (info) => this.#up(info),
        down: (info, reason, error, isOurs) => this.#down(info, reason, error, isOurs),
        failed: (peer, error, incoming) => this.#failed(peer, error, incoming),
      },
    });
    this.#signals = new Signals(
      this.#identifiers,
      (to, control, payload) => this.#peers.send(to, control, payload),
      (from, control, payload) => receiver.receive(from, control, payload),
    );
    this.#spawning = {
      signals: this.#signals,
      exposed: this.#exposed,
      maxProcesses: options.limits.processes,
      newEntry: () => this.#newEntry(),
      onCrash: (process, error) => this.dispatchEvent(new ProcessCrashEvent(process, error)),
    };
    this.#spawnServer = new SpawnServer(this.#spawning);
    if (options.reconnect !== undefined && reconnecting !== undefined) {
      this.#reconnector = new reconnecting.Reconnector({
        ...reconnecting.resolveReconnect(options.reconnect),
        identifiers: this.#identifiers,
        connect: (peer) => this.#peers.connect(peer),
        emit: (event) => this.dispatchEvent(event),
      });
    }
    this.#exposed.expose("net_kernel", exposedTickTime(options.netTickTimeMs));
    this.kernel = this.spawn(async (self) => {
      await arrival(self);
      const { netKernel } = await import("./net-kernel.ts");
      await netKernel(self);
    });
    this.kernel.register("net_kernel");
    // Callers of C nodes wait without a monitor: there has to be somebody who answers, if only that there is no such function.
    this.spawn((self) => this.#serveRex(self)).register("rex");
  }

  /** Full name; `nonode@nohost` until the first peer gives a node without one its name. */
  get name(): string {
    return this.#identifiers.name;
  }

  /** Tells this incarnation from earlier nodes of the same name; 0 as long as there is no name. */
  get creation(): number {
    return this.#identifiers.creation;
  }

  /**
   * Group leader of what runs in the node's own name, as `erpc` does, and of processes from their start on: where a function
   * prints that such a process runs on another node. Set it to the pid of an `ioServer`; until then printing there fails, as
   * it does in Erlang when the group leader has gone.
   */
  get groupLeader(): Pid {
    return this.kernel.groupLeader;
  }

  set groupLeader(leader: Pid) {
    this.kernel.groupLeader = leader;
  }

  /** The names of all connected nodes, visible or hidden. */
  nodes(): string[] {
    return this.#peers.names;
  }

  /**
   * Connects, unless that is the case already. Rejects with what went wrong: a ConnectionError (no way to the node), a
   * HandshakeError (`wrong_cookie`, `name_in_use`, …), what the carrier or `cookie` threw, or the signal's reason.
   */
  async connect(peer: string, { signal }: ConnectCallOptions = {}): Promise<PeerInfo> {
    this.checkRunning();
    return this.#peers.connect(checkNode(peer), signal);
  }

  /**
   * Ends the connection: links and monitors across it end with `noconnection`. Says whether there was one. One that was lost is
   * not got back any more.
   */
  disconnect(peer: string): Promise<boolean> {
    this.#reconnector?.cancel(peer);
    return this.#peers.disconnect(peer);
  }

  /** `net_adm:ping/1`: connects if need be; false when the node cannot be reached or does not take us. */
  async ping(peer: string): Promise<boolean> {
    this.checkRunning();
    if (checkNode(peer) === this.name) return true;
    const self = this.spawn();
    try {
      const { ping } = await import("./net-kernel.ts");
      return await ping(self, peer);
    } finally {
      self.exit(atom("normal"));
    }
  }

  /** `To ! Message` from no process in particular; otherwise as `Process.send`. */
  send(to: Destination, message: Term): void {
    this.checkRunning();
    this.kernel.send(to, message);
  }

  /** Resolves when a peer has taken so much that no more than `limits.outboundBytes` wait. What a fast sender awaits now and then. */
  drained(peer: string): Promise<void> {
    return this.#peers.drained(peer);
  }

  /** What holds for the connection to a peer: the node's own `netTickTimeMs`, or the peer's where that is asked for; undefined without one. */
  netTickTimeMs(peer: string): number | undefined {
    return this.#peers.tickTimeMs(peer);
  }

  /** Bytes that wait to be written to a peer. */
  bufferedBytes(peer: string): number {
    return this.#peers.bufferedBytes(peer);
  }

  /** Starts a process that runs the function from the next turn on; without one, a bare mailbox that lives until `exit`. */
  spawn(run?: ProcessFunction): Process {
    this.checkRunning();
    const process = new Process(this.#newEntry(), this.#signals);
    if (run !== undefined) void this.#run(process, run);
    return process;
  }

  /** `register(Name, Pid)`. Throws a RangeError when the name is taken or the process is none of ours. */
  register(name: string, process: Process | Pid): void {
    const pid = process instanceof Process ? process.pid : process;
    const entry = this.#signals.registry.find(pid);
    if (entry === undefined) throw new RangeError(`${pid.toString()} is not alive on ${this.name}`);
    this.#signals.registry.register(name, entry);
  }

  /** Says whether the name was registered. */
  unregister(name: string): boolean {
    return this.#signals.registry.unregister(name);
  }

  /** `whereis(Name)`. */
  whereis(name: string): Pid | undefined {
    return this.#signals.registry.find(name)?.pid;
  }

  /** `registered()`. */
  registered(): string[] {
    return [...this.#signals.registry.names];
  }

  /**
   * Lets other nodes run these functions, by erpc, rpc and spawn, in place of those that were exposed under this name before.
   * Nothing else of the program can be run from outside. Whoever has the cookie may call them.
   */
  expose(module: string, functions: ExposedFunctions): void {
    this.checkRunning();
    this.#exposed.expose(module, functions);
  }

  /** Takes back `expose`; says whether there was something under that name. */
  unexpose(module: string): boolean {
    return this.#exposed.remove(module);
  }

  /**
   * Starts a gen_server, under a name if one is given, and gives its process. Throws a RangeError when the name is taken. See
   * `GenServer` for what the object may have.
   */
  genServer(server: GenServer): Process;
  genServer(name: string | undefined, server: GenServer): Process;
  genServer(...args: [server: GenServer] | [name: string | undefined, server: GenServer]): Process {
    const [name, server] = args.length === 1 ? [undefined, args[0]] : args;
    const unhandled = (process: Process, message: Term): void => {
      this.dispatchEvent(new UnhandledMessageEvent(process, message));
    };
    const process = this.spawn(async (self) => {
      // One that does nothing at its start need not be there before somebody wants something of it.
      if (server.init === undefined) await arrival(self);
      const { runGenServer } = await import("./gen-server-loop.ts");
      await runGenServer(self, server, unhandled);
    });
    try {
      if (name !== undefined) process.register(name);
      return process;
    } catch (error) {
      process.exit(atom("normal"));
      throw error;
    }
  }

  /** How much the node holds at this moment: what a program that leaks sees growing. */
  get counts(): NodeCounts {
    const { registry, monitors, spawnRequests } = this.#signals;
    return {
      processes: registry.size,
      names: registry.names.length,
      aliases: registry.aliasCount,
      links: registry.processes.reduce((sum, { links }) => sum + links.size, 0),
      monitors: monitors.size,
      spawnRequests: spawnRequests.size,
    };
  }

  /** Stops listening, ends all processes with `shutdown` and all connections; nothing runs any more when it resolves. */
  stop(): Promise<void> {
    this.#stopped ??= this.end();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  override addEventListener<K extends keyof NodeEventMap>(
    type: K,
    listener: (event: NodeEventMap[K]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    // The overloads above say which event each type has.
    listener: ((event: never) => void) | EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
    if (type === "log") this.#receiveLogs();
  }

  /** Only once somebody listens: without the process, log messages vanish on arrival. */
  #receiveLogs(): void {
    if (this.#stopped !== undefined || this.whereis(LOGGER_PROXY) !== undefined) return;
    const proxy = this.spawn(async (self) => {
      await arrival(self);
      const { loggerProxy } = await import("./logger-proxy.ts");
      await loggerProxy(self, (log) => this.dispatchEvent(new LogEvent(log)));
    });
    proxy.register(LOGGER_PROXY);
  }

  /** What `stop` does, once. */
  protected async end(): Promise<void> {
    this.#reconnector?.stop();
    for (const entry of this.#signals.registry.processes) this.#signals.terminate(entry, atom("shutdown"));
    await this.#peers.stop();
  }

  /** Somebody connects to us. */
  protected accept(stream: ByteStream): void {
    this.#peers.accept(stream);
  }

  protected rename(name: string, creation: number): void {
    this.#signals.rename(name, creation);
  }

  /** Throws a ConnectionError `stopped` once it was. */
  protected checkRunning(): void {
    if (this.#stopped !== undefined) throw new ConnectionError("stopped", `${this.name} was stopped`);
  }

  /** Loaded with the first message: hardly anybody sends one. */
  async #serveRex(self: Process): Promise<void> {
    await arrival(self);
    const [{ rex }, { startApplication }] = await Promise.all([import("./rex.ts"), import("./spawned.ts")]);
    await rex(self, (leader, application, done) => startApplication(this.#spawning, leader, application, done));
  }

  #newEntry(): ProcessEntry {
    const mailbox = new Mailbox(this.#options.limits, this.#delivery);
    const key = (pid: Pid): Key => this.#identifiers.key(pid);
    const entry = new ProcessEntry(this.#identifiers.newPid(), mailbox, key);
    // The first of all processes is the node's own, and leads itself.
    if (this.kernel !== undefined) entry.groupLeader = this.kernel.groupLeader;
    this.#signals.registry.add(entry);
    return entry;
  }

  async #run(process: Process, run: ProcessFunction): Promise<void> {
    try {
      // Not in the turn of spawn(): the caller has the process before its function runs.
      await Promise.resolve();
      await run(process);
      process.exit(atom("normal"));
    } catch (error) {
      // A receive that ended because the process did is no crash.
      if (!process.isAlive && error instanceof ErlangError && error.class === "exit") return;
      process.exit(encodable(exitReasonOf(error)));
      this.dispatchEvent(new ProcessCrashEvent(process, error));
    }
  }

  #up(info: PeerInfo): void {
    this.dispatchEvent(new NodeUpEvent(info));
    this.#reconnector?.up(info);
    if (this.#options.asksForTickTime) void this.#adoptTickTime(info);
  }

  async #adoptTickTime(info: PeerInfo): Promise<void> {
    const { askTickTime } = await import("./ask-tick-time.ts");
    const tickTimeMs = await askTickTime(this.kernel, info.name);
    if (tickTimeMs !== undefined) this.#peers.setTickTime(info, tickTimeMs);
  }

  #down(info: PeerInfo, reason: NodeDownReason, error: Error | undefined, isOurs: boolean): void {
    this.#signals.lost(info.name, error);
    const tell = (): void => {
      this.dispatchEvent(new NodeDownEvent(info, reason, error));
    };
    const isOurDoing = reason === "disconnect" || reason === "net_kernel_terminated";
    if (this.#reconnector === undefined || !isOurs || isOurDoing) tell();
    else this.#reconnector.lost(info, error, tell);
  }

  #failed(peer: string | undefined, error: unknown, incoming: boolean): void {
    if (peer !== undefined && !incoming) this.#signals.lost(peer, error);
    this.dispatchEvent(new ConnectErrorEvent(peer, error, incoming));
  }
}

/** Resolves when the process has got a message, which stays where it is. */
function arrival(self: Process): Promise<void> {
  if (self.messageQueueLength > 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      offer: () => {
        self.forget(waiter);
        resolve();
        return false;
      },
      fail: reject,
    };
    self.expect(waiter);
  });
}

/** The reason, or `badarg` should the program have put something into an error that is no term. */
function encodable(reason: Term): Term {
  try {
    checkTerm(reason);
    return reason;
  } catch {
    return atom("badarg");
  }
}
