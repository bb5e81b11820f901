// Commands that end the whole node, where the one who types may only want to leave the shell.

// What stands before: nothing that makes it a part of another name, or a function of another module.
const BEFORE = String.raw`(?<![\w@.'?]|\w\s*:\s*)`;
const ERLANG = new RegExp(
  String.raw`${BEFORE}(?:(?:c\s*:\s*)?q\s*\(\s*\)|(?:erlang\s*:\s*)?halt\s*\([^)]*\)|init\s*:\s*(?:stop|restart|reboot)\s*\([^)]*\))`,
);
const ELIXIR = new RegExp(
  String.raw`${BEFORE}(?:System\s*\.\s*(?:halt|stop|restart)\b|:(?:init\s*\.\s*(?:stop|restart|reboot)|erlang\s*\.\s*halt|c\s*\.\s*q)\b)`,
);
const STRING = /"(?:[^"\\]|\\.)*"/gs;

/** The command in this text that would stop the node, if there is one. The prompt may stand before it. */
export function commandThatStops(text: string): string | undefined {
  const code = text.replace(STRING, '""');
  return (ELIXIR.exec(code) ?? ERLANG.exec(code))?.[0].replaceAll(/\s+/g, "");
}
