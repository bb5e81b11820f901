// The last events of a log, and those of them that are wanted.
import type { Rows } from "../grid/erl-grid.ts";
import { gapRecord, LEVELS, type Level, type LogRecord } from "./log-stream.ts";

/** Events that are kept. */
export const BUFFER_ROWS = 10_000;
/** Dropped together, since to drop from the start costs as much as there is. */
const DROPPED_ROWS = 1_000;

export interface LogRow extends LogRecord {
  readonly id: number;
}

export interface LogFilter {
  readonly level: Level | "all";
  readonly matches: (row: LogRow) => boolean;
}

const EVERYTHING: LogFilter = { level: "all", matches: () => true };

export class LogBuffer implements Rows<LogRow> {
  readonly #rows: LogRow[] = [];
  #shown: LogRow[] = [];
  #filter: LogFilter = EVERYTHING;
  #lastId = 0;
  #dropped = 0;

  /** Events that are kept, wanted or not. */
  get size(): number {
    return this.#rows.length;
  }

  /** Events that made room for later ones. */
  get dropped(): number {
    return this.#dropped;
  }

  get length(): number {
    return this.#shown.length;
  }

  at(index: number): LogRow | undefined {
    return this.#shown[index];
  }

  keyOf(index: number): string {
    return String(this.#shown[index]?.id ?? `none ${index}`);
  }

  /** Those that are shown now, however the log goes on. */
  snapshot(): Rows<LogRow> {
    const rows = [...this.#shown];
    return { length: rows.length, at: (index) => rows[index], keyOf: (index) => String(rows[index]?.id ?? `none ${index}`) };
  }

  find(key: string): LogRow | undefined {
    return this.#rows.find(({ id }) => String(id) === key);
  }

  add(record: LogRecord): void {
    const row = { ...record, id: ++this.#lastId };
    this.#rows.push(row);
    if (this.#wants(row)) this.#shown.push(row);
    if (this.#rows.length > BUFFER_ROWS) this.#drop();
  }

  addGap(message: string): void {
    this.add(gapRecord(message));
  }

  /** Other messages in the place of those that are kept. */
  change(other: (message: string) => string): void {
    for (const [index, row] of this.#rows.entries()) this.#rows[index] = { ...row, message: other(row.message) };
    this.filter = this.#filter;
  }

  clear(): void {
    this.#rows.length = 0;
    this.#shown = [];
    this.#dropped = 0;
  }

  set filter(filter: LogFilter) {
    this.#filter = filter;
    this.#shown = this.#rows.filter((row) => this.#wants(row));
  }

  #wants(row: LogRow): boolean {
    if (row.isGap) return true;
    const { level, matches } = this.#filter;
    return (level === "all" || LEVELS.indexOf(row.level) <= LEVELS.indexOf(level)) && matches(row);
  }

  #drop(): void {
    this.#rows.splice(0, DROPPED_ROWS);
    this.#dropped += DROPPED_ROWS;
    const first = this.#rows[0]?.id ?? 0;
    const kept = this.#shown.findIndex(({ id }) => id >= first);
    this.#shown.splice(0, kept < 0 ? this.#shown.length : kept);
  }
}

/** Text to look for in all fields, or a regular expression between slashes; undefined where that is none. */
export function textFilter(filter: string): ((row: LogRow) => boolean) | undefined {
  if (filter.trim() === "") return () => true;
  const expression = /^\/(.*)\/$/s.exec(filter.trim())?.[1];
  if (expression === undefined) {
    const wanted = filter.trim().toLowerCase();
    return (row) => fieldsOf(row).toLowerCase().includes(wanted);
  }
  try {
    const pattern = new RegExp(expression, "iu");
    return (row) => pattern.test(fieldsOf(row));
  } catch {
    return undefined;
  }
}

function fieldsOf({ message, mfa, pid, domain }: LogRow): string {
  return `${message}\n${mfa}\n${pid}\n${domain}`;
}
