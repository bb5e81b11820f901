// Calling gen_servers (OTP's gen_server.erl, the client's part). A gen_statem takes calls and casts of the same form.
import { TimeoutError } from "../errors.ts";
import { type Atom, atom, equals, type Reference, type Term, tuple } from "../etf/index.ts";
import type { Destination } from "./destination.ts";
import { ErlangError } from "./erlang-error.ts";
import * as gen from "./gen-call.ts";
import type { GiveUpOptions } from "./give-up.ts";
import type { ReceiveOptions } from "./mailbox.ts";
import type { Process } from "./process.ts";
import { callServer, refTerm, sendTo, type ServerRef } from "./server-ref.ts";

/** `timeoutMs` is 5000 unless given; Infinity waits for ever. */
export type GenCallOptions = GiveUpOptions;

const GEN_CALL = atom("$gen_call");
const GEN_CAST = atom("$gen_cast");
const SYSTEM = atom("system");
const NORMAL = atom("normal");
const INFINITY = atom("infinity");

export const DEFAULT_TIMEOUT_MS = 5000;

/**
 * `gen_server:call/2,3`.
 *
 * Rejects with an ErlangError of class `exit` and Erlang's reason, `{Why, {gen_server, call, [Server, Request]}}`: Why is
 * `noproc` (so is the error's `code`), `{nodedown, Node}` (`code` is `noconnection`, and `cause` says more), `timeout` (so is `code`), or what
 * the server exited with before it replied. A reply that comes after that is dropped. Rejects with the signal's reason when
 * that aborts, and with an EncodeError for a request without external form.
 */
export function call(self: Process, server: ServerRef, request: Term, options: GenCallOptions = {}): Promise<Term> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  return callServer(self, server, GEN_CALL, request, { timeoutMs, signal }, (reason) =>
    tuple(reason, callTerm("gen_server", [refTerm(server), request], options.timeoutMs)),
  );
}

/** What an exit says of a call: `{Module, call, Args}`, with the timeout where that was given. */
export function callTerm(module: string, args: readonly Term[], timeoutMs: number | undefined): Term {
  const timeout = timeoutMs === undefined ? [] : [timeoutMs === Infinity ? INFINITY : timeoutMs];
  return tuple(atom(module), atom("call"), [...args, ...timeout]);
}

/**
 * `gen_server:cast/2`: nobody hears whether it arrives. Throws as `Process.send`, but not for a name that nobody has. A
 * global name is looked up first, and the cast lost should that fail.
 */
export function cast(self: Process, server: ServerRef, request: Term): void {
  sendTo(self, server, tuple(GEN_CAST, request));
}

/** `gen_server:abcast/3`: casts to the processes of one name on these nodes. */
export function abcast(self: Process, nodes: readonly string[], name: string | Atom, request: Term): void {
  for (const node of nodes) cast(self, { name, node }, request);
}

/**
 * `gen_server:send_request/2`: a call that goes on while the process does something else. The response is had by
 * `receiveResponse` with the reference that this gives, or comes as a message that `checkResponse` knows.
 */
export function sendRequest(self: Process, server: Exclude<Destination, Reference>, request: Term): Reference {
  return gen.sendRequest(self, server, GEN_CALL, request);
}

/**
 * `gen_server:receive_response/2`: the reply to a request. Rejects with an ErlangError of class `exit` and reason
 * `{Why, Server}`; after `timeoutMs` (never, unless given) with a TimeoutError, and then nothing more comes of the request.
 */
export async function receiveResponse(self: Process, requestId: Reference, options: ReceiveOptions = {}): Promise<Term> {
  return replyOf(await gen.receiveResponse(self, requestId, options));
}

/**
 * `gen_server:check_response/2`, for a process that receives all its messages by itself, as a gen_server does: undefined
 * when the message is no response to the request, else `{ reply }`. Throws as `receiveResponse` rejects.
 */
export function checkResponse(self: Process, message: Term, requestId: Reference): { readonly reply: Term } | undefined {
  const response = gen.checkResponse(message, requestId);
  if (response === undefined) return undefined;
  self.demonitor(requestId, { flush: true });
  return { reply: replyOf(response) };
}

function replyOf(response: gen.Response): Term {
  if ("reply" in response) return response.reply;
  throw gen.exitOf(response.reason, (reason) => tuple(reason, response.object));
}

/** What came of a call to several nodes. */
export interface MultiCallResult {
  /** By the name of the node, in the order in which they came. */
  readonly replies: ReadonlyMap<string, Term>;
  /** Nodes that are not there, have no such process, or did not reply in time. */
  readonly badNodes: readonly string[];
}

/** `gen_server:multi_call/4`: calls the processes of one name on these nodes. Waits for ever unless `timeoutMs` is given. */
export async function multiCall(
  self: Process,
  nodes: readonly string[],
  name: string | Atom,
  request: Term,
  options: GenCallOptions = {},
): Promise<MultiCallResult> {
  const replies = new Map<string, Term>();
  const badNodes: string[] = [];
  const callOne = async (node: string): Promise<void> => {
    try {
      replies.set(node, await gen.genCall(self, { name, node }, GEN_CALL, request, options));
    } catch (error) {
      if (!(error instanceof ErlangError) || !self.isAlive) throw error;
      badNodes.push(node);
    }
  };
  await Promise.all([...new Set(nodes)].map(callOne));
  return { replies, badNodes };
}

/**
 * `gen_server:stop/3`: tells a server to exit with a reason (`normal` unless given) and waits until it has; it terminates any
 * process that takes system messages. Rejects with an ErlangError of class `exit`: `noproc`, `timeout` (never, unless
 * `timeoutMs` is given), or the reason that it exited with when that is another one.
 */
export async function stop(
  self: Process,
  server: Exclude<Destination, Reference>,
  reason: Term = NORMAL,
  options: GiveUpOptions = {},
): Promise<void> {
  const ref = self.monitor(server);
  try {
    await gen.genCall(self, server, SYSTEM, tuple(atom("terminate"), reason), options);
    const ended = await gen.receiveResponse(self, ref, options);
    if ("reason" in ended && !equals(ended.reason, reason)) throw new ErlangError("exit", ended.reason);
  } catch (error) {
    throw error instanceof TimeoutError ? new ErlangError("exit", atom("timeout"), [], { code: "timeout" }) : error;
  } finally {
    self.demonitor(ref, { flush: true });
  }
}
