// The list of the processes among 100,000, beside what one would type for the same in a shell, in turns, so that what else the machine does
// meets both alike.
import { atom, ErlangNode, type Term } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { topBindings } from "../../packages/web-demo/src/panels/processes/process-row.ts";
import { TOP } from "../../packages/web-demo/src/panels/processes/recipes.ts";
import { RemoteNode } from "../../packages/web-demo/src/remote/remote-node.ts";
import { median, ratio } from "../support/statistics.ts";
import { remark, report } from "./goals.ts";
import type { Setting } from "./setting.ts";

const ROUNDS = 7;
const LARGEST_RATIO = 1.5;
const WINDOW_MS = 1_000;
const GUARD = { timeoutMs: 120_000, maxHeapBytes: 1024 * 1024 * 1024 };

const DESCRIBED = `process_info(P, [registered_name, initial_call, current_function, memory, reductions, message_queue_len, status])`;
const BARE = `Top = fun(K, N) -> lists:sublist(lists:reverse(lists:keysort(2, [{P, V} || P <- processes(), {_, V} <- [process_info(P, K)]])), N) end,
  [{P, V, ${DESCRIBED}} || {P, V} <- Top(Item, Count)]`;
const BARE_FILTERED = `Named = fun(P) ->
    {M, F, A} = proc_lib:translate_initial_call(P),
    re:run(io_lib:format("~0tp ~tp:~tp/~p", [process_info(P, registered_name), M, F, A]), Pattern, [caseless, unicode, {capture, none}]) =:= match
  end,
  Top = fun(K, N) -> lists:sublist(lists:reverse(lists:keysort(2, [{P, V} || P <- processes(), Named(P), {_, V} <- [process_info(P, K)]])), N) end,
  [{P, V, ${DESCRIBED}} || {P, V} <- Top(Item, Count)]`;
const BARE_WINDOW = `Look = fun(K) -> maps:from_list([{P, V} || P <- processes(), {_, V} <- [process_info(P, K)]]) end,
  First = Look(Item), timer:sleep(Window), Second = Look(Item),
  Grown = maps:to_list(maps:map(fun(P, V) -> V - maps:get(P, First, V) end, Second)),
  [{P, V, ${DESCRIBED}} || {P, V} <- lists:sublist(lists:reverse(lists:keysort(2, Grown)), Count)]`;

interface Case {
  readonly words: string;
  readonly bare: string;
  readonly bindings: Readonly<Record<string, Term>>;
  readonly query: Partial<Parameters<typeof topBindings>[0]>;
  readonly rounds: number;
}

const CASES: readonly Case[] = [
  { words: "top 100 by memory", bare: BARE, bindings: {}, query: {}, rounds: ROUNDS },
  {
    words: "top 100 of those that /eval|kernel/ matches",
    bare: BARE_FILTERED,
    bindings: { Pattern: new TextEncoder().encode("eval|kernel") },
    query: { filter: "/eval|kernel/" },
    rounds: 3,
  },
  {
    words: `top 100 by growth in ${WINDOW_MS / 1_000} s, which is taken off`,
    bare: BARE_WINDOW,
    bindings: { Window: WINDOW_MS },
    query: { windowMs: WINDOW_MS },
    rounds: 5,
  },
];

export async function list({ bench: { erl } }: Setting): Promise<void> {
  const node = await ErlangNode.start({ cookie: erl.cookie, connect: tcp({ portNo: erl.portNo }) });
  try {
    await node.connect(erl.name);
    const remote = new RemoteNode(node, erl.name);
    for (const { words, bare, bindings, query, rounds } of CASES) {
      const top = topBindings({ sort: "memory", limit: 100, windowMs: 0, filter: "", ...query });
      const { windowMs = 0 } = query;
      const barely: number[] = [];
      const ours: number[] = [];
      for (let round = 0; round < rounds; round++) {
        barely.push(
          (await timed(() => remote.evaluate(bare, { Item: atom("memory"), Count: 100, ...bindings }, GUARD))) - windowMs,
        );
        ours.push((await timed(() => remote.evaluate(TOP, top, GUARD))) - windowMs);
      }
      report(`${words}: of the time of the same, typed`, { reached: ratio(ours, barely), goal: LARGEST_RATIO, decimals: 2 });
      remark(`${median(ours).toFixed(0)} ms beside ${median(barely).toFixed(0)} ms`);
    }
  } finally {
    await node.stop();
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
