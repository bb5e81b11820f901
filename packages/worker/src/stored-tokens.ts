// Tickets that were used, in the object's storage: an object that was put away in between knows them too. How many there are is for
// those to say who may ask for tickets; a page can make up none.
import type { TokenMemory } from "@erl-dist/bridge/policy";

const SCHEMA = "CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID";

export class StoredTokens implements TokenMemory {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /** Nothing that the object sends afterwards, as a dial, leaves before this is written. */
  spend(id: string, until: number, now: number): boolean {
    const spent = this.#sql.exec(
      "INSERT INTO spent VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE until < ? RETURNING id",
      id,
      until,
      now,
    );
    return spent.toArray().length > 0;
  }

  /** Forgets those that have expired; returns how many are left. */
  forget(now: number): number {
    this.#sql.exec("DELETE FROM spent WHERE until < ?", now);
    return this.#sql.exec<{ left: number }>("SELECT count(*) AS left FROM spent").one().left;
  }
}
