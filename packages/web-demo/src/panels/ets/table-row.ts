// What the node says of its tables and of what is in them.
import { Atom, atom, format, Pid, type Term, Tuple } from "@erl-dist/core";
import type { Words } from "../../words.ts";
import { localPid } from "../processes/process-row.ts";
import { type Extent, largeBytes, type Redact, shownText } from "../shown-term.ts";
import type { PanelKey } from "../strings.ts";

export interface TableRow {
  /** The name of a named table, else its reference. */
  readonly table: Term;
  /** The same as text. */
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly memoryBytes: number;
  /** `set`, `ordered_set`, `bag`, `duplicate_bag`; DELETED. */
  readonly type: string;
  /** `public`, `protected`: anybody reads; `private`: only the owner. */
  readonly protection: string;
  readonly owner: string;
}

/** What a table that has gone is said to be, where its type stood. */
export const DELETED = "deleted";

export interface Tables {
  readonly total: number;
  readonly rows: readonly TableRow[];
  /** The keys of those that were asked about and have gone. */
  readonly gone: ReadonlySet<string>;
}

export function tablesOf(answer: Term): Tables {
  // {Total, [{Table, Name, Size, Bytes, Type, Protection, Owner, OwnerName}], Gone}
  const [total, listed, gone] = answer instanceof Tuple ? answer.elements : [];
  const rows = (Array.isArray(listed) ? listed : []).flatMap((each) => {
    if (!(each instanceof Tuple) || each.length !== 8) return [];
    // Eight, as checked.
    const [table, name, size, memory, type, protection, owner, ownerName] = each.elements as readonly [
      Term,
      Term,
      Term,
      Term,
      Term,
      Term,
      Term,
      Term,
    ];
    const pid = owner instanceof Pid ? localPid(owner) : "";
    return {
      table,
      key: format(table),
      name: nameText(name),
      size: Number(size),
      memoryBytes: Number(memory),
      type: format(type),
      protection: format(protection),
      owner: ownerName === NONE ? pid : `${nameText(ownerName)} ${pid}`,
    };
  });
  return { total: Number(total), rows, gone: new Set((Array.isArray(gone) ? gone : []).map((table) => format(table))) };
}

export type Page =
  | {
      readonly type: "objects";
      readonly texts: readonly string[];
      readonly largeBytes: number;
      readonly continuation: Term | undefined;
    }
  | { readonly type: "private" | "gone" };

export function pageOf(answer: Term, redact: Redact | undefined, extent: Extent, words: Words<PanelKey>): Page {
  if (!(answer instanceof Tuple)) return { type: answer === PRIVATE ? "private" : "gone" };
  // {[Shown], done | {more, Continuation}}
  const [shown, rest] = answer.elements;
  const objects = Array.isArray(shown) ? shown : [];
  const texts = objects.map((each) => shownText(each, redact, extent, words));
  const large = objects.reduce<number>((sum, each) => sum + largeBytes(each), 0);
  return { type: "objects", texts, largeBytes: large, continuation: rest instanceof Tuple ? rest.at(1) : undefined };
}

function nameText(name: Term): string {
  return name instanceof Atom ? name.name : format(name);
}

const NONE = atom("none");
const PRIVATE = atom("private");
