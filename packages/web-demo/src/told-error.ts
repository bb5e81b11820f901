// An error of ours with a text of a table, so that a page can say it in words of its own.
import { filled } from "./filled.ts";

export class ToldError<Key extends string> extends Error {
  override readonly name: string = "ToldError";
  readonly key: Key;
  readonly values: Readonly<Record<string, string>>;

  /** The message is in English; `values` are those of its braces. */
  constructor(table: Readonly<Record<Key, string>>, key: Key, values: Readonly<Record<string, string>> = {}) {
    super(filled(table[key], values));
    this.key = key;
    this.values = values;
  }
}
