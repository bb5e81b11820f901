// What has been opened of the tree, and how the node's answers change it. It asks nobody itself. A process can be in it more than once
// where links are followed, so a row is known by its way from the application down.
import { atom, type Term, tuple } from "@erl-dist/core";
import { localPid } from "../processes/process-row.ts";
import { type Answer, type Application, isSupervisor, type Item, type Look, type ProcessFacts, searchText } from "./tree-row.ts";
import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";

/** Children that are listed by links come so many at a time, and no more than that in all. */
export const PAGE_CHILDREN = 200;
const MOST_LISTED = 5_000;

/** What is said in a row of its own below a row, instead of children or after them. */
export type Note =
  | { readonly type: "loading" | "none" | "noLinks" | "noRoot" | "silent" | "failed" }
  | { readonly type: "failedFor"; readonly why: (words: Words<PanelKey>) => string }
  | { readonly type: "many"; readonly count: number }
  | { readonly type: "next"; readonly shown: number; readonly count: number; readonly more: number }
  | { readonly type: "most"; readonly shown: number; readonly count: number };

export class TreeNode {
  readonly key: string;
  readonly parent: TreeNode | undefined;
  item: Item;
  /** Ended: struck through until the next look. */
  isGone: boolean;
  isExpanded = false;
  /** Undefined: nobody has asked. */
  children: readonly TreeNode[] | undefined;
  note: Note | undefined;
  /** Of the links that the children were read with. */
  hash: Term | undefined;
  /** How many children a supervisor has; undefined before it was asked. */
  count: number | undefined;
  /** The module that an application was started with. */
  module: string | undefined;
  /** How many children to list by links; 0 where the supervisor tells them. */
  limit = 0;

  constructor(key: string, parent: TreeNode | undefined, item: Item) {
    this.key = key;
    this.parent = parent;
    this.item = item;
    this.isGone = hasEnded(item);
  }

  /** No answer yet, or none that would be another one now: it is asked only when a person wants that. */
  get isStuck(): boolean {
    return this.note?.type === "silent" || this.note?.type === "failed" || this.note?.type === "failedFor";
  }
}

export interface ShownNode {
  readonly node: TreeNode;
  /** From 1. */
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  /** Undefined for one that has nothing below it. */
  readonly isExpanded: boolean | undefined;
  /** Open because of the filter, and not to be closed. */
  readonly isForced: boolean;
  /** The row is this note below the node, and not the node. */
  readonly note: Note | undefined;
}

export class ProcessTree {
  #applications: readonly TreeNode[] | undefined;
  /** Whether processes that are no supervisors can be opened. */
  withLinks = false;

  /** Undefined before the first look. */
  get applications(): readonly TreeNode[] | undefined {
    return this.#applications;
  }

  clear(): void {
    this.#applications = undefined;
  }

  canExpand({ item, isGone }: TreeNode): boolean {
    if (isGone) return false;
    if (item.type === "application") return item.application.master !== undefined;
    return item.type === "process" && (this.withLinks || isSupervisor(item));
  }

  /** A request as LOOK takes it; undefined where there is nothing to ask. `again`: whatever is known already. */
  requestFor(node: TreeNode, again: boolean): Term | undefined {
    const { item } = node;
    if (item.type === "application") return tuple(ROOT, atom(item.application.name), 0, 0);
    if (item.type !== "process") return undefined;
    const known = again || node.hash === undefined ? NONE : node.hash;
    if (!isSupervisor(item)) return tuple(LINKED, item.pid, known, Math.max(node.limit, PAGE_CHILDREN));
    return node.limit > 0 ? tuple(LISTED, item.pid, known, node.limit) : tuple(SUPERVISOR, item.pid, known, 0);
  }

  /** The nodes to ask about in the next look: those that are open, and whose answer can be another one. */
  toLookAt(): TreeNode[] {
    const found: TreeNode[] = [];
    this.#visit((node) => {
      if (!node.isExpanded || !this.canExpand(node)) return false;
      // The root of an application is another one only when the application is.
      const isAnswered = node.children !== undefined && (node.children.length > 0 || node.note !== undefined);
      const isKnown = node.item.type === "application" && isAnswered;
      if (!isKnown && !node.isStuck) found.push(node);
      return true;
    });
    return found;
  }

  /** What a look has brought, for the nodes that it was about; what had ended at the look before goes. */
  look({ applications, answers, facts }: Look, asked: readonly TreeNode[]): void {
    this.#sweep();
    if (Array.isArray(applications)) this.#setApplications(applications);
    for (const [index, node] of asked.entries()) {
      const answer = answers[index];
      if (answer !== undefined) this.answer(node, answer);
    }
    this.learn(facts);
  }

  learn(facts: ReadonlyMap<string, ProcessFacts | undefined>): void {
    this.#visit((node) => {
      const { item } = node;
      if (item.type === "process" && facts.has(item.key)) {
        const known = facts.get(item.key);
        // One that has ended keeps the name that it had.
        if (known === undefined) node.isGone = true;
        else node.item = { ...item, facts: known };
      }
      return true;
    });
  }

  answer(node: TreeNode, answer: Answer): void {
    switch (answer.type) {
      case "same":
        return;
      case "gone":
        node.isGone = true;
        node.isExpanded = false;
        return;
      case "timeout":
        node.note = { type: "silent" };
        return;
      case "failed":
        node.note = { type: "failed" };
        return;
      case "noTree":
        node.children = [];
        node.note = { type: "noRoot" };
        return;
      case "root":
        node.module = answer.module;
        node.note = undefined;
        this.#setChildren(node, [answer.item]);
        return;
      case "children":
        node.hash = answer.hash;
        node.count = answer.items.length;
        node.note = answer.items.length === 0 ? { type: "none" } : undefined;
        this.#setChildren(node, answer.items);
        return;
      case "many":
        node.hash = answer.hash;
        node.count = answer.count;
        node.note = { type: "many", count: answer.count };
        // Those that it had before have not ended.
        node.children = [];
        return;
      case "listed": {
        node.hash = answer.hash;
        node.count = answer.total;
        const onTheWay = pidsAbove(node);
        // The process that a linked one is below is not below it once more.
        const items = answer.items.filter((item) => item.type !== "process" || !onTheWay.has(item.key));
        // Who is on no page any more has not ended for that.
        const before = answer.items.length < answer.total ? onlyOf(node.children ?? [], items) : (node.children ?? []);
        node.children = merged(before, items, node);
        node.note = this.#listedNote(node, answer.total, answer.items.length);
        return;
      }
      default:
        answer satisfies never;
    }
  }

  /** The rows that are to be seen, those of what is open, or with a filter of what has been opened and matches it. */
  rows(filter: string): ShownNode[] {
    const wanted = filter.trim().toLowerCase();
    const matching = wanted === "" ? undefined : this.#matching(wanted);
    const rows: ShownNode[] = [];
    const add = (siblings: readonly TreeNode[], level: number, parent: TreeNode | undefined, isWithin: boolean): void => {
      const shown = isWithin || matching === undefined ? siblings : siblings.filter((node) => matching.has(node));
      const note = parent !== undefined && (isWithin || matching === undefined) ? noteOf(parent) : undefined;
      const setSize = shown.length + (note === undefined ? 0 : 1);
      for (const [index, node] of shown.entries()) {
        const children = node.children ?? [];
        const isMatch = isWithin || matching === undefined || matching.get(node) === "itself";
        const isForced = !isMatch;
        const isOpen = isForced || (node.isExpanded && this.canExpand(node));
        const isExpanded = isForced || this.canExpand(node) ? isOpen : undefined;
        rows.push({ node, level, position: index + 1, setSize, isExpanded, isForced, note: undefined });
        if (isOpen) add(children, level + 1, node, isMatch && matching !== undefined);
      }
      if (note !== undefined && parent !== undefined) {
        rows.push({ node: parent, level, position: setSize, setSize, isExpanded: undefined, isForced: false, note });
      }
    };
    add(this.#applications ?? [], 1, undefined, false);
    return rows;
  }

  find(wanted: (node: TreeNode) => boolean): TreeNode | undefined {
    let found: TreeNode | undefined;
    this.#visit((node) => {
      if (found === undefined && wanted(node)) found = node;
      return found === undefined;
    });
    return found;
  }

  #setApplications(applications: readonly Application[]): void {
    const items = applications.toSorted(byName).map((application): Item => ({ type: "application", application }));
    const before = this.#applications ?? [];
    const masters = new Map(before.map((node) => [node.key, masterOf(node)]));
    this.#applications = merged(before, items, undefined);
    for (const node of this.#applications) {
      // It has been stopped or started again meanwhile.
      if (masters.get(node.key) !== masterOf(node)) forget(node);
    }
  }

  #setChildren(node: TreeNode, items: readonly Item[]): void {
    node.children = merged(node.children ?? [], items, node);
  }

  #listedNote(node: TreeNode, count: number, shown: number): Note | undefined {
    if (node.children?.length === 0) return { type: isSupervisor(node.item) ? "none" : "noLinks" };
    if (shown >= count) return undefined;
    return shown >= MOST_LISTED
      ? { type: "most", shown, count }
      : { type: "next", shown, count, more: Math.min(PAGE_CHILDREN, count - shown) };
  }

  /** Forgets what ended before the last look. */
  #sweep(): void {
    const living = (nodes: readonly TreeNode[]): readonly TreeNode[] => {
      for (const node of nodes) if (node.children !== undefined) node.children = living(node.children);
      return nodes.some(({ isGone }) => isGone) ? nodes.filter(({ isGone }) => !isGone) : nodes;
    };
    if (this.#applications !== undefined) this.#applications = living(this.#applications);
  }

  /** Those that match themselves, and those that have one of them below. */
  #matching(wanted: string): ReadonlyMap<TreeNode, "itself" | "below"> {
    const found = new Map<TreeNode, "itself" | "below">();
    this.#visit((node) => {
      if (!searchText(node.item).includes(wanted)) return true;
      found.set(node, "itself");
      for (let above = node.parent; above !== undefined && !found.has(above); above = above.parent) found.set(above, "below");
      return true;
    });
    return found;
  }

  /** In the order of the rows, as long as `into` wants to see what is below. */
  #visit(into: (node: TreeNode) => boolean): void {
    const visit = (nodes: readonly TreeNode[]): void => {
      for (const node of nodes) if (into(node) && node.children !== undefined) visit(node.children);
    };
    visit(this.#applications ?? []);
  }
}

/** The nodes of the items, which are those from before where there were some; and of those that are no more, marked as such. */
function merged(before: readonly TreeNode[], items: readonly Item[], parent: TreeNode | undefined): TreeNode[] {
  const old = new Map(before.map((node) => [node.key, node]));
  const now = new Set<string>();
  const nodes = items.map((item) => {
    const key = uniqueKey(`${parent === undefined ? "" : `${parent.key}/`}${keyOf(item)}`, now);
    now.add(key);
    const node = old.get(key) ?? new TreeNode(key, parent, item);
    node.item = hasEnded(item) ? node.item : item;
    node.isGone = hasEnded(item);
    return node;
  });
  for (const [index, node] of before.entries()) {
    if (now.has(node.key) || node.isGone || !canEnd(node.item)) continue;
    node.isGone = true;
    nodes.splice(index, 0, node);
  }
  return nodes;
}

function keyOf(item: Item): string {
  switch (item.type) {
    case "application":
      return item.application.name;
    case "process":
      return item.key;
    case "elsewhere":
      return item.pid;
    case "absent":
      return `id ${item.id}`;
    default:
      return item satisfies never;
  }
}

/** Children that are restarting have no id of their own where their supervisor gives none. */
function uniqueKey(key: string, taken: ReadonlySet<string>): string {
  let unique = key;
  for (let count = 2; taken.has(unique); count++) unique = `${key} ${count}`;
  return unique;
}

function hasEnded(item: Item): boolean {
  return item.type === "process" && item.facts === undefined;
}

function canEnd({ type }: Item): boolean {
  return type === "process" || type === "application";
}

function masterOf({ item }: TreeNode): string | undefined {
  return item.type === "application" && item.application.master !== undefined ? localPid(item.application.master) : undefined;
}

function forget(node: TreeNode): void {
  node.children = undefined;
  node.note = undefined;
  node.module = undefined;
}

/** Only nodes of items that are there still. */
function onlyOf(nodes: readonly TreeNode[], items: readonly Item[]): readonly TreeNode[] {
  const keys = new Set(items.map(keyOf));
  return nodes.filter(({ item }) => keys.has(keyOf(item)));
}

function pidsAbove(node: TreeNode): ReadonlySet<string> {
  const pids = new Set<string>();
  for (let each: TreeNode | undefined = node; each !== undefined; each = each.parent) {
    if (each.item.type === "process") pids.add(each.item.key);
  }
  return pids;
}

function noteOf(node: TreeNode): Note | undefined {
  return node.children === undefined && node.note === undefined ? { type: "loading" } : node.note;
}

/** Those that have a tree first. */
function byName(a: Application, b: Application): number {
  return Number(a.master === undefined) - Number(b.master === undefined) || a.name.localeCompare(b.name);
}

const ROOT = atom("root");
const SUPERVISOR = atom("supervisor");
const LISTED = atom("listed");
const LINKED = atom("linked");
const NONE = atom("none");
