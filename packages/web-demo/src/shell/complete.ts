// Completion for a shell without a terminal: what `group` would ask for a line that it edits itself is asked for here.
import { charlist, type Pid, type Term, text, Tuple } from "@erl-dist/core";
import type { RemoteNode } from "../remote/remote-node.ts";
import type { ShellKind } from "./dialect.ts";

export interface Completion {
  /** What all candidates go on with. */
  readonly insert: string;
  readonly candidates: readonly string[];
}

/** Gives what stands before the cursor, the other way round, to edlin_expand (stdlib); from OTP 26 on candidates come in sections. */
const ERLANG = `code:ensure_loaded(edlin_expand),
  {_, Insert, Found} = case erlang:function_exported(edlin_expand, expand, 2) of
    true -> edlin_expand:expand(Before, []);
    false -> edlin_expand:expand(Before)
  end,`;
/** IEx completes variables of the shell that it is told. Some releases fail where they find none. */
const IEX = `code:ensure_loaded('Elixir.IEx.Autocomplete'),
  {_, Insert, Found} = try case erlang:function_exported('Elixir.IEx.Autocomplete', expand, 2) of
    true -> 'Elixir.IEx.Autocomplete':expand(Before, Shell);
    false -> 'Elixir.IEx.Autocomplete':expand(Before)
  end catch _:_ -> {no, [], []} end,`;
const ANSWER = `Names = fun Names(#{elems := Elements}) -> lists:flatmap(Names, Elements);
    Names({Name, _}) -> Names(Name);
    Names(Name) -> [unicode:characters_to_binary(Name)] end,
  {unicode:characters_to_binary(Insert), lists:sublist(lists:flatmap(Names, Found), Most)}`;
const MOST_CANDIDATES = 200;

/** Rejects as calls do. */
export async function complete(remote: RemoteNode, kind: ShellKind, shell: Pid, before: string): Promise<Completion> {
  const reversed = charlist(Array.from(before).toReversed().join(""));
  const bindings: Record<string, Term> = { Before: reversed, Shell: shell, Most: MOST_CANDIDATES };
  const answer = await remote.evaluate(`${kind === "iex" ? IEX : ERLANG}\n${ANSWER}`, bindings);
  const [insert, candidates] = answer instanceof Tuple ? answer.elements : [];
  if (insert === undefined || !Array.isArray(candidates)) throw new TypeError("expected {Insert, Candidates} of a completion");
  return { insert: text(insert), candidates: candidates.map((each: Term) => text(each)) };
}
