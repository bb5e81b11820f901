// Log messages for people, in the manner of OTP's logger_formatter.
import { Atom, atom, ErlMap, type Term, Tuple } from "../etf/index.ts";
import { ioFormat } from "./io-format.ts";
import type { LogMessage } from "./logger-proxy.ts";

/**
 * What a log message says: the formatted text of a format with arguments, or a report, one key on each line. The functions
 * that some reports bring along to make their text (`report_cb`) live on the node that they come from, and are not called.
 */
export function logText({ message }: Pick<LogMessage, "message">): string {
  if ("report" in message) return reportText(message.report);
  const { format, args } = message;
  try {
    return ioFormat(format, args);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return ioFormat("FORMAT ERROR: ~tp - ~tp", [format, [...args]]);
  }
}

function reportText(report: Term): string {
  // error_logger:info_msg/2 and the like wrap a format.
  if (report instanceof ErlMap) {
    const [format, args] = [report.get(atom("format")), report.get(atom("args"))];
    if (format !== undefined && Array.isArray(args)) return logText({ message: { format, args } });
  }
  const pairs = report instanceof ErlMap ? [...report] : pairsOf(report);
  if (pairs === undefined || pairs.length === 0) return ioFormat("~tp", [report]);
  return pairs.map(([key, value]) => ioFormat("    ~ts: ~tp", [label(key), value])).join("\n");
}

/** Those of a list of `{Key, Value}`. */
function pairsOf(report: Term): (readonly [Term, Term])[] | undefined {
  if (!Array.isArray(report) || !report.every((pair) => pair instanceof Tuple && pair.length === 2)) return undefined;
  return report.map((pair) => (pair as Tuple).elements as readonly [Term, Term]);
}

function label(key: Term): string {
  return key instanceof Atom ? key.name : ioFormat("~tp", [key]);
}
