// What it takes to start the processes that other nodes ask for.
import type { ExposedModules } from "./exposed-modules.ts";
import type { Process } from "./process.ts";
import type { ProcessEntry } from "./process-entry.ts";
import type { Signals } from "./signals.ts";

export interface SpawnServerOptions {
  readonly signals: Signals;
  readonly exposed: ExposedModules;
  /** Requests are refused with `system_limit` when the node has so many processes. */
  readonly maxProcesses: number;
  readonly newEntry: () => ProcessEntry;
  /** A process ended with an error that nobody was told of by a result. */
  readonly onCrash: (process: Process, error: unknown) => void;
}
