// Why a guarded call gave no result, in words for people: whoever shows a panel shows this.
import type { Term } from "@erl-dist/core";

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
  /** The end of the message: the reason as text, or the time limit. */
  readonly detail: string;
  readonly reason: Term | undefined;

  /** What panels say instead, in the words of the page, is in panels/strings.ts: `call_exception` and so on. */
  constructor(
    code: CallErrorCode,
    mfa: string,
    message: string,
    detail: string = "",
    reason?: Term,
    options?: { readonly cause?: unknown },
  ) {
    super(message + detail, options);
    this.detail = detail;
    this.code = code;
    this.mfa = mfa;
    this.reason = reason;
  }
}

export function lostError(mfa: string, cause?: unknown): CallError {
  return new CallError("noconnection", mfa, `the connection was lost before ${mfa} answered`, "", undefined, { cause });
}
