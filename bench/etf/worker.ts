// One codec in a process of its own, with a heap and compiled code of its own. It is asked for one measurement at a time.
import { cpuNsOf } from "../support/cpu.ts";
import { CODECS, type Prepared } from "./codecs.ts";
import { encoded } from "./payloads.ts";

export type Direction = "decode" | "encode";
export interface Question {
  readonly payload: string;
  readonly direction: Direction;
  readonly ms: number;
}
/** Nanoseconds of one run, or why there is none. */
export type Answer = { readonly ns: number } | { readonly why: string };
/** What the codec can do: for each payload both directions, or why not. */
export type Abilities = Readonly<Record<string, readonly Direction[] | string>>;

const WARM_PASSES = 3;

const [name = "", warmMs = "0"] = process.argv.slice(2);
const prepared = new Map<string, Prepared>();
const runs = new Map<string, number>();

function load(): Abilities {
  const prepare = CODECS[name]?.();
  if (prepare === undefined) throw new Error(`no codec is called ${name}`);
  const abilities: Record<string, readonly Direction[] | string> = {};
  for (const { name: payload, bytes } of encoded()) {
    try {
      const both = prepare(bytes);
      prepared.set(payload, both);
      abilities[payload] = (["decode", "encode"] as const).filter((direction) => both[direction] !== undefined);
    } catch (error) {
      abilities[payload] = error instanceof Error ? error.message : String(error);
    }
  }
  // On all kinds of terms, as a program would have it: code that has seen only one is faster than it would be there.
  for (let pass = 0; pass < WARM_PASSES; pass++) {
    for (const { decode, encode } of prepared.values())
      for (const run of [decode, encode]) if (run !== undefined) cpuNsOf(run, Number(warmMs) / WARM_PASSES);
  }
  return abilities;
}

process.on("message", ({ payload, direction, ms }: Question) => {
  const run = prepared.get(payload)?.[direction];
  const key = `${payload} ${direction}`;
  let answer: Answer = { why: "cannot do that" };
  try {
    if (run !== undefined) {
      const { ns, runs: next } = cpuNsOf(run, ms, runs.get(key));
      runs.set(key, next);
      answer = { ns };
    }
  } catch (error) {
    answer = { why: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(answer);
});
process.on("disconnect", () => process.exit(0));
try {
  process.send?.(load());
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
}
