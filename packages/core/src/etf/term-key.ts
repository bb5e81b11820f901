// Terms as strings, such that two are the same string exactly where `equals` holds. JavaScript hashes strings with a
// secret of its own, so a table keyed by them cannot be attacked with keys that collide.
import { Atom } from "./atom.ts";
import {
  BitString,
  ErlMap,
  Export,
  Float,
  type Fun,
  ImproperList,
  NativeRecord,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from "./terms.ts";
import { utf8Bytes } from "./utf8.ts";

/** A key for a Map or Set that holds terms by Erlang's `=:=`. Depth-safe. */
export function termKey(term: Term): string {
  const simple = leafKey(term);
  if (simple !== undefined) return simple;
  // Depth first with an own stack: strings are output, terms are still to be turned into it.
  const parts: string[] = [];
  const stack: (Term | Literal)[] = [term];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (item instanceof Literal) parts.push(item.text);
    else parts.push(leafKey(item) ?? openContainer(item, stack));
  }
  return parts.join("");
}

/** Output that waits on the stack. */
class Literal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function leafKey(term: Term): string | undefined {
  if (term instanceof Atom) return name(term);
  if (term instanceof Pid) return `p${term.id}.${term.serial}.${term.creation}${name(term.node)}`;
  if (term instanceof Reference) return `r${term.ids.join(".")}.${term.creation}${name(term.node)}`;
  switch (typeof term) {
    case "number":
      return Number.isInteger(term) ? `i${term === 0 ? 0 : BigInt(term)};` : `f${term};`;
    case "bigint":
      return `i${term};`;
    case "boolean":
      return term ? "a4:true" : "a5:false";
    case "string":
      return bytesKey("b", utf8Bytes(term));
    default:
  }
  if (term instanceof Uint8Array) return bytesKey("b", term);
  if (term instanceof Float) return `f${Object.is(term.value, -0) ? "-0" : term.value};`;
  if (term instanceof Port) return `o${term.id}.${term.creation}${name(term.node)}`;
  if (term instanceof Export) return `e${term.arity}${name(term.module)}${name(term.function)}`;
  if (term instanceof BitString) return bytesKey(`s${term.bits}.`, term.bytes);
  return undefined;
}

function openContainer(term: Term, stack: (Term | Literal)[]): string {
  const later = (items: readonly (Term | Literal)[]): void => {
    for (let index = items.length - 1; index >= 0; index--) stack.push(items[index] as Term | Literal);
  };
  if (term instanceof Tuple) {
    later(term.elements);
    return `t${term.length};`;
  }
  if (Array.isArray(term)) {
    later(term);
    return `l${term.length};`;
  }
  if (term instanceof ImproperList) {
    later([...term.elements, term.tail]);
    return `m${term.elements.length};`;
  }
  if (term instanceof ErlMap) {
    const sorted = Array.from(term, ([key, value]): [string, Term] => [termKey(key), value]).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    );
    later(sorted.flatMap(([key, value]) => [new Literal(key), value]));
    return `h${term.size};`;
  }
  if (term instanceof NativeRecord) {
    later([...term.fields, ...term.values]);
    return `n${term.exported ? 1 : 0}${term.fields.length}${name(term.module)}${name(term.name)}`;
  }
  // Only a Fun is left: leafKey has taken the others.
  const fun = term as Fun;
  later([fun.pid, ...fun.free]);
  return bytesKey(`u${fun.arity}.${fun.index}.${fun.oldIndex}.${fun.oldUniq}.${fun.free.length}${name(fun.module)}`, fun.uniq);
}

function name(atom: Atom): string {
  return `a${atom.name.length}:${atom.name}`;
}

const CHUNK = 4096;

function bytesKey(prefix: string, bytes: Uint8Array): string {
  const parts = [`${prefix}${bytes.length}:`];
  for (let start = 0; start < bytes.length; start += CHUNK) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)));
  }
  return parts.join("");
}
