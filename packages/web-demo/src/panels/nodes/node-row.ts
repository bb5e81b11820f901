// The nodes that the node is connected to, as it tells.
import { Atom, atom, format, NO_NAME, type Term, Tuple } from "@erl-dist/core";
import type { RemoteFunction } from "../../remote/remote-function.ts";

export interface NodeRow {
  readonly name: string;
  /** `visible` takes part in the cluster; `hidden` does not, like this page; `known` is not connected now. */
  readonly kind: "visible" | "hidden" | "known";
  /** As the node's kernel has it: `up`, `pending`; undefined for one that is not connected. */
  readonly state: string | undefined;
  /** Packets since the connection was made. */
  readonly received: number | undefined;
  readonly sent: number | undefined;
  readonly isThisPage: boolean;
}

export const NODES_CALLS: readonly RemoteFunction[] = [
  ["erlang", "nodes", [atom("visible")]],
  ["erlang", "nodes", [atom("hidden")]],
  ["erlang", "nodes", [atom("known")]],
  ["net_kernel", "nodes_info", []],
];

/** By name, connected ones first; neither the node itself nor names of which it knows no more than that they exist. */
export function nodeRows([visible, hidden, known, info]: readonly Term[], node: string, ownName: string): NodeRow[] {
  const details = new Map(infosOf(info).map((entry) => [entry.name, entry]));
  const row =
    (kind: NodeRow["kind"]) =>
    (name: string): NodeRow => ({
      name,
      kind,
      state: details.get(name)?.state ?? (kind === "known" ? undefined : "up"),
      received: details.get(name)?.received,
      sent: details.get(name)?.sent,
      isThisPage: name === ownName,
    });
  const connected = [...names(visible).map(row("visible")), ...names(hidden).map(row("hidden"))];
  // The node's own name before it had one is known to it, too.
  const listed = new Set([node, NO_NAME, ...connected.map(({ name }) => name)]);
  const others = names(known).filter((name) => !listed.has(name));
  const byName = (a: NodeRow, b: NodeRow): number => a.name.localeCompare(b.name);
  return [...connected.toSorted(byName), ...others.map(row("known")).toSorted(byName)];
}

/** How a node is shown that the next rows do not have as it was: undefined for one that is connected still, or was not before. */
export function lostRow(row: NodeRow, next: readonly NodeRow[]): NodeRow | undefined {
  const now = next.find(({ name }) => name === row.name);
  const isLost = now === undefined || (now.kind === "known" && row.kind !== "known");
  return isLost ? { ...row, state: undefined } : undefined;
}

function names(term: Term | undefined): string[] {
  return (Array.isArray(term) ? term : []).flatMap((each) => (each instanceof Atom ? [each.name] : []));
}

interface Info {
  readonly name: string;
  readonly state: string | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
}

/** `{ok, [{Node, [{state, up}, {in, N}, {out, N}, …]}]}` */
function infosOf(info: Term | undefined): Info[] {
  const listed = info instanceof Tuple ? info.at(1) : [];
  return (Array.isArray(listed) ? listed : []).flatMap((each) => {
    if (!(each instanceof Tuple) || !(each.at(0) instanceof Atom)) return [];
    // Items are pairs with an atom first.
    const items = (each.at(1) as Term[]).filter((item) => item instanceof Tuple);
    const item = (key: string): Term | undefined => items.find((pair) => pair.at(0) === atom(key))?.at(1);
    const number = (key: string): number | undefined => (item(key) === undefined ? undefined : Number(item(key)));
    const state = item("state");
    const name = (each.at(0) as Atom).name;
    return [{ name, state: state === undefined ? undefined : format(state), received: number("in"), sent: number("out") }];
  });
}
