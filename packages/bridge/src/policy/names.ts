// How pages are called on a node: a name that the node has not seen before costs it an atom for good, so there are only as many as
// somebody has written down, or the node picks them itself from a pool of its own.
import { checkHost, checkNodeName } from "@erl-dist/core/handshake";
import type { GivenName } from "./handshake-gate.ts";

/** What a target's names are. A token may say something narrower for its bearer. */
export type NameRule =
  /** The node gives names, as in `2SSEA379LVGSM@web`; `host` is the part behind the `@`, by default "web". */
  | { readonly type: "dynamic"; readonly host?: string | undefined }
  /** One name, for one page at a time; a new connection takes the place of the old one. */
  | { readonly type: "pin"; readonly name: string }
  /** Each page gets one that no other has. */
  | { readonly type: "pool"; readonly names: readonly string[] };

export const DEFAULT_NAME_RULE: NameRule = { type: "dynamic" };

/** Throws a RangeError for what no Erlang node could be called. */
export function checkNameRule(rule: NameRule): void {
  switch (rule.type) {
    case "dynamic":
      return checkHost(rule.host ?? DEFAULT_HOST);
    case "pin":
      return checkNodeName(rule.name);
    case "pool":
      if (rule.names.length === 0) throw new RangeError("a pool of names has at least one");
      return rule.names.forEach((name) => checkNodeName(name));
    default:
      return rule satisfies never;
  }
}

const DEFAULT_HOST = "web";

/** Who has which name of the pools of one target. */
export class NamesInUse {
  readonly #taken = new Set<string>();

  /** A name by that rule; undefined when all are taken. Give it back when the link is gone. */
  take(rule: NameRule): GivenName | undefined {
    switch (rule.type) {
      case "dynamic":
        return { type: "dynamic", host: rule.host ?? DEFAULT_HOST };
      case "pin":
        return { type: "fixed", name: rule.name, owned: true };
      case "pool": {
        const name = rule.names.find((each) => !this.#taken.has(each));
        if (name === undefined) return undefined;
        this.#taken.add(name);
        return { type: "fixed", name, owned: false };
      }
      default:
        return rule satisfies never;
    }
  }

  release(given: GivenName): void {
    if (given.type === "fixed" && !given.owned) this.#taken.delete(given.name);
  }
}
