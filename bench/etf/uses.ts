// What is done with terms once they are decoded, beside what JavaScript has for it: one process, both sides of a row in turn.
import { isDeepStrictEqual } from "node:util";
import { atom, decode, equals, ErlMap, format, type Term } from "@erl-dist/core";
import { cpuNsOf } from "../support/cpu.ts";
import { encoded } from "./payloads.ts";
import { forJson, plain } from "./plain.ts";

export interface UseSamples {
  readonly what: string;
  readonly beside: string;
  /** Nanoseconds, round by round. */
  readonly ours: number[];
  readonly theirs: number[];
  /** Ours may take so many times as long. */
  readonly atMost?: number;
}

interface Use extends UseSamples {
  readonly run: () => unknown;
  readonly runTheirs: () => unknown;
  /** What one run does so many times. */
  readonly times: number;
}

const WARM_MS = 100;

const payloadBytes = new Map(encoded().map(({ name, bytes }) => [name, bytes]));

function uses(): Use[] {
  return [getFromMap(), ...["b", "h"].flatMap((payload) => [equality(payload), text(payload)])];
}

/** The first map of e, which has 18 keys. */
function getFromMap(): Use {
  const [info] = termOf("e") as [Term];
  if (!(info instanceof ErlMap)) throw new TypeError("e begins with a map");
  // As a program has them: atoms of its own, in an order of its own.
  const keys = Array.from(info.keys(), String)
    .toSorted()
    .toReversed()
    .map((name) => atom(name));
  const theirs = new Map<Term, Term>(info);
  return {
    ...row(`one get from a map of ${keys.length} atom keys`, "get of a JavaScript Map"),
    atMost: 2,
    times: keys.length,
    // Written twice, so that each loop has seen only one kind of map.
    run() {
      for (const key of keys) if (info.get(key) === undefined) throw new Error("a key is missing");
    },
    runTheirs() {
      for (const key of keys) if (theirs.get(key) === undefined) throw new Error("a key is missing");
    },
  };
}

function equality(payload: string): Use {
  const [a, b] = [termOf(payload), termOf(payload)];
  const [plainA, plainB] = [plain(a), plain(b)];
  if (!equals(a, b) || !isDeepStrictEqual(plainA, plainB)) throw new Error("decoding twice gives equal terms");
  return {
    ...row(`equals of ${payload} with its like`, "isDeepStrictEqual, on the plain document"),
    times: 1,
    run: () => equals(a, b),
    runTheirs: () => isDeepStrictEqual(plainA, plainB),
  };
}

function text(payload: string): Use {
  const term = termOf(payload);
  const document = forJson(plain(term));
  return {
    ...row(`format of ${payload}`, "JSON.stringify, on the plain document"),
    times: 1,
    run: () => format(term),
    runTheirs: () => JSON.stringify(document),
  };
}

function row(what: string, beside: string): UseSamples {
  return { what, beside, ours: [], theirs: [] };
}

function termOf(payload: string): Term {
  const bytes = payloadBytes.get(payload);
  if (bytes === undefined) throw new Error(`no payload is called ${payload}`);
  return decode(bytes);
}

const [rounds = 1, ms = 10] = process.argv.slice(2).map(Number);
const all = uses();
for (const { run, runTheirs } of all) for (const side of [run, runTheirs]) cpuNsOf(side, WARM_MS);
for (let round = 0; round < rounds; round++) {
  for (const { run, runTheirs, times, ours, theirs } of all) {
    ours.push(cpuNsOf(run, ms).ns / times);
    theirs.push(cpuNsOf(runTheirs, ms).ns / times);
  }
}
process.send?.(all.map(({ what, beside, ours, theirs, atMost }) => ({ what, beside, ours, theirs, atMost })));
process.disconnect?.();
