// Errors of the core in words for people: what happened, to whom, and what to do about it.
import {
  ConnectionError,
  type ConnectionErrorCode,
  EpmdError,
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
} from "@erl-dist/core";
import { filled } from "../filled.ts";
import { FAILURE_STRINGS } from "./failure-strings.ts";

/** Why there is no connection. */
export interface Failure {
  /** The code of the error; else `"wrong_setting"` or `"unexpected"`. */
  readonly code: string;
  /** A few words. */
  readonly title: string;
  /** One sentence with the names. */
  readonly detail: string;
  /** What a person can do. */
  readonly hint: string;
  /** Time alone may mend it, so that trying again makes sense. */
  readonly passing: boolean;
  /** What the three texts are called in the table of words, before `_title`, `_detail` and `_hint`. */
  readonly words: FailureName | "unexplained";
  /** What is put into their braces. */
  readonly values: Readonly<Record<string, string>>;
}

/** The names that an explanation speaks of. */
export interface FailureContext {
  readonly bridge: string;
  readonly node: string;
  readonly name: string;
}

export function describeFailure(error: unknown, { bridge, node, name }: FailureContext): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const { code, words } = nameOf(error, name);
  const values = { bridge, node, name, message };
  const text = (part: Part): string => filled(FAILURE_STRINGS[`${words}_${part}`], values);
  return { code, title: text("title"), detail: text("detail"), hint: text("hint"), passing: PASSING.has(words), words, values };
}

function nameOf(error: unknown, ownName: string): { readonly code: string; readonly words: FailureName } {
  if (error instanceof ConnectionError) return { code: error.code, words: error.cause instanceof Event ? "worker" : error.code };
  if (error instanceof HandshakeError) return { code: error.code, words: handshakeName(error.code, ownName) };
  if (error instanceof ProtocolError || error instanceof EpmdError) return { code: error.code, words: "protocol_error" };
  const words = error instanceof TypeError || error instanceof RangeError ? "wrong_setting" : "unexpected";
  return { code: words, words };
}

function handshakeName(code: HandshakeErrorCode, ownName: string): FailureName {
  if (code === "timeout" || code === "closed") return `handshake_${code}`;
  return code === "name_in_use" && ownName === "" ? "name_not_said" : code;
}

type Part = "title" | "detail" | "hint";

/** An error of the handshake has the words of its code, save two that an established connection has as well. */
type FailureName =
  | ConnectionErrorCode
  | Exclude<HandshakeErrorCode, ConnectionErrorCode>
  | `handshake_${Extract<HandshakeErrorCode, ConnectionErrorCode>}`
  | "name_not_said"
  | "protocol_error"
  | "worker"
  | "wrong_setting"
  | "unexpected";

const PASSING: ReadonlySet<FailureName> = new Set([
  "bridge_unreachable",
  "no_such_node",
  "epmd_unreachable",
  "refused",
  "unreachable",
  "timeout",
  "closed",
  "net_tick_timeout",
  "overloaded",
  "not_connected",
  "simultaneous_refused",
  "handshake_timeout",
  "handshake_closed",
  "protocol_error",
  "worker",
]);
