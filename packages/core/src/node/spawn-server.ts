// Processes that other nodes start here (erl_dist_protocol, "SPAWN_REQUEST"), for spawn/4 and its kin, rpc and erpc. Only
// exposed functions can be run. As in Erlang the request for any other succeeds, and the new process ends at once with `undef`.
import type { ControlMessageOf } from "../distribution/index.ts";
import { ProtocolError } from "../errors.ts";
import { Atom, type Pid, type Term, Tuple } from "../etf/index.ts";
import { exitReasonOf } from "./erlang-error.ts";
import { Process } from "./process.ts";
import type { ProcessEntry } from "./process-entry.ts";
import { SPAWNED } from "./spawn-requests.ts";
import type { SpawnServerOptions } from "./spawn-server-options.ts";
import type * as Spawned from "./spawned.ts";

/** What of erlang:spawn_opt/5 a peer may send. JavaScript has no use for most of it. */
const OPTIONS: ReadonlySet<string> = new Set([
  "link",
  "monitor",
  "priority",
  "min_heap_size",
  "min_bin_vheap_size",
  "fullsweep_after",
  "max_heap_size",
  "message_queue_data",
  "async_dist",
]);

export class SpawnServer {
  readonly #options: SpawnServerOptions;
  #spawned: Promise<typeof Spawned> | undefined;

  constructor(options: SpawnServerOptions) {
    this.#options = options;
  }

  /** Starts the process that a peer asks for, and answers. Throws a ProtocolError where OTP would close the connection. */
  serve(from: string, request: ControlMessageOf<"SPAWN_REQUEST">, args: Term): void {
    if (!Array.isArray(args)) {
      throw new ProtocolError("bad_control_message", `the arguments in a spawn request of ${from} are not a list`);
    }
    const { signals, maxProcesses, newEntry } = this.#options;
    const { reqId, fromPid, groupLeader, mfa, optList, traceToken } = request;
    const token = traceToken === undefined ? {} : { traceToken };
    const answer = (result: Pid | string, flags: number): void =>
      signals.route(from, { type: "SPAWN_REPLY", reqId, toPid: fromPid, flags, result, ...token });
    const options = optList.map(optionName);
    if (!options.every((name) => name !== undefined && OPTIONS.has(name))) {
      answer("badopt", 0);
      return;
    }
    if (signals.registry.size >= maxProcesses) {
      answer("system_limit", 0);
      return;
    }
    const entry = newEntry();
    entry.groupLeader = groupLeader;
    let flags = 0;
    if (options.includes("link")) {
      flags |= SPAWNED.LINKED;
      entry.links.linked(fromPid);
    }
    if (options.includes("monitor")) {
      flags |= SPAWNED.MONITORED;
      signals.monitors.addTarget({ ref: reqId, watched: entry, watcher: fromPid, as: entry.pid });
    }
    // Before anything that the process does.
    answer(entry.pid, flags);
    void this.#run(entry, mfa.module, mfa.function, args);
  }

  /** By what is loaded with the first such process: many a node never has one. Later ones begin in the next turn. */
  async #run(entry: ProcessEntry, module: string, fun: string, args: readonly Term[]): Promise<void> {
    const loading = (this.#spawned ??= import("./spawned.ts"));
    try {
      const { runSpawned } = await loading;
      runSpawned(this.#options, entry, module, fun, args);
    } catch (error) {
      // It could not be loaded; the next request tries again.
      this.#spawned = undefined;
      const { signals, onCrash } = this.#options;
      signals.terminate(entry, exitReasonOf(error));
      onCrash(new Process(entry, signals), error);
    }
  }
}

/** Options are atoms, or tuples that start with one: `{monitor, [{tag, Tag}]}`. */
function optionName(option: Term): string | undefined {
  const head = option instanceof Tuple ? option.at(0) : option;
  return head instanceof Atom ? head.name : undefined;
}
