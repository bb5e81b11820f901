// The last rows of something that goes on and on, and those of them that are wanted.
import type { Rows } from "./erl-grid.ts";

/** Rows that are kept. */
export const BUFFER_ROWS = 10_000;
/** Dropped together, since to drop from the start costs as much as there is. */
const DROPPED_SHARE = 10;

/** Rows have ids that grow. */
export abstract class RowBuffer<R extends { readonly id: number }> implements Rows<R> {
  protected readonly kept: R[] = [];
  #shown: R[] = [];
  #dropped = 0;

  /** Rows that are kept, wanted or not. */
  get size(): number {
    return this.kept.length;
  }

  /** Rows that made room for later ones. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Those that are wanted. */
  get rows(): readonly R[] {
    return this.#shown;
  }

  get length(): number {
    return this.#shown.length;
  }

  at(index: number): R | undefined {
    return this.#shown[index];
  }

  keyOf(index: number): string {
    return keyIn(this.#shown, index);
  }

  /** Those that are wanted now, however it goes on. */
  snapshot(): Rows<R> {
    const rows = [...this.#shown];
    return { length: rows.length, at: (index) => rows[index], keyOf: (index) => keyIn(rows, index) };
  }

  find(key: string): R | undefined {
    return this.kept.find(({ id }) => String(id) === key);
  }

  clear(): void {
    this.kept.length = 0;
    this.#shown = [];
    this.#dropped = 0;
  }

  protected abstract wants(row: R): boolean;

  /** Whether the first rows have to go. */
  protected get isFull(): boolean {
    return this.kept.length > BUFFER_ROWS;
  }

  protected push(row: R): void {
    this.kept.push(row);
    if (this.wants(row)) this.#shown.push(row);
    while (this.isFull) this.#drop();
  }

  /** These have gone. */
  protected removed(_rows: readonly R[]): void {}

  /** Others are wanted than before. */
  protected choose(): void {
    this.#shown = this.kept.filter((row) => this.wants(row));
  }

  #drop(): void {
    const dropped = this.kept.splice(0, Math.ceil(this.kept.length / DROPPED_SHARE));
    this.#dropped += dropped.length;
    this.removed(dropped);
    const first = this.kept[0]?.id ?? 0;
    const kept = this.#shown.findIndex(({ id }) => id >= first);
    this.#shown.splice(0, kept < 0 ? this.#shown.length : kept);
  }
}

function keyIn(rows: readonly { readonly id: number }[], index: number): string {
  return String(rows[index]?.id ?? `none ${index}`);
}

/** Text to look for, or a regular expression between slashes; undefined where that is none. */
export function textFilter<R>(filter: string, textOf: (row: R) => string): ((row: R) => boolean) | undefined {
  const wanted = filter.trim();
  if (wanted === "") return () => true;
  const expression = /^\/(.*)\/$/s.exec(wanted)?.[1];
  if (expression === undefined) {
    const lower = wanted.toLowerCase();
    return (row) => textOf(row).toLowerCase().includes(lower);
  }
  try {
    const pattern = new RegExp(expression, "iu");
    return (row) => pattern.test(textOf(row));
  } catch {
    return undefined;
  }
}
