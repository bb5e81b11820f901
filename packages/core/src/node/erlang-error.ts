// Erlang's exceptions as JavaScript's, both ways.
import { atom, type Term, tuple } from "../etf/index.ts";

/** How Erlang code ended (`try … catch Class:Reason:Stacktrace`), there or, as the exit of one of our processes, here. */
export class ErlangError extends Error {
  override readonly name: string = "ErlangError";
  readonly class: "error" | "exit" | "throw";
  readonly reason: Term;
  /** Erlang's stack trace: `{Module, Function, Arity, Location}` from the innermost call outwards. */
  readonly stacktrace: readonly Term[];

  constructor(errorClass: "error" | "exit" | "throw", reason: Term, stacktrace: readonly Term[] = []) {
    // A term shows itself only inside of a tuple where it is an array or a plain value.
    super(`${errorClass}: ${String(tuple(reason)).slice(1, -1)}`);
    this.class = errorClass;
    this.reason = reason;
    this.stacktrace = stacktrace;
  }
}

/**
 * The exit reason of a process whose function threw: as Erlang makes it of each class (`{Reason, Stack}` for an error,
 * `{{nocatch, Value}, Stack}` for a throw). Another JavaScript error becomes `{{js_error, Name, Message}, []}`: its stack
 * tells of this program's files and stays here.
 */
export function exitReasonOf(error: unknown): Term {
  if (error instanceof ErlangError) {
    if (error.class === "exit") return error.reason;
    const reason = error.class === "throw" ? tuple(atom("nocatch"), error.reason) : error.reason;
    return tuple(reason, [...error.stacktrace]);
  }
  const { name, message } = error instanceof Error ? error : { name: "thrown", message: String(error) };
  return tuple(tuple(atom("js_error"), name, message), []);
}
