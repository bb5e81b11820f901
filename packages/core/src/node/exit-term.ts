// How `catch` shows an exception.
import { atom, type Term, tuple } from "../etf/index.ts";
import type { ErlangError } from "./erlang-error.ts";

/** `{'EXIT', Reason}`, for an error `{'EXIT', {Reason, Stack}}`. */
export function exitTermOf({ class: errorClass, reason, stacktrace }: ErlangError): Term {
  return tuple(atom("EXIT"), errorClass === "error" ? tuple(reason, [...stacktrace]) : reason);
}
