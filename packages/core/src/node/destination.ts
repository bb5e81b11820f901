// Where a message goes: the right side of `!`.
import { Atom, atom, Pid, Reference, type Term, Tuple } from "../etf/index.ts";
import { checkNodeName } from "../handshake/index.ts";

/**
 * A pid, an alias (a reference), the name of a process of this node, or a name on another node. Atoms do for names, and
 * `{Name, Node}` may be a tuple as Erlang writes it.
 */
export type Destination =
  | Pid
  | Reference
  | Atom
  | string
  | { readonly name: string | Atom; readonly node: string | Atom }
  | Tuple<readonly [Term, Term]>;

/** A named process; without a node, one of our own node, whatever that is called. */
export interface Named {
  readonly name: string;
  readonly node: string | undefined;
}

/** Reads a destination. Throws a TypeError that says what is wrong with it. */
export function parseDestination(to: Destination): Pid | Reference | Named {
  if (to instanceof Pid || to instanceof Reference) return to;
  if (typeof to === "string" || to instanceof Atom) return { name: nameOf(to, "the registered name"), node: undefined };
  if (to instanceof Tuple && to.length === 2) return remote(to.at(0), to.at(1));
  // Programs without types hand in anything; what is no object has no name.
  const { name, node } = Object(to) as { readonly name?: unknown; readonly node?: unknown };
  if (name === undefined || node === undefined) {
    throw new TypeError(`a message goes to a Pid, an alias, a registered name or { name, node }, not to ${show(to)}`);
  }
  return remote(name, node);
}

function remote(name: unknown, node: unknown): Named {
  return { name: nameOf(name, "the registered name"), node: checkNode(nameOf(node, "the node")) };
}

/** Throws a TypeError unless it can be the full name of a node. */
export function checkNode(node: string): string {
  checkNodeName(node, TypeError);
  return node;
}

function nameOf(value: unknown, what: string): string {
  const name = value instanceof Atom ? value.name : value;
  if (typeof name !== "string") throw new TypeError(`${what} is a string or an atom, not ${show(value)}`);
  // Refuses what no atom can hold.
  return atom(name).name;
}

function show(value: unknown): string {
  return typeof value === "object" && value !== null && !("toString" in value) ? "an object" : String(value);
}
