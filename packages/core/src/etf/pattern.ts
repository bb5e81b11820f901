// pattern`...`: matches a term as a clause of Erlang would, and binds its variables.
import type { Atom } from "./atom.ts";
import { equals } from "./equal.ts";
import { PARSE_LIMITS } from "./parse.ts";
import { type TermBuilder, TermParser } from "./term-parser.ts";
import { ErlMap, ImproperList, NativeRecord, type Term, Tuple } from "./terms.ts";

/** What the variables of a pattern stand for, by name. */
export type Bindings = Readonly<Record<string, Term>>;

/** A compiled pattern; `receive` and others take it in place of a predicate. */
export class Pattern<B extends Bindings = Bindings> {
  /** The source, for error messages. */
  readonly source: string;
  readonly #matcher: Matcher;
  readonly #values: readonly (Term | Pattern)[];

  /** Use pattern`...`. @internal */
  constructor(source: string, matcher: Matcher, values: readonly (Term | Pattern)[]) {
    this.source = source;
    this.#matcher = matcher;
    this.#values = values;
  }

  /** The bindings, or undefined where the term does not match. A variable that comes twice must be `=:=` both times. */
  match(term: Term): B | undefined {
    const bound = new Map<string, Term>();
    // Which variables there are is told by the text, which the compiler cannot read.
    return this.#matcher(term, bound, this.#values) ? (Object.fromEntries(bound) as B) : undefined;
  }

  /** Whether a term matches. */
  test(term: Term): boolean {
    return this.#matcher(term, new Map(), this.#values);
  }

  /** As part of another pattern. @internal */
  matchInto(term: Term, bound: Map<string, Term>): boolean {
    return this.#matcher(term, bound, this.#values);
  }

  toString(): string {
    return this.source;
  }
}

type Matcher = (term: Term, bound: Map<string, Term>, values: readonly (Term | Pattern)[]) => boolean;

/** Parsed once for each place in a program: the strings of a template literal are one object there. */
const matchers = new WeakMap<TemplateStringsArray, Matcher>();

/**
 * A pattern in Erlang's syntax: `` pattern`{ok, Value, [H | T], #{key := V}, _}` ``. `${}` puts in a term, which must be `=:=`
 * there, or another pattern. Keys of a map pattern have no variables. Name the variables' types with
 * `` pattern<{ Value: number }>`...` ``. Throws a ParseError.
 */
export function pattern<B extends Bindings = Bindings>(
  strings: TemplateStringsArray,
  ...values: readonly (Term | Pattern)[]
): Pattern<B> {
  let matcher = matchers.get(strings);
  if (matcher === undefined) {
    const parser = new TermParser(strings.raw, matcherBuilder, PARSE_LIMITS);
    matcher = parser.value().match;
    parser.expectEnd();
    matchers.set(strings, matcher);
  }
  return new Pattern<B>(strings.raw.join("${}"), matcher, values);
}

/** A part of a pattern; a constant part can be a key. */
interface Part {
  readonly match: Matcher;
  /** The term that it stands for; absent where variables are. */
  readonly constant?: (values: readonly (Term | Pattern)[]) => Term;
}

const matcherBuilder: TermBuilder<Part> = {
  association: ":=",
  literal: (literal) => ({ match: (term) => equals(term, literal), constant: () => literal }),
  tuple: (items) => ({
    match: (term, bound, values) => term instanceof Tuple && matchAll(items, term.elements, bound, values),
    ...constantOf(items, (terms) => new Tuple(terms)),
  }),
  list: (items, tail) => ({
    match: (term, bound, values) => matchList(items, tail, term, bound, values),
    ...(tail === undefined ? constantOf(items, (terms) => [...terms]) : {}),
  }),
  map: (entries) => {
    const keys = entries.map(([key]) => key.constant);
    return {
      match: (term, bound, values) => {
        if (!(term instanceof ErlMap)) return false;
        return entries.every(([, value], index) => {
          const key = keys[index]?.(values);
          if (key === undefined) throw new TypeError("a key of a map pattern has no variables");
          const found = term.get(key);
          return found !== undefined && value.match(found, bound, values);
        });
      },
    };
  },
  record: (module, name, entries) => ({
    match: (term, bound, values) => term instanceof NativeRecord && matchRecord(module, name, entries, term, bound, values),
  }),
  hole: (index) => ({
    match: (term, bound, values) => {
      const value = values[index];
      return value instanceof Pattern ? value.matchInto(term, bound) : value !== undefined && equals(term, value);
    },
    constant: (values) => {
      const value = values[index];
      if (value === undefined || value instanceof Pattern) throw new TypeError("a key of a map pattern is a term");
      return value;
    },
  }),
  variable: (name) => ({ match: name === "_" ? () => true : (term, bound) => bind(name, term, bound) }),
};

function bind(name: string, term: Term, bound: Map<string, Term>): boolean {
  const before = bound.get(name);
  if (before !== undefined) return equals(before, term);
  bound.set(name, term);
  return true;
}

/** A compound of constants is a constant. */
function constantOf(items: readonly Part[], make: (terms: readonly Term[]) => Term): Pick<Part, "constant"> {
  const constants = items.map((item) => item.constant).filter((constant) => constant !== undefined);
  if (constants.length < items.length) return {};
  return { constant: (values) => make(constants.map((constant) => constant(values))) };
}

function matchAll(
  items: readonly Part[],
  terms: readonly Term[],
  bound: Map<string, Term>,
  values: readonly (Term | Pattern)[],
): boolean {
  return items.length === terms.length && matchEach(items, terms, bound, values);
}

function matchEach(
  items: readonly Part[],
  terms: readonly Term[],
  bound: Map<string, Term>,
  values: readonly (Term | Pattern)[],
): boolean {
  return items.every((item, index) => {
    const term = terms[index];
    return term !== undefined && item.match(term, bound, values);
  });
}

/** `[H | T]` matches every list of at least one element; the tail is what is left, `[]` at the least. */
function matchList(
  items: readonly Part[],
  tail: Part | undefined,
  term: Term,
  bound: Map<string, Term>,
  values: readonly (Term | Pattern)[],
): boolean {
  const elements = Array.isArray(term) ? term : term instanceof ImproperList ? term.elements : undefined;
  if (elements === undefined) return false;
  if (tail === undefined) return Array.isArray(term) && matchAll(items, elements, bound, values);
  if (elements.length < items.length || !matchEach(items, elements, bound, values)) return false;
  const rest = elements.slice(items.length);
  if (Array.isArray(term)) return tail.match(rest, bound, values);
  if (!(term instanceof ImproperList)) return false;
  return tail.match(rest.length === 0 ? term.tail : new ImproperList(rest, term.tail), bound, values);
}

function matchRecord(
  module: Atom,
  name: Atom,
  entries: readonly (readonly [Atom, Part])[],
  term: NativeRecord,
  bound: Map<string, Term>,
  values: readonly (Term | Pattern)[],
): boolean {
  if (!equals(term.module, module) || !equals(term.name, name)) return false;
  return entries.every(([field, part]) => {
    const value = term.get(field);
    return value !== undefined && part.match(value, bound, values);
  });
}
