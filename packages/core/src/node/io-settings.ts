// What io:getopts/1 and io:setopts/2 read and change: how a device answers those who read from it.
import { Atom, atom, type Term, Tuple, tuple } from "../etf/index.ts";

export interface IoSettings {
  /** Input is given as binaries; by default as lists of characters. */
  readonly binary: boolean;
  /** With `latin1` other characters are printed as `\x{…}`, as a terminal in that encoding does it. */
  readonly encoding: "unicode" | "latin1";
  readonly echo: boolean;
}

export const DEFAULT_IO_SETTINGS: IoSettings = { binary: false, encoding: "unicode", echo: true };

/** The reply to `getopts`. */
export function settingsTerm({ binary, encoding, echo }: IoSettings): Term {
  return [
    tuple(atom("expand_fun"), false),
    tuple(atom("echo"), echo),
    tuple(atom("binary"), binary),
    tuple(atom("encoding"), atom(encoding)),
  ];
}

/** The settings after `{setopts, Options}`; undefined when one of the options is not known, which changes none. */
export function changedSettings(settings: IoSettings, options: Term): IoSettings | undefined {
  if (!Array.isArray(options)) return undefined;
  let changed = settings;
  for (const option of options) {
    const change = changeOf(option);
    if (change === undefined) return undefined;
    changed = { ...changed, ...change };
  }
  return changed;
}

/** An atom stands for `{Atom, true}`, or for an encoding. */
function changeOf(option: Term): Partial<IoSettings> | undefined {
  const [name, value] = option instanceof Tuple && option.length === 2 ? option.elements : [option, true];
  if (!(name instanceof Atom)) return undefined;
  switch (name.name) {
    case "binary":
      return typeof value === "boolean" ? { binary: value } : undefined;
    case "list":
      return typeof value === "boolean" ? { binary: !value } : undefined;
    case "echo":
      return typeof value === "boolean" ? { echo: value } : undefined;
    case "encoding":
      return encodingOf(value);
    case "unicode":
    case "utf8":
    case "latin1":
      return value === true ? encodingOf(name) : undefined;
    // The shell sets these; completion and history are the program's own, if there are any.
    case "expand_fun":
    case "line_history":
      return {};
    default:
      return undefined;
  }
}

function encodingOf(value: Term | undefined): Partial<IoSettings> | undefined {
  if (!(value instanceof Atom)) return undefined;
  if (value.name === "unicode" || value.name === "utf8") return { encoding: "unicode" };
  return value.name === "latin1" ? { encoding: "latin1" } : undefined;
}
