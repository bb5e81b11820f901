// The call protocol under gen_server, gen_statem and gen_event (OTP's gen.erl): a monitor whose reference tags the
// request and is an alias for the reply, so that a reply that comes too late finds nobody.
import { atom, equals, ImproperList, Pid, Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import type { Destination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import type { ReceiveOptions } from "./mailbox.ts";
import type { Process } from "./process.ts";

const ALIAS = atom("alias");

/** Who called: `{Pid, Tag}`. */
export type From = Tuple<readonly [Pid, Term]>;

/**
 * Sends `{Label, {self(), Tag}, Request}` and gives the reply. Rejects with an ErlangError of class `exit` and the
 * monitor's reason (`noproc`, `noconnection`, …) when the target cannot answer, and as `receive` does for the options.
 */
export async function genCall(
  self: Process,
  target: Destination,
  label: string,
  request: Term,
  options: ReceiveOptions = {},
): Promise<Term> {
  const ref = self.monitor(target, { alias: "reply_demonitor" });
  const tag = new ImproperList([ALIAS], ref);
  try {
    self.send(target, tuple(atom(label), tuple(self.pid, tag), request));
    const answer = await self.receive((message) => isAnswer(message, tag, ref), options);
    const { elements } = answer as Tuple;
    if (elements.length === 2) return elements[1] as Term;
    throw new ErlangError("exit", elements[4] as Term);
  } finally {
    self.demonitor(ref, { flush: true });
  }
}

/** `{Tag, Reply}` or the monitor's `{'DOWN', Ref, process, Object, Reason}`. */
function isAnswer(message: Term, tag: Term, ref: Reference): boolean {
  if (!(message instanceof Tuple)) return false;
  return message.length === 2 ? equals(message.at(0), tag) : message.length === 5 && equals(message.at(1), ref);
}

/** The caller and the request of a message `{'$gen_call', {Pid, Tag}, Request}`, undefined for any other. */
export function callOf(message: Term): { readonly from: From; readonly request: Term } | undefined {
  if (!(message instanceof Tuple) || message.length !== 3 || message.at(0) !== atom("$gen_call")) return undefined;
  const [, from, request] = message.elements as readonly [Term, Term, Term];
  if (!(from instanceof Tuple) || from.length !== 2 || !(from.at(0) instanceof Pid)) return undefined;
  // Two elements, the first of them a pid, as just checked.
  return { from: from as From, request };
}

/** Answers a call, as gen:reply/2: to the alias in the tag where there is one, else to the caller's pid. */
export function reply(self: Process, from: From, answer: Term): void {
  const [pid, tag] = from.elements;
  self.send(aliasIn(tag) ?? pid, tuple(tag, answer));
}

/** The alias of the tags `[alias | Alias]` and `[[alias | Alias] | Ref]`. */
function aliasIn(tag: Term): Reference | undefined {
  const inner = tag instanceof ImproperList && tag.elements[0] instanceof ImproperList ? tag.elements[0] : tag;
  if (!(inner instanceof ImproperList) || inner.elements[0] !== ALIAS) return undefined;
  return inner.tail instanceof Reference ? inner.tail : undefined;
}
