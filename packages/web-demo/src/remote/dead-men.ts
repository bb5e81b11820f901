// The dead man's switch: a process on the node calls us and waits for an answer that never comes, and then does the rest of its
// list. When the node loses us, the call fails, and the rest is what cleans up. No code of ours is needed for it:
// lists:zipwith3(fun erlang:apply/3, [rpc | Ms], [call | Fs], [[OurNode, console, hold, [Key]] | As]).
import { atom, Export, type Pid, type Process, type Term } from "@erl-dist/core";
import type { BareNode } from "@erl-dist/core/remote-node";
import { type RemoteFunction, withLeader } from "./remote-function.ts";

/** Something on the node that cleans up after us. */
export interface DeadMan {
  /** Ends it without the cleaning up. */
  disarm(): void;
}

const MODULE = "console";
const HOLD = "hold";
const APPLY = new Export(atom("erlang"), atom("apply"), 3);
const KILL = atom("kill");
/** A node that cannot call us cleans up all the same, only later. */
const ARMING_MS = 3_000;

export class DeadMen {
  readonly #caller: Process;
  readonly #peer: string;
  readonly #local: BareNode;
  /** Ends the process of ours that a dead man waits for. */
  readonly #releases = new Map<number, (() => void) | undefined>();
  /** Told when a dead man has begun to wait. */
  readonly #armed = new Map<number, () => void>();
  #lastKey = 0;

  constructor(caller: Process, peer: string, local: BareNode) {
    this.#caller = caller;
    this.#peer = peer;
    this.#local = local;
    const releases = this.#releases;
    const armed = this.#armed;
    local.expose(MODULE, {
      [`${HOLD}/1`](key: Term): Promise<void> | undefined {
        // Only keys that were given out, and once: nobody else gets to leave processes here.
        if (typeof key !== "number" || !releases.has(key) || releases.get(key) !== undefined) return undefined;
        return new Promise((resolve) => {
          releases.set(key, resolve);
          armed.get(key)?.();
        });
      },
    });
  }

  async arm(cleanup: readonly RemoteFunction[], leader: Pid | undefined): Promise<DeadMan> {
    const caller = this.#caller;
    const key = ++this.#lastKey;
    this.#releases.set(key, undefined);
    const calls: readonly RemoteFunction[] = [
      ["rpc", "call", [atom(this.#local.name), atom(MODULE), atom(HOLD), [key]]],
      ...cleanup,
    ];
    const modules = calls.map(([module]) => atom(module));
    const funs = calls.map(([, fun]) => atom(fun));
    const args = calls.map(([, , each]) => [...each]);
    // Before it waits, the node that loses us would first try to reach us again, for seconds.
    const waiting = new Promise<void>((resolve) => this.#armed.set(key, resolve));
    const pid = await withLeader(caller, leader, () =>
      caller.spawnRequest(this.#peer, "lists", "zipwith3", [APPLY, modules, funs, args]),
    );
    const timer = setTimeout(() => this.#armed.get(key)?.(), ARMING_MS);
    await waiting;
    clearTimeout(timer);
    this.#armed.delete(key);
    return {
      disarm: () => {
        if (!this.#releases.has(key)) return;
        // After a loss it has done its work, and a signal to it would connect to the node again, which nobody asked for.
        const isWaiting = caller.isAlive && this.#local.nodes().includes(this.#peer);
        // First the waiting one, or it would take our answer for the loss.
        if (isWaiting) caller.exit(pid, KILL);
        this.#releases.get(key)?.();
        this.#releases.delete(key);
      },
    };
  }
}
