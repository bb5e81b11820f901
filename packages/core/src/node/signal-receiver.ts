// What a node does with each control message from a peer, or from itself (erl_dist_protocol, "Protocol between Connected
// Nodes"). Nobody may be left hanging: a link or a monitor on nobody is answered with `noproc`, an unlink is always
// acknowledged, a spawn request always replied to.
import { ALTACT, type ControlMessage, type ControlMessageOf } from "../distribution/index.ts";
import { ProtocolError } from "../errors.ts";
import { atom, type Pid, Reference, type Term } from "../etf/index.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { Signals } from "./signals.ts";
import { spawnReplied } from "./spawn-requests.ts";

const NOPROC = atom("noproc");
const NORMAL = atom("normal");
const KILL = atom("kill");
const KILLED = atom("killed");

/** Starts a process for a SPAWN_REQUEST and answers it. */
export type SpawnServer = (from: string, request: ControlMessageOf<"SPAWN_REQUEST">, args: Term) => void;

export class SignalReceiver {
  readonly #getSignals: () => Signals;
  readonly #spawn: SpawnServer;

  /** Sender and receiver need each other, so the one that is made first asks for the other when it is needed. */
  constructor(getSignals: () => Signals, spawn: SpawnServer) {
    this.#getSignals = getSignals;
    this.#spawn = spawn;
  }

  get #signals(): Signals {
    return this.#getSignals();
  }

  /** Throws a ProtocolError where OTP would close the connection with `from`. */
  receive(from: string, control: ControlMessage, payload: Term | undefined): void {
    // The packet layer gives a payload with each message that the table gives one to.
    const term = payload as Term;
    switch (control.type) {
      case "SEND":
      case "SEND_SENDER":
        this.#signals.registry.find(control.toPid)?.mailbox.put(term);
        return;
      case "REG_SEND":
        this.#signals.registry.find(control.toName)?.mailbox.put(term);
        return;
      case "ALIAS_SEND":
        this.#aliasSend(control.alias, term);
        return;
      case "ALTACT_SIG_SEND":
        this.#alternative(control, term);
        return;
      case "LINK":
        this.#link(from, control);
        return;
      case "UNLINK":
        this.#signals.registry.find(control.toPid)?.links.unlinked(control.fromPid);
        return;
      case "UNLINK_ID":
        checkSender(from, control.fromPid);
        this.#signals.registry.find(control.toPid)?.links.unlinked(control.fromPid);
        this.#signals.route(from, { type: "UNLINK_ID_ACK", id: control.id, fromPid: control.toPid, toPid: control.fromPid });
        return;
      case "UNLINK_ID_ACK":
        this.#signals.registry.find(control.toPid)?.links.acknowledged(control.fromPid, control.id);
        return;
      case "EXIT":
        this.#linkExit(from, control, control.reason);
        return;
      case "PAYLOAD_EXIT":
        this.#linkExit(from, control, term);
        return;
      case "EXIT2":
        this.#exit2(this.#signals.registry.find(control.toPid), control.fromPid, control.reason);
        return;
      case "PAYLOAD_EXIT2":
        this.#exit2(this.#signals.registry.find(control.toPid), control.fromPid, term);
        return;
      case "MONITOR_P":
        this.#monitor(from, control);
        return;
      case "DEMONITOR_P":
        this.#demonitor(from, control.ref);
        return;
      case "MONITOR_P_EXIT":
        this.#down(from, control.ref, control.reason);
        return;
      case "PAYLOAD_MONITOR_P_EXIT":
        this.#down(from, control.ref, term);
        return;
      case "GROUP_LEADER":
        this.#setGroupLeader(control);
        return;
      case "SPAWN_REQUEST":
        checkSender(from, control.fromPid);
        checkSender(from, control.reqId);
        this.#spawn(from, control, term);
        return;
      case "SPAWN_REPLY":
        spawnReplied(this.#signals, from, control);
        return;
      case "NODE_LINK":
        // The decoder refuses it.
        return;
      default:
        control satisfies never;
    }
  }

  #aliasSend(alias: Reference, message: Term): void {
    const found = this.#signals.registry.alias(alias);
    if (found === undefined) return;
    const { entry, life, waiter } = found;
    if (life === "reply" || life === "reply_demonitor") this.#signals.registry.removeAlias(alias);
    if (life === "reply_demonitor") this.#signals.demonitor(entry, alias);
    if (waiter?.offer(message) !== true) entry.mailbox.put(message);
  }

  // Priority is left out: every signal is taken in the order of arrival, which the receiver of a priority message may do.
  #alternative({ flags, fromPid, to }: ControlMessageOf<"ALTACT_SIG_SEND">, term: Term): void {
    const { registry } = this.#signals;
    const isReference = to instanceof Reference;
    if ((flags & ALTACT.EXIT) !== 0) {
      this.#exit2(isReference ? registry.alias(to)?.entry : registry.find(to), fromPid, term);
    } else if (isReference) {
      this.#aliasSend(to, term);
    } else {
      registry.find(to)?.mailbox.put(term);
    }
  }

  #link(from: string, { fromPid, toPid }: ControlMessageOf<"LINK">): void {
    checkSender(from, fromPid);
    const entry = this.#signals.registry.find(toPid);
    if (entry === undefined) this.#signals.route(from, { type: "PAYLOAD_EXIT", fromPid: toPid, toPid: fromPid }, NOPROC);
    else entry.links.linked(fromPid);
  }

  #linkExit(from: string, { fromPid, toPid }: { readonly fromPid: Pid; readonly toPid: Pid }, reason: Term): void {
    if (fromPid.node.name !== from) return;
    const entry = this.#signals.registry.find(toPid);
    if (entry?.links.exited(fromPid) === true) this.#signals.exitSignal(entry, fromPid, reason);
  }

  /** The signal of exit/2. */
  #exit2(entry: ProcessEntry | undefined, from: Pid, reason: Term): void {
    if (entry === undefined) return;
    const isSelf = this.#signals.identifiers.key(from) === this.#signals.identifiers.key(entry.pid);
    if (reason === KILL) this.#signals.terminate(entry, KILLED);
    else if (reason === NORMAL && isSelf && !entry.trapExit) this.#signals.terminate(entry, reason);
    else this.#signals.exitSignal(entry, from, reason);
  }

  #monitor(from: string, { fromPid, toProc, ref }: ControlMessageOf<"MONITOR_P">): void {
    checkSender(from, fromPid);
    const entry = this.#signals.registry.find(toProc);
    if (entry !== undefined) {
      this.#signals.monitors.addTarget({ ref, watched: entry, watcher: fromPid, as: toProc });
      return;
    }
    this.#signals.route(from, { type: "PAYLOAD_MONITOR_P_EXIT", fromProc: toProc, toPid: fromPid, ref }, NOPROC);
  }

  #demonitor(from: string, ref: Reference): void {
    const target = this.#signals.monitors.target(ref);
    if (target?.watcher.node.name === from) this.#signals.monitors.removeTarget(target);
  }

  /** A monitor of ours fired. Only the node of the monitored process can say so. */
  #down(from: string, ref: Reference, reason: Term): void {
    const origin = this.#signals.monitors.origin(ref);
    if (origin !== undefined && this.#signals.nodeOf(origin.target) === from) this.#signals.down(origin, reason);
  }

  #setGroupLeader({ leaderPid, toPid }: ControlMessageOf<"GROUP_LEADER">): void {
    const entry = this.#signals.registry.find(toPid);
    if (entry !== undefined) entry.groupLeader = leaderPid;
  }
}

/** A node speaks only for its own processes. */
function checkSender(from: string, sender: Pid | Reference): void {
  if (sender.node.name !== from)
    throw new ProtocolError("bad_control_message", `${from} sent a signal in the name of ${sender.toString()}`);
}
