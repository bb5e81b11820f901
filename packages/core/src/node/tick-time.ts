// `net_ticktime`: nodes that are connected should have the same, and nothing in the handshake says which. Whoever wants to know
// asks `net_kernel:get_net_ticktime/0`, as OTP's remote shell does.
import type { ExposedFunctions } from "./exposed-modules.ts";

/** What our own node answers: seconds, of which there is at least one. */
export function exposedTickTime(tickTimeMs: number): ExposedFunctions {
  return { "get_net_ticktime/0": () => Math.ceil(tickTimeMs / 1000) };
}
