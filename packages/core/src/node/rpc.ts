// Calls of functions on other nodes with the results of OTP's rpc.erl, which is erpc with other words for what went wrong.
import { type Atom, atom, type Term, Tuple, tuple } from "../etf/index.ts";
import { ErlangError, exitTermOf } from "./erlang-error.ts";
import { type CallOptions, call as erpcCall } from "./erpc.ts";
import type { Process } from "./process.ts";

const BADRPC = atom("badrpc");
const EXIT = atom("EXIT");
const NODEDOWN = atom("nodedown");

/**
 * `rpc:call/5`. Where that returns `{badrpc, Reason}` this rejects: with an ErlangError whose reason is that tuple, and
 * whose class, stack trace and `code` are those of `erpc.call`. A value that the function throws is a result, as in Erlang.
 */
export async function call(
  self: Process,
  peer: string,
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<Term> {
  let result: Term;
  try {
    result = await erpcCall(self, peer, module, fun, args, options);
  } catch (error) {
    if (!(error instanceof ErlangError)) throw error;
    if (error.class !== "throw") throw badrpc(error);
    result = error.reason;
  }
  // What `catch` made of an exit, before there was erpc.
  if (result instanceof Tuple && result.length === 2 && result.at(0) === EXIT) {
    throw new ErlangError("exit", tuple(BADRPC, result));
  }
  return result;
}

function badrpc(error: ErlangError): ErlangError {
  const { class: errorClass, stacktrace, code } = error;
  return new ErlangError(errorClass, tuple(BADRPC, whyOf(error)), stacktrace, { code, cause: error });
}

function whyOf(error: ErlangError): Term {
  switch (error.code) {
    case "exception":
    case "undef":
    case "signal":
      return exitTermOf(error);
    case "noconnection":
      return NODEDOWN;
    case "timeout":
    case "notsup":
      return atom(error.code);
    case "system_limit":
    case "badopt":
    case "badarg":
    case "refused":
      // `{erpc, Why}`
      return tuple(EXIT, error.reason instanceof Tuple ? (error.reason.at(1) ?? error.reason) : error.reason);
    default:
      return error.code satisfies never;
  }
}
