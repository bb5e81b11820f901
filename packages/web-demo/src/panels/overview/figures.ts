// What the overview asks of the node, and what the answers mean.
import { Atom, atom, type Term, text, Tuple } from "@erl-dist/core";
import type { RemoteFunction } from "../../remote/remote-function.ts";

/** Counters that only grow, and values of one moment. */
export interface Sample {
  /** Seconds since 1970, of this machine. */
  readonly time: number;
  readonly tookMs: number;
  readonly memory: Readonly<Record<MemoryKind, number>>;
  readonly runQueue: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly reductions: number;
  readonly counts: Readonly<Record<CountKind, readonly [now: number, limit: number]>>;
  /** For each scheduler how long it worked, of how long; undefined until the node measures it. */
  readonly schedulers: readonly (readonly [id: number, active: number, total: number])[] | undefined;
}

export const MEMORY_KINDS = ["total", "processes", "binary", "ets", "atom", "code", "system"] as const;
export type MemoryKind = (typeof MEMORY_KINDS)[number];

export const COUNT_KINDS = ["process", "port", "atom", "ets"] as const;
export type CountKind = (typeof COUNT_KINDS)[number];

const MICROSECONDS: RemoteFunction = ["erlang", "monotonic_time", [atom("microsecond")]];
const info = (key: string): RemoteFunction => ["erlang", "system_info", [atom(key)]];
const statistics = (key: string): RemoteFunction => ["erlang", "statistics", [atom(key)]];

export const SAMPLE_CALLS: readonly RemoteFunction[] = [
  MICROSECONDS,
  ["erlang", "memory", []],
  statistics("total_run_queue_lengths_all"),
  statistics("io"),
  statistics("reductions"),
  statistics("scheduler_wall_time_all"),
  ...COUNT_KINDS.flatMap((kind) => [info(`${kind}_count`), info(`${kind}_limit`)]),
  MICROSECONDS,
];

export function sampleOf(values: readonly Term[], time: number): Sample {
  const [start, memory, runQueue, io, reductions, schedulers, ...rest] = values;
  const number = (term: Term | undefined): number => Number(term ?? 0);
  const second = (term: Term | undefined, index: number): Term | undefined =>
    term instanceof Tuple ? term.at(index) : undefined;
  const sizes = new Map(pairs(memory).map(([key, size]) => [key instanceof Atom ? key.name : "", number(size)]));
  const limits = COUNT_KINDS.map((kind, index) => [kind, [number(rest[2 * index]), number(rest[2 * index + 1])]] as const);
  return {
    time,
    tookMs: (number(rest.at(-1)) - number(start)) / 1_000,
    // One entry for each kind.
    memory: Object.fromEntries(MEMORY_KINDS.map((kind) => [kind, sizes.get(kind) ?? 0])) as Sample["memory"],
    runQueue: number(runQueue),
    // {{input, In}, {output, Out}}
    inputBytes: number(second(second(io, 0), 1)),
    outputBytes: number(second(second(io, 1), 1)),
    reductions: number(second(reductions, 0)),
    counts: Object.fromEntries(limits) as Sample["counts"],
    schedulers: Array.isArray(schedulers)
      ? schedulers.flatMap((each) =>
          each instanceof Tuple ? [[number(each.at(0)), number(each.at(1)), number(each.at(2))] as const] : [],
        )
      : undefined,
  };
}

function pairs(list: Term | undefined): (readonly [Term, Term])[] {
  return (Array.isArray(list) ? list : []).flatMap((each) =>
    // Two elements, as checked.
    each instanceof Tuple && each.length === 2 ? [each.elements as unknown as readonly [Term, Term]] : [],
  );
}

/** Between two samples: shares from 0 to 1, and rates for each second. */
export interface Rates {
  /** Of all schedulers, those for CPU work first. */
  readonly utilisation: readonly { readonly id: number; readonly share: number }[];
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly reductions: number;
}

export function ratesBetween(before: Sample, now: Sample): Rates {
  const seconds = Math.max(now.time - before.time, 0.001);
  const last = new Map(before.schedulers?.map(([id, active, total]) => [id, { active, total }]));
  const utilisation = (now.schedulers ?? []).flatMap(([id, active, total]) => {
    const first = last.get(id);
    if (first === undefined || total <= first.total) return [];
    return [{ id, share: Math.max(0, Math.min(1, (active - first.active) / (total - first.total))) }];
  });
  return {
    utilisation: utilisation.toSorted((a, b) => a.id - b.id),
    inputBytes: (now.inputBytes - before.inputBytes) / seconds,
    outputBytes: (now.outputBytes - before.outputBytes) / seconds,
    reductions: (now.reductions - before.reductions) / seconds,
  };
}

/** What does not change while the node runs. */
export interface System {
  readonly version: string;
  readonly architecture: string;
  readonly schedulersOnline: number;
  readonly dirtyCpuSchedulers: number;
  readonly dirtyIoSchedulers: number;
  readonly wordBytes: number;
}

export const SYSTEM_CALLS: readonly RemoteFunction[] = [
  "system_version",
  "system_architecture",
  "schedulers_online",
  "dirty_cpu_schedulers_online",
  "dirty_io_schedulers",
  "wordsize",
].map(info);

export function systemOf(values: readonly Term[]): System {
  const [version, architecture, online, dirtyCpu, dirtyIo, wordBytes] = values;
  return {
    version: text(version ?? []).trim(),
    architecture: text(architecture ?? []),
    schedulersOnline: Number(online),
    dirtyCpuSchedulers: Number(dirtyCpu),
    dirtyIoSchedulers: Number(dirtyIo),
    wordBytes: Number(wordBytes),
  };
}

/** What the time axis shows at least. */
const SHORTEST_SECONDS = 60;

/** First and last second of the time axis, which ends with the newest value. */
export function timeRange(times: readonly number[]): [number, number] {
  const last = times.at(-1) ?? 0;
  return [Math.min(times[0] ?? 0, last - SHORTEST_SECONDS), last];
}
