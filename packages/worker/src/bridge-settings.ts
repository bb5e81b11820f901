// The variable BRIDGE: which nodes pages may reach through the Worker, and how much of the protocol it takes into its own hands.
import { checkNameRule, type NameRule, sessionSecret } from "@erl-dist/bridge/policy";
import { checkCallerKey } from "./authentication.ts";
import { CallError } from "./call-error.ts";
import type { Settings } from "./settings.ts";

export interface BridgeSettings {
  /** `custody`, the default: the page knows a secret of its session. `gated`: it knows the cookie. */
  readonly level: "custody" | "gated";
  /** Target ids, as in `/dist/app`, and the nodes of NODES behind them. */
  readonly targets: ReadonlyMap<string, string>;
  /** Origins of pages that may connect; by default only the Worker's own. */
  readonly origins: ReadonlySet<string> | undefined;
  /** How pages are called on the nodes; by default as those like. */
  readonly names: NameRule | undefined;
}

interface Rules {
  readonly level?: unknown;
  readonly targets?: unknown;
  readonly origins?: unknown;
  readonly names?: unknown;
}

const FIELDS: readonly string[] = ["level", "targets", "origins", "names"];

/** Undefined when there is no bridge. Throws a CallError `bad_settings` that names the field. */
export function readBridge({ BRIDGE }: Env, { nodes }: Settings): BridgeSettings | undefined {
  const rules = readRules(BRIDGE);
  const { level = "custody", targets = {}, origins, names } = rules;
  if (level !== "custody" && level !== "gated") throw bad('level: has to be "custody" or "gated"');
  if (!isRecord(targets)) throw bad("targets: has to be an object of ids and node names");
  const entries = Object.entries(targets);
  for (const [id, node] of entries) {
    if (typeof node !== "string" || !nodes.has(node))
      throw bad(`targets: "${id}" is for ${JSON.stringify(node)}, which NODES does not name`);
  }
  if (entries.length === 0) return undefined;
  if (origins !== undefined && !(Array.isArray(origins) && origins.every(isOrigin))) {
    throw bad('origins: has to be an array of origins, as "https://app.example" is one');
  }
  // Looked at next.
  const rule = names as NameRule | undefined;
  if (rule !== undefined) checked("the variable BRIDGE: names", () => checkNameRule(rule));
  return {
    level,
    // All of them are names of nodes.
    targets: new Map(entries as [string, string][]),
    origins: origins === undefined ? undefined : new Set(origins as string[]),
    names: rule,
  };
}

/**
 * Signs tickets, and makes the sessions' secrets. Made from CALLER_KEY, so that one key is enough to keep; and not that key itself,
 * since a page's ticket is no token of a caller.
 */
export async function bridgeKey({ CALLER_KEY, NODE_NAME }: Env): Promise<string> {
  checkCallerKey(CALLER_KEY);
  return sessionSecret(CALLER_KEY, "bridge", NODE_NAME);
}

function readRules(value: unknown): Rules {
  const rules: unknown = typeof value === "string" ? checked("the variable BRIDGE", () => JSON.parse(value || "{}")) : value;
  if (!isRecord(rules)) throw bad("has to be an object");
  const unknown = Object.keys(rules).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw bad(`has a field "${unknown}"; there are ${FIELDS.join(", ")}`);
  return rules;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOrigin(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && new URL(value).origin === value;
}

function checked<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new CallError("bad_settings", `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bad(what: string): CallError {
  return new CallError("bad_settings", `the variable BRIDGE ${what}`);
}
