// `apply(Module, Function, Args)` on our node: of exposed functions, for whoever asks from outside.
import { atomName } from "../distribution/index.ts";
import { atom, Export, Fun, type Term, tuple } from "../etf/index.ts";
import { checkTerm } from "./check-term.ts";
import { ErlangError, exceptionOf } from "./erlang-error.ts";
import type { ExposedModules } from "./exposed-modules.ts";
import type { Process } from "./process.ts";

/** How a call ended. */
export type Outcome<T = Term> = { readonly class: "return"; readonly value: T } | ErlangError;

const BADARG = atom("badarg");
const UNDEF = atom("undef");
const OK = atom("ok");

/** Calls the function as the process `self`, and `done` when it has ended: before this returns, unless there is something to await. */
export function applyExposed(
  exposed: ExposedModules,
  self: Process,
  module: Term,
  fun: Term,
  args: Term,
  done: (outcome: Outcome<unknown>) => void,
): void {
  const target = targetOf(module, fun, args);
  if (target instanceof ErlangError) {
    done(target);
    return;
  }
  const found = exposed.find(target.module, target.name, target.args.length);
  if (found === undefined) {
    done(undef(target.moduleTerm, target.nameTerm, target.args));
    return;
  }
  const fail = (error: unknown): void => {
    const where = tuple(target.moduleTerm, target.nameTerm, target.args.length, []);
    done(speakable(exceptionOf(error, [where])));
  };
  const succeed = (value: unknown): void => done({ class: "return", value });
  let value: unknown;
  try {
    value = found.apply(self, [...target.args]);
  } catch (error) {
    fail(error);
    return;
  }
  if (isPromiseLike(value)) value.then(succeed, fail);
  else succeed(value);
}

/** The outcome for a caller who wants the value, which then has to be a term; nothing is `ok`. */
export function resultOf(outcome: Outcome<unknown>): Outcome {
  if (outcome.class !== "return") return outcome;
  if (outcome.value === undefined) return { class: "return", value: OK };
  try {
    // The check throws if it is none.
    const value = outcome.value as Term;
    checkTerm(value);
    return { class: "return", value };
  } catch (error) {
    return exceptionOf(error);
  }
}

interface Target {
  readonly module: string;
  readonly moduleTerm: Term;
  readonly name: string;
  readonly nameTerm: Term;
  readonly args: readonly Term[];
}

/** The function that is meant: `erlang:apply/2,3` mean what is applied by them, however deep. */
function targetOf(moduleTerm: Term, nameTerm: Term, args: Term): Target | ErlangError {
  for (;;) {
    const module = atomName(moduleTerm);
    const name = atomName(nameTerm);
    if (module === undefined || name === undefined || !Array.isArray(args)) return badarg(moduleTerm, nameTerm, args);
    if (module !== "erlang" || name !== "apply" || args.length < 2 || args.length > 3) {
      return { module, moduleTerm, name, nameTerm, args };
    }
    // Two or three, as checked.
    const [first, second, third] = args as [Term, Term, Term?];
    if (third !== undefined) {
      [moduleTerm, nameTerm, args] = [first, second, third];
      continue;
    }
    const fun = first;
    if (!Array.isArray(second)) return badarg(first, second);
    if (fun instanceof Fun) return new ErlangError("error", UNDEF, [tuple(fun, second, [])], { code: "undef" });
    if (!(fun instanceof Export)) return new ErlangError("error", tuple(atom("badfun"), fun), applied(first, second));
    if (fun.arity !== second.length) return new ErlangError("error", tuple(atom("badarity"), tuple(fun, second)));
    [moduleTerm, nameTerm, args] = [fun.module, fun.function, second];
  }
}

function undef(module: Term, name: Term, args: readonly Term[]): ErlangError {
  return new ErlangError("error", UNDEF, [tuple(module, name, [...args], [])], { code: "undef" });
}

function badarg(...args: Term[]): ErlangError {
  return new ErlangError("error", BADARG, applied(...args));
}

function applied(...args: Term[]): readonly Term[] {
  return [tuple(atom("erlang"), atom("apply"), args, [])];
}

/** The exception, or `badarg` should the program have put something into it that is no term. */
function speakable(exception: ErlangError): ErlangError {
  try {
    checkTerm(exception.reason);
    checkTerm([...exception.stacktrace]);
    return exception;
  } catch (error) {
    return new ErlangError("error", BADARG, [], { cause: error });
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
