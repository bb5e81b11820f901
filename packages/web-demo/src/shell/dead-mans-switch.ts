// Something that happens on the remote node when we have gone without a word: a process there calls a function of ours that does
// not answer. When the connection is lost the call fails, and the process goes on. Nothing of ours is loaded there.
import { atom, charlist, type ErlangNode, Export, type Process, type Term, Tuple, tuple } from "@erl-dist/core";
import { HOLD, NodeServices } from "./node-services.ts";

export interface DeadMansSwitch {
  /** Takes it back: nothing will happen. */
  disarm(): void;
}

/** Has the node evaluate `expressions`, in which the variables have these values, when the connection to us is lost. */
export async function armDeadMansSwitch(
  node: ErlangNode,
  self: Process,
  peer: string,
  expressions: string,
  variables: Readonly<Record<string, Term>>,
): Promise<DeadMansSwitch> {
  const parsed = await parseThere(node, peer, expressions);
  const bindings = Object.entries(variables).map(([name, value]) => tuple(atom(name), value));
  const hold = NodeServices.of(node).newHold();
  const apply = new Export(atom("erlang"), atom("apply"), 3);
  const ours = [atom(node.name), atom(HOLD.module), atom(HOLD.function), [hold.id]];
  // One call after the other: ours, and what is to be done.
  const calls = [
    [atom("rpc"), atom("erl_eval")],
    [atom("call"), atom("exprs")],
    [ours, [parsed, bindings]],
  ];
  const pid = await self.spawnRequest(peer, "lists", "zipwith3", [apply, ...calls]);
  return {
    disarm() {
      if (self.isAlive) self.exit(pid, atom("kill"));
      hold.release();
    },
  };
}

/** Evaluates the expressions now. */
export async function evaluateThere(
  node: ErlangNode,
  peer: string,
  expressions: string,
  variables: Readonly<Record<string, Term>>,
): Promise<Term> {
  const parsed = await parseThere(node, peer, expressions);
  const bindings = Object.entries(variables).map(([name, value]) => tuple(atom(name), value));
  const result = await node.erpc(peer, "erl_eval", "exprs", [parsed, bindings]);
  return result instanceof Tuple ? (result.at(1) ?? result) : result;
}

async function parseThere(node: ErlangNode, peer: string, expressions: string): Promise<Term> {
  const scanned = await node.erpc(peer, "erl_scan", "string", [charlist(expressions)]);
  const tokens = second(scanned);
  return second(await node.erpc(peer, "erl_parse", "parse_exprs", [tokens]));
}

function second(term: Term): Term {
  const value = term instanceof Tuple && term.at(0) === atom("ok") ? term.at(1) : undefined;
  if (value === undefined) throw new TypeError("the node does not take our expressions: expected {ok, …}");
  return value;
}
