// The last events of a log, and those of them that are wanted.
import { RowBuffer } from "../grid/row-buffer.ts";
import { gapRecord, LEVELS, type Level, type LogRecord } from "./log-stream.ts";

export interface LogRow extends LogRecord {
  readonly id: number;
}

export interface LogFilter {
  readonly level: Level | "all";
  readonly matches: (row: LogRow) => boolean;
}

const EVERYTHING: LogFilter = { level: "all", matches: () => true };

export class LogBuffer extends RowBuffer<LogRow> {
  #filter: LogFilter = EVERYTHING;
  #lastId = 0;

  add(record: LogRecord): void {
    this.push({ ...record, id: ++this.#lastId });
  }

  addGap(message: string): void {
    this.add(gapRecord(message));
  }

  /** Other messages in the place of those that are kept. */
  change(other: (message: string) => string): void {
    for (const [index, row] of this.kept.entries()) this.kept[index] = { ...row, message: other(row.message) };
    this.choose();
  }

  set filter(filter: LogFilter) {
    this.#filter = filter;
    this.choose();
  }

  protected override wants(row: LogRow): boolean {
    if (row.isGap) return true;
    const { level, matches } = this.#filter;
    return (level === "all" || LEVELS.indexOf(row.level) <= LEVELS.indexOf(level)) && matches(row);
  }
}

/** What a filter looks at. */
export function fieldsOf({ message, mfa, pid, domain }: LogRow): string {
  return `${message}\n${mfa}\n${pid}\n${domain}`;
}
