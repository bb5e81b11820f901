// What panels and the shell can do with the node on the other side, with nothing loaded there. Every call is a process of its
// own on the node, of low priority and with a bounded heap, which a timeout here ends; so no question can hurt the node.
//
// All of it is asynchronous, and arguments and results are terms, which have an external form: the node behind this can move to
// a worker without a change for those who call.
import { Atom, atom, equals, Export, map, Pid, type Process, type Term, Tuple, tuple } from "@erl-dist/core";
import type { BareNode } from "@erl-dist/core/remote-node";
import { CallError, lostError } from "./call-error.ts";
import type { DeadMan, DeadMen } from "./dead-men.ts";
import { type NodeFeatures, readFeatures } from "./features.ts";
import { type RemoteFunction, withLeader } from "./remote-function.ts";

export type { RemoteFunction };

export interface GuardOptions {
  /** After so long the process on the node is killed. */
  readonly timeoutMs?: number | undefined;
  /** A process that needs more is killed, without a report in the node's log. */
  readonly maxHeapBytes?: number | undefined;
  /** Kills the process, too; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the function prints. By default the node's `user`, so that nothing is heard of it here; with a pid of ours, what the
   * function prints comes to that, and what it logs is the event "log" of `local`.
   */
  readonly groupLeader?: Pid | undefined;
}

export interface HolderOptions {
  readonly groupLeader?: Pid | undefined;
  /** Whom the process is linked to; by default one of ours that outlives it. */
  readonly linkTo?: Process | undefined;
}

/** For calls that say nothing else. */
export const DEFAULT_GUARD: { readonly timeoutMs: number; readonly maxHeapBytes: number } = {
  timeoutMs: 5_000,
  maxHeapBytes: 64 * 1024 * 1024,
};

const KILL = atom("kill");
const KILLED = atom("killed");
const NOCONNECTION = atom("noconnection");
const NOPROC = atom("noproc");
/** No process can be registered under this name. */
const NOBODY = "undefined";
const WORD_BYTES = 8;
const APPLY = new Export(atom("erlang"), atom("apply"), 3);

/** A monitor that has not fired. */
interface Pending {
  readonly mfa: string;
  readonly take: (reason: Term) => void;
  readonly reject: (error: unknown) => void;
  readonly stopWaiting?: () => void;
}

interface Call {
  readonly mfa: string;
  /** Comes back with the result, so that an exit reason cannot pass for one. */
  readonly resultRef: Term;
  readonly resolve: (value: Term) => void;
  readonly reject: (error: unknown) => void;
}

export class RemoteNode {
  /** Full name of the Erlang node. */
  readonly name: string;
  /** Our own node, for what needs processes: mailboxes, links, functions that Erlang may call here. */
  readonly local: BareNode;
  readonly #caller: Process;
  readonly #pending = new Map<string, Pending>();
  readonly #parsed = new Map<string, Promise<Term>>();
  #deadMen: Promise<DeadMen> | undefined;
  #user: Promise<Pid | undefined> | undefined;
  #features: Promise<NodeFeatures> | undefined;

  /** For a node that is connected to `name`. */
  constructor(local: BareNode, name: string) {
    this.local = local;
    this.name = name;
    this.#caller = local.spawn();
    // A holder that ends must not take all calls with it.
    this.#caller.trapExit = true;
    void this.#receive();
  }

  /** False once the connection was lost: this object is of no use any more. */
  get isConnected(): boolean {
    return this.#caller.isAlive && this.local.nodes().includes(this.name);
  }

  /** `Module:Function(Args…)` on the node. Rejects with a CallError, or with the abort signal's reason. */
  async call(module: string, fun: string, args: readonly Term[], options: GuardOptions = {}): Promise<Term> {
    const leader = options.groupLeader ?? (await this.#silentLeader());
    return this.#call([module, fun, args], options, leader);
  }

  /** Several calls in one round trip, one after the other in one process; when one fails, all have failed. */
  async batch(calls: readonly RemoteFunction[], options: GuardOptions = {}): Promise<Term[]> {
    const modules = calls.map(([module]) => atom(module));
    const funs = calls.map(([, fun]) => atom(fun));
    const args = calls.map(([, , each]) => [...each]);
    const values = await this.call("lists", "zipwith3", [APPLY, modules, funs, args], options);
    // zipwith3 gives one value for each of the calls.
    return values as Term[];
  }

  /**
   * The value of Erlang expressions, whose variables get their values from `bindings`. The parsed form is kept, so sources have
   * to be constants: what changes belongs into the bindings.
   */
  async evaluate(source: string, bindings: Readonly<Record<string, Term>> = {}, options: GuardOptions = {}): Promise<Term> {
    const result = await this.call("erl_eval", "exprs", await this.#expressions(source, bindings), options);
    // {value, Value, Bindings}
    return (result as Tuple).at(1);
  }

  /**
   * A process on the node that lives as long as it likes, linked to one of ours: it ends when the connection does, and no
   * later. For what holds something there, such as a flag that is on while somebody holds it.
   */
  async hold(module: string, fun: string, args: readonly Term[], options: HolderOptions = {}): Promise<Pid> {
    const owner = options.linkTo ?? this.#caller;
    const leader = options.groupLeader ?? (await this.#silentLeader());
    return withLeader(owner, leader, () => owner.spawnRequest(this.name, module, fun, args, { link: true }));
  }

  /** Such a process that evaluates Erlang expressions; as with `evaluate`, the source has to be a constant. */
  async holdExpressions(source: string, bindings: Readonly<Record<string, Term>>, options: HolderOptions = {}): Promise<Pid> {
    return this.hold("erl_eval", "exprs", await this.#expressions(source, bindings), options);
  }

  /** Ends a process of the node as nothing can prevent. */
  kill(pid: Pid): void {
    this.#caller.exit(pid, KILL);
  }

  /** An exit signal from no process in particular. */
  exit(pid: Pid, reason: Term): void {
    this.#caller.exit(pid, reason);
  }

  /**
   * Functions that the node calls one after the other the moment it loses us, however that happens, until `disarm`. One that
   * throws keeps those behind it from being called, so give each dead man what belongs together and cannot throw.
   */
  async deadMan(cleanup: readonly RemoteFunction[]): Promise<DeadMan> {
    this.#deadMen ??= import("./dead-men.ts").then(({ DeadMen: Men }) => new Men(this.#caller, this.name, this.local));
    const [deadMen, leader] = await Promise.all([this.#deadMen, this.#silentLeader()]);
    return deadMen.arm(cleanup, leader);
  }

  /** What the node is and has; asked until it has answered. */
  features(): Promise<NodeFeatures> {
    this.#features ??= readFeatures(this).catch((error: unknown) => {
      this.#features = undefined;
      throw error;
    });
    return this.#features;
  }

  /**
   * The round trip in milliseconds, undefined when the connection ends meanwhile: of a monitor of a name that nobody can have, which
   * the node answers without a process of its having to run.
   */
  async ping(): Promise<number | undefined> {
    if (!this.isConnected) return undefined;
    const start = performance.now();
    const ref = this.#caller.monitor({ name: NOBODY, node: this.name });
    const reason = await new Promise<unknown>((resolve) =>
      this.#pending.set(String(ref), { mfa: "", take: resolve, reject: resolve }),
    );
    return reason === NOPROC ? performance.now() - start : undefined;
  }

  #call([module, fun, args]: RemoteFunction, options: GuardOptions, leader: Pid | undefined): Promise<Term> {
    const { timeoutMs = DEFAULT_GUARD.timeoutMs, maxHeapBytes = DEFAULT_GUARD.maxHeapBytes, signal } = options;
    const mfa = `${module}:${fun}/${args.length}`;
    const caller = this.#caller;
    // Or the request would make a new connection, which nobody has asked for.
    if (!this.isConnected) return Promise.reject(lostError(mfa));
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const resultRef = caller.makeRef();
      const request = withLeader(caller, leader, () =>
        caller.spawnRequest(this.name, "erpc", "execute_call", [resultRef, atom(module), atom(fun), [...args]], {
          monitor: true,
          options: guard(maxHeapBytes),
        }),
      );
      const key = request.id.toString();
      const giveUp = (error: unknown): void => {
        this.#settle(key)?.reject(error);
        // It may not have been started yet: then it is killed when it is.
        void killWhenThere(caller, request);
      };
      const aborted = (): void => giveUp(signal?.reason);
      const timer = setTimeout(
        () => giveUp(new CallError("timeout", mfa, `${mfa} was ended, since it did not answer within `, `${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      signal?.addEventListener("abort", aborted);
      const stopWaiting = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
      };
      const take = (reason: Term): void => answer({ mfa, resultRef, resolve, reject }, reason);
      this.#pending.set(key, { mfa, take, reject, stopWaiting });
      request.catch((error: unknown) => {
        const pending = this.#settle(key);
        const told = import("./call-failures.ts").then(({ refusalError }) => refusalError(mfa, error));
        // Mostly it is that the connection has gone; then there may be nothing to load from either.
        void told.catch(() => lostError(mfa, error)).then(pending?.reject);
      });
    });
  }

  /** Takes the call out of the table: nobody waits for it any more. */
  #settle(key: string): Pending | undefined {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    pending?.stopWaiting?.();
    return pending;
  }

  async #receive(): Promise<void> {
    for await (const message of this.#caller) {
      // {'DOWN', Ref, process, Pid, Reason}; a holder's 'EXIT' needs no answer.
      if (!(message instanceof Tuple) || message.length !== 5) continue;
      // Five elements, as checked.
      this.#settle(String(message.at(1)))?.take(message.at(4));
    }
    for (const key of this.#pending.keys()) {
      const pending = this.#settle(key);
      pending?.reject(lostError(pending.mfa));
    }
  }

  /** The node's `user`; our own process where there is none (a node that is no Erlang). */
  #silentLeader(): Promise<Pid | undefined> {
    this.#user ??= this.#call(["erlang", "whereis", [atom("user")]], {}, undefined).then(
      (user) => (user instanceof Pid ? user : undefined),
      () => undefined,
    );
    return this.#user;
  }

  /** The arguments of erl_eval:exprs/2. */
  async #expressions(source: string, bindings: Readonly<Record<string, Term>>): Promise<Term[]> {
    const { expressions } = await import("./expressions.ts");
    return expressions(this, this.#parsed, source, bindings);
  }
}

async function killWhenThere(caller: Process, request: Promise<Pid>): Promise<void> {
  try {
    caller.exit(await request, KILL);
  } catch {
    // The connection has gone, or the request was refused: nothing runs.
  }
}

/** Options of erlang:spawn_opt/5. */
function guard(maxHeapBytes: number): Term[] {
  const size = Math.floor(maxHeapBytes / WORD_BYTES);
  const limit = map({ size, kill: true, error_logger: false });
  return [tuple(atom("priority"), atom("low")), tuple(atom("max_heap_size"), limit)];
}

function answer(call: Call, reason: Term): void {
  const { mfa, resultRef } = call;
  if (reason instanceof Tuple && reason.length >= 3 && equals(reason.at(0), resultRef)) {
    // {ResultRef, return, Value} | {ResultRef, throw | exit | error, Reason, …}
    const [, kind, value] = reason.elements as readonly [Term, Term, Term];
    const name = kind instanceof Atom ? kind.name : "error";
    if (name === "return") call.resolve(value);
    else {
      const told = import("./call-failures.ts").then(({ exceptionError }) => exceptionError(mfa, name, value));
      // Without what prints the reason as Erlang does.
      void told.catch(() => new CallError("exception", mfa, `${mfa} failed: `, String(value), value)).then(call.reject);
    }
  } else if (reason === NOCONNECTION) call.reject(lostError(mfa));
  else if (reason === KILLED) {
    call.reject(new CallError("too_large", mfa, `${mfa} needed more memory than allowed and was ended`, "", reason));
  } else call.reject(new CallError("ended", mfa, `${mfa} was ended: `, String(reason), reason));
}
