// Who is a member of which group of a scope, and who told us: one's own node, or the scope's process of another one. A process
// may be a member several times, and is told as often.
import { type Pid, type Term, termKey } from "../etf/index.ts";

/** A group with some of its members. */
export interface GroupMembers {
  readonly group: Term;
  readonly pids: readonly Pid[];
}

interface Membership {
  readonly pid: Pid;
  count: number;
}

interface Group {
  readonly group: Term;
  /** By source, then by pid. */
  readonly sources: Map<string, Map<string, Membership>>;
}

export class PgMembers {
  readonly #groups = new Map<string, Group>();

  /** All groups that have members, or those that have some of this source. */
  groups(source?: string): Term[] {
    const all = [...this.#groups.values()];
    return all.filter(({ sources }) => source === undefined || sources.has(source)).map(({ group }) => group);
  }

  /** The members of a group, or those of this source. */
  members(group: Term, source?: string): Pid[] {
    const sources = this.#groups.get(termKey(group))?.sources;
    if (sources === undefined) return [];
    if (source !== undefined) return pidsOf(sources.get(source));
    return [...sources.values()].flatMap(pidsOf);
  }

  /** All that a source has told. */
  content(source: string): GroupMembers[] {
    return this.groups(source).map((group) => ({ group, pids: this.members(group, source) }));
  }

  join(source: string, group: Term, pids: readonly Pid[]): void {
    if (pids.length === 0) return;
    const key = termKey(group);
    let entry = this.#groups.get(key);
    if (entry === undefined) this.#groups.set(key, (entry = { group, sources: new Map() }));
    let memberships = entry.sources.get(source);
    if (memberships === undefined) entry.sources.set(source, (memberships = new Map()));
    for (const pid of pids) {
      const membership = memberships.get(memberKey(pid));
      if (membership === undefined) memberships.set(memberKey(pid), { pid, count: 1 });
      else membership.count += 1;
    }
  }

  /** Gives those that were members, as often as they now are so no more. */
  leave(source: string, group: Term, pids: readonly Pid[]): Pid[] {
    const key = termKey(group);
    const entry = this.#groups.get(key);
    const memberships = entry?.sources.get(source);
    if (entry === undefined || memberships === undefined) return [];
    const left = pids.filter((pid) => {
      const membership = memberships.get(memberKey(pid));
      if (membership === undefined) return false;
      membership.count -= 1;
      if (membership.count === 0) memberships.delete(memberKey(pid));
      return true;
    });
    if (memberships.size === 0) entry.sources.delete(source);
    if (entry.sources.size === 0) this.#groups.delete(key);
    return left;
  }
}

/** Each as often as it joined. */
function pidsOf(memberships: ReadonlyMap<string, Membership> | undefined): Pid[] {
  return [...(memberships?.values() ?? [])].flatMap(({ pid, count }) => Array<Pid>(count).fill(pid));
}

/** Within one source, where all pids are of one node: a node that is given its name then has other pids, which are the same. */
export function memberKey({ id, serial }: Pid): string {
  return `${id}.${serial}`;
}
