// Talking to gen_statem machines (OTP's gen_statem.erl): as to gen_servers, only that a call waits for ever by default.
import { atom, type Term, tuple } from "../etf/index.ts";
import { callTerm, type GenCallOptions } from "./gen-server-client.ts";
import type { Process } from "./process.ts";
import { callServer, refTerm, type ServerRef } from "./server-ref.ts";

/** `gen_statem:cast/2`, `send_request/2`, `receive_response/2`, `check_response/2` and `stop/3`: as those of gen_server. */
export { cast, checkResponse, receiveResponse, sendRequest, stop } from "./gen-server-client.ts";

/** `gen_statem:call/2,3`: an event of type `{call, From}`. Rejects as `call` of gen_server; waits for ever unless `timeoutMs` is given. */
export function call(self: Process, machine: ServerRef, request: Term, options: GenCallOptions = {}): Promise<Term> {
  const { timeoutMs = Infinity } = options;
  return callServer(self, machine, atom("$gen_call"), request, options, (reason) =>
    tuple(reason, callTerm("gen_statem", [refTerm(machine), request], timeoutMs)),
  );
}
