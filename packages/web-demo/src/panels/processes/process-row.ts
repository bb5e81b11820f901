// What the node says of a process, as the table shows it.
import { atom, Atom, format, Pid, type Term, text, Tuple } from "@erl-dist/core";
import type { Words } from "../../words.ts";
import type { ProcessesKey } from "./strings.ts";

export interface ProcessRow {
  readonly pid: Pid;
  /** As the node itself prints it, `<0.123.0>`. */
  readonly key: string;
  /** Its registered name, its label, or the function that it began with. */
  readonly name: string;
  readonly currentFunction: string;
  readonly status: string;
  readonly memoryBytes: number;
  readonly reductions: number;
  readonly queueLength: number;
  /** How much the item that the table is sorted by has grown, where that was watched. */
  readonly growth: number | undefined;
}

/** The status of a row whose process is there no more; a table has a word for it. */
export const ENDED = "ended";

/** `<0.123.0>`: to the node of the process its own node is 0. */
export function localPid({ id, serial }: Pid): string {
  return `<0.${id}.${serial}>`;
}

/** `lists:map/2` for `{lists, map, 2}`. */
export function functionText(term: Term | undefined): string {
  if (!(term instanceof Tuple) || term.length !== 3) return term === undefined ? "" : format(term);
  const [module, fun, arity] = term.elements as readonly [Term, Term, Term];
  return `${format(module)}:${format(fun)}/${format(arity)}`;
}

const LABEL_CHARACTERS = 200;
const INITIAL_CALL = atom("$initial_call");
const LABEL = atom("$process_label");
const DICTIONARY = atom("dictionary");

/** Items of process_info/2 by their names. */
export class ProcessItems {
  readonly #items = new Map<string, Term>();
  readonly #dictionary = new Map<Term, Term>();

  constructor(info: Term) {
    for (const item of Array.isArray(info) ? info : []) {
      if (!(item instanceof Tuple) || item.length !== 2) continue;
      // Two, as checked.
      const [key, value] = item.elements as readonly [Term, Term];
      if (key instanceof Atom) this.#items.set(key.name, value);
      // {{dictionary, Key}, Value}, or {dictionary, [{Key, Value}]} from releases that have only that.
      else if (key instanceof Tuple && key.at(0) === DICTIONARY) this.#keep(key.at(1), value);
    }
    const pairs = this.#items.get("dictionary");
    const listed = pairs instanceof Tuple ? pairs.at(1) : pairs;
    for (const pair of Array.isArray(listed) ? listed : []) if (pair instanceof Tuple) this.#keep(pair.at(0), pair.at(1));
  }

  get(key: string): Term | undefined {
    return this.#items.get(key);
  }

  number(key: string): number {
    return Number(this.#items.get(key) ?? 0);
  }

  get label(): string | undefined {
    const label = this.#dictionary.get(LABEL);
    if (label === undefined) return undefined;
    return textOf(label) ?? format(label, { limit: LABEL_CHARACTERS });
  }

  get registeredName(): string | undefined {
    const name = this.#items.get("registered_name");
    return name instanceof Atom ? name.name : undefined;
  }

  /** `{Module, Function, Arity}` */
  get initialFunction(): Term | undefined {
    return this.#dictionary.get(INITIAL_CALL) ?? this.#items.get("initial_call");
  }

  get initialCall(): string {
    return functionText(this.initialFunction);
  }

  get name(): string {
    return this.registeredName ?? this.label ?? this.initialCall;
  }

  #keep(key: Term | undefined, value: Term | undefined): void {
    const isKnown = key === INITIAL_CALL || key === LABEL;
    if (isKnown && value !== undefined && value !== UNDEFINED) this.#dictionary.set(key, value);
  }
}

const UNDEFINED = atom("undefined");

function textOf(term: Term): string | undefined {
  try {
    return term instanceof Uint8Array || Array.isArray(term) ? text(term) : undefined;
  } catch {
    // A list that is no text.
    return undefined;
  }
}

/** Undefined for a process that has ended. */
export function processRow(pid: Pid, info: Term, growth?: number): ProcessRow | undefined {
  if (!Array.isArray(info)) return undefined;
  const items = new ProcessItems(info);
  return {
    pid,
    key: localPid(pid),
    name: items.name,
    currentFunction: functionText(items.get("current_function")),
    status: format(items.get("status") ?? atom("unknown")),
    memoryBytes: items.number("memory"),
    reductions: items.number("reductions"),
    queueLength: items.number("message_queue_len"),
    growth,
  };
}

/** What the top of all processes is asked for. */
export interface TopQuery {
  readonly sort: SortItem;
  readonly limit: number;
  /** 0, or for how many milliseconds to watch how much the item grows. */
  readonly windowMs: number;
  readonly filter: string;
  /** Processes of which it is to be told whether they have ended. */
  readonly shown?: readonly Pid[];
}

export type SortItem = "memory" | "reductions" | "message_queue_len" | "total_heap_size";

export type TopResult =
  | {
      readonly type: "rows";
      readonly rows: readonly ProcessRow[];
      /** Processes of the node, and those that the filter takes. */
      readonly total: number;
      readonly matching: number;
      /** The keys of those that were asked about and have ended. */
      readonly ended: ReadonlySet<string>;
      /** What it took on the node. */
      readonly tookMs: number;
    }
  | { readonly type: "problem"; readonly message: (words: Words<ProcessesKey>) => string };

/** `app:kernel /^gen_/` has both; anything else is text to look for, or a regular expression between slashes. */
export function parseFilter(filter: string): { readonly application: string | undefined; readonly pattern: string | undefined } {
  const application = /(?:^|\s)app:(\S+)/.exec(filter)?.[1];
  const rest = filter.replace(/(?:^|\s)app:\S+/, "").trim();
  const expression = /^\/(.*)\/$/s.exec(rest)?.[1];
  const pattern = expression ?? rest.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return { application, pattern: pattern === "" ? undefined : pattern };
}

/** Bindings for the recipe TOP. */
export function topBindings({ sort, limit, windowMs, filter, shown = [] }: TopQuery): Record<string, Term> {
  const { application, pattern } = parseFilter(filter);
  return {
    Sort: atom(sort),
    Limit: limit,
    Window: windowMs,
    // Binaries: an atom would stay on the node for ever.
    Pattern: pattern ?? atom("none"),
    App: application ?? atom("none"),
    Shown: [...shown],
  };
}

export function topResult(term: Term, watched: boolean): TopResult {
  if (!(term instanceof Tuple)) return { type: "problem", message: (words) => words.say("processesNoApplication") };
  if (term.at(0) === atom("bad_pattern")) {
    const values = { reason: text(term.at(1)), at: format(term.at(2)) };
    return { type: "problem", message: (words) => words.say("processesBadPattern", values) };
  }
  // {ok, Micros, Total, Matching, Rows, Ended}
  const [, micros, total, matching, found, gone] = term.elements as readonly [Term, Term, Term, Term, Term, Term];
  const rows = (Array.isArray(found) ? found : []).flatMap((each) => {
    if (!(each instanceof Tuple) || !(each.at(0) instanceof Pid)) return [];
    // {Pid, Value, Info}, whose first is a pid as just checked.
    const [pid, value, info] = each.elements as unknown as readonly [Pid, Term, Term];
    return processRow(pid, info, watched ? Number(value) : undefined) ?? [];
  });
  const ended = new Set((Array.isArray(gone) ? gone : []).flatMap((pid) => (pid instanceof Pid ? [localPid(pid)] : [])));
  return { type: "rows", rows, total: Number(total), matching: Number(matching), ended, tookMs: Number(micros) / 1_000 };
}
