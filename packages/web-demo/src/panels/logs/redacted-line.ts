// Lines of the node's log as the page wants them shown. The node has made text of what was logged, so that is what the page gets.
import type { Words } from "../../words.ts";
import { messageOf } from "../problem.ts";
import type { Redact } from "../shown-term.ts";
import type { PanelKey } from "../strings.ts";

/** The page gets the line as a string, and what it gives back stands in its place. */
export function redactedLine(line: string, redact: Redact | undefined, words: Words<PanelKey>): string {
  if (redact === undefined) return line;
  try {
    return String(redact(line));
  } catch (error) {
    return words.say("redactFailed", { message: messageOf(error, words) });
  }
}
