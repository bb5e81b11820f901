// What is measured towards a real Erlang node, and how often it is done in one round.

export interface Work {
  readonly name: string;
  readonly what: string;
  readonly count: number;
  readonly unit: "each" | "MiB/s";
  /** One after the other: with both ends on one core, since else it measures how the machine wakes a core. */
  readonly isLatency?: true;
  /** How many times as fast as the others we are to be. */
  readonly goals: { readonly sockets?: number; readonly Erlang?: number };
}

const LATENCY = { unit: "each", isLatency: true } as const;

export const WORKS: readonly Work[] = [
  { name: "send", what: "send small messages", count: 60_000, unit: "each", goals: { sockets: 0.75, Erlang: 1 } },
  { name: "receive_", what: "receive small messages", count: 60_000, unit: "each", goals: { sockets: 0.8, Erlang: 0.75 } },
  { name: "ping", what: "a message there and one back", count: 2_000, ...LATENCY, goals: { sockets: 1 / 1.4 } },
  { name: "sendLarge", what: "send binaries of 1 MiB", count: 100, unit: "MiB/s", goals: { Erlang: 2 } },
  { name: "receiveLarge", what: "receive binaries of 1 MiB", count: 100, unit: "MiB/s", goals: { Erlang: 1.5 } },
  { name: "connect", what: "connect, handshake, end", count: 30, unit: "each", goals: { sockets: 1 / 1.5 } },
  { name: "rpc", what: "call by rex, one at a time", count: 1_000, ...LATENCY, goals: { sockets: 1 / 1.5 } },
  { name: "rpc64", what: "call by rex, 64 at a time", count: 6_400, unit: "each", goals: { sockets: 0.8 } },
  { name: "erpc", what: "erpc:call, one at a time", count: 1_000, ...LATENCY, goals: { sockets: 1 / 1.4 } },
  { name: "erpc64", what: "erpc:call, 64 at a time", count: 6_400, unit: "each", goals: { sockets: 0.8 } },
  { name: "call", what: "gen_server:call, one at a time", count: 1_000, ...LATENCY, goals: { sockets: 1 / 1.5 } },
  { name: "call64", what: "gen_server:call, 64 at a time", count: 6_400, unit: "each", goals: { sockets: 0.7 } },
];

/** Our CPU for one message: at most so many times what plain sockets take to receive one. */
export const CPU_GOALS = [
  { work: "send", what: "a message sent", most: 0.7 },
  { work: "receive_", what: "a message received", most: 1.7 },
] as const;

export const SMALL = "hello world 0123456789";
export const LARGE_BYTES = 1_048_576;
export const IN_FLIGHT = 64;
