// Lines of the node's log as the page wants them shown. The node has made text of what was logged, so that is what the page gets.
import { messageOf } from "../problem.ts";
import type { Redact } from "../shown-term.ts";

/** The page gets the line as a string, and what it gives back stands in its place. */
export function redactedLine(line: string, redact: Redact | undefined): string {
  if (redact === undefined) return line;
  try {
    return String(redact(line));
  } catch (error) {
    return `Not shown, since redacting it failed: ${messageOf(error)}`;
  }
}
