// SPAWN_REQUEST from a peer (erl_dist_protocol, "SPAWN_REQUEST"). Nothing can be started from outside yet. As Erlang does
// with a function that does not exist, the request succeeds and the new process ends at once with `undef`: that is what
// spawn, rpc and erpc of the other side expect and report.
import { type ControlMessageOf, nameTerm } from "../distribution/index.ts";
import { Atom, atom, type Term, Tuple, tuple } from "../etf/index.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { Signals } from "./signals.ts";

const LINKED = 1;
const MONITORED = 2;

export function serveSpawn(
  signals: Signals,
  newEntry: () => ProcessEntry,
  from: string,
  { reqId, fromPid, groupLeader, mfa, optList, traceToken }: ControlMessageOf<"SPAWN_REQUEST">,
  args: Term,
): void {
  const entry = newEntry();
  entry.groupLeader = groupLeader;
  let flags = 0;
  if (hasOption(optList, "link")) {
    flags |= LINKED;
    entry.links.linked(fromPid);
  }
  if (hasOption(optList, "monitor")) {
    flags |= MONITORED;
    signals.monitors.addTarget({ ref: reqId, watched: entry, watcher: fromPid, as: entry.pid });
  }
  const token = traceToken === undefined ? {} : { traceToken };
  signals.route(from, { type: "SPAWN_REPLY", reqId, toPid: fromPid, flags, result: entry.pid, ...token });
  const call = tuple(nameTerm(mfa.module), nameTerm(mfa.function), args, []);
  signals.terminate(entry, tuple(atom("undef"), [call]));
}

/** Options are atoms, or tuples that start with one: `{monitor, [{tag, Tag}]}`. */
function hasOption(options: readonly Term[], name: string): boolean {
  return options.some((option) => {
    const head = option instanceof Tuple ? option.at(0) : option;
    return head instanceof Atom && head.name === name;
  });
}
