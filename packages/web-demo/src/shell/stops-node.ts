// Commands that end the whole node, where the one who types may only want to leave the shell.

const ERLANG = /(?:^|[\s,;>(])(?:(?:c:)?q\(\)|(?:erlang:)?halt\s*\([^)]*\)|init:(?:stop|restart|reboot)\s*\([^)]*\))/;
const ELIXIR = /(?:^|[\s,;>(])(?:System\.(?:halt|stop|restart)\b|:(?:init\.(?:stop|restart|reboot)|erlang\.halt|c\.q)\b)/;
const STRING = /"(?:[^"\\]|\\.)*"/g;

/** The command in this line that would stop the node, if there is one. The prompt may stand before it. */
export function commandThatStops(line: string): string | undefined {
  const code = line.replace(STRING, '""');
  return (ERLANG.exec(code) ?? ELIXIR.exec(code))?.[0].replace(/^[\s,;>(]/, "");
}
