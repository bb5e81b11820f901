// What is measured towards a real Erlang node, and how often it is done in one round.

export interface Work {
  readonly name: string;
  readonly what: string;
  readonly count: number;
  readonly unit: "each" | "MiB/s";
}

export const WORKS: readonly Work[] = [
  { name: "send", what: "send small messages", count: 60_000, unit: "each" },
  { name: "receive_", what: "receive small messages", count: 60_000, unit: "each" },
  { name: "ping", what: "a message there and one back", count: 2_000, unit: "each" },
  { name: "sendLarge", what: "send binaries of 1 MiB", count: 100, unit: "MiB/s" },
  { name: "receiveLarge", what: "receive binaries of 1 MiB", count: 100, unit: "MiB/s" },
  { name: "connect", what: "connect, handshake, end", count: 30, unit: "each" },
  { name: "erpc", what: "erpc:call, one at a time", count: 1_000, unit: "each" },
  { name: "erpc64", what: "erpc:call, 64 at a time", count: 6_400, unit: "each" },
  { name: "call", what: "gen_server:call, one at a time", count: 1_000, unit: "each" },
  { name: "call64", what: "gen_server:call, 64 at a time", count: 6_400, unit: "each" },
];

export const SMALL = "hello world 0123456789";
export const LARGE_BYTES = 1_048_576;
export const IN_FLIGHT = 64;
