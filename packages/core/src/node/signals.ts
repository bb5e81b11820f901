// What our processes do to others: messages, links, monitors, exits. Each becomes a control message on its way to the
// node of the other process, also when that is our own: then it goes through one queue to the same receiver, so that
// processes of one node and of two behave alike.
import { type ControlMessage, nameTerm } from "../distribution/index.ts";
import { EncodeError } from "../errors.ts";
import { atom, Pid, Reference, type Term, tuple } from "../etf/index.ts";
import { type Destination, type Named, parseDestination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import type { Identifiers } from "./identifiers.ts";
import { UnlinkIds } from "./link-table.ts";
import type { Waiter } from "./mailbox.ts";
import { type MonitorListener, MonitorTable, type Origin } from "./monitor-table.ts";
import type { AliasLife, ProcessEntry } from "./process-entry.ts";
import { Registry } from "./registry.ts";
import { SpawnRequestTable } from "./spawn-request-table.ts";

export interface MonitorOptions {
  /** The monitor's reference is an alias too (erlang:monitor/3). */
  readonly alias?: "explicit_unalias" | "demonitor" | "reply_demonitor" | undefined;
  /** Instead of the atom `'DOWN'`. */
  readonly tag?: Term | undefined;
  /** Is told instead of the mailbox. @internal */
  readonly listener?: MonitorListener | undefined;
  /** Is offered what comes by the alias, before the mailbox has it. @internal */
  readonly waiter?: Waiter | undefined;
}

/** Takes a control message from a node: a peer's name, or our own. */
export type Receiver = (from: string, control: ControlMessage, payload: Term | undefined) => void;

/** Takes a control message to another node, connecting where Erlang would. */
export type Transport = (to: string, control: ControlMessage, payload: Term | undefined) => void;

export class Signals {
  readonly identifiers: Identifiers;
  readonly registry: Registry;
  readonly monitors: MonitorTable;
  readonly spawnRequests: SpawnRequestTable;
  readonly #unlinkIds = new UnlinkIds();
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  readonly #local: { readonly control: ControlMessage; readonly payload: Term | undefined }[] = [];
  #isDelivering = false;

  constructor(identifiers: Identifiers, transport: Transport, receiver: Receiver) {
    this.identifiers = identifiers;
    this.registry = new Registry(identifiers);
    this.monitors = new MonitorTable((ref) => identifiers.key(ref));
    this.spawnRequests = new SpawnRequestTable((ref) => identifiers.key(ref));
    this.#transport = transport;
    this.#receiver = receiver;
  }

  /** Sends a control message on its way. */
  route(node: string, control: ControlMessage, payload?: Term): void {
    if (node !== this.identifiers.name) {
      this.#transport(node, control, payload);
      return;
    }
    this.#local.push({ control, payload });
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      // What one of them causes is appended, so a chain of exits of any length needs no stack.
      for (let index = 0; index < this.#local.length; index++) {
        const next = this.#local[index];
        if (next !== undefined) this.#receiver(node, next.control, next.payload);
      }
    } finally {
      this.#local.length = 0;
      this.#isDelivering = false;
    }
  }

  /**
   * `To ! Message`. Throws a TypeError for what is no destination, a RangeError for a name that nobody has on this node
   * (badarg in Erlang), an EncodeError for a message that has no external form. Anything else is silent, as in Erlang.
   */
  send(from: Pid, to: Destination, message: Term): void {
    const destination = parseDestination(to);
    if (destination instanceof Pid) {
      this.route(destination.node.name, { type: "SEND_SENDER", fromPid: from, toPid: destination }, message);
    } else if (destination instanceof Reference) {
      this.route(destination.node.name, { type: "ALIAS_SEND", fromPid: from, alias: destination }, message);
    } else {
      const { name, node } = destination;
      if (node === undefined && this.registry.find(name) === undefined) {
        throw new RangeError(`no process is registered as "${name}" on ${this.identifiers.name}`);
      }
      this.route(this.nodeOf(destination), { type: "REG_SEND", fromPid: from, toName: name }, message);
    }
  }

  /** `link(Pid)`. Throws the error `noproc` where Erlang does: for a process of this node that is not there, unless we trap exits. */
  link(entry: ProcessEntry, pid: Pid): void {
    const isSelf = this.identifiers.key(pid) === this.identifiers.key(entry.pid);
    if (isSelf) return;
    const isHere = pid.node.name === this.identifiers.name;
    if (isHere && !entry.trapExit && this.registry.find(pid) === undefined) {
      throw new ErlangError("error", atom("noproc"), [], { code: "noproc" });
    }
    if (!entry.links.link(pid)) return;
    this.route(pid.node.name, { type: "LINK", fromPid: entry.pid, toPid: pid });
  }

  unlink(entry: ProcessEntry, pid: Pid): void {
    const id = this.#unlinkIds.next();
    if (entry.links.unlink(pid, id)) this.route(pid.node.name, { type: "UNLINK_ID", id, fromPid: entry.pid, toPid: pid });
  }

  monitor(entry: ProcessEntry, target: Destination, options: MonitorOptions): Reference {
    const { alias, tag = atom("DOWN"), listener, waiter } = options;
    const destination = parseDestination(target);
    if (destination instanceof Reference)
      throw new TypeError(`${destination.toString()} is an alias; a Pid or a name can be monitored`);
    const ref = this.identifiers.newReference();
    // In Erlang a monitor of oneself is none, nor is its alias; services want to hear that the caller has ended.
    if (listener === undefined && this.#localEntry(destination) === entry) return ref;
    this.monitors.addOrigin({ ref, watcher: entry, target: destination, tag, listener });
    if (alias !== undefined) this.registry.addAlias(ref, alias, entry, waiter);
    this.route(this.nodeOf(destination), { type: "MONITOR_P", fromPid: entry.pid, toProc: procOf(destination), ref });
    return ref;
  }

  /** Says whether there was such a monitor of this process. */
  demonitor(entry: ProcessEntry, ref: Reference): boolean {
    const origin = this.monitors.origin(ref);
    if (origin === undefined || origin.watcher !== entry) return false;
    this.endMonitor(origin);
    this.#sendDemonitor(origin);
    return true;
  }

  /** Forgets a monitor, and the alias that lives as long as it. */
  endMonitor(origin: Origin): void {
    this.monitors.removeOrigin(origin);
    const life = this.registry.alias(origin.ref)?.life;
    if (life === "demonitor" || life === "reply_demonitor") this.registry.removeAlias(origin.ref);
  }

  alias(entry: ProcessEntry, life: AliasLife): Reference {
    const ref = this.identifiers.newReference();
    this.registry.addAlias(ref, life, entry);
    return ref;
  }

  /** `group_leader(Leader, Pid)`. */
  setGroupLeader(pid: Pid, leader: Pid): void {
    this.route(pid.node.name, { type: "GROUP_LEADER", leaderPid: leader, toPid: pid });
  }

  /** `exit(Pid, Reason)`. */
  exit(from: Pid, to: Pid, reason: Term): void {
    this.route(to.node.name, { type: "PAYLOAD_EXIT2", fromPid: from, toPid: to }, reason);
  }

  /** Ends a process: tells its links and monitors, and forgets it. */
  terminate(entry: ProcessEntry, reason: Term): void {
    if (entry.exitReason !== undefined) return;
    entry.exitReason = reason;
    this.registry.remove(entry);
    const { origins, targets } = this.monitors.removeProcess(entry);
    const requests = this.spawnRequests.removeProcess(entry, reason);
    const linked = entry.links.active();
    entry.links.clear();
    for (const origin of origins) this.#sendDemonitor(origin);
    for (const { as, watcher, ref } of targets) {
      this.#tell(watcher.node.name, { type: "PAYLOAD_MONITOR_P_EXIT", fromProc: as, toPid: watcher, ref }, reason);
    }
    for (const pid of linked) this.#tell(pid.node.name, { type: "PAYLOAD_EXIT", fromPid: entry.pid, toPid: pid }, reason);
    entry.mailbox.close(() => new ErlangError("exit", reason));
    for (const { listener } of [...requests, ...origins]) listener?.callerEnded(reason);
    for (const listener of entry.onExit.splice(0)) listener(reason);
  }

  /**
   * The connection to a node is lost, or did not come up because of `cause`: links, monitors and spawn requests to it end
   * with `noconnection`, those from it are forgotten.
   */
  lost(node: string, cause?: unknown): void {
    const noconnection = atom("noconnection");
    for (const entry of this.registry.processes) {
      for (const pid of entry.links.lost(node)) this.exitSignal(entry, pid, noconnection);
    }
    for (const { listener } of this.spawnRequests.removeNode(node)) listener.refused(noconnection, cause);
    for (const origin of this.monitors.removeNode(node)) this.down(origin, noconnection, cause);
  }

  /** An exit signal over a link, or from exit/2 with an ordinary reason. */
  exitSignal(entry: ProcessEntry, from: Pid, reason: Term): void {
    if (entry.trapExit) entry.mailbox.put(tuple(atom("EXIT"), from, reason));
    else if (reason !== NORMAL) this.terminate(entry, reason);
  }

  /** Delivers the message of a monitor that has fired. */
  down(origin: Origin, reason: Term, cause?: unknown): void {
    this.endMonitor(origin);
    const { watcher, tag, ref, target, listener } = origin;
    if (listener !== undefined) {
      listener.down(reason, cause);
      return;
    }
    const object = target instanceof Pid ? target : tuple(nameTerm(target.name), nameTerm(this.nodeOf(target)));
    watcher.mailbox.put(tuple(tag, ref, atom("process"), object, reason));
  }

  /** Gives the node another name, and with it all that our processes are known by. */
  rename(name: string, creation: number): void {
    const { identifiers, monitors } = this;
    const own = new Set<Pid | Reference>([...monitors.identifiers(), ...this.spawnRequests.identifiers()]);
    for (const { pid, groupLeader, aliases, links } of this.registry.processes) {
      own.add(pid).add(groupLeader);
      for (const { ref } of aliases.values()) own.add(ref);
      for (const linked of links.identifiers()) own.add(linked);
    }
    for (const identifier of own) if (!identifiers.isOwn(identifier)) own.delete(identifier);
    identifiers.rename(name, creation);
    for (const identifier of own) identifiers.move(identifier);
  }

  /** Tells that a process has ended; nobody may miss it, so a node that does not take the reason is given another. */
  #tell(node: string, control: ControlMessage, reason: Term): void {
    try {
      this.route(node, control, reason);
    } catch (error) {
      // A native record, for a node that knows none; the reason was checked otherwise.
      if (!(error instanceof EncodeError)) throw error;
      this.route(node, control, atom("badarg"));
    }
  }

  #sendDemonitor({ watcher, target, ref }: Origin): void {
    this.route(this.nodeOf(target), { type: "DEMONITOR_P", fromPid: watcher.pid, toProc: procOf(target), ref });
  }

  /** The live process of this node that is meant. */
  #localEntry(target: Pid | Named): ProcessEntry | undefined {
    return this.nodeOf(target) === this.identifiers.name ? this.registry.find(procOf(target)) : undefined;
  }

  /** The node of a monitored process. */
  nodeOf(target: Pid | Named): string {
    return target instanceof Pid ? target.node.name : (target.node ?? this.identifiers.name);
  }
}

function procOf(target: Pid | Named): Pid | string {
  return target instanceof Pid ? target : target.name;
}

const NORMAL = atom("normal");
