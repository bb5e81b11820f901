// Process groups, as a peer of OTP's pg: each node has one process for a scope, under the scope's name, and these tell each
// other who of their own node is in which group. There is no order between what different nodes tell.
//
// OTP's pg looks for others when a node comes up, but does not see hidden nodes, as we are. So we are the ones to ask: at once
// when a node comes up, and again now and then as long as its pg has not answered, since it may be started any time.
import { atom, equals, Pid, type Reference, type Term, termKey, Tuple } from "../etf/index.ts";
import { memberKey, PgMembers, type GroupMembers } from "./pg-members.ts";
import {
  discoverMessage,
  joinMessage,
  leaveMessage,
  parsePgMessage,
  type PgChange,
  type PgMessage,
  type PgVersion,
  syncMessage,
} from "./pg-messages.ts";
import { Process } from "./process.ts";

/** What a scope needs of its node. */
export interface PgNode {
  nodes(): string[];
  spawn(): Process;
  addEventListener(type: "nodeup", listener: () => void): void;
  removeEventListener(type: "nodeup", listener: () => void): void;
}

export interface PgOptions {
  /** How long to wait before a node without an answer is asked again: at first, growing to `maxDiscoverMs`. Defaults 250 and 30,000. */
  readonly discoverMs?: number | undefined;
  readonly maxDiscoverMs?: number | undefined;
}

/** Processes joined a group or left it, here or on another node; as messages of pg:monitor_scope/1. */
export class GroupEvent extends Event {
  declare readonly type: "join" | "leave";
  readonly group: Term;
  readonly pids: readonly Pid[];

  constructor(type: "join" | "leave", group: Term, pids: readonly Pid[]) {
    super(type);
    this.group = group;
    this.pids = pids;
  }
}

/** Who joins or leaves: processes of this node. */
export type Joining = Process | Pid | readonly (Process | Pid)[];

/** The scope's process on another node. */
interface Peer {
  readonly pid: Pid;
  readonly monitor: Reference;
  version: PgVersion;
  /** It has been told all, and is told of every change. */
  isTold: boolean;
}

/** A process of ours, and how often it is in which group. */
interface Member {
  readonly pid: Pid;
  readonly monitor: Reference;
  readonly groups: Map<string, { readonly group: Term; count: number }>;
}

/** The source of our own members. */
const OWN = "";

/**
 * A scope of process groups, started by `pg`. Emits "join" and "leave" (GroupEvent) for every change. A member that ends leaves
 * all its groups, and those of a node that is lost leave too; when it comes back, so do they.
 */
export class ProcessGroups extends EventTarget {
  readonly scope: string;
  readonly #node: PgNode;
  readonly #self: Process;
  readonly #members = new PgMembers();
  readonly #own = new Map<string, Member>();
  /** By their pids. */
  readonly #peers = new Map<string, Peer>();
  readonly #discoverMs: number;
  readonly #maxDiscoverMs: number;
  #delayMs: number;
  #timer: TimerHandle | undefined;

  /** Use `pg`. @internal */
  constructor(node: PgNode, scope: string, { discoverMs = 250, maxDiscoverMs = 30_000 }: PgOptions) {
    super();
    this.scope = scope;
    this.#node = node;
    this.#discoverMs = this.#delayMs = discoverMs;
    this.#maxDiscoverMs = maxDiscoverMs;
    this.#self = node.spawn();
    try {
      this.#self.register(scope);
    } catch (error) {
      this.#self.exit(atom("normal"));
      throw error;
    }
    node.addEventListener("nodeup", this.#onNodeUp);
    void this.#self.exited.then(() => this.#ended());
    void this.#serve();
    this.#discoverAll();
  }

  /** The scope's process. */
  get pid(): Pid {
    return this.#self.pid;
  }

  /** `pg:join/3`. Throws a RangeError unless all are processes of this node; then none has joined. */
  join(group: Term, who: Joining): void {
    const pids = this.#pidsOf(who);
    if (pids.length === 0) return;
    for (const pid of pids) this.#joined(pid, group);
    this.#members.join(OWN, group, pids);
    this.#tell((peer) => joinMessage(this.pid, peer.version, group, pids));
    this.dispatchEvent(new GroupEvent("join", group, pids));
  }

  /** `pg:leave/3`: once for each time that it joined. Says whether any was a member (`ok`, or `not_joined`). */
  leave(group: Term, who: Joining): boolean {
    const left = this.#leave(group, this.#pidsOf(who));
    for (const pid of left) this.#left(pid, group);
    return left.length > 0;
  }

  /** `pg:get_members/2`: in no special order, and each as often as it joined. */
  members(group: Term): Pid[] {
    return this.#members.members(group);
  }

  /** `pg:get_local_members/2`: those of this node. */
  localMembers(group: Term): Pid[] {
    return this.#members.members(group, OWN);
  }

  /** `pg:which_groups/1`: all groups that have members. */
  groups(): Term[] {
    return this.#members.groups();
  }

  /** `pg:which_local_groups/1`: those that have members of this node. */
  localGroups(): Term[] {
    return this.#members.groups(OWN);
  }

  /** The nodes that this scope is shared with. */
  nodes(): string[] {
    return [...this.#peers.values()].map(({ pid }) => pid.node.name);
  }

  /** Ends the scope on this node; for others our members have left. */
  stop(): void {
    if (this.#self.isAlive) this.#self.exit(atom("shutdown"));
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  override addEventListener(
    type: "join" | "leave",
    listener: (event: GroupEvent) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    // The overloads above say which event each type has.
    listener: ((event: never) => void) | EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
  }

  async #serve(): Promise<void> {
    for await (const message of this.#self) {
      const parsed = parsePgMessage(message);
      // A process of our own node has no other scope of this name.
      if (parsed === undefined) this.#down(message);
      else if (parsed.peer.node.name !== this.#self.node) this.#receive(parsed);
    }
  }

  #receive(message: PgMessage): void {
    switch (message.type) {
      case "discover":
        this.#discovered(message.peer, message.version);
        return;
      case "sync":
        this.#synced(this.#peers.get(termKey(message.peer)) ?? this.#newPeer(message.peer, 0), message.content);
        return;
      case "update": {
        // From one that we do not know, because its node went down meanwhile, it means nothing.
        const key = termKey(message.peer);
        if (this.#peers.has(key)) this.#update(key, message.changes);
        return;
      }
      default:
        message satisfies never;
    }
  }

  #discovered(pid: Pid, version: PgVersion): void {
    const known = this.#peers.get(termKey(pid));
    const peer = known ?? this.#newPeer(pid, version);
    // Who once knew version 1 does so still, whichever way it answers us.
    if (version > peer.version) peer.version = version;
    peer.isTold = true;
    this.#send(pid, syncMessage(this.pid, peer.version, this.#members.content(OWN)));
    if (known === undefined) this.#send(pid, discoverMessage(this.pid));
  }

  #newPeer(pid: Pid, version: PgVersion): Peer {
    const peer = { pid, monitor: this.#self.monitor(pid), version, isTold: false };
    this.#peers.set(termKey(pid), peer);
    return peer;
  }

  /** What a peer says it has, in place of all that it said before. */
  #synced({ pid }: Peer, content: readonly GroupMembers[]): void {
    const source = termKey(pid);
    const old = new Map(this.#members.content(source).map((each) => [termKey(each.group), each]));
    const changes: PgChange[] = [];
    for (const { group, pids } of content) {
      const before = old.get(termKey(group))?.pids ?? [];
      old.delete(termKey(group));
      changes.push({ group, joined: without(pids, before), left: without(before, pids) });
    }
    for (const { group, pids } of old.values()) changes.push({ group, joined: [], left: pids });
    this.#update(source, changes);
  }

  #update(source: string, changes: readonly PgChange[]): void {
    for (const { group, joined, left } of changes) {
      const gone = this.#members.leave(source, group, left);
      this.#members.join(source, group, joined);
      if (joined.length > 0) this.dispatchEvent(new GroupEvent("join", group, joined));
      if (gone.length > 0) this.dispatchEvent(new GroupEvent("leave", group, gone));
    }
  }

  /** `{'DOWN', Ref, process, Pid, Reason}` of a peer or a member. */
  #down(message: Term): void {
    if (!(message instanceof Tuple) || message.length !== 5) return;
    const [, ref, , pid] = message.elements as readonly [Term, Term, Term, Term, Term];
    if (!(pid instanceof Pid)) return;
    const key = termKey(pid);
    const peer = this.#peers.get(key);
    if (peer !== undefined && equals(ref, peer.monitor)) {
      this.#peers.delete(key);
      this.#synced(peer, []);
      this.#delayMs = this.#discoverMs;
      // Its node may be there still, and its pg come back.
      this.#discoverAll();
      return;
    }
    const member = this.#own.get(memberKey(pid));
    if (member === undefined || !equals(ref, member.monitor)) return;
    this.#own.delete(memberKey(pid));
    for (const { group, count } of member.groups.values()) this.#leave(group, Array<Pid>(count).fill(member.pid));
  }

  #leave(group: Term, pids: readonly Pid[]): Pid[] {
    const left = this.#members.leave(OWN, group, pids);
    if (left.length === 0) return left;
    this.#tell((peer) => leaveMessage(this.pid, peer.version, group, left));
    this.dispatchEvent(new GroupEvent("leave", group, left));
    return left;
  }

  #joined(pid: Pid, group: Term): void {
    let member = this.#own.get(memberKey(pid));
    if (member === undefined) {
      member = { pid, monitor: this.#self.monitor(pid), groups: new Map() };
      this.#own.set(memberKey(pid), member);
    }
    const membership = member.groups.get(termKey(group));
    if (membership === undefined) member.groups.set(termKey(group), { group, count: 1 });
    else membership.count += 1;
  }

  #left(pid: Pid, group: Term): void {
    const member = this.#own.get(memberKey(pid));
    const membership = member?.groups.get(termKey(group));
    if (member === undefined || membership === undefined || --membership.count > 0) return;
    member.groups.delete(termKey(group));
    if (member.groups.size > 0) return;
    this.#own.delete(memberKey(pid));
    this.#self.demonitor(member.monitor, { flush: true });
  }

  #pidsOf(who: Joining): Pid[] {
    const all = Array.isArray(who) ? (who as readonly (Process | Pid)[]) : [who as Process | Pid];
    return all.map((each) => {
      const pid = each instanceof Process ? each.pid : each;
      const { node, creation } = this.pid;
      const isOurs = pid.node.name === node.name && pid.creation === creation;
      if (!isOurs) throw new RangeError(`${pid.toString()} is no process of ${node.name}`);
      return pid;
    });
  }

  /** To all who have been told the rest. */
  #tell(messageFor: (peer: Peer) => Term): void {
    for (const peer of this.#peers.values()) if (peer.isTold) this.#send(peer.pid, messageFor(peer));
  }

  /** Never connects: who is not there has lost its pg or its node. */
  #send(to: Pid, message: Term): void {
    if (this.#node.nodes().includes(to.node.name)) this.#self.send(to, message);
  }

  readonly #onNodeUp = (): void => {
    this.#delayMs = this.#discoverMs;
    this.#discoverAll();
  };

  /** Asks each node that has not answered, and again later as long as there is one. */
  #discoverAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#self.isAlive) return;
    const known = new Set(this.nodes());
    const unknown = this.#node.nodes().filter((node) => !known.has(node));
    for (const node of unknown) this.#self.send({ name: this.scope, node }, discoverMessage(this.pid));
    if (unknown.length === 0) return;
    this.#timer = setTimeout(() => this.#discoverAll(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, this.#maxDiscoverMs);
  }

  #ended(): void {
    clearTimeout(this.#timer);
    this.#node.removeEventListener("nodeup", this.#onNodeUp);
    this.#peers.clear();
    this.#own.clear();
  }
}

/** `--`: each occurrence of the one list takes one from the other. */
function without(pids: readonly Pid[], taken: readonly Pid[]): Pid[] {
  const counts = new Map<string, number>();
  for (const pid of taken) counts.set(memberKey(pid), (counts.get(memberKey(pid)) ?? 0) + 1);
  return pids.filter((pid) => {
    const count = counts.get(memberKey(pid)) ?? 0;
    counts.set(memberKey(pid), count - 1);
    return count <= 0;
  });
}

/**
 * Starts a scope of process groups (`pg:start_link/1`), by default that of the same name as OTP's own; which there runs only
 * where it is started (`{kernel, start_pg, true}`, or by a program). It ends with the node. Throws a RangeError when the
 * name is registered already: there is one scope of a name on a node.
 */
export function pg(node: PgNode, scope = "pg", options: PgOptions = {}): ProcessGroups {
  return new ProcessGroups(node, scope, options);
}
