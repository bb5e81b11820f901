// What a process does that another node started here, or that `rex` was asked for: it applies an exposed function. Loaded with the
// first of them; spawn-server.ts takes the requests.
import { nameTerm } from "../distribution/index.ts";
import { atom, Pid, type Term, tuple } from "../etf/index.ts";
import { applyExposed, type Outcome, resultOf } from "./apply.ts";
import { ErlangError, exitReasonOf } from "./erlang-error.ts";
import { Process } from "./process.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { SpawnServerOptions } from "./spawn-server-options.ts";

/** A function and its arguments, as they came from outside. */
export interface Application {
  readonly module: Term;
  readonly function: Term;
  readonly args: Term;
}

const NORMAL = atom("normal");

/** Applies a function in a process of its own; `done` is called once, also when the process is ended by a signal. */
export function startApplication(
  options: SpawnServerOptions,
  groupLeader: Term,
  { module, function: fun, args }: Application,
  done?: (outcome: Outcome) => void,
): void {
  const { signals, exposed, newEntry } = options;
  const entry = newEntry();
  if (groupLeader instanceof Pid) entry.groupLeader = groupLeader;
  const self = new Process(entry, signals);
  if (done === undefined) {
    applyExposed(exposed, self, module, fun, args, (result) => end(options, self, entry, result));
    return;
  }
  let outcome: Outcome | undefined;
  entry.onExit.push((reason) => done(outcome ?? new ErlangError("exit", reason, [], { code: "signal" })));
  applyExposed(exposed, self, module, fun, args, (result) => {
    outcome = resultOf(result);
    signals.terminate(entry, NORMAL);
  });
}

/** The process of a spawn request, which has been answered. */
export function runSpawned(
  options: SpawnServerOptions,
  entry: ProcessEntry,
  module: string,
  fun: string,
  args: readonly Term[],
): void {
  if (entry.exitReason !== undefined) return;
  const { signals, exposed } = options;
  const self = new Process(entry, signals);
  const ended = (outcome: Outcome<unknown>): void => end(options, self, entry, outcome);
  if (module === "erpc" && fun === "execute_call" && args.length === 4) {
    // Four, as just checked.
    const [res, calledModule, calledFun, calledArgs] = args as readonly [Term, Term, Term, Term];
    applyExposed(exposed, self, calledModule, calledFun, calledArgs, (outcome) => {
      // Nobody is told any more when the process was ended before.
      if (entry.exitReason !== undefined) ended(outcome);
      else signals.terminate(entry, callResult(res, resultOf(outcome)));
    });
  } else if (module === "erpc" && fun === "execute_cast" && args.length === 3) {
    const [calledModule, calledFun, calledArgs] = args as readonly [Term, Term, Term];
    applyExposed(exposed, self, calledModule, calledFun, calledArgs, ended);
  } else {
    applyExposed(exposed, self, nameTerm(module), nameTerm(fun), [...args], ended);
  }
}

/** Ends the process, unless it was ended while its function ran; an error is reported in either case. */
function end({ signals, onCrash }: SpawnServerOptions, self: Process, entry: ProcessEntry, outcome: Outcome<unknown>): void {
  signals.terminate(entry, outcome.class === "return" ? NORMAL : exitReasonOf(outcome));
  if (outcome.class === "error" || outcome.class === "throw") onCrash(self, outcome.cause ?? outcome);
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
