// Which of the ways to a shell a node has, found out from what its modules export and never from a version.
import { type Atom, atom, erpc, Pid, type Process, type Term, Tuple, tuple } from "@erl-dist/core";
import { CallError } from "../remote/call-error.ts";
import type { RemoteNode } from "../remote/remote-node.ts";
import { SHELL_STRINGS } from "../panels/shell/strings.ts";
import { ToldError } from "../told-error.ts";

export type ShellKind = "erl" | "iex";

/** How the node's `group` module is started, and with what its drawing requests mean. */
export interface Dialect {
  /** `"server/3"`: OTP 25. `"server/4"`: OTP 26 and 27. `"statem"`: OTP 28 and newer. */
  readonly group: "server/3" | "server/4" | "statem";
  readonly kind: ShellKind;
  /** Module, function and arguments that give the pid of a shell. */
  readonly shell: Tuple;
}

/** Throws a TypeError for a shell that the node has not, or a `group` module that none of the known ways fits. */
export async function findDialect(remote: RemoteNode, wanted: ShellKind | "auto"): Promise<Dialect> {
  const [exports, iex] = await Promise.all([exportsOf(remote, "group"), findIex(remote, wanted)]);
  const group = exports.has("callback_mode/0")
    ? "statem"
    : exports.has("server/4")
      ? "server/4"
      : exports.has("server/3")
        ? "server/3"
        : undefined;
  if (group === undefined)
    throw new TypeError(`${remote.name} has a module group that exports neither server/3,4 nor callback_mode/0`);
  if (iex !== undefined) return { group, kind: "iex", shell: iex };
  return { group, kind: "erl", shell: tuple(atom("shell"), atom("start"), []) };
}

async function findIex(remote: RemoteNode, wanted: ShellKind | "auto"): Promise<Tuple | undefined> {
  if (wanted === "erl") return undefined;
  // By itself IEx is for nodes that run Elixir already.
  if (wanted === "auto" && (await remote.call("application", "get_key", [atom("iex"), atom("vsn")])) === atom("undefined")) {
    return undefined;
  }
  if ((await exportsOf(remote, "iex")).has("start/0")) return tuple(atom("iex"), atom("start"), []);
  if ((await exportsOf(remote, "Elixir.IEx")).has("start/2")) {
    const nothing = tuple(atom("erlang"), atom("node"), []);
    return tuple(atom("Elixir.IEx"), atom("start"), [[], nothing]);
  }
  if (wanted === "iex") throw new ToldError(SHELL_STRINGS, "shellNoIex", { node: remote.name });
  return undefined;
}

/** As `name/arity`; empty where there is no such module. */
async function exportsOf(remote: RemoteNode, module: string): Promise<ReadonlySet<string>> {
  try {
    const list = await remote.call(module, "module_info", [atom("exports")]);
    return new Set(Array.isArray(list) ? list.map(functionName) : []);
  } catch (error) {
    if (error instanceof CallError && error.code === "undef") return new Set();
    throw error;
  }
}

function functionName(term: Term): string {
  return term instanceof Tuple ? `${(term.at(0) as Atom).name}/${String(term.at(1))}` : "";
}

/** Starts a group whose driver is `self`, linked to it. */
export async function startGroup(self: Process, peer: string, { group, shell }: Dialect): Promise<Pid> {
  switch (group) {
    case "server/3":
      return self.spawnRequest(peer, "group", "server", [self.pid, shell, []], { link: true });
    case "server/4":
      return self.spawnRequest(peer, "group", "server", [[], self.pid, shell, []], { link: true });
    case "statem": {
      // It links itself to its driver, and does not need the process that starts it. Older ones do: they die with it.
      const started = await erpc.call(self, peer, "group", "start", [self.pid, shell, []]);
      if (started instanceof Pid) return started;
      throw new TypeError(`group:start/3 on ${peer} gave no pid`);
    }
    default:
      return group satisfies never;
  }
}
