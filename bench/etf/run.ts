// `npm run bench:etf`: the codec beside others, one process for each, asked in turn. CPU time of the main thread, and ratios of
// one round, so that a busy machine does not matter much.
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Section } from "../support/section.ts";
import { median, ratio, spread } from "../support/statistics.ts";
import { digits, duration, table } from "../support/table.ts";
import { installThirdParty } from "../support/third-party.ts";
import { CODECS } from "./codecs.ts";
import { encoded } from "./payloads.ts";
import { TARGETS } from "./targets.ts";
import type { UseSamples } from "./uses.ts";
import type { Abilities, Answer, Direction, Question } from "./worker.ts";

const OURS = "erl-dist";
const BEAM = "Erlang";
/** What the goals name and no run can have. */
const NOT_TO_BE_HAD = ["wetf: npm has no package of that name (goal: b to read 2.2 times as fast)"];

export interface EtfOptions {
  readonly rounds: number;
  /** CPU time of one measurement. */
  readonly ms: number;
  /** Milliseconds of CPU for each direction of each payload before anything is measured. */
  readonly warmMs: number;
  /** All without it. */
  readonly codecs?: readonly string[];
}

/** One codec, ready to be asked. */
interface Runner {
  readonly name: string;
  readonly abilities: Abilities;
  ask(question: Question): Promise<Answer>;
  stop(): void;
}

export async function benchEtf({ rounds, ms, warmMs, codecs = Object.keys(CODECS) }: EtfOptions): Promise<Section> {
  const missing = [...NOT_TO_BE_HAD, ...installThirdParty()];
  const runners: Runner[] = [];
  for (const name of codecs) {
    const runner = await startCodec(name, warmMs);
    if (typeof runner === "string") missing.push(`${name}: ${runner}`);
    else runners.push(runner);
  }
  const beam = await startBeam();
  if (typeof beam === "string") missing.push(`${BEAM}: ${beam}`);
  else runners.push(beam);
  const parts: string[] = [];
  const results: Results = new Map();
  try {
    for (const direction of ["decode", "encode"] as const) {
      for (const { name: payload } of encoded()) {
        for (let round = 0; round < rounds; round++) {
          for (const runner of runners) {
            if (!canDo(runner, payload, direction)) continue;
            const answer = await runner.ask({ payload, direction, ms });
            if ("ns" in answer) samplesOf(results, payload, direction, runner.name).push(answer.ns);
          }
        }
      }
      parts.push(tableOf(direction, runners, results));
    }
  } finally {
    for (const runner of runners) runner.stop();
  }
  parts.push(targetsTable(results), fidelity(runners));
  const used = await measureUses(rounds, ms);
  if (typeof used === "string") missing.push(`what is done with terms: ${used}`);
  else parts.push(usesTable(used));
  return { title: "The codec (`npm run bench:etf`)", body: parts.join("\n\n"), missing };
}

/** Samples by payload, direction and codec. */
type Results = Map<string, number[]>;

function samplesOf(results: Results, payload: string, direction: Direction, codec: string): number[] {
  const key = `${payload} ${direction} ${codec}`;
  const samples = results.get(key) ?? [];
  results.set(key, samples);
  return samples;
}

function canDo({ abilities }: Runner, payload: string, direction: Direction): boolean {
  const ability = abilities[payload];
  return typeof ability === "object" && ability.includes(direction);
}

function tableOf(direction: Direction, runners: readonly Runner[], results: Results): string {
  const others = runners.filter(({ name }) => name !== OURS);
  const rows = encoded().map(({ name: payload, what, bytes }) => {
    const ours = samplesOf(results, payload, direction, OURS);
    const cells = others.map(({ name }) => digits(ratio(samplesOf(results, payload, direction, name), ours)));
    const speed = digits((bytes.length / median(ours)) * 1000);
    return [`${payload}: ${what}`, duration(median(ours)), speed, `${Math.round(spread(ours) * 100)} %`, ...cells];
  });
  const head = [direction, "time", "MB/s", "spread", ...others.map(({ name }) => name)];
  return `How many times faster than …: **${direction}**\n\n${table(head, rows)}`;
}

function targetsTable(results: Results): string {
  let met = 0;
  // Those that were not asked, or are missing, count for nothing.
  const measured = TARGETS.filter(({ payload, direction, codec }) => samplesOf(results, payload, direction, codec).length > 0);
  const rows = measured.map(({ payload, direction, codec, atLeast }) => {
    const reached = ratio(samplesOf(results, payload, direction, codec), samplesOf(results, payload, direction, OURS));
    if (reached >= atLeast) met += 1;
    return [`${payload} ${direction}, ${codec}`, digits(atLeast), digits(reached), reached >= atLeast ? "met" : "missed"];
  });
  return `What is aimed at: ${met} of ${rows.length} met in this run\n\n${table(["×", "goal", "reached", ""], rows)}`;
}

function usesTable(used: readonly UseSamples[]): string {
  const rows = used.map(({ what, beside, ours, theirs, atMost }) => {
    const times = ratio(ours, theirs);
    const verdict = atMost === undefined ? "" : times <= atMost ? "met" : "missed";
    return [what, duration(median(ours)), beside, duration(median(theirs)), digits(times), atMost?.toFixed(2) ?? "", verdict];
  });
  const head = ["what is done with a decoded term", "time", "beside", "its time", "× as long", "at most", ""];
  return `How many times as long as …: **use**\n\n${table(head, rows)}`;
}

function fidelity(runners: readonly Runner[]): string {
  const lost = runners.flatMap(({ name, abilities }) => {
    const unable = Object.entries(abilities).filter(([, ability]) => typeof ability === "string" || ability.length < 2);
    return unable.length === 0 ? [] : [`${name} cannot do ${unable.map(([payload]) => payload).join(", ")}`];
  });
  const note = "JSON, MessagePack and CBOR are given an equivalent document: atoms and pids as strings, large integers as text.";
  return lost.length === 0 ? note : `${note} ${lost.join("; ")}.`;
}

/** The reason in words when it does not start. */
async function startCodec(name: string, warmMs: number): Promise<Runner | string> {
  const child = fork(join(import.meta.dirname, "worker.ts"), [name, String(warmMs)], {
    execArgv: ["-C", "@erl-dist/source"],
    // Some print each error.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => [{ error: "its process ended" }]),
  ])) as [Abilities | { readonly error: string }];
  if ("error" in message && typeof message.error === "string") {
    child.disconnect();
    return message.error.split("\n")[0] ?? "";
  }
  return {
    name,
    abilities: message,
    async ask(question) {
      child.send(question);
      const [answer] = (await once(child, "message")) as [Answer];
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

/** The reason in words when that does not end well. */
async function measureUses(rounds: number, ms: number): Promise<readonly UseSamples[] | string> {
  const child = fork(join(import.meta.dirname, "uses.ts"), [String(rounds), String(ms)], {
    execArgv: ["-C", "@erl-dist/source"],
  });
  const [result] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [`its process ended with ${code}`]),
  ])) as [readonly UseSamples[] | string];
  return result;
}

/** binary_to_term/1 and term_to_binary/1 themselves, in an Erlang that reads what to do line by line. */
async function startBeam(): Promise<Runner | string> {
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-bench-"));
  for (const { name, bytes } of encoded()) writeFileSync(join(folder, `${name}.etf`), bytes);
  const child = spawn("escript", [join(import.meta.dirname, "beam.escript"), folder], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = new Promise<string>((resolve) => child.once("error", ({ message }) => resolve(message)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([gone, lines.next()]);
  if (typeof first === "string" || first.value !== "ready") return typeof first === "string" ? first : "escript does not run";
  const directions: readonly Direction[] = ["decode", "encode"];
  return {
    name: BEAM,
    abilities: Object.fromEntries(encoded().map(({ name }) => [name, directions])),
    async ask({ payload, direction, ms }) {
      child.stdin.write(`${direction} ${payload} ${ms}\n`);
      const { value, done } = await lines.next();
      return done === true ? { why: "Erlang ended" } : { ns: Number(value) };
    },
    stop: () => stopBeam(child, folder),
  };
}

function stopBeam(child: ChildProcess, folder: string): void {
  child.stdin?.end();
  rmSync(folder, { recursive: true, force: true });
}
