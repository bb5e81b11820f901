// Erlang's exceptions as JavaScript's, both ways.
import { Atom, atom, type Term, Tuple, tuple } from "../etf/index.ts";
import { show } from "../etf/terms.ts";

/**
 * How an ErlangError came about, so that the reason need not be taken apart.
 *
 * - `exception`: the code raised it
 * - `undef`: the code called a function that is not there; the stack trace's first element says which
 * - `signal`: an exit signal ended the process that ran the code
 * - `noproc`: there is no such process (for calls of servers, and links)
 * - `noconnection`: there is no connection, or none any more; `cause` says why where that is known
 * - `timeout`: it took too long
 * - `notsup`, `system_limit`, `badopt`, `badarg`: the node refused to start the process
 * - `refused`: it did so for another reason
 */
export type ErlangErrorCode =
  | "exception"
  | "undef"
  | "signal"
  | "noproc"
  | "noconnection"
  | "timeout"
  | "notsup"
  | "system_limit"
  | "badopt"
  | "badarg"
  | "refused";

export interface ErlangErrorOptions {
  readonly code?: ErlangErrorCode | undefined;
  readonly cause?: unknown;
}

/** How Erlang code ended (`try … catch Class:Reason:Stacktrace`), there or, as the exit of one of our processes, here. */
export class ErlangError extends Error {
  override readonly name: string = "ErlangError";
  readonly class: "error" | "exit" | "throw";
  readonly reason: Term;
  /** Erlang's stack trace: `{Module, Function, Arity, Location}` from the innermost call outwards. */
  readonly stacktrace: readonly Term[];
  readonly code: ErlangErrorCode;

  constructor(
    errorClass: "error" | "exit" | "throw",
    reason: Term,
    stacktrace: readonly Term[] = [],
    { code = "exception", cause }: ErlangErrorOptions = {},
  ) {
    const what = `${errorClass}: ${show(reason, undefined, plainText)}`;
    super(what + placeOf(stacktrace[0]) + wayOf(code, cause), cause === undefined ? undefined : { cause });
    this.class = errorClass;
    this.reason = reason;
    this.stacktrace = stacktrace;
    this.code = code;
  }
}

const SHOWN_CHARACTERS = 200;

/** Bytes or a list that are nothing but printable ASCII, as a string. */
function plainText(characters: ArrayLike<Term>): string | undefined {
  const shown = Array.from({ length: Math.min(characters.length, SHOWN_CHARACTERS) }, (_, index) => characters[index]);
  const isText = shown.length > 0 && shown.every((code) => typeof code === "number" && code >= 0x20 && code < 0x7f);
  if (!isText) return undefined;
  // Numbers, as just checked.
  return JSON.stringify(String.fromCharCode(...(shown as number[])) + (characters.length > shown.length ? "..." : ""));
}

/** Of `{Module, Function, Arity or Arguments, Location}`. */
function placeOf(call: Term | undefined): string {
  const [module, name, last] = call instanceof Tuple ? call.elements : [];
  if (!(module instanceof Atom) || !(name instanceof Atom)) return "";
  return ` in ${module.name}:${name.name}/${Array.isArray(last) ? last.length : String(last)}`;
}

/** Why there is no connection: what a person can do something about lies below. */
function wayOf(code: ErlangErrorCode, cause: unknown): string {
  let deepest = cause;
  while (deepest instanceof ErlangError) deepest = deepest.cause;
  return code === "noconnection" && deepest instanceof Error ? ` (${deepest.message})` : "";
}

/**
 * What a function threw, as an exception of Erlang. Another JavaScript error becomes `error:{js_error, Name, Message}`: its
 * stack tells of this program's files and stays here. `where` is the stack trace of an error or a throw that has none.
 */
export function exceptionOf(error: unknown, where: readonly Term[] = []): ErlangError {
  if (error instanceof ErlangError) {
    if (error.class === "exit" || error.stacktrace.length > 0 || where.length === 0) return error;
    return new ErlangError(error.class, error.reason, where, { code: error.code, cause: error });
  }
  const { name, message } = error instanceof Error ? error : { name: "thrown", message: String(error) };
  return new ErlangError("error", tuple(atom("js_error"), name, message), where, { cause: error });
}

/** The exit reason of a process whose function threw: `{Reason, Stack}` for an error, `{{nocatch, Value}, Stack}` for a throw. */
export function exitReasonOf(error: unknown): Term {
  const exception = exceptionOf(error);
  if (exception.class === "exit") return exception.reason;
  const reason = exception.class === "throw" ? tuple(atom("nocatch"), exception.reason) : exception.reason;
  return tuple(reason, [...exception.stacktrace]);
}
