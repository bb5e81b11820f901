// The command line of erl-bridge: text in, configuration out. What is wrong with it is one line for people. What the command line
// says goes before what the environment says, and that before the configuration file.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { configProblem } from "./config-schema.ts";
import { readConfigFile } from "./config-file.ts";
import { type BridgeConfig, DEFAULT_PORT_NO, settingsOf } from "./config.ts";
import { DEFAULT_LONGEST_SECONDS, type TicketOptions } from "./policy/index.ts";
import type { Target } from "./target.ts";

export const USAGE: string = `erl-bridge --dev NODE@HOST[:PORT] [options]
erl-bridge --config FILE [options]
erl-bridge mint --target ID --subject NAME [options]

Lets web pages talk to Erlang nodes: relays the bytes of the distribution
protocol between WebSockets and TCP, and decides who may.

  --dev NODE@HOST[:PORT]        for development: a node, under its own name;
                                repeatable. Only this machine is served, and
                                there is no token: a page knows the cookie
  --config FILE                 a configuration in JSON (ERL_BRIDGE_CONFIG)
  --check                       say what is wrong with the configuration, end
  --print-config                print it without its secrets, end

  --target ID=NODE@HOST[:PORT]  a node that pages reach as /dist/ID; repeatable
                                (without PORT, EPMD on HOST is asked)
  --level LEVEL                 what the bridge keeps in its own hands
                                (ERL_BRIDGE_LEVEL; custody, with --dev blind):
                                  custody  the cookie; pages have a secret of
                                           their session in its place
                                  gated    names, flags, times and lengths
                                  blind    nothing; with --dev only
  --host ADDRESS                listen there (ERL_BRIDGE_HOST, or 127.0.0.1)
  --port NUMBER                 listen there; 0 takes any free port
                                (ERL_BRIDGE_PORT, or ${DEFAULT_PORT_NO})
  --origin ORIGIN               let pages in, as of https://shop.example.com;
                                repeatable (ERL_BRIDGE_ORIGINS, with commas;
                                with --dev pages of this machine, at any port)
  --host-name NAME              pages reach the bridge by it; repeatable
                                (ERL_BRIDGE_HOST_NAMES, with commas)
  --monitor-port NUMBER         serve /metrics, /healthz and /readyz there on
                                127.0.0.1 (ERL_BRIDGE_MONITOR_PORT, or nowhere)
  --epmd-port NUMBER            where EPMD listens (ERL_EPMD_PORT, or 4369)
  --help                        print this
  --version                     print the version

The environment may also have ERL_BRIDGE_KEY, from which secrets of sessions
are made, and ERL_BRIDGE_COOKIE, the cookie of all targets that have none.

mint prints a ticket, as an application's own server makes it for a page: the
token that lets the page in, and its session's secret.

  --target ID                   for that target
  --subject NAME                for whom
  --name NODE@HOST              how the page is called on the node
  --seconds NUMBER              use it within (60)
  --session NUMBER              seconds that its link may last
  --config FILE                 where the key is, or in ERL_BRIDGE_KEY

SIGHUP reads the configuration again. SIGTERM takes no more pages and waits for
links to end, 30 s unless the configuration says else; Ctrl-C, or a second
SIGTERM, ends them. One JSON line for each connection that has ended goes to
standard output. The exit code is 0; 2 where an option or the configuration is
wrong, and 1 for everything else. Whoever is connected to a node can run any
code on it: docs/SECURITY.md says what the levels stop.
`;

export type Command =
  | { readonly command: "help" | "version" }
  | { readonly command: "serve" | "check" | "print-config"; readonly config: BridgeConfig }
  | { readonly command: "mint"; readonly ticket: TicketOptions }
  | { readonly command: "wrong"; readonly message: string };

export function parseCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  // Where each field came from, so that what is wrong with it is said in the words of who wrote it.
  const sources = new Map<string, string>();
  try {
    return args[0] === "mint" ? parseMint(args.slice(1), env) : parseServe(args, env, sources);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return { command: "wrong", message: inOneLine(error.message, sources) };
  }
}

function inOneLine(message: string, sources: ReadonlyMap<string, string>): string {
  const short = message.replaceAll("\n", " ");
  const [, field = "", rest = ""] = /^([\w.]+)(?:\[\d+\])?(:.*)$/s.exec(short) ?? [];
  const [, place = ""] = PLACES.find(([missing]) => missing.test(short)) ?? [];
  const source = sources.get(field);
  return (source === undefined ? short : source + rest) + place;
}

/** Where stands what no option gives. */
const PLACES: readonly (readonly [missing: RegExp, place: string])[] = [
  [/^key: is missing/, "; it stands in --config FILE or in ERL_BRIDGE_KEY"],
  [/^targets\b.*\bcookie: is missing/, "; it stands in --config FILE or in ERL_BRIDGE_COOKIE"],
  [/^auth: is missing/, "; it stands in --config FILE"],
];

/** parseArgs, which explains at length, in our own words. */
function parsed<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error)) throw error;
    const [, what = ""] = /'(?:-\w, )?([^' ]+)/.exec(error.message) ?? [];
    throw new TypeError(wordsOf(what, String(error.code), error.message), { cause: error });
  }
}

function wordsOf(what: string, code: string, message: string): string {
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `${what}: there is no such option; --help lists them`;
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
    return `${JSON.stringify(what)} belongs to no option${what.includes("@") ? `; do you mean --dev ${what}?` : ""}`;
  }
  if (message.includes("does not take")) return `${what}: takes no value`;
  return `${what}: a value is missing; one that begins with a dash is written ${what}=VALUE`;
}

function parseServe(args: readonly string[], env: NodeJS.ProcessEnv, sources: Map<string, string>): Command {
  const { values } = parsed({
    args: [...args],
    options: {
      dev: { type: "string", multiple: true },
      config: { type: "string" },
      check: { type: "boolean" },
      "print-config": { type: "boolean" },
      target: { type: "string", multiple: true },
      level: { type: "string" },
      host: { type: "string" },
      port: { type: "string" },
      origin: { type: "string", multiple: true },
      "host-name": { type: "string", multiple: true },
      "monitor-port": { type: "string" },
      "epmd-port": { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  if (values.help) return { command: "help" };
  if (values.version) return { command: "version" };
  /** The option's value, or the variable's; remembers which. */
  const pick = <Value>(
    field: string,
    option: string,
    value: Value | undefined,
    variable: string,
    read: (text: string, from: string) => Value,
  ): Value | undefined => {
    if (value !== undefined) {
      sources.set(field, option);
      return value;
    }
    const text = env[variable];
    if (text === undefined || text === "") return undefined;
    sources.set(field, variable);
    return read(text, variable);
  };
  const words = (text: string): readonly string[] => text.split(",").map((word) => word.trim());
  const same = (text: string): string => text;
  const path = values.config ?? (values.dev === undefined ? env["ERL_BRIDGE_CONFIG"] : undefined);
  const file =
    path === undefined ? {} : readConfigFile(path, env, values.config === undefined ? "ERL_BRIDGE_CONFIG" : "--config");
  const monitorPortNo = pick(
    "monitor.portNo",
    "--monitor-port",
    portNoOf("--monitor-port", values["monitor-port"]),
    "ERL_BRIDGE_MONITOR_PORT",
    portNumber,
  );
  const given = {
    dev: values.dev === undefined ? undefined : true,
    level: pick("level", "--level", values.level, "ERL_BRIDGE_LEVEL", same),
    host: pick("host", "--host", values.host, "ERL_BRIDGE_HOST", same),
    portNo: pick("portNo", "--port", portNoOf("--port", values.port), "ERL_BRIDGE_PORT", portNumber),
    origins: pick("origins", "--origin", values.origin, "ERL_BRIDGE_ORIGINS", words),
    hostNames: pick("hostNames", "--host-name", values["host-name"], "ERL_BRIDGE_HOST_NAMES", words),
    epmdPortNo: pick("epmdPortNo", "--epmd-port", portNoOf("--epmd-port", values["epmd-port"]), "ERL_EPMD_PORT", portNumber),
    key: pick("key", "key", undefined, "ERL_BRIDGE_KEY", same),
    cookie: pick("cookie", "cookie", undefined, "ERL_BRIDGE_COOKIE", same),
    monitor: monitorPortNo === undefined ? undefined : { ...objectOf(file["monitor"]), portNo: monitorPortNo },
  };
  const config = { ...file, ...withoutUndefined(given), targets: targetsOf(file["targets"], values.dev, values.target) };
  const command = values.check ? "check" : values["print-config"] ? "print-config" : "serve";
  return { command, config: checked(config, path !== undefined) };
}

function parseMint(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { values } = parsed({
    args: [...args],
    options: {
      config: { type: "string" },
      target: { type: "string" },
      subject: { type: "string" },
      name: { type: "string" },
      seconds: { type: "string" },
      session: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return { command: "help" };
  const { target, subject, name } = values;
  if (!target) throw new TypeError("--target: is missing: the id of the target that the ticket is for");
  if (!subject) throw new TypeError("--subject: is missing: for whom the ticket is");
  if (name !== undefined && !/^[^@\s]+@[^@\s]+$/.test(name)) {
    throw new TypeError(`--name: "${name}" is not a full node name, as ann@shop is`);
  }
  const path = values.config ?? env["ERL_BRIDGE_CONFIG"];
  const file =
    path === undefined ? undefined : readConfigFile(path, env, values.config === undefined ? "ERL_BRIDGE_CONFIG" : "--config");
  const problem = file && configProblem(file);
  if (problem !== undefined) throw new TypeError(problem);
  // Checked the line before.
  const { key = env["ERL_BRIDGE_KEY"], auth, targets } = (file ?? {}) as Partial<BridgeConfig>;
  if (key === undefined) throw new TypeError("key: is missing: the token is signed with it");
  if (targets !== undefined && !(target in targets))
    throw new TypeError(`--target: the configuration has no target ${JSON.stringify(target)}`);
  if (auth !== undefined && (auth.type !== "jwt" || auth.algorithm === "EdDSA")) {
    throw new TypeError("auth: mint makes tokens for a bridge that takes JWTs signed with HS256, and this one does not");
  }
  const { seconds, session } = {
    seconds: secondsOf("--seconds", values.seconds),
    session: secondsOf("--session", values.session),
  };
  const { key: signingKey, issuer, audience, longestSeconds = DEFAULT_LONGEST_SECONDS } = auth ?? {};
  if ((seconds ?? 0) > longestSeconds) throw new RangeError(`--seconds: the bridge takes ${longestSeconds} at most`);
  return { command: "mint", ticket: { key, signingKey, issuer, audience, target, subject, name, seconds, session } };
}

/** The merged configuration, after all checks; what it lacks for a start is said in the command's own words. */
function checked(config: { readonly targets: unknown }, hasFile: boolean): BridgeConfig {
  if (!hasFile && Object.keys(objectOf(config.targets)).length === 0) {
    throw new TypeError("no target; name a node, as in --dev app@127.0.0.1, or a --config (--help tells more)");
  }
  const problem = configProblem(config);
  if (problem !== undefined) throw new TypeError(problem);
  // The schema has seen it.
  const known = config as unknown as BridgeConfig;
  settingsOf(known);
  return known;
}

function targetsOf(file: unknown, dev: readonly string[] = [], targets: readonly string[] = []): unknown {
  // Not what targets are: the schema says so.
  if (file !== undefined && (Array.isArray(file) || objectOf(file) !== file)) return file;
  const found = new Map<string, unknown>(Object.entries(objectOf(file)));
  const given = new Set<string>();
  const add = (option: string, id: string, text: string): void => {
    if (given.has(id)) throw new TypeError(`${option}: there are two targets "${id}"`);
    given.add(id);
    found.set(id, withoutUndefined(targetOf(option, text)));
  };
  // An id may be a node's name, so everything up to the first "=" is the id.
  for (const text of targets) {
    const at = text.indexOf("=");
    if (at < 1) throw new TypeError(`--target: "${text}" is not ID=NODE@HOST`);
    add("--target", text.slice(0, at), text.slice(at + 1));
  }
  for (const text of dev) add("--dev", targetOf("--dev", text).node, text);
  return Object.fromEntries(found);
}

function targetOf(option: string, text: string): Target {
  const [, node, portNo] = /^([^@\s:]+@[^@\s:]+)(?::(.*))?$/s.exec(text) ?? [];
  if (node === undefined) throw new TypeError(`${option}: "${text}" is not a full node name, as app@127.0.0.1 is`);
  return { node, portNo: portNoOf(option, portNo) };
}

function portNoOf(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : portNumber(text, option);
}

function portNumber(text: string, from: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RangeError(`${from}: "${text}" is not a port`);
}

function secondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RangeError(`${option}: "${text}" is not a number of seconds`);
}

/** What is no object is left to the schema to complain of. */
function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
