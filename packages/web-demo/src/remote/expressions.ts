// Erlang source for erl_eval:exprs/2, loaded by the first who has some evaluated.
import { atom, charlist, type Term, Tuple, tuple } from "@erl-dist/core";
import { exceptionError } from "./call-failures.ts";

/** What this needs of a RemoteNode. */
interface Calls {
  call(module: string, fun: string, args: readonly Term[]): Promise<Term>;
}

/** Parsed sources that are kept: those of our own recipes, which are few. */
const PARSED_SOURCES = 100;

/** The arguments: parsed expressions, in `parsed` from the second time on, and the bindings. */
export async function expressions(
  remote: Calls,
  parsed: Map<string, Promise<Term>>,
  source: string,
  bindings: Readonly<Record<string, Term>>,
): Promise<Term[]> {
  return [await parse(remote, parsed, source), bindingsOf(bindings)];
}

/** In a fun, so that the result does not bring the variables of the source back. */
function parse(remote: Calls, parsed: Map<string, Promise<Term>>, source: string): Promise<Term> {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  if (parsed.size >= PARSED_SOURCES) throw new RangeError(`more than ${PARSED_SOURCES} sources: use bindings`);
  const parsing = parseWhole(remote, `(fun() -> ${source} end)().`);
  parsed.set(source, parsing);
  parsing.catch(() => parsed.delete(source));
  return parsing;
}

async function parseWhole(remote: Calls, source: string): Promise<Term> {
  const scanned = okValue("erl_scan:string/1", await remote.call("erl_scan", "string", [charlist(source)]));
  return okValue("erl_parse:parse_exprs/1", await remote.call("erl_parse", "parse_exprs", [scanned]));
}

/** An orddict, which has to be in order. */
function bindingsOf(bindings: Readonly<Record<string, Term>>): Term[] {
  const names = Object.keys(bindings).toSorted();
  return names.map((name) => tuple(atom(name), bindings[name] ?? atom("undefined")));
}

/** The value of `{ok, Value, …}`; for `{error, …}` an error with what the node says. */
function okValue(mfa: string, result: Term): Term {
  const value = result instanceof Tuple && result.at(0) === atom("ok") ? result.at(1) : undefined;
  if (value === undefined) throw exceptionError(mfa, "error", result);
  return value;
}
