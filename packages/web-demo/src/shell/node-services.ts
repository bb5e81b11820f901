// What the remote node may ask of ours for the sake of a shell: completion asks the node of its group leader for the shell, and
// whoever is to act when we have gone waits in a call to us.
import { type ErlangNode, type Pid, type Process, type Term, termKey } from "@erl-dist/core";

/** A module of our own, so that nobody else's functions are in the way. */
export const HOLD = { module: "erl_shell", function: "hold" } as const;

export class NodeServices {
  static readonly #ofNode: WeakMap<ErlangNode, NodeServices> = new WeakMap();
  readonly #shells = new Map<string, () => Promise<Pid>>();
  readonly #holds = new Map<number, () => void>();
  #nextHold = 0;

  static of(node: ErlangNode): NodeServices {
    let services = NodeServices.#ofNode.get(node);
    if (services === undefined) {
      services = new NodeServices(node);
      NodeServices.#ofNode.set(node, services);
    }
    return services;
  }

  private constructor(node: ErlangNode) {
    const shells = this.#shells;
    const hold = (id: unknown): Promise<void> | undefined => this.#hold(id);
    // Completion in OTP 26 and newer; who asks is told by the group leader, which is ours.
    node.expose("group", {
      whereis_shell(this: Process): Promise<Pid> | undefined {
        return shells.get(termKey(this.groupLeader))?.();
      },
    });
    node.expose(HOLD.module, { [HOLD.function]: (id: Term) => hold(id) });
  }

  /** Tells the shell to whoever has this group leader, until the function that comes back is called. */
  addShell(leader: Pid, shell: () => Promise<Pid>): () => void {
    const key = termKey(leader);
    this.#shells.set(key, shell);
    return () => this.#shells.delete(key);
  }

  /** An argument for `hold`, and the function that lets its caller go. */
  newHold(): { readonly id: number; release(): void } {
    const id = this.#nextHold++;
    let released = false;
    this.#holds.set(id, () => undefined);
    return {
      id,
      release: () => {
        if (released) return;
        released = true;
        this.#holds.get(id)?.();
        this.#holds.delete(id);
      },
    };
  }

  /** Answers when it is released; at once when that has happened. */
  #hold(id: unknown): Promise<void> | undefined {
    if (typeof id !== "number" || !this.#holds.has(id)) return undefined;
    return new Promise((resolve) => this.#holds.set(id, resolve));
  }
}
