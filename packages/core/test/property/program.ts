// Random programs of what processes on two nodes do to each other: two on node a, two on node b, and those that they start.
import fc from "fast-check";
import { atom, format, parse, type Term, Tuple, tuple } from "../../src/etf/index.ts";

/** One step in words: as `run/2` of signal_program.erl takes it, with strings for atoms. */
export type Step = readonly Part[];
type Part = string | number | boolean | Step;
export type Program = readonly Step[];

// Few, and some more often, so that they come to have to do with each other.
const WORKERS = ["a0", "a0", "a0", "a1", "a1", "b0", "b0", "b0", "b1", "b1", "s1"];
const NAMES = ["n1", "n2"];

/** The workers that a program starts come last: s1 is the first of them. A step of one that is not there is left out. */
const worker = fc.constantFrom(...WORKERS);
const slot = fc.constantFrom(0, 0, 0, 1);
const side = fc.constantFrom("a", "b");
const name = fc.tuple(fc.constant("name"), side, fc.constantFrom(...NAMES));
const target = fc.oneof({ weight: 3, arbitrary: worker }, { weight: 1, arbitrary: name });
const alias = fc.tuple(fc.constant("alias"), worker, slot);
const reason = fc.constantFrom("normal", "boom", "kill", "shutdown");
const options = fc.constantFrom<Step>(["list"], ["list", "link"], ["list", "monitor"], ["list", "link", "monitor"]);
const of = (verb: string, ...parts: fc.Arbitrary<Part>[]): fc.Arbitrary<Step> => fc.tuple(fc.constant(verb), ...parts);

const command: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: of("link", worker) },
  { weight: 4, arbitrary: of("unlink", worker) },
  {
    weight: 5,
    arbitrary: of("monitor", slot, target, fc.constantFrom("none", "explicit_unalias", "demonitor", "reply_demonitor")),
  },
  { weight: 4, arbitrary: of("demonitor", slot, fc.boolean()) },
  { weight: 8, arbitrary: of("send", fc.oneof(target, alias, alias), fc.integer({ min: 1, max: 3 })) },
  { weight: 1, arbitrary: of("exit", reason) },
  { weight: 2, arbitrary: of("exit", worker, reason) },
  { weight: 8, arbitrary: of("trap_exit", fc.constantFrom(true, true, false)) },
  { weight: 4, arbitrary: of("register", fc.constantFrom(...NAMES)) },
  { weight: 1, arbitrary: of("unregister", fc.constantFrom(...NAMES)) },
  { weight: 4, arbitrary: of("alias", slot, fc.constantFrom("explicit_unalias", "reply")) },
  { weight: 1, arbitrary: of("unalias", slot) },
  {
    weight: 3,
    arbitrary: of("spawn", slot, side, fc.constant("worker"), options),
  },
  // With a link and a monitor at once nobody knows which of the two is told first, and the link may end who would see the other.
  {
    weight: 1,
    arbitrary: of(
      "spawn",
      slot,
      side,
      fc.constant("missing"),
      options.filter(({ length }) => length < 3),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>(["return"], ["nothing"]) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(worker, command) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("disconnect"), worker, command) },
);

/** Programs of up to so many steps. */
export function programs(maxLength: number): fc.Arbitrary<Program> {
  // Long ones find more, and are made short when they have found it.
  return fc.array(step, { minLength: 1, maxLength, size: "max" });
}

/** The program as an Erlang expression. */
export function toErlang(program: Program): string {
  return format(program.map(term));
}

function term(part: Part): Term {
  if (typeof part === "string") return atom(part);
  if (typeof part !== "object") return part;
  const [head] = part;
  // A list of atoms, and a command without anything more.
  if (head === "list") return part.slice(1).map(term);
  return part.length === 1 && head !== undefined ? term(head) : tuple(...part.map(term));
}

/** A trace as Erlang prints it, one line for each step and for each thing that was seen. */
export function traceLines(printed: string): string[] {
  const trace = parse(printed);
  if (!Array.isArray(trace)) throw new TypeError(`not a trace: ${printed}`);
  return trace.flatMap((each) => {
    if (!(each instanceof Tuple)) throw new TypeError(`not a step of a trace: ${format(each)}`);
    const [index, who, done, result, seen] = each.elements as readonly [Term, Term, Term, Term, readonly Term[]];
    return [
      `${format(index)}. ${format(who)} ${format(done)} -> ${format(result)}`,
      ...seen.map((report) => `     ${format(report)}`),
    ];
  });
}
