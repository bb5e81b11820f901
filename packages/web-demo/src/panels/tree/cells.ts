// How a row of the tree looks. A screen reader says the same, and a word where the eye has the head of the column.
import { html, nothing } from "lit";
import { filled } from "../../strings.ts";
import { bytes, count } from "../../units.ts";
import type { Column } from "../grid/erl-grid.ts";
import type { TreeRow } from "./erl-treeview.ts";
import type { Note, ShownNode } from "./process-tree.ts";
import { TREE_STRINGS } from "./strings.ts";
import { type Application, isSupervisor, type Item, nameOf } from "./tree-row.ts";

export function treeRow(shown: ShownNode, selected: string): TreeRow<ShownNode> {
  const { node, note, level, position, setSize, isExpanded, isForced } = shown;
  const place = { level, position, setSize, isExpanded, isForced, value: shown };
  if (note !== undefined) {
    return { ...place, key: `${node.key}/note`, isSelected: false, isGone: false, name: "", spans: true };
  }
  const { item, isGone } = node;
  return {
    ...place,
    key: node.key,
    isSelected: selected !== "" && selectionOf(item) === selected,
    isGone,
    name: nameOf(item),
    spans: item.type === "application",
  };
}

/** What stands in a link for it; empty for what cannot be selected. */
export function selectionOf(item: Item): string {
  if (item.type === "application") return item.application.name;
  return item.type === "process" ? item.key : "";
}

export function noteText(note: Note): string {
  switch (note.type) {
    case "failedFor":
      return filled(TREE_STRINGS.failedFor, { why: note.why });
    case "many":
      return filled(TREE_STRINGS.many, { count: count(note.count) });
    case "next":
      return filled(TREE_STRINGS.next, { shown: count(note.shown), count: count(note.count), more: count(note.more) });
    case "most":
      return filled(TREE_STRINGS.most, { shown: count(note.shown), count: count(note.count) });
    default:
      return TREE_STRINGS[note.type];
  }
}

/** Whether Return on the note does something. */
export function isAction({ type }: Note): boolean {
  return type === "silent" || type === "failed" || type === "failedFor" || type === "many" || type === "next";
}

export const COLUMNS: readonly Column<ShownNode>[] = [
  {
    id: "name",
    title: TREE_STRINGS.name,
    width: "minmax(12rem, 3fr)",
    narrowWidth: "minmax(0, 1fr)",
    narrow: true,
    cell: (shown) => firstCell(shown),
  },
  {
    id: "about",
    title: "",
    width: "minmax(6rem, 2fr)",
    cell: ({ node: { item } }) => html`<span class="muted">${aboutProcess(item)}</span>`,
  },
  { id: "pid", title: TREE_STRINGS.pid, width: "minmax(5.5rem, 0.6fr)", cell: ({ node: { item } }) => pidOf(item) },
  {
    id: "queue",
    title: TREE_STRINGS.queue,
    width: "4rem",
    numeric: true,
    cell: ({ node: { item } }) =>
      item.type === "process" && item.facts !== undefined
        ? html`${count(item.facts.queueLength)}<span class="visually-hidden"> ${TREE_STRINGS.messages}</span>`
        : "",
  },
  {
    id: "memory",
    title: TREE_STRINGS.memory,
    width: "5rem",
    narrowWidth: "5rem",
    numeric: true,
    narrow: true,
    cell: ({ node: { item } }) => (item.type === "process" && item.facts !== undefined ? bytes(item.facts.memoryBytes) : ""),
  },
];

/** A sign for the eye, and the same in a word. */
function firstCell({ node: { item, isGone }, note }: ShownNode): unknown {
  if (note !== undefined) return html`<span class=${isAction(note) ? "action" : "muted"}>${noteText(note)}</span>`;
  const about = item.type === "application" ? aboutApplication(item.application) : nothing;
  const state = isGone ? TREE_STRINGS.ended : stateOf(item);
  return html`
    <span class="sign" aria-hidden="true">${signOf(item)}</span><span>${nameOf(item)}</span>
    <span class="muted">${kindOf(item)}</span>
    ${state === "" ? nothing : html`<span class="state">${state}</span>`}
    <span class="muted">${about}</span>
  `;
}

function signOf(item: Item): string {
  if (item.type === "application") return item.application.master === undefined ? "◇" : "◆";
  if (item.type === "absent") return "○";
  return isSupervisor(item) || (item.type === "process" && item.childType === "supervisor") ? "■" : "●";
}

function kindOf(item: Item): string {
  switch (item.type) {
    case "application":
      return item.application.master === undefined && item.application.node === undefined && item.application.state !== "loaded"
        ? TREE_STRINGS.library
        : TREE_STRINGS.application;
    case "absent":
      return "";
    case "elsewhere":
      return item.edge === "startedBy" ? TREE_STRINGS.startedBy : item.edge === "linked" ? TREE_STRINGS.linkedProcess : "";
    case "process":
      if (item.edge === "startedBy") return TREE_STRINGS.startedBy;
      if (isSupervisor(item)) return TREE_STRINGS.supervisor;
      if (item.edge === "linked") return TREE_STRINGS.linkedProcess;
      return item.childType === undefined ? TREE_STRINGS.process : TREE_STRINGS[item.childType];
    default:
      return item satisfies never;
  }
}

/** What is not as usual, in words. */
function stateOf(item: Item): string {
  switch (item.type) {
    case "application":
      return item.application.node === undefined ? "" : filled(TREE_STRINGS.onNode, { node: item.application.node });
    case "absent":
      return TREE_STRINGS[item.state];
    case "elsewhere":
      return filled(TREE_STRINGS.onNode, { node: item.node });
    case "process":
      return item.facts?.isSuspended === true ? TREE_STRINGS.suspended : "";
    default:
      return item satisfies never;
  }
}

function aboutApplication({ state, version, description, processes }: Application): string {
  const counted = processes === undefined ? "" : filled(TREE_STRINGS.processes, { count: count(processes) });
  return [version, TREE_STRINGS[state], counted, description].filter((part) => part !== "").join(" · ");
}

/** What its name does not say already. */
function aboutProcess(item: Item): string {
  if (item.type !== "process") return "";
  const { id, facts } = item;
  const name = nameOf(item);
  const shownId = id === undefined || id === name ? "" : filled(TREE_STRINGS.childId, { id });
  return [shownId, facts?.label, facts?.initialCall]
    .filter((part) => part !== undefined && part !== "" && part !== name)
    .join(" · ");
}

function pidOf(item: Item): string {
  if (item.type === "process") return item.key;
  return item.type === "elsewhere" ? item.pid : "";
}
