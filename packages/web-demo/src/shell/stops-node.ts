// Commands that end the whole node, where the one who types may only want to leave the shell.

const ERLANG = /(?:^|[\s,;>(])(?:q\(\)|(?:(?:init|erlang):)?(?:stop|halt|restart|reboot)\s*\([^)]*\))/;
const ELIXIR = /(?:^|[\s,;>(])(?:System\.(?:halt|stop|restart)\b|:(?:init\.(?:stop|restart|reboot)|erlang\.halt)\b)/;

/** The command in this line that would stop the node, if there is one. The prompt may stand before it. */
export function commandThatStops(line: string): string | undefined {
  const found = (ERLANG.exec(withoutStrings(line)) ?? ELIXIR.exec(withoutStrings(line)))?.[0];
  return found?.replace(/^[\s,;>(]/, "");
}

function withoutStrings(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}
