// erl`...`: a term written as Erlang source, with values put in.
import type { Atom } from "./atom.ts";
import { listTerm, mapTerm, PARSE_LIMITS } from "./parse.ts";
import { type TermBuilder, TermParser } from "./term-parser.ts";
import { NativeRecord, type Term, Tuple } from "./terms.ts";

/** Makes the term once the values are there. */
type Maker = (values: readonly Term[]) => Term;

/** Parsed once for each place in a program: the strings of a template literal are one object there. */
const makers = new WeakMap<TemplateStringsArray, Maker>();

/**
 * The term that the text says, with `${}` for terms in it: `` erl`{reply, ${ref}, [1, 2 | ${rest}]}` ``. Backslashes are
 * Erlang's own. Throws a ParseError for bad syntax, and a TypeError for a value that is no term when it is encoded.
 */
export function erl(strings: TemplateStringsArray, ...values: readonly Term[]): Term {
  let maker = makers.get(strings);
  if (maker === undefined) {
    const parser = new TermParser(strings.raw, makerBuilder, PARSE_LIMITS);
    maker = parser.value();
    parser.expectEnd();
    makers.set(strings, maker);
  }
  return maker(values);
}

const makerBuilder: TermBuilder<Maker> = {
  association: "=>",
  literal: (term) => () => term,
  tuple: (items) => (values) => new Tuple(items.map((item) => item(values))),
  list: (items, tail) => (values) =>
    listTerm(
      items.map((item) => item(values)),
      tail?.(values),
    ),
  map: (entries) => (values) => {
    const made = mapTerm(entries.map(([key, value]) => [key(values), value(values)] as const));
    if (made === undefined) throw new RangeError("a key of the map comes twice");
    return made;
  },
  record: (module, name, entries) => (values) => record(module, name, entries, values),
  // The parser counts holes as the values are counted.
  hole: (index) => (values) => values[index] as Term,
};

function record(module: Atom, name: Atom, entries: readonly (readonly [Atom, Maker])[], values: readonly Term[]): NativeRecord {
  const fields = entries.map(([field]) => field);
  return new NativeRecord(
    module,
    name,
    true,
    fields,
    entries.map(([, value]) => value(values)),
  );
}
