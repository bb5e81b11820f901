// How a row of the tree looks. A screen reader says the same, and a word where the eye has the head of the column.
import { html, nothing } from "lit";
import { perWords, type Words } from "../../words.ts";
import type { Column } from "../grid/erl-grid.ts";
import type { PanelKey } from "../strings.ts";
import type { TreeRow } from "./erl-treeview.ts";
import type { Note, ShownNode } from "./process-tree.ts";
import type { TreeKey } from "./strings.ts";
import { type Application, isSupervisor, type Item, nameOf } from "./tree-row.ts";

export type TreeWords = Words<TreeKey | PanelKey>;

export function treeRow(shown: ShownNode, selected: string): TreeRow<ShownNode> {
  const { node, note, level, position, setSize, isExpanded, isForced } = shown;
  const place = { level, position, setSize, isExpanded, isForced, value: shown };
  if (note !== undefined) {
    // Another note is another row: who has followed one is to be where it stood, at the first of the rows that came for it.
    const key = `${node.key}/note ${note.type} ${note.type === "next" ? note.shown : ""}`;
    return { ...place, key, isSelected: false, isGone: false, name: "", spans: true };
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

export function noteText(note: Note, words: TreeWords): string {
  switch (note.type) {
    case "failedFor":
      return words.say("tree_failedFor", { why: note.why(words) });
    case "many":
      return words.many("tree_many", note.count);
    case "next":
      return words.say("tree_next", {
        shown: words.count(note.shown),
        count: words.count(note.count),
        more: words.count(note.more),
      });
    case "most":
      return words.say("tree_most", { shown: words.count(note.shown), count: words.count(note.count) });
    default:
      return words.say(`tree_${note.type}`);
  }
}

/** Whether Return on the note does something. */
export function isAction({ type }: Note): boolean {
  return type === "silent" || type === "failed" || type === "failedFor" || type === "many" || type === "next";
}

export const columns: (words: TreeWords) => readonly Column<ShownNode>[] = perWords((words) => [
  {
    id: "name",
    title: words.say("tree_name"),
    width: "minmax(12rem, 3fr)",
    narrowWidth: "minmax(0, 1fr)",
    narrow: true,
    cell: (shown) => firstCell(shown, words),
  },
  {
    id: "about",
    title: "",
    width: "minmax(6rem, 2fr)",
    cell: ({ node: { item } }) => html`<span class="muted">${aboutProcess(item, words)}</span>`,
  },
  { id: "pid", title: words.say("tree_pid"), width: "minmax(5.5rem, 0.6fr)", cell: ({ node: { item } }) => pidOf(item) },
  {
    id: "queue",
    title: words.say("tree_queue"),
    width: "4rem",
    numeric: true,
    cell: ({ node: { item } }) =>
      item.type === "process" && item.facts !== undefined
        ? html`${words.count(item.facts.queueLength)}<span class="visually-hidden"> ${words.say("tree_messages")}</span>`
        : "",
  },
  {
    id: "memory",
    title: words.say("tree_memory"),
    width: "5rem",
    narrowWidth: "5rem",
    numeric: true,
    narrow: true,
    cell: ({ node: { item } }) =>
      item.type === "process" && item.facts !== undefined ? words.bytes(item.facts.memoryBytes) : "",
  },
]);

/** A sign for the eye, and the same in a word. */
function firstCell({ node: { item, isGone }, note }: ShownNode, words: TreeWords): unknown {
  if (note !== undefined) return html`<span class=${isAction(note) ? "action" : "muted"}>${noteText(note, words)}</span>`;
  const about = item.type === "application" ? aboutApplication(item.application, words) : nothing;
  const state = isGone ? words.say("tree_ended") : stateOf(item, words);
  return html`
    <span class="sign" aria-hidden="true">${signOf(item)}</span><span>${nameOf(item)}</span>
    <span class="muted">${kindOf(item, words)}</span>
    ${state === "" ? nothing : html`<span class="state">${state}</span>`}
    <span class="muted">${about}</span>
  `;
}

function signOf(item: Item): string {
  if (item.type === "application") return item.application.master === undefined ? "◇" : "◆";
  if (item.type === "absent") return "○";
  return isSupervisor(item) || (item.type === "process" && item.childType === "supervisor") ? "■" : "●";
}

function kindOf(item: Item, words: TreeWords): string {
  switch (item.type) {
    case "application":
      return item.application.master === undefined && item.application.node === undefined && item.application.state !== "loaded"
        ? words.say("tree_library")
        : words.say("tree_application");
    case "absent":
      return "";
    case "elsewhere":
      return item.edge === "startedBy"
        ? words.say("tree_startedBy")
        : item.edge === "linked"
          ? words.say("tree_linkedProcess")
          : "";
    case "process":
      if (item.edge === "startedBy") return words.say("tree_startedBy");
      if (isSupervisor(item)) return words.say("tree_supervisor");
      if (item.edge === "linked") return words.say("tree_linkedProcess");
      return item.childType === undefined ? words.say("tree_process") : words.say(`tree_${item.childType}`);
    default:
      return item satisfies never;
  }
}

/** What is not as usual, in words. */
function stateOf(item: Item, words: TreeWords): string {
  switch (item.type) {
    case "application":
      return item.application.node === undefined ? "" : words.say("tree_onNode", { node: item.application.node });
    case "absent":
      return words.say(`tree_${item.state}`);
    case "elsewhere":
      return words.say("tree_onNode", { node: item.node });
    case "process":
      return item.facts?.isSuspended === true ? words.say("tree_suspended") : "";
    default:
      return item satisfies never;
  }
}

function aboutApplication({ state, version, description, processes }: Application, words: TreeWords): string {
  const counted = processes === undefined ? "" : words.many("tree_processes", processes);
  return [version, words.say(`tree_${state}`), counted, description].filter((part) => part !== "").join(" · ");
}

/** What its name does not say already. */
function aboutProcess(item: Item, words: TreeWords): string {
  if (item.type !== "process") return "";
  const { id, facts } = item;
  const name = nameOf(item);
  const shownId = id === undefined || id === name ? "" : words.say("tree_childId", { id });
  return [shownId, facts?.label, facts?.initialCall]
    .filter((part) => part !== undefined && part !== "" && part !== name)
    .join(" · ");
}

function pidOf(item: Item): string {
  if (item.type === "process") return item.key;
  return item.type === "elsewhere" ? item.pid : "";
}
