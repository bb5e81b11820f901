// What a peer's `net_ticktime` is: see tick-time.ts.
import { atom, type Term, Tuple } from "../etf/index.ts";
import { ErlangError } from "./erlang-error.ts";
import { call as erpcCall } from "./erpc.ts";
import type { Process } from "./process.ts";

/** The peer's, in milliseconds; undefined when it does not say. */
export async function askTickTime(self: Process, peer: string): Promise<number | undefined> {
  try {
    return parseTickTime(await erpcCall(self, peer, "net_kernel", "get_net_ticktime", []));
  } catch (error) {
    // Connections are lost, some nodes start no processes for others, and some have no such function: our own time stays.
    if (error instanceof ErlangError) return undefined;
    throw error;
  }
}

/** `Seconds`, or `{ongoing_change_to, Seconds}`. */
function parseTickTime(answer: Term): number | undefined {
  const isChanging = answer instanceof Tuple && answer.length === 2 && answer.at(0) === ONGOING_CHANGE_TO;
  const seconds = isChanging ? answer.at(1) : answer;
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : undefined;
}

const ONGOING_CHANGE_TO = atom("ongoing_change_to");
