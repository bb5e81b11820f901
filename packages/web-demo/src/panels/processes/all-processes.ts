// All processes of a node as rows of a table, in the order of their pids: the pids come once, what they do for those in view.
import { Pid, type Term } from "@erl-dist/core";
import type { RemoteNode } from "../../remote/remote-node.ts";
import type { Rows } from "../grid/erl-grid.ts";
import { ENDED, localPid, type ProcessRow, processRow } from "./process-row.ts";
import { DESCRIBE_SOME } from "./recipes.ts";

const GUARD = { timeoutMs: 20_000, maxHeapBytes: 256 * 1024 * 1024 } as const;

export class AllProcesses implements Rows<ProcessRow> {
  readonly #changed: () => void;
  #remote: RemoteNode | undefined;
  #pids: Pid[] = [];
  #known = new Map<string, ProcessRow | undefined>();
  #range = { first: 0, last: 0 };
  #asking = false;
  #gone = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  follow(remote: RemoteNode | undefined): void {
    this.#remote = remote;
  }

  get length(): number {
    return this.#pids.length;
  }

  /** Those that have not ended. */
  get living(): number {
    return this.#pids.length - this.#gone;
  }

  keyOf(index: number): string {
    const pid = this.#pids[index];
    return pid === undefined ? String(index) : localPid(pid);
  }

  at(index: number): ProcessRow | undefined {
    const pid = this.#pids[index];
    if (pid === undefined) return undefined;
    const key = localPid(pid);
    if (!this.#known.has(key)) return undefined;
    return this.#known.get(key) ?? ended(pid, key);
  }

  isGone(index: number): boolean {
    return this.at(index)?.status === ENDED;
  }

  /** Asks for all pids, and for what is in view; gives the milliseconds that took. */
  async look(signal: AbortSignal): Promise<number> {
    const remote = this.#remote;
    if (remote === undefined) return 0;
    const start = performance.now();
    const pids = await remote.call("erlang", "processes", [], { ...GUARD, signal });
    const listed = Array.isArray(pids) ? pids.filter((pid: Term) => pid instanceof Pid) : [];
    const gone = this.#goneFromView(listed);
    this.#pids = listed;
    this.#gone = gone.length;
    this.#known.clear();
    // Those that were in view and have ended stay where they were, until the next look.
    for (const { index, pid, row } of gone) {
      this.#pids.splice(index, 0, pid);
      this.#known.set(localPid(pid), row);
    }
    await this.show(this.#range.first, this.#range.last);
    return performance.now() - start;
  }

  /** Compares numbers, and only with those in view: there may be a hundred thousand. */
  #goneFromView(listed: readonly Pid[]): { readonly index: number; readonly pid: Pid; readonly row: ProcessRow }[] {
    const { first, last } = this.#range;
    const view = new Map<number, { readonly index: number; readonly pid: Pid; readonly row: ProcessRow }>();
    for (const [offset, pid] of this.#pids.slice(first, last).entries()) {
      const row = this.#known.get(localPid(pid));
      if (row === undefined || row.status === ENDED) continue;
      view.set(pid.id, { index: first + offset, pid, row: { ...row, status: ENDED, currentFunction: "" } });
    }
    for (const { id, serial } of listed) if (view.get(id)?.pid.serial === serial) view.delete(id);
    return [...view.values()];
  }

  /** Asks what the rows from `first` up to `last` are. While an answer is awaited, only the last range that was wanted counts. */
  async show(first: number, last: number): Promise<void> {
    this.#range = { first, last };
    if (this.#asking) return;
    this.#asking = true;
    try {
      let asked: Pid[];
      do asked = await this.#askForMissing();
      while (asked.length > 0);
    } catch {
      // The next look at the whole list tells what is wrong.
    } finally {
      this.#asking = false;
    }
  }

  async #askForMissing(): Promise<Pid[]> {
    const remote = this.#remote;
    const missing = this.#pids.slice(this.#range.first, this.#range.last).filter((pid) => !this.#known.has(localPid(pid)));
    if (remote === undefined || missing.length === 0) return [];
    const infos = await remote.evaluate(DESCRIBE_SOME, { Pids: missing }, GUARD);
    if (Array.isArray(infos)) {
      for (const [index, pid] of missing.entries()) this.#known.set(localPid(pid), processRow(pid, infos[index] ?? []));
    }
    this.#changed();
    return missing;
  }
}

/** Between its pid and the question what it does. */
function ended(pid: Pid, key: string): ProcessRow {
  const nothing = { memoryBytes: 0, reductions: 0, queueLength: 0, growth: undefined };
  return { pid, key, name: "", currentFunction: "", status: ENDED, ...nothing };
}
