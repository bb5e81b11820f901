// What shall be traced, as a person fills it in, and what of that the node is told.
import { atom, charlist, type Term, tuple } from "@erl-dist/core";
import type { TraceKey } from "./strings.ts";
import type { TraceWords } from "./trace-words.ts";

export type Whom = "process" | "new" | "all";

/** The fields of the form. */
export interface TracePlan {
  readonly whom: Whom;
  /** A pid or a registered name, where it is one process. */
  readonly process: string;
  /** `lists:reverse/1`, or empty. */
  readonly calls: string;
  readonly returns: boolean;
  readonly exceptions: boolean;
  readonly caller: boolean;
  readonly send: boolean;
  readonly receive: boolean;
  readonly procs: boolean;
  readonly timestamps: boolean;
  /** The trace ends after so many messages, and where more than so many come in a second. */
  readonly count: number;
  readonly rate: number;
}

export const MOST_COUNT = 10_000;
export const MOST_RATE = 5_000;

export const FIRST_PLAN: TracePlan = {
  whom: "process",
  process: "",
  calls: "",
  returns: true,
  exceptions: false,
  caller: false,
  send: false,
  receive: false,
  procs: false,
  timestamps: true,
  count: 100,
  rate: 500,
};

export interface FunctionName {
  readonly module: string;
  readonly fun: string;
  /** Undefined: any. */
  readonly arity: number | undefined;
}

/** `lists:reverse/1`, `lists:reverse`, `lists:_`; also as Elixir has them, `Enum.map/2`. Undefined for what is none. */
export function parseFunction(text: string): FunctionName | undefined {
  const found = /^(?:'([^']+)'|([^':]+)):(?:'([^']+)'|([^'/:]+))(?:\/(\d{1,3}|_))?$/.exec(text.trim());
  const elixir = found === null ? /^((?:[A-Z]\w*\.)+)([^./\s]+)(?:\/(\d{1,3}|_))?$/.exec(text.trim()) : null;
  const [module, fun, arity] =
    elixir === null
      ? [found?.[1] ?? found?.[2], found?.[3] ?? found?.[4], found?.[5]]
      : [`Elixir.${elixir[1]?.slice(0, -1) ?? ""}`, elixir[2], elixir[3]];
  if (module === undefined || fun === undefined || /\s/.test(module + fun)) return undefined;
  return { module, fun, arity: arity === undefined || arity === "_" ? undefined : Number(arity) };
}

/** What is wrong with it, by its key; undefined when it can be tried. */
export function problemOfPlan(plan: TracePlan): TraceKey | undefined {
  const { whom, process, calls, count, rate } = plan;
  const fun = parseFunction(calls);
  if (whom === "process" && process.trim() === "") return "traceNoProcess";
  if (whom === "process" && /[<>]/.test(process) && !isLocalPid(process)) return "traceNotAPid";
  if (calls.trim() !== "" && fun === undefined) return "traceNotAFunction";
  if (whom === "all" && (fun === undefined || fun.fun === "_")) return "traceAllNeedsFunction";
  if (fun === undefined && !plan.send && !plan.receive && !plan.procs) return "traceNothingToTrace";
  if (!isWithin(count, MOST_COUNT)) return "traceWrongCount";
  if (!isWithin(rate, MOST_RATE)) return "traceWrongRate";
  return undefined;
}

/** In one line: `lists:reverse/1, send in <0.84.0>`. */
export function planText(plan: TracePlan, words: TraceWords): string {
  const whom = plan.whom === "process" ? plan.process.trim() : words.say(plan.whom === "new" ? "traceNew" : "traceAll");
  const flags = (["send", "receive", "procs"] as const).filter((flag) => plan[flag]);
  const what = [plan.calls.trim(), ...flags].filter((part) => part !== "").join(", ");
  return words.say("tracePlanned", { what, whom });
}

/** The bindings of LOOK. */
export function lookBindings({ whom, process, calls }: TracePlan): Record<string, Term> {
  const name = process.trim();
  const one = tuple(atom(isLocalPid(name) ? "pid" : "name"), charlist(name.replace(/^'(.*)'$/, "$1")));
  const fun = parseFunction(calls);
  return {
    What: whom === "process" ? one : atom(whom === "new" ? "new_processes" : "processes"),
    Function: fun === undefined ? atom("none") : tuple(charlist(fun.module), charlist(fun.fun), fun.arity ?? ANY),
  };
}

/** Those of TRACE that the plan decides. */
export function planBindings(plan: TracePlan): Record<string, Term> {
  const flags = {
    call: plan.calls.trim() !== "",
    send: plan.send,
    receive: plan.receive,
    procs: plan.procs,
    timestamp: plan.timestamps,
  };
  const wanted = Object.entries(flags).filter(([, isWanted]) => isWanted);
  // erlang:trace_pattern/3; the trace of exceptions has that of results in it.
  const body = [
    ...(plan.exceptions ? [tuple(atom("exception_trace"))] : plan.returns ? [tuple(atom("return_trace"))] : []),
    ...(plan.caller ? [tuple(atom("message"), tuple(atom("caller")))] : []),
  ];
  return {
    Flags: wanted.map(([flag]) => atom(flag)),
    Pattern: [tuple(ANY, [], body)],
    MostCount: plan.count,
    MostRate: plan.rate,
  };
}

const ANY = atom("_");

function isLocalPid(text: string): boolean {
  return /^<0\.\d+\.\d+>$/.test(text.trim());
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
