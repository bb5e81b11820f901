// `npm run bench:scale`: what each further thing costs as there are more of them. Time and memory of one must not grow with how
// many there are.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { atom, decode, encode, ErlangNode, map, type Process, type Term, tuple } from "@erl-dist/core";
import { memoryNetwork } from "@erl-dist/core/transports/memory";
import type { Section } from "../support/section.ts";
import { threadCpuMs } from "../support/cpu.ts";
import { bytes, digits, duration, table } from "../support/table.ts";

interface Measure {
  readonly what: string;
  readonly counts: readonly number[];
  /** Does it so often; `keep` holds what shall count as memory. */
  readonly run: (count: number, keep: (held: unknown) => void) => void | Promise<void>;
}

setFlagsFromString("--expose-gc");
// The only way to it without a flag on the command line.
const collect = runInNewContext("gc") as () => void;

const TENFOLD = [100, 1_000, 10_000, 100_000];

export async function benchScale(): Promise<Section> {
  const rows: string[][] = [];
  const worst: string[] = [];
  for (const { what, counts, run } of measures()) {
    const each: number[] = [];
    const held: number[] = [];
    for (const count of counts) {
      const { ns, heldBytes } = await measured(count, run);
      each.push(ns / count);
      held.push(heldBytes / count);
    }
    rows.push([
      what,
      counts.map(short).join(" · "),
      each.map(duration).join(" · "),
      held.map((count) => bytes(Math.max(0, count))).join(" · "),
    ]);
    // The smallest counts measure how code warms up.
    const growth = (each.at(-1) ?? 0) / Math.max(1, Math.min(...each.slice(1, -1)));
    if (growth > 3) worst.push(`${what}: the last takes ${digits(growth)} times as long as the fastest`);
  }
  const verdict =
    worst.length === 0 ? "Nothing grows faster than in proportion." : `Grows faster than in proportion: ${worst.join("; ")}.`;
  const view = `A small binary taken out of a message of 64 MiB keeps it alive (views, the default), and with \`binaries: "copy"\` it does not: ${await smallOfLarge()}.`;
  const body = `CPU time and memory of each, for so many of them.\n\n${table(["", "count", "time of one", "memory of one"], rows)}\n\n${verdict} ${view}`;
  return { title: "Scale (`npm run bench:scale`)", body, missing: [] };
}

function measures(): Measure[] {
  return [
    {
      what: "bytes in a message, over memory",
      counts: [16, 1_024, 65_536, 1_048_576, 16_777_216, 67_108_864],
      run: (count, keep) =>
        between(async (self, other) => {
          self.send(other.pid, new Uint8Array(count));
          keep(await other.receive());
        }),
    },
    {
      what: "messages in a mailbox, then received",
      counts: [100, 1_000, 10_000, 100_000, 1_000_000],
      run: (count, keep) =>
        alone(async (node) => {
          const self = node.spawn();
          for (let sent = 0; sent < count; sent++) self.send(self.pid, sent);
          for (let received = 0; received < count; received++) await self.receive();
          keep(self);
        }),
    },
    {
      what: "messages in a mailbox of which the last is received",
      counts: [100, 1_000, 10_000, 100_000, 1_000_000],
      run: (count, keep) =>
        alone(async (node) => {
          const self = node.spawn();
          for (let sent = 0; sent < count; sent++) self.send(self.pid, sent);
          await self.receive((message) => message === count - 1);
          keep([node, self]);
        }),
    },
    {
      what: "processes",
      counts: TENFOLD,
      run: (count, keep) => alone((node) => keep([node, Array.from({ length: count }, () => node.spawn())])),
    },
    {
      what: "links of one process, to another node",
      counts: TENFOLD,
      run: (count, keep) =>
        between((self, other, there) => {
          for (let made = 0; made < count; made++) self.link(there.spawn().pid);
          keep([self, other]);
        }),
    },
    {
      what: "monitors of one process, on another node",
      counts: TENFOLD,
      run: (count, keep) =>
        between(async (self, other) => {
          for (let made = 0; made < count; made++) self.monitor(other.pid);
          other.send(self.pid, atom("now"));
          keep([await self.receive(), self, other]);
        }),
    },
    { what: "entries of a map, decoded and all looked up", counts: TENFOLD, run: (count, keep) => keep(lookUp(count)) },
    {
      what: "peers",
      counts: [10, 100, 1_000],
      run: async (count, keep) => {
        const network = memoryNetwork();
        const start = (name: string): Promise<ErlangNode> =>
          ErlangNode.start({ name, cookie: "secret", connect: network.connect, listen: network.listen });
        const hub = await start("hub@memory");
        const peers: ErlangNode[] = [];
        for (let made = 0; made < count; made++) {
          const peer = await start(`peer${made}@memory`);
          await peer.connect("hub@memory");
          peers.push(peer);
        }
        keep(peers);
        stopLater.push(hub, ...peers);
      },
    },
  ];
}

function lookUp(count: number): Term {
  const entries = Array.from({ length: count }, (_, index) => [`key ${index}`, index] as const);
  const decoded = decode(encode(map(entries)));
  if (!(decoded instanceof Object && "get" in decoded)) throw new Error("no map");
  for (const [key, value] of entries) if (decoded.get(key) !== value) throw new Error(`another value for ${key}`);
  return decoded;
}

const stopLater: ErlangNode[] = [];

async function alone(run: (node: ErlangNode) => void | Promise<void>): Promise<void> {
  const network = memoryNetwork();
  const limits = { mailboxMessages: 10_000_000, processes: 1_000_000 };
  const node = await ErlangNode.start({ name: "a@memory", cookie: "secret", connect: network.connect, limits });
  await run(node);
  stopLater.push(node);
}

async function between(run: (self: Process, other: Process, there: ErlangNode) => void | Promise<void>): Promise<void> {
  const network = memoryNetwork();
  const limits = { mailboxMessages: 10_000_000, processes: 1_000_000 };
  const common = { cookie: "secret", connect: network.connect, listen: network.listen, limits };
  const [here, there] = [
    await ErlangNode.start({ name: "a@memory", ...common }),
    await ErlangNode.start({ name: "b@memory", ...common }),
  ];
  await here.connect("b@memory");
  await run(here.spawn(), there.spawn(), there);
  stopLater.push(here, there);
}

async function measured(count: number, run: Measure["run"]): Promise<{ readonly ns: number; readonly heldBytes: number }> {
  collect();
  const memory = usedBytes();
  let held: unknown;
  const before = threadCpuMs();
  await run(count, (kept) => {
    held = kept;
  });
  const ns = (threadCpuMs() - before) * 1e6;
  collect();
  const heldBytes = usedBytes() - memory;
  if (held === undefined) throw new Error("nothing was kept");
  held = undefined;
  await Promise.all(stopLater.splice(0).map((node) => node.stop()));
  return { ns, heldBytes };
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What stays of a large message when one small part of it is kept. */
async function smallOfLarge(): Promise<string> {
  const kept = (binaries: "view" | "copy"): number => {
    collect();
    const before = usedBytes();
    const small = decode(encode(tuple(new Uint8Array(10), new Uint8Array(64 * 1024 * 1024))), { binaries });
    const part = "at" in Object(small) ? (small as { at(index: number): unknown }).at(0) : undefined;
    collect();
    const after = usedBytes();
    if (part === undefined) throw new Error("no part");
    return after - before;
  };
  const [view, copy] = [kept("view"), kept("copy")];
  return `${bytes(Math.max(0, view))} against ${bytes(Math.max(0, copy))}`;
}

function short(count: number): string {
  if (count >= 1_048_576 && count % 1_048_576 === 0) return `${count / 1_048_576} Mi`;
  if (count >= 1_024 && count % 1_024 === 0) return `${count / 1_024} Ki`;
  return count.toLocaleString("en-US");
}
