// Everything that can go wrong with a call, with the HTTP status that fits it. Workers RPC keeps an error's own fields but not
// its class: what comes from the object or goes to another Worker is known by its `name`.
import {
  atom,
  ConnectionError,
  type ConnectionErrorCode,
  EncodeError,
  ErlangError,
  type ErlangErrorCode,
  HandshakeError,
  format,
  type HandshakeErrorCode,
  type Term,
  Tuple,
} from "@erl-dist/core";
import { type JsonTerm, jsonOfTerm } from "./json-term.ts";

const OWN_STATUS = {
  bad_request: 400,
  bad_term: 400,
  no_token: 401,
  bad_token: 401,
  node_not_allowed: 403,
  not_allowed: 403,
  atom_not_allowed: 403,
  no_such_route: 404,
  /** No process there has the name, or the pid is of none. */
  noproc: 404,
  method_not_allowed: 405,
  too_large: 413,
  not_json: 415,
  upgrade_required: 426,
  overloaded: 429,
  internal: 500,
  bad_settings: 500,
  /** The server exited, or an exit signal ended the function. */
  exit: 500,
  /** What the node answered has no form in JSON: too many levels. */
  answer_too_deep: 502,
  /** The object was moved or its code updated while it worked. */
  object_reset: 503,
  access_unreachable: 503,
} as const;

// What stands between the Worker and a node is a bad gateway, 502, where nothing fits better. So is a wrong cookie: it is
// the Worker's and not the caller's.
const NODE_STATUS: Readonly<Partial<Record<ConnectionErrorCode | HandshakeErrorCode, number>>> = {
  no_such_node: 404,
  name_in_use: 503,
  simultaneous_refused: 503,
  overloaded: 503,
  stopped: 503,
  closed: 503,
  aborted: 504,
  net_tick_timeout: 504,
  timeout: 504,
};

const ERLANG_STATUS: Readonly<Record<ErlangErrorCode, number>> = {
  exception: 500,
  undef: 404,
  noproc: 404,
  signal: 500,
  noconnection: 503,
  timeout: 504,
  notsup: 502,
  system_limit: 502,
  badopt: 502,
  badarg: 502,
  refused: 502,
};

/** The node's own words for it are those for what a caller may not. */
const RENAMED: Readonly<Partial<Record<HandshakeErrorCode, "node_refused">>> = { not_allowed: "node_refused" };

export type CallErrorCode = "node_refused" | keyof typeof OWN_STATUS | ConnectionErrorCode | HandshakeErrorCode | ErlangErrorCode;

/** An exception of Erlang, as `try … catch Class:Reason:Stacktrace` has it. */
export interface ErlangException {
  readonly class: "error" | "exit" | "throw";
  readonly reason: JsonTerm;
  /** As Erlang writes it. */
  readonly stacktrace: string;
}

export interface CallErrorOptions {
  readonly status?: number | undefined;
  readonly exception?: ErlangException | undefined;
  readonly cause?: unknown;
}

/** Why a call failed. */
export class CallError extends Error {
  override readonly name: string = "CallError";
  readonly code: CallErrorCode;
  /** The HTTP status. */
  readonly status: number;
  /** Trying again may help. What was under way when a link was lost may have run all the same. */
  readonly retryable: boolean;
  /** There when the node's code raised it. */
  readonly exception?: ErlangException;

  constructor(code: CallErrorCode, message: string, { status, exception, cause }: CallErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status ?? (OWN_STATUS as Readonly<Partial<Record<string, number>>>)[code] ?? 500;
    this.retryable = this.status === 429 || this.status === 503 || this.status === 504;
    if (exception !== undefined) this.exception = exception;
  }
}

/** Also after a hop of Workers RPC. */
export function isCallError(error: unknown): error is CallError {
  return error instanceof Error && error.name === "CallError" && typeof (error as Partial<CallError>).code === "string";
}

/** What the core threw, as a CallError; a bug of ours stays what it is. */
export function callErrorOf(error: unknown): unknown {
  if (error instanceof HandshakeError) {
    return new CallError(RENAMED[error.code] ?? error.code, error.message, { status: NODE_STATUS[error.code] ?? 502 });
  }
  if (error instanceof ConnectionError) {
    return new CallError(error.code, error.message, { status: NODE_STATUS[error.code] ?? 502 });
  }
  if (error instanceof ErlangError) return ofErlang(error);
  if (error instanceof EncodeError) return new CallError("bad_term", error.message);
  return error;
}

function ofErlang(error: ErlangError): CallError {
  const { cause, code } = error;
  if (code === "noconnection") {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    return new CallError(code, `the connection to the node was lost${why}`, { status: ERLANG_STATUS[code] });
  }
  if (code === "timeout") return new CallError(code, "the node did not answer in time", { status: ERLANG_STATUS[code] });
  const exception = exceptionOf(error);
  if (isNoproc(error)) return new CallError("noproc", "there is no such process on the node", { exception });
  const isExit = code === "signal" || (code === "exception" && error.class === "exit");
  if (isExit) return new CallError("exit", error.message, { exception });
  return new CallError(code, error.message, { status: ERLANG_STATUS[code], exception });
}

/** `exit:{noproc, {gen_server, call, …}}` */
function isNoproc({ class: errorClass, reason }: ErlangError): boolean {
  return errorClass === "exit" && reason instanceof Tuple && reason.at(0) === atom("noproc");
}

function exceptionOf({ class: errorClass, reason, stacktrace }: ErlangError): ErlangException {
  return { class: errorClass, reason: shownTerm(reason), stacktrace: format([...stacktrace]) };
}

/** A reason too deep for JSON is still one that people can read. */
function shownTerm(term: Term): JsonTerm {
  try {
    return jsonOfTerm(term);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return format(term);
  }
}
