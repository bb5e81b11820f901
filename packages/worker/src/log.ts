// One JSON line for each thing that an operator asks for later. Names and codes; never a cookie, a token or a message.

export type LogEvent = "start" | "nodeup" | "nodedown" | "unreachable" | "refused" | "denied" | "bridge";

export function log(event: LogEvent, fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ event, ...fields }));
}
