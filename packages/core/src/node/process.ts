// The handle that programs have to a process of our node. Services (calls, rpc, groups) take one too, and nothing else of
// the node.
import { TimeoutError } from "../errors.ts";
import { type Atom, atom, equals, type Pid, type Reference, type Term, Tuple } from "../etf/index.ts";
import { checkTerm } from "./check-term.ts";
import type { Destination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import { type GiveUpOptions, onGivingUp } from "./give-up.ts";
import type { Filter, Matcher, ReceiveOptions, Waiter } from "./mailbox.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { MonitorOptions, Signals } from "./signals.ts";
import { refusalOf, remoteCall } from "./remote-call.ts";
import type { PendingSpawn } from "./spawn-request-table.ts";
import { abandonSpawn, castSpawn, type RemoteCall, requestSpawn } from "./spawn-requests.ts";

export interface DemonitorOptions {
  /** Also removes the message of the monitor, should it have come already. */
  readonly flush?: boolean | undefined;
}

export interface AliasOptions {
  /** The alias is good for one message (`alias([reply])`). */
  readonly reply?: boolean | undefined;
}

/** With `timeoutMs` or an abort the request is given up: a process that is started all the same is neither linked nor monitored. */
export interface SpawnRequestOptions extends GiveUpOptions {
  /** Links the two from the start: there is no moment in which the new process can end unnoticed. */
  readonly link?: boolean | undefined;
  /** Monitors it from the start. The monitor's reference is the request's `id`; `tag` stands in place of `'DOWN'`. */
  readonly monitor?: boolean | { readonly tag?: Term | undefined } | undefined;
  /** Further options of erlang:spawn_request/5 as terms, such as `tuple(atom("priority"), atom("high"))`. */
  readonly options?: readonly Term[] | undefined;
}

/** The pid, when the node has answered; at once the reference of the request, which is also that of its monitor. */
export interface SpawnRequest extends Promise<Pid> {
  readonly id: Reference;
}

/**
 * A process: an identity that others can send to, link to and monitor, and a mailbox. Made by `node.spawn()`.
 *
 * JavaScript cannot be interrupted, so a process that is killed ends for everybody else at once, while its function
 * goes on until it next does something as that process: receiving, sending and linking then throw an ErlangError of
 * class `exit` with the reason.
 */
export class Process implements AsyncIterable<Term> {
  readonly #entry: ProcessEntry;
  readonly #signals: Signals;

  /** @internal */
  constructor(entry: ProcessEntry, signals: Signals) {
    this.#entry = entry;
    this.#signals = signals;
  }

  get pid(): Pid {
    return this.#entry.pid;
  }

  /** For what only a live process can do. */
  get #alive(): ProcessEntry {
    const { exitReason } = this.#entry;
    if (exitReason !== undefined) throw new ErlangError("exit", exitReason);
    return this.#entry;
  }

  /** Name of the node that the process lives on. */
  get node(): string {
    return this.#signals.identifiers.name;
  }

  /** The names that this process is registered under. */
  get names(): readonly string[] {
    return [...this.#entry.names];
  }

  /** `process_flag(trap_exit, …)`: exit signals become messages `{'EXIT', From, Reason}`. */
  get trapExit(): boolean {
    return this.#entry.trapExit;
  }

  set trapExit(trap: boolean) {
    this.#entry.trapExit = trap;
  }

  get groupLeader(): Pid {
    return this.#entry.groupLeader;
  }

  set groupLeader(leader: Pid) {
    this.#entry.groupLeader = leader;
  }

  /** `group_leader(Leader, Pid)`: gives another process, here or on another node, a group leader; this one unless another is given. */
  setGroupLeader(pid: Pid, leader: Pid = this.#alive.pid): void {
    this.#signals.setGroupLeader(pid, leader);
  }

  /** Messages that wait to be received. */
  get messageQueueLength(): number {
    return this.#entry.mailbox.size;
  }

  get isAlive(): boolean {
    return this.#entry.exitReason === undefined;
  }

  /** The exit reason, once the process has ended. */
  get exited(): Promise<Term> {
    const { exitReason, onExit } = this.#entry;
    if (exitReason !== undefined) return Promise.resolve(exitReason);
    return new Promise((resolve) => onExit.push(resolve));
  }

  /**
   * `To ! Message`: never waits. A message to a node that is not connected connects first; if that fails, the message is
   * lost, as in Erlang, and the node says so by the event "connecterror". `node.drained(peer)` is what a fast sender waits for.
   *
   * Throws a TypeError for what is no destination, a RangeError for a local name that nobody has, an EncodeError for a
   * message without an external form. A process of this node gets the very value; it is not copied, and must not be
   * changed afterwards. Nor must a binary of more than 64 KiB to another node, or be transferred, before it has left (see `node.drained`).
   */
  send(to: Destination, message: Term): void {
    this.#signals.send(this.#alive.pid, to, message);
  }

  /**
   * The first message that the filter takes (without one, the first of all), now or when it comes; others stay in the
   * mailbox. With a pattern it is what the pattern's `match` gives.
   *
   * A binary in a message is a view of what it came in, and keeps that alive: of a small binary out of a large message keep a
   * copy (`slice()`).
   *
   * Rejects with a TimeoutError after `timeoutMs`, with the signal's reason when that aborts, and with an ErlangError of
   * class `exit` when the process ends.
   */
  receive<T extends Term>(filter: (message: Term) => message is T, options?: ReceiveOptions): Promise<T>;
  receive(filter?: (message: Term) => boolean, options?: ReceiveOptions): Promise<Term>;
  receive<T>(pattern: Matcher<T>, options?: ReceiveOptions): Promise<T>;
  receive<T>(filter?: Filter<T>, options: ReceiveOptions = {}): Promise<Term | T> {
    return this.#entry.mailbox.receive(filter, options);
  }

  /** As `Mailbox.expect`, for services. @internal */
  expect(waiter: Waiter): void {
    this.#entry.mailbox.expect(waiter);
  }

  /** @internal */
  forget(waiter: Waiter): void {
    this.#entry.mailbox.forget(waiter);
  }

  /** Each message as it comes, until the process ends. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Term> {
    while (this.isAlive) {
      const message = await this.receive().catch((error: unknown) => {
        if (this.isAlive) throw error;
        return undefined;
      });
      if (message === undefined) return;
      yield message;
    }
  }

  /**
   * `link(Pid)`. A pid that is not alive answers with the exit signal `noproc`. Where that is known at once, because it is one of
   * this node, and this process does not trap exits, link throws an ErlangError `error:noproc` instead, as in Erlang.
   */
  link(pid: Pid): void {
    this.#signals.link(this.#alive, pid);
  }

  unlink(pid: Pid): void {
    this.#signals.unlink(this.#alive, pid);
  }

  /** `monitor(process, Target)`: one message `{'DOWN', Ref, process, Target, Reason}` when the target ends or is not there. */
  monitor(target: Destination, options: MonitorOptions = {}): Reference {
    return this.#signals.monitor(this.#alive, target, options);
  }

  /** Says whether the monitor was there, as `demonitor(Ref, [info])`. */
  demonitor(ref: Reference, { flush = false }: DemonitorOptions = {}): boolean {
    const wasThere = this.#signals.demonitor(this.#entry, ref);
    if (flush) this.#entry.mailbox.discard((message) => isDown(message, ref));
    return wasThere;
  }

  /**
   * `exit(reason)` ends this process; `exit(pid, reason)` sends an exit signal to another. Throws an EncodeError for a
   * reason without an external form.
   */
  exit(reason: Term): void;
  exit(pid: Pid, reason: Term): void;
  exit(...[first, reason]: [Term] | [Pid, Term]): void {
    // Checked first: the reason goes to everybody that is linked or monitors, and none of them may miss it.
    checkTerm(reason ?? first);
    if (reason === undefined) this.#signals.terminate(this.#entry, first);
    // The overloads allow two arguments only with a pid first.
    else this.#signals.exit(this.pid, first as Pid, reason);
  }

  /** `register(Name, self())`. Throws a RangeError when the name is taken or none that can be registered. */
  register(name: string): void {
    this.#signals.registry.register(name, this.#alive);
  }

  /** Says whether the name was this process's. */
  unregister(name: string): boolean {
    return this.#entry.names.has(name) && this.#signals.registry.unregister(name);
  }

  /** `alias()`: a reference that others can send to until `unalias`. */
  alias({ reply = false }: AliasOptions = {}): Reference {
    return this.#signals.alias(this.#alive, reply ? "reply" : "explicit_unalias");
  }

  /** Says whether the alias was active. */
  unalias(ref: Reference): boolean {
    return this.#signals.registry.alias(ref)?.entry === this.#entry && this.#signals.registry.removeAlias(ref);
  }

  /** `make_ref()`. */
  makeRef(): Reference {
    return this.#signals.identifiers.newReference();
  }

  /**
   * `erlang:spawn_request/5`: starts a process on a node that runs `module:fun(...args)`, connecting first where needed. Its
   * group leader is that of this process. A function that is not there is no error of the request: the new process ends
   * with `undef`, as a link or a monitor tells.
   *
   * Rejects with an ErlangError of class `error` whose `code` is `noconnection`, `notsup`, `badopt`, `system_limit`, …; with a
   * TimeoutError or the signal's reason when the request is given up, an EncodeError for arguments without external form,
   * and an ErlangError of class `exit` when this process ends.
   */
  spawnRequest(
    peer: string,
    module: string | Atom,
    fun: string | Atom,
    args: readonly Term[],
    options: SpawnRequestOptions = {},
  ): SpawnRequest {
    const id = this.makeRef();
    const pid = new Promise<Pid>((resolve, reject) => {
      const { link = false, monitor = false, options: further = [], timeoutMs } = options;
      const call = remoteCall(peer, module, fun, args);
      const fail = (error: unknown): void => {
        stopWaiting();
        reject(error);
      };
      const abandon = (error: unknown): void => {
        this.abandonSpawn(id);
        fail(error);
      };
      const stopWaiting = onGivingUp(
        options,
        () => abandon(new TimeoutError(`${peer} did not answer the spawn request within ${timeoutMs} ms`)),
        abandon,
      );
      const tag = (typeof monitor === "object" ? monitor.tag : undefined) ?? DOWN;
      const listener = {
        spawned(spawned: Pid): void {
          stopWaiting();
          resolve(spawned);
        },
        refused: (reason: Term, cause?: unknown): void => fail(refusalOf(reason, reason, cause)),
        callerEnded: (reason: Term): void => fail(new ErlangError("exit", reason)),
      };
      try {
        this.requestSpawn({ ref: id, peer, link, monitor: monitor === false ? undefined : { tag }, listener }, call, further);
      } catch (error) {
        fail(error);
      }
    });
    return Object.assign(pid, { id });
  }

  /** For services, which hear of the outcome by a listener. Throws as `send` does. @internal */
  requestSpawn(request: Omit<PendingSpawn, "caller">, call: RemoteCall, options: readonly Term[] = []): void {
    requestSpawn(this.#signals, { ...request, caller: this.#alive }, call, options);
  }

  /** Starts a process that nothing will be heard of. Throws as `send` does. @internal */
  castSpawn(peer: string, call: RemoteCall): void {
    castSpawn(this.#signals, this.#alive, peer, call);
  }

  /** Nothing more comes of a request, nor of its monitor; says whether something could have. @internal */
  abandonSpawn(ref: Reference): boolean {
    return abandonSpawn(this.#signals, this.#entry, ref);
  }
}

const DOWN = atom("DOWN");

/** `{'DOWN', Ref, …}`, whatever tag the monitor was given. */
function isDown(message: Term, ref: Reference): boolean {
  return message instanceof Tuple && message.length === 5 && equals(message.at(1), ref);
}
