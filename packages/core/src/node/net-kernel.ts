// The process `net_kernel`, which each node has: it is whom net_adm:ping/1 asks, here and there. Loaded with the first message to it,
// or the first ping.
import { atom, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import { ErlangError } from "./erlang-error.ts";
import { callOf, genCall, reply } from "./gen-call.ts";
import type { Process } from "./process.ts";

export const NET_KERNEL = "net_kernel";

/**
 * Runs `net_kernel`: answers `is_auth` with `yes`, for whoever got here has shown the cookie. Other calls stay unanswered. Who
 * wants to print is refused: as long as the node has no group leader of its own, it is this process.
 */
export async function netKernel(self: Process): Promise<void> {
  for await (const message of self) {
    const call = callOf(message);
    if (call !== undefined && isAuth(call.request)) reply(self, call.from, atom("yes"));
    else refuseIo(self, message);
  }
}

/** `{io_request, From, ReplyAs, Request}` */
function refuseIo(self: Process, message: Term): void {
  if (!(message instanceof Tuple) || message.length !== 4 || message.at(0) !== atom("io_request")) return;
  const [, from, replyAs] = message.elements as readonly [Term, Term, Term, Term];
  if (from instanceof Pid) self.send(from, tuple(atom("io_reply"), replyAs, tuple(atom("error"), atom("terminated"))));
}

function isAuth(request: Term): boolean {
  return request instanceof Tuple && request.at(0) === atom("is_auth");
}

/** `net_adm:ping/1`: whether the node can be reached and takes us. */
export async function ping(self: Process, peer: string): Promise<boolean> {
  try {
    const request = tuple(atom("is_auth"), atom(self.node));
    return (await genCall(self, { name: NET_KERNEL, node: peer }, atom("$gen_call"), request)) === atom("yes");
  } catch (error) {
    if (error instanceof ErlangError) return false;
    throw error;
  }
}
