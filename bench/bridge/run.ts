// `npm run bench:bridge`: our bridge beside direct TCP, a relay without WebSocket, a naive one and websockify, in one run. Only the
// ratios say something about the bridge: rounds are interleaved, so that what else the machine does falls on all of them alike.
// `-- --relays pipe,bridge --measures up-64K,idle` runs a part of it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

interface Relay {
  /** For --relays. */
  readonly id: string;
  readonly name: string;
  /** Starts it in front of that port; gives its own. Absent: the load dials the sink itself. */
  readonly start?: (sink: number) => Promise<Started>;
  /** For load.c. */
  readonly load: readonly string[];
  /** How many idle links are opened, by default IDLE_LINKS. */
  readonly idleLinks?: number;
  /** Where each link begins with a handshake, which load.c does not know: starts such a relay for idle links. */
  readonly startGated?: Relay["start"];
}

interface Started {
  readonly child: ChildProcess;
  readonly portNo: number;
  readonly liveKiB?: () => Promise<number>;
}

type Figures = Record<string, number>;

const FLOWS = [
  ["up-64K", "up", 65_536],
  ["up-1K", "up", 1_024],
  ["down-64K", "down", 65_536],
  ["down-1K", "down", 1_024],
] as const;
const MEASURES = [...FLOWS.map(([label]) => label), "rtt", "stall", "idle", "sends"] as const;

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean" },
    relays: { type: "string" },
    measures: { type: "string" },
  },
});
const measures = new Set(chosen("measures", options.measures, MEASURES));
const ROUNDS = options.quick ? 1 : Number(options.rounds);
const SECONDS = options.quick ? 0.5 : 1;
const IDLE_LINKS = 1_000;
const CAP_MB = 256;

const folder = mkdtempSync(join(tmpdir(), "erl-dist-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const LOAD = compile();
const isPinned = availableParallelism() > 1 && works("taskset", ["-c", "1", "true"]);
const TCP = ["framing=tcp"];
const OURS = ["path=/dist/bench", "protocol=erldist.v1"];
const ALL: readonly Relay[] = [
  { id: "direct", name: "direct TCP", load: TCP },
  { id: "pipe", name: "pipe", start: (sink) => startOurs("pipe", sink), load: TCP },
  { id: "naive", name: "naive ws", start: (sink) => startOurs("naive", sink), load: ["protocol=any"] },
  { id: "bridge", name: "bridge", start: (sink) => startOurs("bridge", sink), load: OURS },
  {
    id: "custody",
    name: "bridge, custody",
    start: (sink) => startOurs("custody", sink),
    startGated: (sink) => startOurs("gated", sink),
    load: OURS,
  },
  // It has a process for each link.
  { id: "websockify", name: "websockify", start: startWebsockify, load: ["protocol=binary"], idleLinks: 50 },
];
const asked = chosen(
  "relays",
  options.relays,
  ALL.map(({ id }) => id),
);
const relays = ALL.filter(({ id }) => asked.includes(id) && (id !== "websockify" || hasWebsockify()));
if (!isPinned) say("without taskset or a second core, relay and load disturb each other: figures are rough");

const results = new Map<string, Figures[]>(relays.map(({ name }) => [name, []]));
/** The names in an option's comma-separated list; all of them without one. */
function chosen<Name extends string>(option: string, list: string | undefined, names: readonly Name[]): readonly Name[] {
  if (list === undefined) return names;
  return list.split(",").map((text) => {
    const name = names.find((each) => each === text.trim());
    if (name !== undefined) return name;
    say(`--${option}: nothing is called ${JSON.stringify(text)}; there are ${names.join(", ")}`);
    return process.exit(2);
  });
}

function hasWebsockify(): boolean {
  if (works("websockify", ["--help"])) return true;
  say("websockify is not installed, and so not measured: apt-get install websockify");
  return false;
}

async function flows(relay: Relay): Promise<Figures> {
  const figures: Figures = {};
  const time = [`seconds=${SECONDS}`, `warm=${SECONDS / 3}`];
  const asked = FLOWS.filter(([label]) => measures.has(label));
  if (asked.length === 0 && !measures.has("rtt")) return figures;
  await using running = await start(relay);
  for (const [label, mode, size] of asked) {
    const { mb_s } = await load(relay, running, mode, [`size=${size}`, ...time]).first();
    figures[label] = Number(mb_s);
  }
  if (!measures.has("rtt")) return figures;
  const { p50_us, p99_us } = await load(relay, running, "rtt", ["size=64", ...time]).first();
  return { ...figures, p50: Number(p50_us), p99: Number(p99_us) };
}

/** What memory one link costs whose reader does not read. */
async function stalls(relay: Relay): Promise<Figures> {
  const figures: Figures = {};
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
  return figures;
}

/**
 * Memory of a relay at rest, and for each further idle link: resident, which counts garbage of the openings that nobody has had
 * a reason to collect, and what is in use after a collection (JavaScript's heap and the buffers it holds).
 */
async function idles(relay: Relay): Promise<Figures> {
  const { idleLinks = IDLE_LINKS, startGated } = relay;
  await using running = await start(startGated === undefined ? relay : { ...relay, start: startGated });
  // One that comes and goes, or what a first link loads would count.
  const warm = open(1);
  await warm.first();
  await warm.end();
  const live = await running.liveKiB();
  const rest = running.rssKiB();
  const links = open(idleLinks);
  await links.first();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const resident = (running.rssKiB() - rest) / idleLinks;
  const held = ((await running.liveKiB()) - live) / idleLinks;
  await links.end();
  return { "rss MB": rest / 1_024, "idle KiB/link": resident, "live KiB/link": held };

  function open(count: number) {
    if (startGated === undefined) return load(relay, running, "idle", [`n=${count}`]);
    return talk(startNode("handshakes.ts", [String(running.relay), String(running.sink), String(count)], 1));
  }
}

/** Messages a second of a node of ours, which knows the bridge and TCP. */
async function sends(relay: Relay): Promise<Figures> {
  if (relay.name !== "direct TCP" && relay.name !== "bridge") return {};
  await using running = await start(relay);
  const args = relay.start ? ["ws", `ws://127.0.0.1:${running.relay}`, String(running.sink)] : ["tcp", String(running.sink)];
  const child = startNode("sends.ts", args, 1);
  const { value } = await linesOf(child).next();
  return { "sends/s": Number(value) };
}

interface Running extends AsyncDisposable {
  readonly sink: number;
  readonly relay: number;
  /** Of the relay and its children. */
  rssKiB(): number;
  /** After a collection of garbage; NaN for what is no Node.js. */
  liveKiB(): Promise<number>;
}

async function start(relay: Relay): Promise<Running> {
  const sink = await freePortNo();
  const started = await relay.start?.(sink);
  return {
    sink,
    relay: started?.portNo ?? sink,
    rssKiB: () => (started?.child.pid === undefined ? 0 : rssOf(started.child.pid)),
    liveKiB: started?.liveKiB ?? (async () => NaN),
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

function load(relay: Relay, { sink, relay: portNo }: Running, mode: string, args: readonly string[]): Talk {
  const command = pinned(1, [LOAD, mode, `relay=${portNo}`, `sink=${sink}`, ...relay.load, ...args]);
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
  return talk(child);
}

interface Talk {
  /** What most loads say before they end: one line. */
  first(): Promise<Record<string, unknown>>;
  /** Asks for another line, with which it ends. */
  next(): Promise<Record<string, unknown>>;
  end(): Promise<void>;
}

/** With a program that prints a line of JSON and, if it holds something, waits for a line or the end of its input. */
function talk(child: ChildProcess): Talk {
  const { stdin } = child;
  const exited = once(child, "exit");
  const lines = linesOf(child);
  const line = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${child.spawnargs.join(" ")} has ended before it had measured`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const end = async (): Promise<void> => {
    stdin?.end();
    await exited;
  };
  return {
    first: line,
    async next() {
      stdin?.write("\n");
      const second = await line();
      await end();
      return second;
    },
    end,
  };
}

async function startOurs(kind: string, sink: number): Promise<Started> {
  const child = startNode("relay.ts", [kind, String(sink)], 0);
  const lines = linesOf(child);
  const portNo = Number((await lines.next()).value);
  const liveKiB = async (): Promise<number> => {
    child.stdin?.write("memory\n");
    return Number((await lines.next()).value);
  };
  return { child, portNo, liveKiB };
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
  const node = [process.execPath, "--expose-gc", "-C", "@erl-dist/source", join(import.meta.dirname, file), ...args];
  const command = pinned(core, node);
  return spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
}

function linesOf({ stdout }: ChildProcess): AsyncIterator<string> {
  if (stdout === null) throw new TypeError("the child has no output");
  return createInterface({ input: stdout })[Symbol.asyncIterator]();
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

/** Figure, and what stands above it. */
const COLUMNS: readonly (readonly [figure: string, head: string])[] = [
  ...FLOWS.map(([label]) => [label, label] as const),
  ["p50", "p50"],
  ["p99", "p99"],
  ["rss MB", "rss MB"],
  ["idle KiB/link", "KiB/link"],
  ["live KiB/link", "live KiB"],
  ["stall page MB", "node MB"],
  ["stall node MB", "page MB"],
  ["sends/s", "sends/s"],
];

function report(): void {
  const cell = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(value < 100 ? 1 : 0)).padStart(9);
  const columns = COLUMNS.filter(([name]) => relays.some((relay) => !Number.isNaN(figure(name, relay.name))));
  const behindRelay = relays.filter(({ id }) => id !== "direct");
  const isDirect = behindRelay.length < relays.length && measures.has("rtt");
  const lines = [
    `medians of ${ROUNDS} rounds (memory: of one); up (page to node) and down in MB/s, by size of message or write; times of 64 bytes there and back in µs;`,
    `rss at rest, and what one link adds that is idle (of ${IDLE_LINKS}; live: after a collection, without what only the system holds),`,
    "or whose node (page) reads nothing while its page (node) floods; small messages a second that a node of ours sends",
    "",
    `${"".padEnd(16)}${columns.map(([, head]) => head.padStart(9)).join("")}`,
    ...relays.map(({ name }) => name.padEnd(16) + columns.map(([column]) => cell(figure(column, name))).join("")),
    "",
    ...(isDirect
      ? [
          `added latency over direct TCP, p50 / p99: ${behindRelay
            .map(({ name }) => `${name} ${added("p50", name)} / ${added("p99", name)} µs`)
            .join(", ")}`,
          "",
        ]
      : []),
    ...GOALS.flatMap(({ words, value, goal, atMost }) => {
      const reached = value();
      if (Number.isNaN(reached)) return [];
      const met = atMost ? reached <= goal : reached >= goal;
      return [`${met ? "met   " : "missed"} ${reached.toFixed(2).padStart(7)} ${atMost ? "≤" : "≥"} ${goal}  ${words}`];
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
  { words: "up 64K, of the pipe's", value: () => ratio("up-64K", "bridge", "pipe"), goal: 0.8 },
  { words: "sends of a page, of the same by direct TCP", value: () => ratio("sends/s", "bridge", "direct TCP"), goal: 0.7 },
  { words: "down 64K, of naive ws", value: () => ratio("down-64K", "bridge", "naive ws"), goal: 0.95 },
  { words: "down 1K, of naive ws", value: () => ratio("down-1K", "bridge", "naive ws"), goal: 0.95 },
  { words: "time there and back (p50), of the pipe's", value: () => ratio("p50", "bridge", "pipe"), goal: 1.15, atMost: true },
  { words: "MB for a node that reads nothing", value: () => figure("stall page MB", "bridge"), goal: 12, atMost: true },
  { words: "MB for a page that reads nothing", value: () => figure("stall node MB", "bridge"), goal: 12, atMost: true },
  { words: "KiB for an idle link", value: () => figure("idle KiB/link", "bridge"), goal: 25, atMost: true },
  { words: "KiB for an idle link with custody", value: () => figure("idle KiB/link", "bridge, custody"), goal: 25, atMost: true },
  { words: "up 64K with custody, of without", value: () => ratio("up-64K", "bridge, custody", "bridge"), goal: 0.98 },
  { words: "down 64K with custody, of without", value: () => ratio("down-64K", "bridge, custody", "bridge"), goal: 0.98 },
];

for (let round = 0; round < ROUNDS; round++) {
  // Another one is first each time.
  const order = [...relays.slice(round % relays.length), ...relays.slice(0, round % relays.length)];
  for (const relay of order) {
    say(`round ${round + 1} of ${ROUNDS}: ${relay.name}`);
    // Memory hardly differs from round to round, so the first has to do.
    const isFirst = relay.start !== undefined && round === 0;
    results.get(relay.name)?.push({
      ...(await flows(relay)),
      ...(isFirst && measures.has("stall") ? await stalls(relay) : {}),
      ...(isFirst && measures.has("idle") ? await idles(relay) : {}),
      ...(measures.has("sends") ? await sends(relay) : {}),
    });
  }
}
report();
