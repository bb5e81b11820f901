// Processes that other nodes start here (erl_dist_protocol, "SPAWN_REQUEST"), for spawn/4 and its kin, rpc and erpc. Only
// exposed functions can be run. As in Erlang the request for any other succeeds, and the new process ends at once with `undef`.
import { type ControlMessageOf, nameTerm } from "../distribution/index.ts";
import { ProtocolError } from "../errors.ts";
import { Atom, atom, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import { applyExposed, type Outcome, resultOf } from "./apply.ts";
import { ErlangError, exitReasonOf } from "./erlang-error.ts";
import type { ExposedModules } from "./exposed-modules.ts";
import { Process } from "./process.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { Signals } from "./signals.ts";
import { SPAWNED } from "./spawn-requests.ts";

export interface SpawnServerOptions {
  readonly signals: Signals;
  readonly exposed: ExposedModules;
  /** Requests are refused with `system_limit` when the node has so many processes. */
  readonly maxProcesses: number;
  readonly newEntry: () => ProcessEntry;
  /** A process ended with an error that nobody was told of by a result. */
  readonly onCrash: (process: Process, error: unknown) => void;
}

/** A function and its arguments, as they came from outside. */
export interface Application {
  readonly module: Term;
  readonly function: Term;
  readonly args: Term;
}

/** What of erlang:spawn_opt/5 a peer may send. JavaScript has no use for most of it. */
const OPTIONS: ReadonlySet<string> = new Set([
  "link",
  "monitor",
  "priority",
  "min_heap_size",
  "min_bin_vheap_size",
  "fullsweep_after",
  "max_heap_size",
  "message_queue_data",
  "async_dist",
]);

const NORMAL = atom("normal");

export class SpawnServer {
  readonly #options: SpawnServerOptions;

  constructor(options: SpawnServerOptions) {
    this.#options = options;
  }

  /** Starts the process that a peer asks for, and answers. Throws a ProtocolError where OTP would close the connection. */
  serve(from: string, request: ControlMessageOf<"SPAWN_REQUEST">, args: Term): void {
    if (!Array.isArray(args)) {
      throw new ProtocolError("bad_control_message", `the arguments in a spawn request of ${from} are not a list`);
    }
    const { signals, maxProcesses, newEntry } = this.#options;
    const { reqId, fromPid, groupLeader, mfa, optList, traceToken } = request;
    const token = traceToken === undefined ? {} : { traceToken };
    const answer = (result: Pid | string, flags: number): void =>
      signals.route(from, { type: "SPAWN_REPLY", reqId, toPid: fromPid, flags, result, ...token });
    const options = optList.map(optionName);
    if (!options.every((name) => name !== undefined && OPTIONS.has(name))) {
      answer("badopt", 0);
      return;
    }
    if (signals.registry.size >= maxProcesses) {
      answer("system_limit", 0);
      return;
    }
    const entry = newEntry();
    entry.groupLeader = groupLeader;
    let flags = 0;
    if (options.includes("link")) {
      flags |= SPAWNED.LINKED;
      entry.links.linked(fromPid);
    }
    if (options.includes("monitor")) {
      flags |= SPAWNED.MONITORED;
      signals.monitors.addTarget({ ref: reqId, watched: entry, watcher: fromPid, as: entry.pid });
    }
    // Before anything that the process does.
    answer(entry.pid, flags);
    queueMicrotask(() => this.#run(entry, mfa.module, mfa.function, args));
  }

  /** Applies a function in a process of its own; `done` is called once, also when the process is ended by a signal. */
  start(groupLeader: Term, { module, function: fun, args }: Application, done?: (outcome: Outcome) => void): void {
    const { signals, exposed, newEntry } = this.#options;
    const entry = newEntry();
    if (groupLeader instanceof Pid) entry.groupLeader = groupLeader;
    const self = new Process(entry, signals);
    if (done === undefined) {
      applyExposed(exposed, self, module, fun, args, (result) => this.#end(self, entry, result));
      return;
    }
    let outcome: Outcome | undefined;
    entry.onExit.push((reason) => done(outcome ?? new ErlangError("exit", reason, [], { code: "signal" })));
    applyExposed(exposed, self, module, fun, args, (result) => {
      outcome = resultOf(result);
      signals.terminate(entry, NORMAL);
    });
  }

  #run(entry: ProcessEntry, module: string, fun: string, args: readonly Term[]): void {
    if (entry.exitReason !== undefined) return;
    const { signals, exposed } = this.#options;
    const self = new Process(entry, signals);
    if (module === "erpc" && fun === "execute_call" && args.length === 4) {
      // Four, as just checked.
      const [res, calledModule, calledFun, calledArgs] = args as readonly [Term, Term, Term, Term];
      applyExposed(exposed, self, calledModule, calledFun, calledArgs, (outcome) => {
        // Nobody is told any more when the process was ended before.
        if (entry.exitReason !== undefined) this.#end(self, entry, outcome);
        else signals.terminate(entry, callResult(res, resultOf(outcome)));
      });
    } else if (module === "erpc" && fun === "execute_cast" && args.length === 3) {
      const [calledModule, calledFun, calledArgs] = args as readonly [Term, Term, Term];
      applyExposed(exposed, self, calledModule, calledFun, calledArgs, (outcome) => this.#end(self, entry, outcome));
    } else {
      applyExposed(exposed, self, nameTerm(module), nameTerm(fun), [...args], (outcome) => this.#end(self, entry, outcome));
    }
  }

  /** Ends the process, unless it was ended while its function ran; an error is reported in either case. */
  #end(self: Process, entry: ProcessEntry, outcome: Outcome<unknown>): void {
    const { signals, onCrash } = this.#options;
    signals.terminate(entry, outcome.class === "return" ? NORMAL : exitReasonOf(outcome));
    if (outcome.class === "error" || outcome.class === "throw") onCrash(self, outcome.cause ?? outcome);
  }
}

/** The exit reason that is the result of erpc:execute_call/4. */
function callResult(res: Term, outcome: Outcome): Term {
  switch (outcome.class) {
    case "return":
      return tuple(res, atom("return"), outcome.value);
    case "throw":
    case "exit":
      return tuple(res, atom(outcome.class), outcome.reason);
    case "error":
      return tuple(res, atom("error"), outcome.reason, [...outcome.stacktrace]);
    default:
      return outcome satisfies never;
  }
}

/** Options are atoms, or tuples that start with one: `{monitor, [{tag, Tag}]}`. */
function optionName(option: Term): string | undefined {
  const head = option instanceof Tuple ? option.at(0) : option;
  return head instanceof Atom ? head.name : undefined;
}
