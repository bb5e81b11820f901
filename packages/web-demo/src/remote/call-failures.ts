// What went wrong with a call that the node has answered, with the reason as Erlang prints it. Loaded when there is something to print,
// which is not needed to be connected.
import { ErlangError, format, type Term } from "@erl-dist/core";
import { CallError, lostError } from "./call-error.ts";

const REASON_CHARACTERS = 400;

export function exceptionError(mfa: string, kind: string, reason: Term): CallError {
  const words = wordsOf(reason);
  if (words === "undef") return new CallError("undef", mfa, `the node has no ${mfa}`, "", reason);
  return new CallError("exception", mfa, `${mfa} failed: `, `${kind === "error" ? "" : `${kind} `}${words}`, reason);
}

/** What the node, or the connection, did with the request itself. */
export function refusalError(mfa: string, cause: unknown): CallError {
  const reason = cause instanceof ErlangError ? cause.reason : undefined;
  if (cause instanceof ErlangError && cause.code === "noconnection") return lostError(mfa, cause);
  const words = reason === undefined ? String(cause) : wordsOf(reason);
  return new CallError("refused", mfa, `the node did not start ${mfa}: `, words, reason, { cause });
}

function wordsOf(reason: Term): string {
  return format(reason, { limit: REASON_CHARACTERS, printable: "unicode" });
}
