// Where in a term something is, in words of JavaScript: `elements[1].get(name)[0]`. Only errors ask for it.
import { ErlMap, Fun, ImproperList, NativeRecord, type Term, Tuple } from "./terms.ts";

/**
 * The way from `root` to the first part that `wanted` is true for; undefined when that is the root, or nothing. Parts are
 * met in the order of the encoder, so a term that contains itself has an end here if it has one there.
 */
export function pathTo(root: Term, wanted: (part: Term) => boolean): string | undefined {
  const stack: Step[] = [{ part: root, segment: "", from: undefined }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if (wanted(step.part)) return spell(step);
    for (const [segment, part] of insides(step.part).toReversed()) stack.push({ part, segment, from: step });
  }
  return undefined;
}

interface Step {
  readonly part: Term;
  readonly segment: string;
  readonly from: Step | undefined;
}

function spell(step: Step): string | undefined {
  let path = "";
  for (let at: Step | undefined = step; at !== undefined; at = at.from) path = at.segment + path;
  return path.replace(/^\./, "") || undefined;
}

function insides(part: Term): [string, Term][] {
  const indexed = (items: readonly Term[], name: string): [string, Term][] =>
    Array.from(items, (item, index): [string, Term] => [`${name}[${index}]`, item]);
  if (part instanceof Tuple) return indexed(part.elements, ".elements");
  if (Array.isArray(part)) return indexed(part, "");
  if (part instanceof ImproperList) return [...indexed(part.elements, ".elements"), [".tail", part.tail]];
  if (part instanceof Fun) return indexed(part.free, ".free");
  if (part instanceof NativeRecord) return indexed(part.values, ".values");
  if (!(part instanceof ErlMap)) return [];
  return Array.from(part).flatMap(([key, value], index): [string, Term][] => [
    [`.keys()[${index}]`, key],
    [`.get(${String(key)})`, value],
  ]);
}
