// Talking to gen_event managers (OTP's gen_event.erl). Their calls have the caller's pid where other behaviours have a label.
import { atom, type Term, tuple } from "../etf/index.ts";
import { callTerm, DEFAULT_TIMEOUT_MS, type GenCallOptions } from "./gen-server-client.ts";
import type { Process } from "./process.ts";
import { callServer, refTerm, sendTo, type ServerRef } from "./server-ref.ts";

/** `gen_event:notify/2`: all handlers get the event. Nobody hears whether it arrives. */
export function notify(self: Process, manager: ServerRef, event: Term): void {
  sendTo(self, manager, tuple(atom("notify"), event));
}

/**
 * `gen_event:sync_notify/2`: resolves when all handlers have had the event. Rejects with an ErlangError of class `exit` and
 * the bare reason (`noproc`, `{nodedown, Node}`, …); waits for ever, unless `timeoutMs` is given.
 */
export async function syncNotify(self: Process, manager: ServerRef, event: Term, options: GenCallOptions = {}): Promise<void> {
  await callServer(self, manager, self.pid, tuple(atom("sync_notify"), event), options);
}

/**
 * `gen_event:call/3,4`: asks one handler, a module as an atom or `{Module, Id}`. One that is not there replies
 * `{error, bad_module}`. Otherwise as `call` of gen_server.
 */
export function call(
  self: Process,
  manager: ServerRef,
  handler: Term,
  query: Term,
  { timeoutMs, signal }: GenCallOptions = {},
): Promise<Term> {
  const request = tuple(atom("call"), handler, query);
  return callServer(self, manager, self.pid, request, { timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS, signal }, (reason) =>
    tuple(reason, callTerm("gen_event", [refTerm(manager), handler, query], timeoutMs)),
  );
}
