// The part of erpc.ts that nobody waits for, apart from what awaits results: a node that only casts need not load that.
import { type Atom, atom, type Term } from "../etf/index.ts";
import { aboutTerm } from "./check-term.ts";
import type { Process } from "./process.ts";
import { remoteCall } from "./remote-call.ts";

/** `erpc:cast/4`: applies the function on the node; nobody hears of the result. Throws as `send` does. */
export function cast(self: Process, peer: string, module: string | Atom, fun: string | Atom, args: readonly Term[]): void {
  const call = remoteCall(peer, module, fun, args);
  try {
    self.castSpawn(peer, { module: "erpc", function: "execute_cast", args: [atom(call.module), atom(call.function), [...args]] });
  } catch (error) {
    throw aboutTerm(error, [...args]);
  }
}

/** `erpc:multicast/4`: the same on several nodes. */
export function multicast(
  self: Process,
  peers: readonly string[],
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
): void {
  for (const peer of peers) cast(self, peer, module, fun, args);
}
