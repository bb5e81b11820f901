// All monitors of the node, from both ends: those that our processes hold (origins) and those held on our processes
// (targets). One on a process of ours by another of ours stands in both.
import { Pid, type Reference, type Term } from "../etf/index.ts";
import type { Named } from "./destination.ts";
import type { Key } from "./identifiers.ts";
import type { ProcessEntry } from "./process-entry.ts";

/** Is told how a monitor ends, in place of the watcher's mailbox. */
export interface MonitorListener {
  /** `cause` is why there is no connection, where that is the reason and is known. */
  down(reason: Term, cause?: unknown): void;
  /** The watcher has ended itself. */
  callerEnded(reason: Term): void;
}

/** A monitor that one of our processes holds. */
export interface Origin {
  readonly ref: Reference;
  readonly watcher: ProcessEntry;
  readonly target: Pid | Named;
  /** First element of the message, `'DOWN'` unless chosen otherwise. */
  readonly tag: Term;
  readonly listener?: MonitorListener | undefined;
}

/** A monitor on one of our processes. */
export interface Target {
  readonly ref: Reference;
  readonly watched: ProcessEntry;
  readonly watcher: Pid;
  /** As the monitor was asked for: DOWN has to name the process in the same way. */
  readonly as: Pid | string;
}

export class MonitorTable {
  readonly #origins = new Map<Key, Origin>();
  readonly #targets = new Map<Key, Target>();
  readonly #key: (ref: Reference) => Key;

  constructor(key: (ref: Reference) => Key) {
    this.#key = key;
  }

  /** Entries from both ends. */
  get size(): number {
    return this.#origins.size + this.#targets.size;
  }

  addOrigin(origin: Origin): void {
    const key = this.#key(origin.ref);
    this.#origins.set(key, origin);
    origin.watcher.monitoring.add(key);
    // A call, mostly, whose reply may be behind what fills the mailbox.
    if (origin.listener !== undefined) origin.watcher.mailbox.awaitReplies(1);
  }

  origin(ref: Reference): Origin | undefined {
    return this.#origins.get(this.#key(ref));
  }

  removeOrigin({ ref, watcher, listener }: Origin): void {
    const key = this.#key(ref);
    if (this.#origins.delete(key) && listener !== undefined) watcher.mailbox.awaitReplies(-1);
    watcher.monitoring.delete(key);
  }

  addTarget(target: Target): void {
    const key = this.#key(target.ref);
    this.#targets.set(key, target);
    target.watched.monitoredBy.add(key);
  }

  target(ref: Reference): Target | undefined {
    return this.#targets.get(this.#key(ref));
  }

  removeTarget({ ref, watched }: Target): void {
    const key = this.#key(ref);
    this.#targets.delete(key);
    watched.monitoredBy.delete(key);
  }

  /** Takes out all that a process that ends has to do with. */
  removeProcess(entry: ProcessEntry): { readonly origins: readonly Origin[]; readonly targets: readonly Target[] } {
    const origins = [...entry.monitoring].flatMap((key) => this.#origins.get(key) ?? []);
    const targets = [...entry.monitoredBy].flatMap((key) => this.#targets.get(key) ?? []);
    for (const origin of origins) this.removeOrigin(origin);
    for (const target of targets) this.removeTarget(target);
    return { origins, targets };
  }

  /** Takes out all that has to do with a lost node; gives the monitors that end with `noconnection`. */
  removeNode(node: string): readonly Origin[] {
    const isThere = ({ target }: Origin): boolean => (target instanceof Pid ? target.node.name : target.node) === node;
    const origins = [...this.#origins.values()].filter(isThere);
    for (const origin of origins) this.removeOrigin(origin);
    for (const target of this.#targets.values()) if (target.watcher.node.name === node) this.removeTarget(target);
    return origins;
  }

  /** Every identifier in the table. */
  *identifiers(): Iterable<Pid | Reference> {
    for (const { ref, target } of this.#origins.values()) {
      yield ref;
      if (target instanceof Pid) yield target;
    }
    for (const { ref, watcher } of this.#targets.values()) {
      yield ref;
      yield watcher;
    }
  }
}
