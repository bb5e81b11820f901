// The links that an object wants, in its storage: what survives when the object is put away or its code replaced.
import type { NodeSettings } from "./settings.ts";
import { failuresAfterLoss, type Link, nextDial } from "./link-plan.ts";

interface Entry {
  usedAt: number;
  failures: number;
  dialAt: number;
  isTheirs: boolean;
  /** Since when it is up, or was when it was lost; undefined when it never was. */
  upAt: number | undefined;
  /** Things under way that need it. */
  users: number;
  /** What storage has. */
  stored: string | undefined;
}

type Row = { peer: string; used_at: number; up_at: number; failures: number; dial_at: number };

const SCHEMA = `CREATE TABLE IF NOT EXISTS links (
  peer TEXT PRIMARY KEY, used_at INTEGER NOT NULL, up_at INTEGER NOT NULL, failures INTEGER NOT NULL, dial_at INTEGER NOT NULL)`;

export class LinkTable {
  readonly #sql: SqlStorage;
  #hasTable: boolean;
  readonly #entries = new Map<string, Entry>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    // To create a table that is there counts as a write, which holds back the first dial.
    this.#hasTable = sql.exec("SELECT name FROM sqlite_master WHERE name = 'links'").toArray().length > 0;
    if (!this.#hasTable) return;
    for (const row of sql.exec<Row>("SELECT * FROM links")) {
      const entry = this.#add(row.peer);
      Object.assign(entry, { usedAt: row.used_at, upAt: row.up_at, failures: row.failures, dialAt: row.dial_at });
      entry.stored = fingerprint(entry);
    }
  }

  /** Something that needs the link begins; what this returns ends it. */
  use(peer: string, now: number): (now: number) => void {
    const entry = this.#entries.get(peer) ?? this.#add(peer);
    entry.users += 1;
    entry.usedAt = now;
    return (end) => {
      entry.users -= 1;
      entry.usedAt = end;
    };
  }

  /** The link is wanted without being used. */
  keep(peer: string): void {
    if (!this.#entries.has(peer)) this.#add(peer);
  }

  /** The link is up; `isTheirs` when the peer has dialled. */
  up(peer: string, isTheirs: boolean, now: number): void {
    const entry = this.#entries.get(peer) ?? this.#add(peer);
    entry.isTheirs = isTheirs;
    entry.upAt = now;
    entry.dialAt = 0;
  }

  lost(peer: string, now: number, chance: number): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    entry.failures = failuresAfterLoss(entry.failures, entry.upAt ?? now, now);
    this.failed(peer, now, chance);
  }

  /** An attempt was in vain. */
  failed(peer: string, now: number, chance: number): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    entry.dialAt = nextDial(entry.failures, now, chance);
    entry.failures += 1;
  }

  forget(peer: string): void {
    const entry = this.#entries.get(peer);
    this.#entries.delete(peer);
    if (entry?.stored !== undefined) this.#sql.exec("DELETE FROM links WHERE peer = ?", peer);
  }

  /**
   * Writes what has changed. Called soon after a link came up and with each alarm, not with each use: every write is paid for. Links
   * that only the peer wants are the peer's to get back, and those that were never up nobody's.
   */
  save(): void {
    for (const [peer, entry] of this.#entries) {
      const { usedAt, upAt, failures, dialAt, stored } = entry;
      const now = fingerprint(entry);
      if (usedAt === 0 || upAt === undefined || now === stored) continue;
      entry.stored = now;
      if (!this.#hasTable) this.#sql.exec(SCHEMA);
      this.#hasTable = true;
      this.#sql.exec("INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?)", peer, usedAt, upAt, failures, dialAt);
    }
  }

  links(isUp: (peer: string) => boolean, settings: ReadonlyMap<string, NodeSettings>): Link[] {
    return Array.from(this.#entries, ([peer, { users, usedAt, upAt, failures, dialAt, isTheirs }]) => ({
      peer,
      alwaysOn: settings.get(peer)?.alwaysOn === true,
      isUp: isUp(peer),
      isTheirs,
      isInUse: users > 0,
      // A node that NODES names no more is not wanted any more.
      usedAt: settings.has(peer) ? usedAt : 0,
      wasUp: upAt !== undefined,
      failures,
      dialAt,
    }));
  }

  #add(peer: string): Entry {
    const entry: Entry = { usedAt: 0, upAt: undefined, failures: 0, dialAt: 0, isTheirs: false, users: 0, stored: undefined };
    this.#entries.set(peer, entry);
    return entry;
  }
}

function fingerprint({ usedAt, upAt, failures, dialAt }: Entry): string {
  return [usedAt, upAt, failures, dialAt].join(" ");
}
