// The command line of erl-bridge: text in, configuration out. What is wrong with it is one line for people.
import { parseArgs } from "node:util";
import { type BridgeConfig, DEFAULT_PORT_NO, settingsOf } from "./config.ts";
import type { Target } from "./target.ts";

export const USAGE: string = `erl-bridge --dev NODE@HOST[:PORT] [options]
erl-bridge --target ID=NODE@HOST[:PORT] [--target ...] [options]

Lets web pages on this machine talk to Erlang nodes: relays the bytes of the
distribution protocol between WebSockets and TCP.

  --dev NODE@HOST[:PORT]        one node, under its own name
  --target ID=NODE@HOST[:PORT]  a node that pages reach as /dist/ID; repeatable
                                (without PORT, EPMD on HOST is asked)
  --port NUMBER                 listen there; 0 takes any free port (${DEFAULT_PORT_NO})
  --host ADDRESS                listen there; loopback only (127.0.0.1)
  --origin ORIGIN               let pages in, as of http://localhost:5173;
                                repeatable (pages of this machine, at any port)
  --epmd-port NUMBER            where EPMD listens (ERL_EPMD_PORT, or 4369)
  --help                        print this
  --version                     print the version

For development: there is no authentication but the node's cookie, which the
page has to know. Whoever is connected to a node can run any code on it.

One JSON line for each connection that has ended goes to standard output.
`;

export type Command =
  | { readonly command: "help" | "version" }
  | { readonly command: "serve"; readonly config: BridgeConfig }
  | { readonly command: "wrong"; readonly message: string };

export function parseCommand(args: readonly string[]): Command {
  try {
    return parse(args);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return { command: "wrong", message: inOneLine(error.message) };
  }
}

function inOneLine(message: string): string {
  // parseArgs explains at length; what is wrong comes first.
  const short = message.replace(/\.\s+(?:To specify|Did you).*$/s, "");
  // The configuration's names for what has an option here.
  return short.replace(/^(?:host|origins|epmdPortNo)(?=:)/, (field) => OPTIONS[field] ?? field);
}

const OPTIONS: Readonly<Record<string, string>> = { host: "--host", origins: "--origin", epmdPortNo: "--epmd-port" };

function parse(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dev: { type: "string" },
      target: { type: "string", multiple: true },
      port: { type: "string" },
      host: { type: "string" },
      origin: { type: "string", multiple: true },
      "epmd-port": { type: "string" },
      help: { type: "boolean" },
      version: { type: "boolean" },
    },
  });
  if (values.help) return { command: "help" };
  if (values.version) return { command: "version" };
  const config: BridgeConfig = {
    targets: targetsOf(values.dev, values.target ?? []),
    host: values.host,
    portNo: portNoOf("--port", values.port),
    origins: values.origin,
    epmdPortNo: portNoOf("--epmd-port", values["epmd-port"]),
  };
  // Its complaints belong here, not in the middle of the start.
  settingsOf(config);
  return { command: "serve", config };
}

function targetsOf(dev: string | undefined, targets: readonly string[]): Record<string, Target> {
  const found = new Map<string, Target>();
  const add = (option: string, id: string, text: string): void => {
    if (found.has(id)) throw new TypeError(`${option}: there are two targets "${id}"`);
    found.set(id, targetOf(option, text));
  };
  // An id may be a node's name, so everything up to the first "=" is the id.
  for (const text of targets) {
    const at = text.indexOf("=");
    if (at < 1) throw new TypeError(`--target: "${text}" is not ID=NODE@HOST`);
    add("--target", text.slice(0, at), text.slice(at + 1));
  }
  if (dev !== undefined) add("--dev", targetOf("--dev", dev).node, dev);
  if (found.size === 0) throw new TypeError("no target; name a node, as in --dev app@127.0.0.1 (--help tells more)");
  return Object.fromEntries(found);
}

function targetOf(option: string, text: string): Target {
  const [, node, portNo] = /^([^@\s:]+@[^@\s:]+)(?::(.*))?$/s.exec(text) ?? [];
  if (node === undefined) throw new TypeError(`${option}: "${text}" is not a full node name, as app@127.0.0.1 is`);
  return { node, portNo: portNoOf(option, portNo) };
}

function portNoOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RangeError(`${option}: "${text}" is not a port`);
}
