// Who is there: the live processes of the node by pid, by registered name and by alias.
import type { Pid, Reference } from "../etf/index.ts";
import type { Identifiers, Key } from "./identifiers.ts";
import type { Waiter } from "./mailbox.ts";
import type { Alias, AliasLife, ProcessEntry } from "./process-entry.ts";

export class Registry {
  readonly #identifiers: Identifiers;
  /** By id and serial; those of other incarnations are no keys here. */
  readonly #processes = new Map<number, ProcessEntry>();
  readonly #names = new Map<string, ProcessEntry>();
  readonly #aliases = new Map<Key, Alias>();

  constructor(identifiers: Identifiers) {
    this.#identifiers = identifiers;
  }

  add(entry: ProcessEntry): void {
    this.#processes.set(numberOf(entry.pid), entry);
  }

  /** Forgets a process, its names and its aliases. */
  remove(entry: ProcessEntry): void {
    this.#processes.delete(numberOf(entry.pid));
    for (const name of entry.names) this.#names.delete(name);
    for (const key of entry.aliases.keys()) this.#aliases.delete(key);
    entry.names.clear();
    entry.aliases.clear();
  }

  /** Live processes. */
  get size(): number {
    return this.#processes.size;
  }

  get processes(): readonly ProcessEntry[] {
    return [...this.#processes.values()];
  }

  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** The live process of this incarnation with that pid or name. */
  find(who: Pid | string): ProcessEntry | undefined {
    if (typeof who === "string") return this.#names.get(who);
    return this.#identifiers.isOwn(who) ? this.#processes.get(numberOf(who)) : undefined;
  }

  register(name: string, entry: ProcessEntry): void {
    // erlang:register/2 fails with badarg in these cases; here the caller learns which.
    if (name === "" || name === "undefined") throw new RangeError(`"${name}" cannot be a registered name`);
    if (this.#names.has(name)) throw new RangeError(`the name "${name}" is registered already`);
    if (entry.exitReason !== undefined) throw new RangeError(`${entry.pid.toString()} has exited`);
    this.#names.set(name, entry);
    entry.names.add(name);
  }

  /** Says whether the name was there. */
  unregister(name: string): boolean {
    this.#names.get(name)?.names.delete(name);
    return this.#names.delete(name);
  }

  addAlias(ref: Reference, life: AliasLife, entry: ProcessEntry, waiter?: Waiter): void {
    const key = this.#identifiers.key(ref);
    const alias = { ref, life, entry, waiter };
    this.#aliases.set(key, alias);
    entry.aliases.set(key, alias);
  }

  get aliasCount(): number {
    return this.#aliases.size;
  }

  /** An active alias, and the process behind it. */
  alias(ref: Reference): Alias | undefined {
    return this.#aliases.get(this.#identifiers.key(ref));
  }

  /** Says whether the alias was active. */
  removeAlias(ref: Reference): boolean {
    const key = this.#identifiers.key(ref);
    this.#aliases.get(key)?.entry.aliases.delete(key);
    return this.#aliases.delete(key);
  }
}

/**
 * Each message that arrives is for a pid: a number is found several times as fast as a text made of it. Ours are exact; what a
 * peer makes up with a serial beyond 2^21 may be rounded, to what none of ours can be.
 */
function numberOf({ id, serial }: Pid): number {
  return serial * 2 ** 32 + id;
}
