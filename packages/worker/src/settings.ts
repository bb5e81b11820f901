// What the Worker's variables and secrets say, checked at the first request: a wrong one is named, and nothing is guessed.
import { checkCookie, checkNodeName } from "@erl-dist/core/handshake";
import { AllowList } from "./allow-list.ts";
import { CallError } from "./call-error.ts";

/** How a node is reached. */
export interface NodeSettings {
  /** By default the host part of the name. */
  readonly host?: string;
  /** The distribution port where it is fixed; otherwise EPMD on the host is asked. */
  readonly portNo?: number;
  /** TLS, for a node with `-proto_dist inet_tls`. */
  readonly tls?: boolean;
  /** The binding (a VPC network or service, or a service) whose `connect` is used in place of the Internet's. */
  readonly binding?: string;
  /** Keep the link, whether it is used or not. */
  readonly alwaysOn?: boolean;
}

export interface Settings {
  /** Full name of the node that the Worker is. */
  readonly nodeName: string;
  /** Known to the digests of the handshake, and to no answer or log. */
  readonly cookie: string;
  /** The nodes that may be dialled and may connect, and no others. */
  readonly nodes: ReadonlyMap<string, NodeSettings>;
  readonly allow: AllowList;
  readonly epmdPortNo: number;
  /** How often the object wakes itself while it wants a link. */
  readonly keepAliveMs: number;
  /** After so long without use a link is given up. */
  readonly idleMs: number;
}

/** Throws a CallError `bad_settings` that names the variable. */
export function readSettings(env: Env): Settings {
  // wrangler checks for required secrets, but a Worker may be deployed by other means.
  if (!env.ERLANG_COOKIE) throw bad("the secret ERLANG_COOKIE is not set");
  checked("the secret ERLANG_COOKIE", () => checkCookie(env.ERLANG_COOKIE));
  checked("the variable NODE_NAME", () => checkNodeName(env.NODE_NAME));
  return {
    nodeName: env.NODE_NAME,
    cookie: env.ERLANG_COOKIE,
    nodes: readNodes(env.NODES),
    allow: new AllowList(env.ALLOW),
    epmdPortNo: readPortNo(Number(env.ERL_EPMD_PORT), "ERL_EPMD_PORT"),
    keepAliveMs: readSeconds(env.KEEP_ALIVE_SECONDS, "KEEP_ALIVE_SECONDS"),
    idleMs: readSeconds(env.IDLE_SECONDS, "IDLE_SECONDS"),
  };
}

/** `"app@10.0.0.5, db@10.0.0.6=4370"`, or an object (or its JSON) with the names as keys. */
function readNodes(value: unknown): Map<string, NodeSettings> {
  const nodes = typeof value === "string" && !value.trimStart().startsWith("{") ? shortForm(value) : longForm(value);
  for (const [name, settings] of nodes) {
    checked("the variable NODES", () => checkNodeName(name));
    checkNode(name, settings);
  }
  return nodes;
}

function shortForm(text: string): Map<string, NodeSettings> {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  return new Map(
    entries.map((entry): [string, NodeSettings] => {
      const [name = "", portNo] = entry.split("=");
      return [name, portNo === undefined ? {} : { portNo: readPortNo(Number(portNo), `NODES: ${entry}`) }];
    }),
  );
}

function longForm(value: unknown): Map<string, NodeSettings> {
  const parsed: unknown = typeof value === "string" ? checked("the variable NODES", () => JSON.parse(value)) : value;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw bad("the variable NODES has to be text or an object");
  // checkNode looks at what the fields are.
  return new Map(Object.entries(parsed) as [string, NodeSettings][]);
}

const NODE_FIELDS: Readonly<Record<keyof NodeSettings, "string" | "number" | "boolean">> = {
  host: "string",
  portNo: "number",
  tls: "boolean",
  binding: "string",
  alwaysOn: "boolean",
};

function checkNode(name: string, settings: unknown): void {
  const where = `the variable NODES: "${name}"`;
  if (typeof settings !== "object" || settings === null) throw bad(`${where} has to be an object`);
  for (const [field, value] of Object.entries(settings) as [string, unknown][]) {
    const type = (NODE_FIELDS as Readonly<Record<string, string | undefined>>)[field];
    if (type === undefined) throw bad(`${where} has a field "${field}"; there are ${Object.keys(NODE_FIELDS).join(", ")}`);
    if (typeof value !== type) throw bad(`${where}: ${field} has to be a ${type}`);
    if (field === "portNo") readPortNo(value as number, `NODES: "${name}"`);
  }
}

function readPortNo(portNo: number, variable: string): number {
  if (Number.isInteger(portNo) && portNo > 0 && portNo <= 0xffff) return portNo;
  throw bad(`the variable ${variable} is no port from 1 to 65535`);
}

function readSeconds(text: string, variable: string): number {
  const seconds = Number(text);
  if (text !== "" && seconds > 0 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw bad(`the variable ${variable} is "${text}", and has to be a number of seconds above 0`);
}

/** A month: beyond, timers of some runtimes go off at once. */
const MAX_SECONDS = 2_147_483;

function checked<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw bad(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bad(message: string): CallError {
  return new CallError("bad_settings", message);
}
