// Rows of lists that are asked for again and again. What was in the last list and has gone since stays where it stood for one look more,
// struck through: a row that is not there any more would look like one that a person has lost sight of.
import type { Rows } from "./erl-grid.ts";

export interface GoneRow<R> {
  /** Where it stood. */
  readonly index: number;
  /** As it is shown now: with a word that says that it has gone. */
  readonly row: R;
}

/** Those of a list that have gone; `goneOf` gives how such a row is shown, or undefined for one that has not. */
export function goneRows<R>(shown: readonly R[], goneOf: (row: R) => R | undefined): readonly GoneRow<R>[] {
  return shown.flatMap((before, index) => {
    const row = goneOf(before);
    return row === undefined ? [] : [{ index, row }];
  });
}

/** The rows of the next list, and those that have gone where they stood. */
export function withGone<R>(rows: readonly R[], gone: readonly GoneRow<R>[]): R[] {
  const all = [...rows];
  for (const { index, row } of gone) all.splice(index, 0, row);
  return all;
}

/** What a grid shows of such a list, filtered and sorted or not. */
export function rowsOf<R extends object>(rows: readonly R[], gone: readonly GoneRow<R>[], keyOf: (row: R) => string): Rows<R> {
  const struck = new Set(gone.map(({ row }) => row));
  return {
    length: rows.length,
    at: (index) => rows[index],
    keyOf(index) {
      const row = rows[index];
      return row === undefined ? String(index) : keyOf(row);
    },
    isGone(index) {
      const row = rows[index];
      return row !== undefined && struck.has(row);
    },
  };
}
