// The measures of bench:scale, run by a process of their own: it is told the name of a measure and the counts, does one after the
// other and tells of each. Whoever started it may end it when one takes too long.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { atom, decode, encode, ErlangNode, map, type Process, type Term } from "@erl-dist/core";
import { memoryNetwork } from "@erl-dist/core/transports/memory";
import { threadCpuMs } from "../support/cpu.ts";

export interface Measured {
  readonly count: number;
  readonly cpuNs: number;
  readonly heldBytes: number;
}

/** Does it so often; `keep` holds what shall count as memory. */
type Run = (count: number, keep: (held: unknown) => void) => void | Promise<void>;

setFlagsFromString("--expose-gc");
// The only way to it without a flag on the command line.
const collect = runInNewContext("gc") as () => void;

const COOKIE = "secret";
const LIMITS = { mailboxMessages: 10_000_000, processes: 1_000_000 };
const stopLater: ErlangNode[] = [];

const MEASURES: Readonly<Record<string, Run>> = {
  "bytes in a message": (count, keep) =>
    between(async ({ self, other }) => {
      self.send(other.pid, new Uint8Array(count));
      keep(await other.receive());
    }),
  "messages in a mailbox, then received": (count, keep) =>
    alone(async (node) => {
      const self = node.spawn();
      for (let sent = 0; sent < count; sent++) self.send(self.pid, sent);
      for (let received = 0; received < count; received++) await self.receive();
      keep(self);
    }),
  "messages in a mailbox of which the last is received": (count, keep) =>
    alone(async (node) => {
      const self = node.spawn();
      for (let sent = 0; sent < count; sent++) self.send(self.pid, sent);
      await self.receive((message) => message === count - 1);
      keep([node, self]);
    }),
  "processes, started": (count, keep) => alone((node) => keep(Array.from({ length: count }, () => node.spawn()))),
  "processes, started and ended": (count, keep) =>
    alone((node) => {
      const processes = Array.from({ length: count }, () => node.spawn());
      for (const process of processes) process.exit(atom("normal"));
      keep(node);
    }),
  "links of one process to another node": (count, keep) =>
    between(async ({ self, other, there }) => {
      for (let made = 0; made < count; made++) self.link(there.spawn().pid);
      await arrived(self, other);
      keep([self, other]);
    }),
  "links to another node, and the connection lost": (count, keep) =>
    between(async ({ self, other, here, there }) => {
      self.trapExit = true;
      for (let made = 0; made < count; made++) self.link(there.spawn().pid);
      await arrived(self, other);
      await here.disconnect(there.name);
      for (let received = 0; received < count; received++) await self.receive();
      keep(self);
    }),
  "monitors of one process on another node": (count, keep) =>
    between(async ({ self, other }) => {
      for (let made = 0; made < count; made++) self.monitor(other.pid);
      await arrived(self, other);
      keep([self, other]);
    }),
  "monitors on another node, and the process ended": (count, keep) =>
    between(async ({ self, other }) => {
      for (let made = 0; made < count; made++) self.monitor(other.pid);
      await arrived(self, other);
      other.exit(atom("normal"));
      for (let received = 0; received < count; received++) await self.receive();
      keep(self);
    }),
  "entries of a map, decoded and looked up": (count, keep) => {
    const entries = Array.from({ length: count }, (_, index) => [`key ${index}`, index] as const);
    const decoded = decode(encode(map(entries)));
    if (!(decoded instanceof Object && "get" in decoded)) throw new Error("no map");
    for (const [key, value] of entries) if (decoded.get(key) !== value) throw new Error(`another value for ${key}`);
    keep(decoded);
  },
  peers: async (count, keep) => {
    const { connect, listen } = memoryNetwork();
    const start = (name: string): Promise<ErlangNode> => ErlangNode.start({ name, cookie: COOKIE, connect, listen });
    const hub = await start("hub@memory");
    stopLater.push(hub);
    for (let made = 0; made < count; made++) {
      const peer = await start(`peer${made}@memory`);
      stopLater.push(peer);
      await peer.connect(hub.name);
    }
    keep(hub);
  },
};

export const MEASURE_NAMES: readonly string[] = Object.keys(MEASURES);

interface Two {
  readonly self: Process;
  readonly other: Process;
  readonly here: ErlangNode;
  readonly there: ErlangNode;
}

async function between(run: (two: Two) => void | Promise<void>): Promise<void> {
  const { connect, listen } = memoryNetwork();
  const start = (name: string): Promise<ErlangNode> =>
    ErlangNode.start({ name, cookie: COOKIE, connect, listen, limits: LIMITS, reconnect: false });
  const [here, there] = [await start("a@memory"), await start("b@memory")];
  stopLater.push(here, there);
  await here.connect(there.name);
  await run({ self: here.spawn(), other: there.spawn(), here, there });
}

async function alone(run: (node: ErlangNode) => void | Promise<void>): Promise<void> {
  const node = await ErlangNode.start({ name: "a@memory", cookie: COOKIE, connect: memoryNetwork().connect, limits: LIMITS });
  stopLater.push(node);
  await run(node);
}

/** What was sent to the other node before this has arrived there. */
async function arrived(self: Process, other: Process): Promise<Term> {
  self.send(other.pid, atom("arrived"));
  return other.receive((message) => message === atom("arrived"));
}

async function measured(count: number, run: Run): Promise<Measured> {
  collect();
  const memory = usedBytes();
  let held: unknown;
  const before = threadCpuMs();
  await run(count, (kept) => {
    held = kept;
  });
  const cpuNs = (threadCpuMs() - before) * 1e6;
  collect();
  const heldBytes = usedBytes() - memory;
  if (held === undefined) throw new Error("nothing was kept");
  held = undefined;
  await Promise.all(stopLater.splice(0).map((node) => node.stop()));
  return { count, cpuNs, heldBytes };
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

if (process.send !== undefined) {
  const [name = "", ...counts] = process.argv.slice(2);
  const run = MEASURES[name];
  if (run === undefined) throw new Error(`no measure is called ${name}`);
  for (const count of counts) process.send(await measured(Number(count), run));
  process.disconnect();
}
