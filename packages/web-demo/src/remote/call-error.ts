// Why a guarded call gave no result, in words for people: whoever shows a panel shows this.
import { ErlangError, format, type Term } from "@erl-dist/core";

export type CallErrorCode =
  /** The function threw; `reason` and `stacktrace` are its own. */
  | "exception"
  /** There is no such function on the node. */
  | "undef"
  /** It took too long and was ended. */
  | "timeout"
  /** It needed more memory than allowed and was ended. */
  | "too_large"
  /** An exit signal ended it. */
  | "ended"
  /** The connection went while it ran, or there was none. */
  | "noconnection"
  /** The node did not start it. */
  | "refused";

export class CallError extends Error {
  override readonly name: string = "CallError";
  readonly code: CallErrorCode;
  /** The function, as in `lists:seq/2`. */
  readonly mfa: string;
  readonly reason: Term | undefined;

  constructor(code: CallErrorCode, mfa: string, message: string, reason?: Term, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.mfa = mfa;
    this.reason = reason;
  }
}

const REASON_CHARACTERS = 400;

export function exceptionError(mfa: string, kind: string, reason: Term): CallError {
  const words = format(reason, { limit: REASON_CHARACTERS, printable: "unicode" });
  if (words === "undef") return new CallError("undef", mfa, `the node has no ${mfa}`, reason);
  return new CallError("exception", mfa, `${mfa} failed: ${kind === "error" ? "" : `${kind} `}${words}`, reason);
}

/** What the node, or the connection, did with the request itself. */
export function refusalError(mfa: string, cause: unknown): CallError {
  const reason = cause instanceof ErlangError ? cause.reason : undefined;
  if (cause instanceof ErlangError && cause.code === "noconnection") return lostError(mfa, cause);
  const words = reason === undefined ? String(cause) : format(reason, { limit: REASON_CHARACTERS });
  return new CallError("refused", mfa, `the node did not start ${mfa}: ${words}`, reason, { cause });
}

export function lostError(mfa: string, cause?: unknown): CallError {
  return new CallError("noconnection", mfa, `the connection was lost before ${mfa} answered`, undefined, { cause });
}
