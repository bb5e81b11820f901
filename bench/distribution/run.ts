// `npm run bench:dist`: a node of ours towards a real Erlang node, beside Erlang itself and beside plain sockets, the floor. The
// same works, in turn, round by round.
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type ErlNode, startEpmd, startErl } from "../../test/support/otp.ts";
import type { Section } from "../support/section.ts";
import { median, ratio, spread } from "../support/statistics.ts";
import { digits, duration, table } from "../support/table.ts";
import type { PeerAnswer, PeerQuestion } from "./peer.ts";
import { CPU_GOALS, IN_FLIGHT, LARGE_BYTES, type Work, WORKS } from "./works.ts";

interface Measured {
  readonly us: number;
  readonly cpuUs?: number;
}

interface Side {
  readonly name: string;
  readonly pid: number;
  work(work: Work): Promise<Measured>;
  stop(): Promise<void>;
}

export interface DistOptions {
  readonly rounds: number;
  /** Each work is done so many times less often than works.ts says. */
  readonly less: number;
}

export async function benchDist({ rounds, less }: DistOptions): Promise<Section> {
  const works = WORKS.map((work) => ({
    ...work,
    count: Math.max(IN_FLIGHT, Math.round(work.count / less / IN_FLIGHT) * IN_FLIGHT),
  }));
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-bench-"));
  // Without an epmd a node seeks its peers at its own port, and would never reach the other one.
  const epmd = await startEpmd();
  const target = await startErl({ epmd });
  const client = await startErl({ epmd });
  const sides: Side[] = [];
  const samples = new Map<string, Measured[]>();
  const canPin = runOn(process.pid, `0-${availableParallelism() - 1}`);
  try {
    for (const erl of [target, client]) await load(erl, folder);
    await target.eval("bench_node:start()");
    const connected = await client.eval(`net_kernel:connect_node('${target.name}')`);
    if (connected !== "true") throw new Error(`${client.name} does not reach ${target.name}: ${client.output()}`);
    sides.push(await startPeer("erl-dist", target), await startPeer("sockets", target), erlangSide(client, target));
    for (let round = 0; round <= rounds; round++) {
      for (const work of works) {
        for (const side of sides) {
          const pin = work.isLatency === true && canPin;
          if (pin) for (const pid of [side.pid, target.pid]) runOn(pid, "0");
          const measured = await side.work(work);
          if (pin) for (const pid of [side.pid, target.pid]) runOn(pid, `0-${availableParallelism() - 1}`);
          const key = `${work.name} ${side.name}`;
          // The first round warms up.
          if (round > 0) samples.set(key, [...(samples.get(key) ?? []), measured]);
        }
      }
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    await Promise.all([target.stop(), client.stop()]);
    await epmd.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    title: "A node beside Erlang's (`npm run bench:dist`)",
    body: report(works, samples),
    missing: canPin ? [] : ["taskset: latencies are those of two cores"],
  };
}

/** Lets all threads of a process run on these cores only; says whether that can be done. */
function runOn(pid: number, cores: string): boolean {
  return spawnSync("taskset", ["-a", "-c", "-p", cores, String(pid)]).status === 0;
}

async function load(erl: ErlNode, folder: string): Promise<void> {
  const source = join(import.meta.dirname, "bench_node.erl");
  const loaded = await erl.eval(
    `{ok, M} = compile:file("${source}", [{outdir, "${folder}"}]), {module, M} = code:load_abs("${join(folder, "bench_node")}"), M`,
  );
  if (loaded !== "bench_node") throw new Error(`bench_node.erl does not compile: ${loaded}`);
}

async function startPeer(kind: "erl-dist" | "sockets", target: ErlNode): Promise<Side> {
  const child = fork(join(import.meta.dirname, "peer.ts"), [kind, target.name, String(target.portNo)], {
    execArgv: ["-C", "@erl-dist/source"],
  });
  const exited = once(child, "exit");
  const ended = exited.then(() => Promise.reject(new Error(`the side "${kind}" ended`)));
  // Whoever waits for a message sees it; an end that was asked for is none.
  ended.catch(() => undefined);
  await Promise.race([once(child, "message"), ended]);
  return {
    name: kind,
    pid: child.pid ?? 0,
    async work({ name, count }) {
      const question: PeerQuestion = { name, count };
      child.send(question);
      const [answer] = (await Promise.race([once(child, "message"), ended])) as [PeerAnswer];
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

function erlangSide(client: ErlNode, target: ErlNode): Side {
  return {
    name: "Erlang",
    pid: client.pid,
    async work({ name, count }) {
      const us = await client.eval(`bench_node:work(${name}, '${target.name}', ${count})`);
      return { us: Number(us) };
    },
    stop: () => Promise.resolve(),
  };
}

function report(works: readonly Work[], samples: ReadonlyMap<string, readonly Measured[]>): string {
  const of = (work: Work, side: string): number[] => (samples.get(`${work.name} ${side}`) ?? []).map(({ us }) => us);
  const rows = works.map((work) => {
    const ours = of(work, "erl-dist");
    const cpu = median((samples.get(`${work.name} erl-dist`) ?? []).map(({ cpuUs = Number.NaN }) => cpuUs)) / work.count;
    const times = ["erl-dist", "sockets", "Erlang"].map((side) => shown(work, median(of(work, side))));
    return [
      work.what,
      ...times,
      `${Math.round(spread(ours) * 100)} %`,
      digits(ratio(of(work, "sockets"), ours)),
      digits(ratio(of(work, "Erlang"), ours)),
      duration(cpu * 1000),
    ];
  });
  const head = ["", "erl-dist", "sockets", "Erlang", "spread", "× sockets", "× Erlang", "our CPU for each"];
  const note =
    "Time for each, or MiB/s. “Sockets” are plain sockets of Node.js that write packets encoded before and decode nothing of what comes: the floor. “×” is how many times as fast as that we are. Works of one at a time run with both ends on one core.";
  const { met, body } = aims(works, samples);
  return `${note}\n\n${table(head, rows)}\n\nWhat is aimed at: ${met}\n\n${body}`;
}

function aims(
  works: readonly Work[],
  samples: ReadonlyMap<string, readonly Measured[]>,
): { readonly met: string; readonly body: string } {
  const us = (work: Work, side: string): number[] => (samples.get(`${work.name} ${side}`) ?? []).map((sample) => sample.us);
  const cpu = (work: string, side: string): number[] =>
    (samples.get(`${work} ${side}`) ?? []).map((sample) => sample.cpuUs ?? NaN);
  const speeds = works.flatMap((work) =>
    Object.entries(work.goals).map(([side, goal]) => {
      const reached = ratio(us(work, side), us(work, "erl-dist"));
      return { what: `${work.what}, ${side}`, goal, reached, isMet: reached >= goal };
    }),
  );
  const cpus = CPU_GOALS.map(({ work, what, most }) => {
    // Works of as many messages.
    const reached = ratio(cpu(work, "erl-dist"), cpu("receive_", "sockets"));
    return { what: `CPU for ${what}, at most × sockets for one received`, goal: most, reached, isMet: reached <= most };
  });
  const all = [...speeds, ...cpus];
  const rows = all.map(({ what, goal, reached, isMet }) => [what, digits(goal), digits(reached), isMet ? "met" : "missed"]);
  const met = `${all.filter(({ isMet }) => isMet).length} of ${all.length} met in this run`;
  return { met, body: table(["×", "goal", "reached", ""], rows) };
}

function shown({ count, unit }: Work, us: number): string {
  return unit === "each" ? duration((us * 1000) / count) : digits(((count * LARGE_BYTES) / 1024 ** 2 / us) * 1e6);
}
