// `npm run bench:bridge`: our bridge beside direct TCP, a relay without WebSocket, a naive one and websockify, in one run. Only the
// ratios say something about the bridge: rounds are interleaved, so that what else the machine does falls on all of them alike.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

interface Relay {
  readonly name: string;
  /** Starts it in front of that port; gives its own. Absent: the load dials the sink itself. */
  readonly start?: (sink: number) => Promise<{ readonly child: ChildProcess; readonly portNo: number }>;
  /** For load.c. */
  readonly load: readonly string[];
  /** How many idle links are opened, by default IDLE_LINKS. */
  readonly idleLinks?: number;
}

type Figures = Record<string, number>;

const FLOWS = [
  ["up 64K", "up", 65_536],
  ["up 1K", "up", 1_024],
  ["down 64K", "down", 65_536],
  ["down 1K", "down", 1_024],
] as const;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "3" }, quick: { type: "boolean" } } });
const ROUNDS = options.quick ? 1 : Number(options.rounds);
const SECONDS = options.quick ? 0.5 : 1;
const IDLE_LINKS = 1_000;
const CAP_MB = 256;

const folder = mkdtempSync(join(tmpdir(), "erl-dist-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const LOAD = compile();
const isPinned = availableParallelism() > 1 && works("taskset", ["-c", "1", "true"]);
const TCP = ["framing=tcp"];
const relays: Relay[] = [
  { name: "direct TCP", load: TCP },
  { name: "pipe", start: (sink) => startOurs("pipe", sink), load: TCP },
  { name: "naive ws", start: (sink) => startOurs("naive", sink), load: ["protocol=any"] },
  { name: "bridge", start: (sink) => startOurs("bridge", sink), load: ["path=/dist/bench", "protocol=erldist.v1"] },
  { name: "bridge, custody", start: (sink) => startOurs("custody", sink), load: ["path=/dist/bench", "protocol=erldist.v1"] },
];
// It has a process for each link.
if (works("websockify", ["--help"]))
  relays.push({ name: "websockify", start: startWebsockify, load: ["protocol=binary"], idleLinks: 50 });
else say("websockify is not installed, and so not measured: apt-get install websockify");
if (!isPinned) say("without taskset or a second core, relay and load disturb each other: figures are rough");

const results = new Map<string, Figures[]>(relays.map(({ name }) => [name, []]));
async function flows(relay: Relay): Promise<Figures> {
  const figures: Figures = {};
  await using running = await start(relay);
  const time = [`seconds=${SECONDS}`, `warm=${SECONDS / 3}`];
  for (const [label, mode, size] of FLOWS) {
    const { mb_s } = await load(relay, running, mode, [`size=${size}`, ...time]).first();
    figures[label] = Number(mb_s);
  }
  const { p50_us, p99_us } = await load(relay, running, "rtt", ["size=64", ...time]).first();
  return { ...figures, p50: Number(p50_us), p99: Number(p99_us) };
}

/** Resident memory: of a relay at rest, for each further idle link, and for one whose reader does not read. */
async function memory(relay: Relay): Promise<Figures> {
  const figures: Figures = {};
  // Memory hardly differs from round to round, so the first has to do.
  for (const from of ["page", "node"] as const) {
    await using running = await start(relay);
    // One short flow first, or the memory of its warm-up would count.
    await load(relay, running, "rtt", ["size=64", "seconds=0.1", "warm=0"]).first();
    const before = running.rssKiB();
    const stalled = load(relay, running, "stall", [`from=${from}`, `cap=${CAP_MB}`, "size=65536"]);
    const { swallowed_mb } = await stalled.first();
    figures[`stall ${from} MB`] = (running.rssKiB() - before) / 1_024;
    figures[`stall ${from} swallowed`] = Number(swallowed_mb);
    const { drained } = await stalled.next();
    if (!drained) throw new Error(`${relay.name} has lost what it swallowed`);
  }
  await using running = await start(relay);
  await load(relay, running, "rtt", ["size=64", "seconds=0.1", "warm=0"]).first();
  figures["rss MB"] = running.rssKiB() / 1_024;
  const before = running.rssKiB();
  const { idleLinks = IDLE_LINKS } = relay;
  const idle = load(relay, running, "idle", [`n=${idleLinks}`]);
  await idle.first();
  await new Promise((resolve) => setTimeout(resolve, 500));
  figures["idle KiB/link"] = (running.rssKiB() - before) / idleLinks;
  await idle.end();
  return figures;
}

/** Messages a second of a node of ours, which knows the bridge and TCP. */
async function sends(relay: Relay): Promise<Figures> {
  if (relay.name !== "direct TCP" && relay.name !== "bridge") return {};
  await using running = await start(relay);
  const args = relay.start ? ["ws", `ws://127.0.0.1:${running.relay}`, String(running.sink)] : ["tcp", String(running.sink)];
  const child = startNode("sends.ts", args, 1);
  const text = await firstLine(child);
  return { "sends/s": Number(text) };
}

interface Running extends AsyncDisposable {
  readonly sink: number;
  readonly relay: number;
  /** Of the relay and its children. */
  rssKiB(): number;
}

async function start(relay: Relay): Promise<Running> {
  const sink = await freePortNo();
  const started = await relay.start?.(sink);
  return {
    sink,
    relay: started?.portNo ?? sink,
    rssKiB: () => (started?.child.pid === undefined ? 0 : rssOf(started.child.pid)),
    async [Symbol.asyncDispose]() {
      if (started === undefined) return;
      const exited = once(started.child, "exit");
      // websockify has a process for each connection.
      const children = childrenOf(started.child.pid ?? 0);
      started.child.kill("SIGKILL");
      for (const pid of children) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended with its link.
        }
      }
      await exited;
    },
  };
}

function load(relay: Relay, { sink, relay: portNo }: Running, mode: string, args: readonly string[]) {
  const command = pinned(1, [LOAD, mode, `relay=${portNo}`, `sink=${sink}`, ...relay.load, ...args]);
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`load ${mode} has ended before it measured ${relay.name}`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const end = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  return {
    /** The only line of most modes. */
    async first() {
      const first = await line();
      if (mode !== "stall" && mode !== "idle") await end();
      return first;
    },
    async next() {
      child.stdin.write("\n");
      const second = await line();
      await end();
      return second;
    },
    end,
  };
}

async function startOurs(kind: string, sink: number) {
  const child = startNode("relay.ts", [kind, String(sink)], 0);
  return { child, portNo: Number(await firstLine(child)) };
}

async function startWebsockify(sink: number) {
  const portNo = await freePortNo();
  const command = pinned(0, ["websockify", `127.0.0.1:${portNo}`, `127.0.0.1:${sink}`]);
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: "ignore" });
  // It says nothing that can be waited for.
  while (!(await accepts(portNo))) await new Promise((resolve) => setTimeout(resolve, 100));
  return { child, portNo };
}

function startNode(file: string, args: readonly string[], core: number): ChildProcess {
  const command = pinned(core, [process.execPath, "-C", "@erl-dist/source", join(import.meta.dirname, file), ...args]);
  return spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new TypeError("the child has no output");
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return String(value);
}

function pinned(core: number, command: readonly string[]): readonly string[] {
  return isPinned ? ["taskset", "-c", String(core), ...command] : command;
}

function compile(): string {
  const program = join(folder, "load");
  if (!works("cc", ["--version"])) {
    say("a C compiler is needed for the load, which must not be slower than the relays: apt-get install gcc libc6-dev");
    process.exit(1);
  }
  execFileSync("cc", ["-O2", "-pthread", "-o", program, join(import.meta.dirname, "load.c")], { stdio: "inherit" });
  return program;
}

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    // It is not there, which is all that was asked.
    return false;
  }
}

function rssOf(pid: number): number {
  const own = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return childrenOf(pid).reduce((sum, child) => sum + rssOf(child), own);
}

function childrenOf(parent: number): number[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}

function accepts(portNo: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(portNo, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function freePortNo(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** In each round by itself, since rounds differ more than relays. */
function ratio(figure: string, relay: string, base: string): number {
  const ours = results.get(relay) ?? [];
  const theirs = results.get(base) ?? [];
  return median(ours.map((each, round) => (each[figure] ?? NaN) / (theirs[round]?.[figure] ?? NaN)));
}

function figure(name: string, relay: string): number {
  return median((results.get(relay) ?? []).map((each) => each[name] ?? NaN));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.filter((each) => !Number.isNaN(each)).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function report(): void {
  const columns = [
    "up 64K",
    "up 1K",
    "down 64K",
    "down 1K",
    "p50",
    "p99",
    "rss MB",
    "idle KiB/link",
    "stall page MB",
    "stall node MB",
  ];
  const cell = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(value < 100 ? 1 : 0)).padStart(9);
  const lines = [
    `medians of ${ROUNDS} rounds (memory: of one); up (page to node) and down in MB/s, by size of message or write; times of 64 bytes there and back in µs;`,
    `rss at rest, and what one link adds that is idle (of ${IDLE_LINKS}), or whose node (page) reads nothing while its page (node) floods`,
    "",
    `${"".padEnd(16)}${["up 64K", "up 1K", "down 64K", "down 1K", "p50", "p99", "rss MB", "KiB/link", "node MB", "page MB"].map((name) => name.padStart(9)).join("")}`,
    ...relays.map(({ name }) => name.padEnd(16) + columns.map((column) => cell(figure(column, name))).join("")),
    "",
    `added latency over direct TCP, p50 / p99: ${relays
      .slice(1)
      .map(({ name }) => `${name} ${added("p50", name)} / ${added("p99", name)} µs`)
      .join(", ")}`,
    "",
    ...GOALS.map(({ words, value, goal, atMost }) => {
      const met = atMost ? value() <= goal : value() >= goal;
      return `${met ? "met   " : "missed"} ${value().toFixed(2).padStart(7)} ${atMost ? "≤" : "≥"} ${goal}  ${words}`;
    }),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function added(name: string, relay: string): string {
  return (figure(name, relay) - figure(name, "direct TCP")).toFixed(1);
}

interface Goal {
  readonly words: string;
  readonly value: () => number;
  readonly goal: number;
  readonly atMost?: true;
}

const GOALS: readonly Goal[] = [
  { words: "up 64K, of the pipe's", value: () => ratio("up 64K", "bridge", "pipe"), goal: 0.8 },
  { words: "sends of a page, of the same by direct TCP", value: () => ratio("sends/s", "bridge", "direct TCP"), goal: 0.7 },
  { words: "down 64K, of naive ws", value: () => ratio("down 64K", "bridge", "naive ws"), goal: 0.95 },
  { words: "down 1K, of naive ws", value: () => ratio("down 1K", "bridge", "naive ws"), goal: 0.95 },
  { words: "time there and back (p50), of the pipe's", value: () => ratio("p50", "bridge", "pipe"), goal: 1.15, atMost: true },
  { words: "MB for a node that reads nothing", value: () => figure("stall page MB", "bridge"), goal: 12, atMost: true },
  { words: "MB for a page that reads nothing", value: () => figure("stall node MB", "bridge"), goal: 12, atMost: true },
  { words: "KiB for an idle link", value: () => figure("idle KiB/link", "bridge"), goal: 25, atMost: true },
  { words: "up 64K with custody, of without", value: () => ratio("up 64K", "bridge, custody", "bridge"), goal: 0.98 },
  { words: "down 64K with custody, of without", value: () => ratio("down 64K", "bridge, custody", "bridge"), goal: 0.98 },
];

for (let round = 0; round < ROUNDS; round++) {
  // Another one is first each time.
  const order = [...relays.slice(round % relays.length), ...relays.slice(0, round % relays.length)];
  for (const relay of order) {
    say(`round ${round + 1} of ${ROUNDS}: ${relay.name}`);
    results
      .get(relay.name)
      ?.push({ ...(await flows(relay)), ...(relay.start && round === 0 ? await memory(relay) : {}), ...(await sends(relay)) });
  }
}
report();
