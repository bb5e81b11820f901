// Which names are taken, and what is remembered of those that were: a name that comes back gets the next creation.
import type { DumpEntry } from "./messages.ts";
import type { AliveRequest } from "./server-messages.ts";

/** As many as OTP's epmd remembers. Whoever registers name after name would otherwise fill the memory. */
const REMEMBERED_NAMES = 1_000;

/** Values below are for those who do not know. */
const FIRST_CREATION = 4;

interface Known {
  readonly node: AliveRequest;
  readonly creation: number;
}

export class NameTable {
  readonly #active = new Map<string, Known>();
  /** The one that was given back longest ago is first. */
  readonly #old = new Map<string, Known>();

  get size(): number {
    return this.#active.size;
  }

  get nodes(): AliveRequest[] {
    return [...this.#active.values()].map(({ node }) => node);
  }

  /** Everything that is known, for DUMP_REQ; there are no file descriptors here. */
  get entries(): DumpEntry[] {
    const entry =
      (state: DumpEntry["state"]) =>
      ({ node: { name, portNo } }: Known): DumpEntry => ({ state, name, portNo, fd: -1 });
    return [...[...this.#active.values()].map(entry("active")), ...[...this.#old.values()].map(entry("old/unused"))];
  }

  find(name: string): AliveRequest | undefined {
    return this.#active.get(name)?.node;
  }

  /** The creation; `first` is that of a name which is not known. */
  register(node: AliveRequest, first: number): number | "duplicate" {
    if (this.#active.has(node.name)) return "duplicate";
    const old = this.#old.get(node.name);
    this.#old.delete(node.name);
    const next = (old === undefined ? first : old.creation + 1) >>> 0;
    const creation = next < FIRST_CREATION ? FIRST_CREATION : next;
    this.#active.set(node.name, { node, creation });
    return creation;
  }

  unregister(name: string): void {
    const known = this.#active.get(name);
    if (known === undefined) return;
    this.#active.delete(name);
    this.#old.set(name, known);
    for (const oldest of this.#old.keys()) {
      if (this.#old.size <= REMEMBERED_NAMES) break;
      this.#old.delete(oldest);
    }
  }
}
