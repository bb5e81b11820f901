// Spawn requests of our processes that have not been answered (erl_dist_protocol, "SPAWN_REQUEST").
import type { Pid, Reference, Term } from "../etf/index.ts";
import type { Key } from "./identifiers.ts";
import type { MonitorListener } from "./monitor-table.ts";
import type { ProcessEntry } from "./process-entry.ts";

/** Is told what becomes of a request, by one of these calls. */
export interface SpawnListener {
  spawned(pid: Pid): void;
  /** The peer's reason, or `noconnection`; `cause` is why there is no connection, where that is known. */
  refused(reason: Term, cause?: unknown): void;
  /** The process that asked has ended itself. */
  callerEnded(reason: Term): void;
}

export interface PendingSpawn {
  readonly ref: Reference;
  readonly caller: ProcessEntry;
  readonly peer: string;
  readonly link: boolean;
  /** Without a listener the message of the monitor goes to the caller's mailbox, with this tag. */
  readonly monitor: { readonly tag: Term; readonly listener?: MonitorListener | undefined } | undefined;
  readonly listener: SpawnListener;
}

/** What is left of a request with a link when the caller ends: the new process is to end with the same reason. */
interface Orphan {
  readonly peer: string;
  readonly reason: Term;
}

export class SpawnRequestTable {
  readonly #requests = new Map<Key, PendingSpawn>();
  readonly #orphans = new Map<Key, Orphan>();
  readonly #key: (ref: Reference) => Key;

  constructor(key: (ref: Reference) => Key) {
    this.#key = key;
  }

  get size(): number {
    return this.#requests.size + this.#orphans.size;
  }

  add(request: PendingSpawn): void {
    const key = this.#key(request.ref);
    this.#requests.set(key, request);
    request.caller.spawning.add(key);
    request.caller.mailbox.awaitReplies(1);
  }

  /** The request that a peer may answer. */
  find(ref: Reference): PendingSpawn | undefined {
    return this.#requests.get(this.#key(ref));
  }

  /** Says whether it was still unanswered. */
  remove(ref: Reference): boolean {
    const key = this.#key(ref);
    const caller = this.#requests.get(key)?.caller;
    caller?.spawning.delete(key);
    caller?.mailbox.awaitReplies(-1);
    return this.#requests.delete(key);
  }

  /** The reason with which a caller ended whose request is answered now. */
  takeOrphan(ref: Reference): Term | undefined {
    const key = this.#key(ref);
    const reason = this.#orphans.get(key)?.reason;
    this.#orphans.delete(key);
    return reason;
  }

  /** Takes out the requests of a process that ends. */
  removeProcess(caller: ProcessEntry, reason: Term): readonly PendingSpawn[] {
    const requests = [...caller.spawning].flatMap((key) => this.#requests.get(key) ?? []);
    for (const { ref, peer, link } of requests) {
      this.remove(ref);
      if (link) this.#orphans.set(this.#key(ref), { peer, reason });
    }
    return requests;
  }

  /** Takes out the requests to a lost node. */
  removeNode(node: string): readonly PendingSpawn[] {
    for (const [key, { peer }] of this.#orphans) if (peer === node) this.#orphans.delete(key);
    const requests = [...this.#requests.values()].filter(({ peer }) => peer === node);
    for (const { ref } of requests) this.remove(ref);
    return requests;
  }

  /** Every identifier in the table. */
  *identifiers(): Iterable<Reference> {
    for (const { ref } of this.#requests.values()) yield ref;
  }
}
