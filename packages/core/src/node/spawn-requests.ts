// Our processes start processes on other nodes (erlang:spawn_request/5; erl_dist_protocol, "SPAWN_REQUEST" and
// "SPAWN_REPLY"). A request that is given up is not taken back: if it succeeds after all, its link and its monitor are undone.
import { type ControlMessageOf, nameTerm } from "../distribution/index.ts";
import { atom, Pid, type Reference, type Term } from "../etf/index.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { Signals } from "./signals.ts";
import type { PendingSpawn } from "./spawn-request-table.ts";

const LINK = atom("link");
const MONITOR = atom("monitor");
const ABANDONED = atom("abandoned");

/** Bits of SPAWN_REPLY: what was set up. */
export const SPAWNED = { LINKED: 1, MONITORED: 2 } as const;

/** What is to be called in the new process. */
export interface RemoteCall {
  readonly module: string;
  readonly function: string;
  readonly args: readonly Term[];
}

/** Sends a request. The listener may be told before this returns. Throws an EncodeError for what has no external form. */
export function requestSpawn(signals: Signals, request: PendingSpawn, call: RemoteCall, options: readonly Term[]): void {
  const { ref, caller, peer, link, monitor } = request;
  signals.spawnRequests.add(request);
  const wanted = [...(link ? [LINK] : []), ...(monitor === undefined ? [] : [MONITOR]), ...options];
  try {
    sendRequest(signals, caller, ref, peer, call, wanted);
  } catch (error) {
    signals.spawnRequests.remove(ref);
    throw error;
  }
}

/** Sends a request that nobody waits for. */
export function castSpawn(signals: Signals, caller: ProcessEntry, peer: string, call: RemoteCall): void {
  sendRequest(signals, caller, signals.identifiers.newReference(), peer, call, []);
}

function sendRequest(
  signals: Signals,
  { pid, groupLeader }: ProcessEntry,
  reqId: Reference,
  peer: string,
  { module, function: name, args }: RemoteCall,
  optList: readonly Term[],
): void {
  const mfa = { module, function: name, arity: args.length };
  signals.route(peer, { type: "SPAWN_REQUEST", reqId, fromPid: pid, groupLeader, mfa, optList }, [...args]);
}

/**
 * `spawn_request_abandon/1` and, when the process is there already, demonitor: nothing more comes of the request. Says
 * whether it or its monitor was still open.
 */
export function abandonSpawn(signals: Signals, caller: ProcessEntry, ref: Reference): boolean {
  const request = signals.spawnRequests.find(ref);
  if (request?.caller === caller) return signals.spawnRequests.remove(ref);
  return signals.demonitor(caller, ref);
}

/** SPAWN_REPLY came. */
export function spawnReplied(
  signals: Signals,
  from: string,
  { reqId, toPid, flags, result }: ControlMessageOf<"SPAWN_REPLY">,
): void {
  const request = signals.spawnRequests.find(reqId);
  if (request !== undefined && request.peer !== from) return;
  if (request === undefined) {
    if (result instanceof Pid) undo(signals, from, toPid, result, reqId, flags);
    return;
  }
  signals.spawnRequests.remove(reqId);
  const { caller, monitor, listener } = request;
  if (!(result instanceof Pid)) {
    listener.refused(nameTerm(result));
    return;
  }
  if ((flags & SPAWNED.LINKED) !== 0) caller.links.linked(result);
  if ((flags & SPAWNED.MONITORED) !== 0 && monitor !== undefined) {
    signals.monitors.addOrigin({ ref: reqId, watcher: caller, target: result, ...monitor });
  }
  listener.spawned(result);
}

/** Nobody waits for the process any more: as in Erlang, one that was to be linked ends, with its parent's reason or `abandoned`. */
function undo(signals: Signals, from: string, caller: Pid, pid: Pid, ref: Reference, flags: number): void {
  const reason = signals.spawnRequests.takeOrphan(ref) ?? ABANDONED;
  if ((flags & SPAWNED.MONITORED) !== 0) {
    signals.route(from, { type: "DEMONITOR_P", fromPid: caller, toProc: pid, ref });
  }
  if ((flags & SPAWNED.LINKED) !== 0) signals.route(from, { type: "PAYLOAD_EXIT", fromPid: caller, toPid: pid }, reason);
}
