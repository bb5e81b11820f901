// The last rows of all traces of a panel, and those of them that are wanted.
import { RowBuffer } from "../grid/row-buffer.ts";
import type { TraceRow } from "./trace-row.ts";

/** Bytes that the messages of the rows that are kept had on the wire. */
const BUFFER_BYTES = 32 * 1024 * 1024;

export class TraceBuffer extends RowBuffer<TraceRow> {
  #matches: (row: TraceRow) => boolean = () => true;
  #bytes = 0;

  add(row: TraceRow): void {
    this.#bytes += row.bytes;
    this.push(row);
  }

  /** Does that to all rows that are kept. */
  each(run: (row: TraceRow) => void): void {
    for (const row of this.kept) run(row);
    this.choose();
  }

  override clear(): void {
    super.clear();
    this.#bytes = 0;
  }

  set filter(matches: (row: TraceRow) => boolean) {
    this.#matches = matches;
    this.choose();
  }

  protected override get isFull(): boolean {
    return super.isFull || (this.#bytes > BUFFER_BYTES && this.size > 1);
  }

  protected override removed(rows: readonly TraceRow[]): void {
    for (const { bytes } of rows) this.#bytes -= bytes;
  }

  protected override wants(row: TraceRow): boolean {
    return row.kind === "gap" || row.kind === "note" || this.#matches(row);
  }
}

/** What is copied of a row, and what a filter looks at. */
export function lineOf({ time, pid, kind, text }: TraceRow): string {
  return [time, pid, kind, text].filter((field) => field !== "").join("\t");
}
