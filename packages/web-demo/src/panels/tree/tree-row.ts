// What the rows of the tree are of, and how the node's answers are read.
import { Atom, atom, format, Pid, type Term, text, Tuple } from "@erl-dist/core";
import { functionText, localPid, ProcessItems } from "../processes/process-row.ts";
import type { Words } from "../../words.ts";
import { type Extent, type Redact, shownText } from "../shown-term.ts";
import type { PanelKey } from "../strings.ts";

/** How much is shown of a child's id. */
export const ID_EXTENT: Extent = { Depth: 10, Characters: 120 };

export interface Application {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** `running`: nobody knows how it was started. */
  readonly state: "permanent" | "transient" | "temporary" | "running" | "loaded";
  /** Its application master; undefined for a library, and where it does not run here. */
  readonly master: Pid | undefined;
  /** The node that a distributed application runs on. */
  readonly node: string | undefined;
  /** Undefined where nobody has counted. */
  readonly processes: number | undefined;
}

/** What the node says of a process. */
export interface ProcessFacts {
  readonly registeredName: string | undefined;
  readonly label: string | undefined;
  readonly initialCall: string;
  /** One that answers `supervisor:which_children/1`: no child specification says so reliably. */
  readonly isSupervisor: boolean;
  readonly isSuspended: boolean;
  readonly queueLength: number;
  readonly memoryBytes: number;
}

/** How a process came to be below another row. */
export type Edge = "root" | "child" | "linked" | "startedBy";

export type Item =
  | { readonly type: "application"; readonly application: Application }
  | {
      readonly type: "process";
      readonly pid: Pid;
      readonly key: string;
      readonly edge: Edge;
      /** As in its child specification; undefined for one that nothing says it of. */
      readonly childType: "supervisor" | "worker" | undefined;
      readonly id: string | undefined;
      /** Undefined for one that has ended before it could be asked about. */
      readonly facts: ProcessFacts | undefined;
    }
  | {
      readonly type: "elsewhere";
      readonly pid: string;
      readonly node: string;
      readonly edge: Edge;
      readonly id: string | undefined;
    }
  | { readonly type: "absent"; readonly id: string; readonly state: "restarting" | "notRunning" };

/** What is below a row, by the node's word. */
export type Answer =
  | { readonly type: "root"; readonly item: Item; readonly module: string }
  | { readonly type: "children"; readonly hash: Term; readonly items: readonly Item[] }
  | { readonly type: "many"; readonly hash: Term; readonly count: number }
  | { readonly type: "listed"; readonly hash: Term; readonly total: number; readonly items: readonly Item[] }
  | { readonly type: "same" | "gone" | "failed" | "timeout" | "noTree" };

export interface Look {
  readonly tookMs: number;
  /** Undefined when they were not asked for; `"timeout"` where the application controller did not answer. */
  readonly applications: readonly Application[] | "timeout" | undefined;
  readonly answers: readonly Answer[];
  /** By the pids of the node as it prints them; undefined for processes that have ended. */
  readonly facts: ReadonlyMap<string, ProcessFacts | undefined>;
}

/** What LOOK gave. */
export function lookOf(result: Term, node: string, redact: Redact | undefined, words: Words<PanelKey>): Look {
  // {Micros, Applications | none, Answers, [{Pid, Info}]}
  const [micros, applications, answers, infos] = tupleOf(result, 4);
  const facts = new Map<string, ProcessFacts | undefined>();
  for (const each of listOf(infos)) {
    const [pid, info] = tupleOf(each, 2);
    if (pid instanceof Pid) facts.set(localPid(pid), factsOf(info));
  }
  const reading = { node, redact, words, facts };
  return {
    tookMs: Number(micros) / 1_000,
    applications: Array.isArray(applications)
      ? applications.map(applicationOf)
      : wordOf(applications) === "none"
        ? undefined
        : "timeout",
    answers: listOf(answers).map((answer) => answerOf(answer, reading)),
    facts,
  };
}

export function nameOf(item: Item): string {
  switch (item.type) {
    case "application":
      return item.application.name;
    case "process":
      return item.facts?.registeredName ?? item.facts?.label ?? item.id ?? item.facts?.initialCall ?? item.key;
    case "elsewhere":
      return item.id ?? item.pid;
    case "absent":
      return item.id;
    default:
      return item satisfies never;
  }
}

export function isSupervisor(item: Item): boolean {
  return item.type === "process" && item.facts?.isSupervisor === true;
}

/** What a filter looks for, and a person may read. */
export function searchText(item: Item): string {
  switch (item.type) {
    case "application":
      return `${item.application.name} ${item.application.description}`.toLowerCase();
    case "process":
      return [item.key, item.id, item.facts?.registeredName, item.facts?.label, item.facts?.initialCall].join(" ").toLowerCase();
    case "elsewhere":
      return `${item.pid} ${item.node} ${item.id ?? ""}`.toLowerCase();
    case "absent":
      return item.id.toLowerCase();
    default:
      return item satisfies never;
  }
}

interface Reading {
  readonly node: string;
  readonly redact: Redact | undefined;
  readonly words: Words<PanelKey>;
  readonly facts: Look["facts"];
}

function applicationOf(term: Term): Application {
  // {Name, Version, Description, Type, Master | {node, Node} | none, Count | none}
  const [name, version, description, type, place, processes] = tupleOf(term, 6);
  const [, node] = place instanceof Tuple ? tupleOf(place, 2) : [];
  return {
    name: wordOf(name),
    version: text(version ?? ""),
    description: text(description ?? ""),
    state: STATES.find((state) => state === wordOf(type)) ?? "running",
    master: place instanceof Pid ? place : undefined,
    node: node === undefined ? undefined : wordOf(node),
    processes: typeof processes === "number" ? processes : undefined,
  };
}

const STATES = ["permanent", "transient", "temporary", "running", "loaded"] as const;

function answerOf(answer: Term, reading: Reading): Answer {
  if (!(answer instanceof Tuple)) return { type: WORDS[wordOf(answer)] ?? "failed" };
  const [type, first, second, third] = answer.elements;
  switch (wordOf(type)) {
    case "root":
      return { type: "root", item: processItem(first, { edge: "root" }, reading), module: wordOf(second) };
    case "children":
      return { type: "children", hash: first ?? 0, items: childrenOf(listOf(second), reading) };
    case "many":
      return { type: "many", hash: first ?? 0, count: Number(second) };
    case "listed":
      return {
        type: "listed",
        hash: first ?? 0,
        total: Number(second),
        items: listOf(third).map((pid) => processItem(pid, { edge: "child" }, reading)),
      };
    case "linked":
      return {
        type: "listed",
        hash: first ?? 0,
        total: Number(second),
        items: listOf(third).map((each) => linkedItem(each, reading)),
      };
    default:
      return { type: "failed" };
  }
}

const WORDS: Readonly<Record<string, "same" | "gone" | "failed" | "timeout" | "noTree">> = {
  same: "same",
  gone: "gone",
  failed: "failed",
  timeout: "timeout",
  no_tree: "noTree",
};

/** In the order that they were started in; those of a supervisor whose children have no ids, by their pids. */
function childrenOf(children: readonly Term[], reading: Reading): Item[] {
  const read = children.map((each) => {
    // {ShownId, Child, Type}
    const [shownId, child, type] = tupleOf(each, 3);
    const shown = shownText(shownId, reading.redact, ID_EXTENT, reading.words);
    const id = shown === "undefined" ? undefined : shown;
    if (!(child instanceof Pid)) {
      const state = wordOf(child) === "restarting" ? ("restarting" as const) : ("notRunning" as const);
      return { pid: undefined, id, item: { type: "absent", id: id ?? "", state } satisfies Item };
    }
    const childType = wordOf(type) === "supervisor" ? "supervisor" : "worker";
    return { pid: child, id, item: processItem(child, { edge: "child", id, childType }, reading) };
  });
  if (read.some(({ id }) => id !== undefined)) return read.map(({ item }) => item);
  return read.toSorted((a, b) => comparePids(a.pid, b.pid)).map(({ item }) => item);
}

function comparePids(a: Pid | undefined, b: Pid | undefined): number {
  return (a?.serial ?? 0) - (b?.serial ?? 0) || (a?.id ?? 0) - (b?.id ?? 0);
}

function linkedItem(term: Term, reading: Reading): Item {
  // {started_by | linked, Pid}
  const [how, pid] = tupleOf(term, 2);
  return processItem(pid, { edge: wordOf(how) === "linked" ? "linked" : "startedBy" }, reading);
}

interface Place {
  readonly edge: Edge;
  readonly id?: string | undefined;
  readonly childType?: "supervisor" | "worker" | undefined;
}

function processItem(pid: Term | undefined, { edge, id, childType }: Place, { node, facts }: Reading): Item {
  if (!(pid instanceof Pid)) return { type: "absent", id: pid === undefined ? "" : format(pid), state: "notRunning" };
  if (pid.node.name !== node) return { type: "elsewhere", pid: pid.toString(), node: pid.node.name, edge, id };
  const key = localPid(pid);
  return { type: "process", pid, key, edge, childType, id, facts: facts.get(key) };
}

/** Undefined for a process that has ended. */
function factsOf(info: Term | undefined): ProcessFacts | undefined {
  if (!Array.isArray(info)) return undefined;
  const items = new ProcessItems(info);
  const { initialFunction } = items;
  const module = initialFunction instanceof Tuple ? initialFunction.at(0) : undefined;
  return {
    registeredName: items.registeredName,
    label: items.label,
    initialCall: functionText(initialFunction),
    isSupervisor: module === SUPERVISOR,
    isSuspended: items.get("status") === SUSPENDED,
    queueLength: items.number("message_queue_len"),
    memoryBytes: items.number("memory"),
  };
}

const SUPERVISOR = atom("supervisor");
const SUSPENDED = atom("suspended");

function wordOf(term: Term | undefined): string {
  return term instanceof Atom ? term.name : "";
}

function listOf(term: Term | undefined): readonly Term[] {
  return Array.isArray(term) ? term : [];
}

/** Its elements; none of something else, which no recipe gives. */
function tupleOf(term: Term | undefined, length: number): readonly (Term | undefined)[] {
  return term instanceof Tuple && term.length === length ? term.elements : [];
}
