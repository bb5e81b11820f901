// Why a guarded call gave no result, in words for people: whoever shows a panel shows this.
import { ErlangError, type Term } from "@erl-dist/core";

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

const REASON_CHARACTERS = 400;

export async function exceptionError(mfa: string, kind: string, reason: Term): Promise<CallError> {
  const words = await wordsOf(reason);
  if (words === "undef") return new CallError("undef", mfa, `the node has no ${mfa}`, "", reason);
  return new CallError("exception", mfa, `${mfa} failed: `, `${kind === "error" ? "" : `${kind} `}${words}`, reason);
}

/** What the node, or the connection, did with the request itself. */
export async function refusalError(mfa: string, cause: unknown): Promise<CallError> {
  const reason = cause instanceof ErlangError ? cause.reason : undefined;
  if (cause instanceof ErlangError && cause.code === "noconnection") return lostError(mfa, cause);
  const words = reason === undefined ? String(cause) : await wordsOf(reason);
  return new CallError("refused", mfa, `the node did not start ${mfa}: `, words, reason, { cause });
}

/** As Erlang prints it; without what does that, should it not be there to be loaded, as a term shows itself. */
async function wordsOf(reason: Term): Promise<string> {
  try {
    const { format } = await import("./words.ts");
    return format(reason, { limit: REASON_CHARACTERS, printable: "unicode" });
  } catch {
    return String(reason).slice(0, REASON_CHARACTERS);
  }
}

export function lostError(mfa: string, cause?: unknown): CallError {
  return new CallError("noconnection", mfa, `the connection was lost before ${mfa} answered`, "", undefined, { cause });
}
