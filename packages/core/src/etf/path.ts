// Where in a term something is, in words of JavaScript: `elements[1].get(name)[0]`. Only errors ask for it.
import { IndexedMap } from "./map.ts";
import { Fun, ImproperList, NativeRecord, type Term, Tuple } from "./terms.ts";

/**
 * The way from `root` to the first part that `wanted` is true for; undefined when that is the root, or nothing. Parts are
 * met in the order of the encoder, so a term that contains itself has an end here if it has one there.
 */
export function pathTo(root: Term, wanted: (part: Term) => boolean): string | undefined {
  const stack: Step[] = [{ part: root, segment: "", from: undefined }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if (wanted(step.part)) return spell(step);
    const from = step;
    stack.push(
      ...insides(step.part)
        .map(([segment, part]) => ({ part, segment, from }))
        .toReversed(),
    );
  }
  return undefined;
}

interface Step {
  readonly part: Term;
  readonly segment: string;
  readonly from: Step | undefined;
}

function spell(step: Step): string | undefined {
  const segments: string[] = [];
  for (let at: Step | undefined = step; at !== undefined; at = at.from) segments.push(at.segment);
  const path = segments.toReversed().join("").replace(/^\./, "");
  return path === "" ? undefined : path;
}

function insides(part: Term): [string, Term][] {
  const indexed = (items: readonly Term[], name: string): [string, Term][] =>
    Array.from(items, (item, index): [string, Term] => [`${name}[${index}]`, item]);
  if (part instanceof Tuple) return indexed(part.elements, ".elements");
  if (Array.isArray(part)) return indexed(part, "");
  if (part instanceof ImproperList) return [...indexed(part.elements, ".elements"), [".tail", part.tail]];
  if (part instanceof Fun) return indexed(part.free, ".free");
  if (part instanceof NativeRecord) return indexed(part.values, ".values");
  if (!(part instanceof IndexedMap)) return [];
  return Array.from(part).flatMap(([key, value], index): [string, Term][] => [
    [`.keys()[${index}]`, key],
    [`.get(${String(key)})`, value],
  ]);
}
