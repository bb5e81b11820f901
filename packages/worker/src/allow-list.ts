// What callers may ask nodes for: nothing that the variable ALLOW does not name. Who may send any message to any process runs
// any code there, so this list is what keeps the Worker from being an open door.
import { CallError } from "./call-error.ts";

/** The variable ALLOW, or the same as JSON text. */
export interface AllowRules {
  /** `"my_api:get/1"`, `"my_api:get"` with any arity, `"my_api:*"`. */
  readonly erpc?: readonly string[];
  /** Registered names of servers: `"counter"`, or `"room_*"`. The rule `"<pid>"` allows any pid. */
  readonly call?: readonly string[];
  readonly cast?: readonly string[];
  readonly send?: readonly string[];
  /** Names of processes that a subscriber may monitor. */
  readonly monitor?: readonly string[];
  /** Names on our own node that a subscriber may receive messages under. */
  readonly subscribe?: readonly string[];
  /** Atoms that terms of callers may have, besides a few that each node knows; `"*"` for any. */
  readonly atoms?: readonly string[];
}

export type NameOperation = "call" | "cast" | "send" | "monitor" | "subscribe";

const NAME_OPERATIONS: readonly NameOperation[] = ["call", "cast", "send", "monitor", "subscribe"];
const FIELDS: readonly string[] = ["erpc", "atoms", ...NAME_OPERATIONS];

/** The rule for processes without a name: callers can make pids up, so it allows each process there is. */
export const ANY_PID = "<pid>";

/** Each node has them, so that they take no new entry of its atom table, which never shrinks. */
const COMMON_ATOMS: ReadonlySet<string> = new Set(
  "ok error true false undefined nil null none infinity normal noproc timeout reply noreply stop start get set put delete".split(
    " ",
  ),
);

/** Modules of OTP that run what they are told, or give it away: all of such a module is everything. */
const POWERFUL: ReadonlySet<string> = new Set(
  "erlang erl_eval os file code rpc erpc init application ets sys proc_lib timer supervisor net_kernel dbg compile".split(" "),
);

const FUNCTION = /^(?<module>[^:/*\s]+):(?:\*|(?<name>[^:/*\s]+)(?:\/(?<arity>\d{1,3}))?)$/;

interface FunctionRule {
  readonly module: string;
  readonly name: string | undefined;
  readonly arity: number | undefined;
}

export class AllowList {
  readonly #functions: readonly FunctionRule[];
  readonly #names: ReadonlyMap<NameOperation, readonly string[]>;
  readonly #atoms: ReadonlySet<string>;

  /** Throws a CallError `bad_settings` that names the rule. */
  constructor(rules: unknown) {
    const { erpc, atoms, ...names } = checkRules(rules);
    this.#functions = (erpc ?? []).map(readFunction);
    this.#names = new Map(
      NAME_OPERATIONS.map((operation) => [operation, (names[operation] ?? []).map((rule) => checkName(operation, rule))]),
    );
    this.#atoms = new Set(atoms);
  }

  /** Throws a CallError `not_allowed`. */
  checkFunction(module: string, name: string, arity: number): void {
    const isAllowed = this.#functions.some(
      (rule) => rule.module === module && (rule.name ?? name) === name && (rule.arity ?? arity) === arity,
    );
    if (!isAllowed) throw new CallError("not_allowed", `ALLOW.erpc has no rule for ${module}:${name}/${arity}`);
  }

  /** Throws a CallError `not_allowed`. Without a name it is a pid. */
  checkName(operation: NameOperation, name: string = ANY_PID): void {
    const isAllowed = this.#names
      .get(operation)
      ?.some((rule) => (rule.endsWith("*") ? name !== ANY_PID && name.startsWith(rule.slice(0, -1)) : rule === name));
    if (isAllowed !== true) throw new CallError("not_allowed", `ALLOW.${operation} has no rule for ${name}`);
  }

  /** Throws a CallError `atom_not_allowed`: atoms are for ever, and a node ends when it has had a million. */
  checkAtom(name: string): void {
    if (COMMON_ATOMS.has(name) || this.#atoms.has(name) || this.#atoms.has("*")) return;
    throw new CallError("atom_not_allowed", `ALLOW.atoms does not have ${JSON.stringify(name)}`);
  }
}

function checkRules(rules: unknown): AllowRules {
  const parsed = typeof rules === "string" ? parse(rules) : rules;
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw bad("has to be an object");
  for (const [field, value] of Object.entries(parsed) as [string, unknown][]) {
    if (!FIELDS.includes(field)) throw bad(`has a field "${field}"; there are ${FIELDS.join(", ")}`);
    if (!Array.isArray(value) || value.some((rule) => typeof rule !== "string" || rule === "")) {
      throw bad(`field ${field}: has to be an array of strings`);
    }
  }
  return parsed;
}

function parse(text: string): unknown {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw bad(`is no JSON: ${(error as Error).message}`);
  }
}

function readFunction(rule: string): FunctionRule {
  const groups = FUNCTION.exec(rule)?.groups;
  const module = groups?.["module"];
  if (groups === undefined || module === undefined) {
    throw bad(`field erpc: "${rule}" is no rule, as "my_api:get/1", "my_api:get" and "my_api:*" are`);
  }
  const { name, arity } = groups;
  if (name === undefined && POWERFUL.has(module)) {
    throw bad(`field erpc: "${rule}" would let callers run anything on the node; name the functions that they need`);
  }
  return { module, name, arity: arity === undefined ? undefined : Number(arity) };
}

function checkName(operation: NameOperation, rule: string): string {
  if (rule === ANY_PID && operation !== "subscribe") return rule;
  if (/^[^*<>]+\*?$/.test(rule)) return rule;
  throw bad(`field ${operation}: "${rule}" is no rule, as "counter" and "room_*" are`);
}

function bad(what: string): CallError {
  return new CallError("bad_settings", `the variable ALLOW ${what}`);
}
