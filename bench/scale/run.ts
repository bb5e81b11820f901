// `npm run bench:scale`: what each further thing costs as there are more of them. Time and memory of one must not grow with how
// many there are. Each measure has a process of its own, is told as it comes, and is left out where it takes longer than it may.
import { fork } from "node:child_process";
import { join } from "node:path";
import { decode, encode, tuple } from "@erl-dist/core";
import type { Section } from "../support/section.ts";
import { bytes, digits, duration, table } from "../support/table.ts";
import { MEASURE_NAMES, type Measured } from "./measures.ts";

export interface ScaleOptions {
  /** Counts above are left out. */
  readonly most: Counts;
  /** Milliseconds for one count of one measure, the end of what it started included. */
  readonly deadlineMs: number;
}

interface Counts {
  readonly bytes: number;
  readonly messages: number;
  readonly others: number;
  readonly peers: number;
}

export const FULL: ScaleOptions = {
  most: { bytes: 67_108_864, messages: 1_000_000, others: 100_000, peers: 1_000 },
  deadlineMs: 60_000,
};
export const QUICK: ScaleOptions = {
  most: { bytes: 1_048_576, messages: 100_000, others: 10_000, peers: 100 },
  deadlineMs: 10_000,
};

const BYTES = [16, 1_024, 65_536, 1_048_576, 16_777_216, 67_108_864];
const TENFOLD = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

export async function benchScale({ most, deadlineMs }: ScaleOptions): Promise<Section> {
  const rows: string[][] = [];
  const worse: string[] = [];
  const missing: string[] = [];
  for (const name of MEASURE_NAMES) {
    const [all, limit] = countsOf(name, most);
    const counts = all.filter((count) => count <= limit);
    const found = await measure(name, counts, deadlineMs);
    const left = counts.slice(found.length);
    if (left.length > 0)
      missing.push(`${name}: ${left.map(short).join(", ")} (the first took longer than ${deadlineMs / 1000} s, or failed)`);
    const each = found.map(({ count, cpuNs }) => cpuNs / count);
    rows.push([
      name,
      found.map(({ count }) => short(count)).join(" · "),
      each.map(duration).join(" · "),
      found.map(({ count, heldBytes }) => bytes(Math.max(0, heldBytes / count))).join(" · "),
    ]);
    // The smallest counts measure how code warms up.
    const growth = (each.at(-1) ?? 0) / Math.max(1, Math.min(...each.slice(0, -1)));
    if (growth > 3)
      worse.push(`${name}: one of ${short(found.at(-1)?.count ?? 0)} takes ${digits(growth)} times as long as of fewer`);
    console.error(`${name}: ${each.map(duration).join(" · ")}`);
  }
  const verdict =
    worse.length === 0 ? "Nothing grows faster than in proportion." : `Grows faster than in proportion: ${worse.join("; ")}.`;
  const body = `CPU time and memory of one, among so many of them. Nodes are connected over memory.\n\n${table(["", "how many", "time of one", "memory of one"], rows)}\n\n${verdict} ${smallOfLarge()}`;
  return { title: "Scale (`npm run bench:scale`)", body, missing };
}

function countsOf(name: string, most: Counts): readonly [counts: readonly number[], most: number] {
  if (name.startsWith("bytes")) return [BYTES, most.bytes];
  if (name.startsWith("messages")) return [TENFOLD, most.messages];
  return [TENFOLD, name === "peers" ? most.peers : most.others];
}

/** The measure for each of the counts, up to the first one that takes too long. */
function measure(name: string, counts: readonly number[], deadlineMs: number): Promise<readonly Measured[]> {
  const found: Measured[] = [];
  const child = fork(join(import.meta.dirname, "measures.ts"), [name, ...counts.map(String)], {
    execArgv: ["-C", "@erl-dist/source"],
  });
  const stop = (): boolean => child.kill("SIGKILL");
  let timer = setTimeout(stop, deadlineMs);
  child.on("message", (measured: Measured) => {
    found.push(measured);
    clearTimeout(timer);
    timer = setTimeout(stop, deadlineMs);
  });
  return new Promise((resolve) => {
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(found);
    });
  });
}

/** What keeps a large message alive: one small part of it, unless binaries are copied. */
function smallOfLarge(): string {
  const large = encode(tuple(new Uint8Array(10), new Uint8Array(64 * 1024 * 1024))).slice();
  const keptBytes = (binaries: "view" | "copy"): number => {
    const { elements } = decode(large, { binaries }) as { readonly elements: readonly Uint8Array[] };
    return elements[0]?.buffer.byteLength ?? 0;
  };
  return `A binary of 10 bytes out of a message of 64 MiB keeps ${bytes(keptBytes("view"))} alive by default, for it is a view, and ${bytes(keptBytes("copy"))} with \`binaries: "copy"\`.`;
}

function short(count: number): string {
  if (count >= 1_048_576 && count % 1_048_576 === 0) return `${count / 1_048_576} Mi`;
  if (count >= 1_024 && count % 1_024 === 0) return `${count / 1_024} Ki`;
  return count.toLocaleString("en-US");
}
