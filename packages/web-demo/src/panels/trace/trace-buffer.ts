// The last rows of all traces of a panel, and those of them that are wanted.
import type { Rows } from "../grid/erl-grid.ts";
import type { TraceRow } from "./trace-row.ts";

/** Rows that are kept, and bytes that their messages had on the wire. */
export const BUFFER_ROWS = 10_000;
const BUFFER_BYTES = 32 * 1024 * 1024;
/** Dropped together, since to drop from the start costs as much as there is. */
const DROPPED_SHARE = 10;

export class TraceBuffer implements Rows<TraceRow> {
  readonly #rows: TraceRow[] = [];
  #shown: TraceRow[] = [];
  #matches: (row: TraceRow) => boolean = () => true;
  #bytes = 0;
  #dropped = 0;

  /** Rows that are kept, wanted or not. */
  get size(): number {
    return this.#rows.length;
  }

  /** Rows that made room for later ones. */
  get dropped(): number {
    return this.#dropped;
  }

  get length(): number {
    return this.#shown.length;
  }

  at(index: number): TraceRow | undefined {
    return this.#shown[index];
  }

  keyOf(index: number): string {
    return String(this.#shown[index]?.id ?? `none ${index}`);
  }

  /** Those that are shown now, however it goes on. */
  snapshot(): Rows<TraceRow> {
    const rows = [...this.#shown];
    return { length: rows.length, at: (index) => rows[index], keyOf: (index) => String(rows[index]?.id ?? `none ${index}`) };
  }

  find(key: string): TraceRow | undefined {
    return this.#rows.find(({ id }) => String(id) === key);
  }

  /** Those that are wanted. */
  get rows(): readonly TraceRow[] {
    return this.#shown;
  }

  add(row: TraceRow): void {
    this.#rows.push(row);
    this.#bytes += row.bytes;
    if (this.#wants(row)) this.#shown.push(row);
    while (this.#rows.length > BUFFER_ROWS || (this.#bytes > BUFFER_BYTES && this.#rows.length > 1)) this.#drop();
  }

  /** Does that to all rows that are kept. */
  each(run: (row: TraceRow) => void): void {
    for (const row of this.#rows) run(row);
    this.filter = this.#matches;
  }

  clear(): void {
    this.#rows.length = 0;
    this.#shown = [];
    this.#bytes = 0;
    this.#dropped = 0;
  }

  set filter(matches: (row: TraceRow) => boolean) {
    this.#matches = matches;
    this.#shown = this.#rows.filter((row) => this.#wants(row));
  }

  #wants(row: TraceRow): boolean {
    return row.kind === "gap" || row.kind === "note" || this.#matches(row);
  }

  #drop(): void {
    const dropped = this.#rows.splice(0, Math.ceil(this.#rows.length / DROPPED_SHARE));
    this.#dropped += dropped.length;
    for (const { bytes } of dropped) this.#bytes -= bytes;
    const first = this.#rows[0]?.id ?? 0;
    const kept = this.#shown.findIndex(({ id }) => id >= first);
    this.#shown.splice(0, kept < 0 ? this.#shown.length : kept);
  }
}

/** Text to look for, or a regular expression between slashes; undefined where that is none. */
export function textFilter(filter: string): ((row: TraceRow) => boolean) | undefined {
  const wanted = filter.trim().toLowerCase();
  const expression = /^\/(.*)\/$/s.exec(filter.trim())?.[1];
  if (expression === undefined) return (row) => lineOf(row).toLowerCase().includes(wanted);
  try {
    const pattern = new RegExp(expression, "iu");
    return (row) => pattern.test(lineOf(row));
  } catch {
    return undefined;
  }
}

/** What is copied of a row. */
export function lineOf({ time, pid, kind, text }: TraceRow): string {
  return [time, pid, kind, text].filter((field) => field !== "").join("\t");
}
