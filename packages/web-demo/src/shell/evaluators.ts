// A shell does not always take along what it evaluates: IEx never does, and OTP 29 not while that is busy. Whatever a shell has
// started itself is its evaluator, and has the shell for a parent; what the user has started has another one, and stays.
import { atom, charlist, type Pid, type Term, Tuple, tuple } from "@erl-dist/core";
import type { DeadMan } from "../remote/dead-men.ts";
import type { RemoteNode } from "../remote/remote-node.ts";

const END_SHELL = "[exit(P, kill) || P <- [C || C <- processes(), process_info(C, parent) =:= {parent, Shell}] ++ [Shell]]";

/** Ends a shell and its evaluators. */
export async function endEvaluators(remote: RemoteNode, shell: Pid): Promise<void> {
  await remote.evaluate(END_SHELL, { Shell: shell });
}

/** Has the node end them when it loses us. */
export async function guardEvaluators(remote: RemoteNode, shell: Pid): Promise<DeadMan> {
  const tokens = value(await remote.call("erl_scan", "string", [charlist(`${END_SHELL}.`)]));
  const expressions = value(await remote.call("erl_parse", "parse_exprs", [tokens]));
  return remote.deadMan([["erl_eval", "exprs", [expressions, [tuple(atom("Shell"), shell)]]]]);
}

/** Of `{ok, Value, …}`. */
function value(result: Term): Term {
  const found = result instanceof Tuple ? result.at(1) : undefined;
  if (found === undefined) throw new TypeError("expected {ok, …} for an expression of ours");
  return found;
}
