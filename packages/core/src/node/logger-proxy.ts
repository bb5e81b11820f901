// What OTP's logger sends to the node of a process's group leader (kernel, logger_proxy): errors and crash reports of processes
// that were started from here. Nobody waits for an answer.
import { Atom, ErlMap, type Term, Tuple } from "../etf/index.ts";
import type { Process } from "./process.ts";

/** A message of OTP's logger. */
export interface LogMessage {
  /** `emergency`, `alert`, `critical`, `error`, `warning`, `notice`, `info` or `debug`. */
  readonly level: string;
  /** What is told: a format with its arguments, as `logText` makes text of it, or a report, a map or a list of pairs. */
  readonly message: { readonly format: Term; readonly args: readonly Term[] } | { readonly report: Term };
  /** Among others `pid`, `time` (microseconds) and `gl`; see OTP's `logger:metadata/0`. */
  readonly meta: ErlMap;
}

/** What the process `logger_proxy` does: it hands on what it is sent. */
export async function loggerProxy(self: Process, onLog: (message: LogMessage) => void): Promise<void> {
  for await (const message of self) {
    const log = parseLog(message);
    if (log !== undefined) onLog(log);
  }
}

/** `{log, Level, Format, Args, Meta}`, `{log, Level, Report, Meta}`, or the text itself in place of a report. */
function parseLog(message: Term): LogMessage | undefined {
  if (!(message instanceof Tuple)) return undefined;
  const [tag, level, first, ...rest] = message.elements;
  const meta = rest.at(-1);
  if (!(tag instanceof Atom && tag.name === "log" && level instanceof Atom) || first === undefined) return undefined;
  if (!(meta instanceof ErlMap)) return undefined;
  if (rest.length === 1) return { level: level.name, message: { report: first }, meta };
  const [args] = rest;
  return rest.length === 2 && Array.isArray(args) ? { level: level.name, message: { format: first, args }, meta } : undefined;
}
