// `global` as a client. A hidden node has no part in the table of global names, so each function asks a node that has, and
// there runs what `global` does. Names are any terms: `atom("chat")`, a tuple; a JavaScript string is a binary.
import { atom, Pid, type Term, tuple } from "../etf/index.ts";
import { ErlangError } from "./erlang-error.ts";
import { call as erpcCall } from "./erpc.ts";
import type { ReceiveOptions } from "./mailbox.ts";
import type { Process } from "./process.ts";

/** `global:whereis_name(Name)` on `peer`. Rejects as `registerName`. */
export async function whereisName(self: Process, peer: string, name: Term, options?: ReceiveOptions): Promise<Pid | undefined> {
  const found = await call(self, peer, "whereis_name", [name], options);
  return found instanceof Pid ? found : undefined;
}

/**
 * `global:register_name(Name, Pid)` on `peer`: for all nodes that this one is connected with, until the process ends or its
 * node is lost to them. Says whether the name was free (`yes`). Rejects with an ErlangError of class `exit` when the peer
 * cannot be reached (`{nodedown, Node}`) or takes longer than `timeoutMs`.
 */
export async function registerName(
  self: Process,
  peer: string,
  name: Term,
  pid: Pid,
  options?: ReceiveOptions,
): Promise<boolean> {
  return (await call(self, peer, "register_name", [name, pid], options)) === atom("yes");
}

/** `global:re_register_name(Name, Pid)`: as `registerName`, taking the name from whoever has it. */
export async function reRegisterName(self: Process, peer: string, name: Term, pid: Pid, options?: ReceiveOptions): Promise<void> {
  await call(self, peer, "re_register_name", [name, pid], options);
}

/** `global:unregister_name(Name)`. Rejects as `registerName`. */
export async function unregisterName(self: Process, peer: string, name: Term, options?: ReceiveOptions): Promise<void> {
  await call(self, peer, "unregister_name", [name], options);
}

/** `global:registered_names()`. */
export async function registeredNames(self: Process, peer: string, options?: ReceiveOptions): Promise<Term[]> {
  const names = await call(self, peer, "registered_names", [], options);
  return Array.isArray(names) ? names : [];
}

/** `global:send(Name, Message)`: rejects with an exit `{badarg, {Name, Message}}` when nobody has the name. */
export async function send(self: Process, peer: string, name: Term, message: Term, options?: ReceiveOptions): Promise<Pid> {
  const pid = await whereisName(self, peer, name, options);
  if (pid === undefined) throw new ErlangError("exit", tuple(atom("badarg"), tuple(name, message)));
  self.send(pid, message);
  return pid;
}

/** Runs a function of `global` there. Fails as a call does: the node is down, or it takes too long. */
async function call(self: Process, peer: string, fun: string, args: Term[], options?: ReceiveOptions): Promise<Term> {
  try {
    return await erpcCall(self, peer, "global", fun, args, options);
  } catch (error) {
    if (!(error instanceof ErlangError)) throw error;
    const { code } = error;
    if (code === "noconnection") throw new ErlangError("exit", tuple(atom("nodedown"), atom(peer)), [], { code, cause: error });
    if (code === "timeout") throw new ErlangError("exit", atom("timeout"), [], { code, cause: error });
    throw error;
  }
}
