// What calls of functions on other nodes have in common: how they are written down, and how they fail.
import { Atom, atom, type Term } from "../etf/index.ts";
import { checkNode } from "./destination.ts";
import { ErlangError, type ErlangErrorCode } from "./erlang-error.ts";
import type { RemoteCall } from "./spawn-requests.ts";

/** Checks what a program gave. Throws a TypeError for what no call can be made of, a RangeError for what no atom can hold. */
export function remoteCall(peer: string, module: string | Atom, fun: string | Atom, args: readonly Term[]): RemoteCall {
  checkNode(peer);
  // A payload that is no proper list has brought down nodes.
  if (!Array.isArray(args)) throw new TypeError("the arguments of a call are an array");
  return { module: nameOf(module, "a module"), function: nameOf(fun, "a function"), args };
}

function nameOf(name: unknown, what: string): string {
  if (name instanceof Atom) return name.name;
  if (typeof name !== "string") throw new TypeError(`the name of ${what} is a string or an atom, not ${String(name)}`);
  return atom(name).name;
}

const CODES: ReadonlySet<string> = new Set<ErlangErrorCode>([
  "noconnection",
  "timeout",
  "notsup",
  "system_limit",
  "badopt",
  "badarg",
]);

/** A request that failed as such. `why` is the atom that says so, `reason` what Erlang would raise as an error. */
export function refusalOf(why: Term, reason: Term, cause?: unknown): ErlangError {
  const name = why instanceof Atom ? why.name : "";
  // The set holds nothing else.
  const code = CODES.has(name) ? (name as ErlangErrorCode) : "refused";
  return new ErlangError("error", reason, [], { code, cause });
}
