// Terms from text, in the syntax of Erlang source: what file:consult/1 reads. Nothing is ever evaluated.
import { map } from "./map.ts";
import { type ParseLimits, type TermBuilder, TermParser } from "./term-parser.ts";
import { type ErlMap, ImproperList, NativeRecord, type Term, Tuple } from "./terms.ts";

export interface ParseOptions {
  /** Levels of nesting accepted. Default 100,000. */
  readonly depth?: number;
  /** Characters (UTF-16 units) accepted. Default 16 Mi. */
  readonly size?: number;
}

/** @internal */
export const PARSE_LIMITS: ParseLimits = { depth: 100_000, size: 16 * 1024 * 1024 };

/**
 * Reads one term: `parse("{ok, [1, 2.0, <<\"x\">>]}")`. A full stop may follow. Throws a ParseError with line, column, what was
 * expected and what came.
 */
export function parse(text: string, options: ParseOptions = {}): Term {
  const parser = new TermParser([text], termBuilder, { ...PARSE_LIMITS, ...options });
  const term = parser.value();
  parser.expectEnd();
  return term;
}

/** Reads all terms of a text, each ended by a full stop, as file:consult/1 does. */
export function consult(text: string, options: ParseOptions = {}): Term[] {
  const parser = new TermParser([text], termBuilder, { ...PARSE_LIMITS, ...options });
  const terms: Term[] = [];
  while (!parser.atEnd) terms.push(parser.valueAndStop());
  return terms;
}

/** Builds terms themselves; what `erl` builds with values in between is made by the same functions. @internal */
export const termBuilder: TermBuilder<Term> = {
  association: "=>",
  literal: (term) => term,
  tuple: (items) => new Tuple(items),
  list: listTerm,
  map: mapTerm,
  record: (module, name, entries) => {
    const fields = entries.map(([field]) => field);
    if (new Set(fields).size !== fields.length) return undefined;
    // The text does not tell whether the definition is exported; those that others can use are.
    return new NativeRecord(
      module,
      name,
      true,
      fields,
      entries.map(([, value]) => value),
    );
  },
};

/** @internal */
export function listTerm(items: readonly Term[], tail: Term | undefined): Term {
  if (tail === undefined) return [...items];
  if (Array.isArray(tail)) return [...items, ...tail];
  if (tail instanceof ImproperList) return new ImproperList([...items, ...tail.elements], tail.tail);
  return new ImproperList([...items], tail);
}

/** Undefined when a key comes twice: which value counts would be a guess. @internal */
export function mapTerm(entries: readonly (readonly [Term, Term])[]): ErlMap | undefined {
  const made = map(entries);
  return made.size === entries.length ? made : undefined;
}
