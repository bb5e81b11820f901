import type { Pid, Process, Term } from "@erl-dist/core";

/** `Module:Function(Args…)`. */
export type RemoteFunction = readonly [module: string, fun: string, args: readonly Term[]];

/** Does something as a process whose group leader is `leader` for that long: a spawn request takes it along at once. */
export function withLeader<T>(process: Process, leader: Pid | undefined, request: () => T): T {
  const own = process.groupLeader;
  if (leader !== undefined) process.groupLeader = leader;
  try {
    return request();
  } finally {
    process.groupLeader = own;
  }
}
