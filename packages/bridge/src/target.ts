import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { AddressRules } from "./addresses.ts";
import type { NameRule, Stage } from "./policy/index.ts";

/** A node that pages may reach, under an id: a page never names an address. */
export interface Target extends AddressRules {
  /**
   * Full name, as `"app@127.0.0.1"`. With stars it stands for many nodes, as `"app*@*.example.org"`: a page asks for one by its
   * full name, and a star is one or more of letters, digits, `_` and `-`.
   */
  readonly node: string;
  /** In what a Dial or a stage gets: the pattern that the page's name fits. */
  readonly pattern?: string | undefined;
  /** Address to dial instead of the host part of the name. */
  readonly host?: string | undefined;
  /** The node's distribution port, where it is fixed; otherwise EPMD is asked. */
  readonly portNo?: number | undefined;
  /** EPMD's port on that host, by default the bridge's setting. */
  readonly epmdPortNo?: number | undefined;
  /** For a node that runs with `-proto_dist inet_tls`: `ca`, `cert`, `key` and so on; `{}` for what the system trusts. */
  readonly tls?: ConnectionOptions | undefined;
  /** The node's cookie, for level `custody`; by default the bridge's for all targets. */
  readonly cookie?: string | undefined;
  /** How pages are called on the node; by default the node gives them names. */
  readonly names?: NameRule | undefined;
  /** Links at once; by default as many as the bridge takes. */
  readonly links?: number | undefined;
}

/**
 * Reaches a target. Rejects with a DialError or a ConnectionError that says which step failed. Gives up when the signal is
 * aborted; a socket that comes after that is destroyed by the bridge.
 */
export type Dial = (target: Target, signal: AbortSignal) => Promise<Socket>;

/** Makes what looks at the bytes of one link on their way; undefined for nothing. `now` is the time of the link's own clock. */
export type StageFactory = (target: Target, now: number) => Stage | undefined;

export function isPattern({ node }: Target): boolean {
  return node.includes("*");
}

/** The target that a page asks for: by its id, or as one of the nodes that a pattern stands for. */
export function findTarget(targets: ReadonlyMap<string, Target>, id: string): Target | undefined {
  const named = targets.get(id);
  if (named !== undefined && !isPattern(named)) return named;
  for (const target of targets.values()) {
    if (isPattern(target) && patternOf(target.node).test(id)) return { ...target, node: id, pattern: target.node };
  }
  return undefined;
}

function patternOf(node: string): RegExp {
  const literals = node.split("*").map((text) => text.replaceAll(/[^\w@-]/g, "\\$&"));
  return new RegExp(`^${literals.join("[\\w-]+")}$`);
}
