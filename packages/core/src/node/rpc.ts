// Calls of functions on other nodes with the results of OTP's rpc.erl, which is erpc with other words for what went wrong, and
// what still goes by the process `rex`: block_call and sbcast.
import { type Atom, atom, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { ErlangError } from "./erlang-error.ts";
import { exitTermOf } from "./exit-term.ts";
import { type CallOptions, type CallResult, call as erpcCall } from "./erpc.ts";
import { genCall } from "./gen-call.ts";
import { onGivingUp } from "./give-up.ts";
import type { Process } from "./process.ts";
import { remoteCall } from "./remote-call.ts";

const REX = "rex";
const BADRPC = atom("badrpc");
const EXIT = atom("EXIT");
const NODEDOWN = atom("nodedown");
const TIMEOUT = atom("timeout");
const NONEXISTING_NAME = atom("nonexisting_name");

/** `rpc:cast/4`: applies the function on the node; nobody hears of the result. Throws as `send` does. */
export { cast } from "./erpc.ts";

/**
 * `rpc:call/5`. Where that returns `{badrpc, Reason}` this rejects: with an ErlangError whose reason is that tuple, and
 * whose class, stack trace and `code` are those of `erpc.call`. A value that the function throws is a result, as in Erlang.
 */
export async function call(
  self: Process,
  peer: string,
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<Term> {
  let result: Term;
  try {
    result = await erpcCall(self, peer, module, fun, args, options);
  } catch (error) {
    if (!(error instanceof ErlangError)) throw error;
    if (error.class !== "throw") throw badrpc(error);
    result = error.reason;
  }
  // What `catch` made of an exit, before there was erpc.
  if (result instanceof Tuple && result.length === 2 && result.at(0) === EXIT) {
    throw new ErlangError("exit", tuple(BADRPC, result));
  }
  return result;
}

/** What came of a call to several nodes. */
export interface MulticallResult {
  /** Of the nodes that answered, by name; an exception there is a rejection as that of `call`. */
  readonly results: ReadonlyMap<string, CallResult>;
  /** Nodes that cannot be reached, take no calls, or did not answer in time. */
  readonly badNodes: readonly string[];
}

/** `rpc:multicall/5`: the same call on each of these nodes, all at once. Rejects only with the abort signal's reason and what no call can be made of. */
export async function multicall(
  self: Process,
  peers: readonly string[],
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<MulticallResult> {
  const nodes = [...new Set(peers)];
  const outcomes = await Promise.allSettled(nodes.map((node) => call(self, node, module, fun, args, options)));
  const results = new Map<string, CallResult>();
  const badNodes: string[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    // As many as there are nodes.
    const node = nodes[index] as string;
    const error: unknown = outcome.status === "rejected" ? outcome.reason : undefined;
    if (error !== undefined && !(error instanceof ErlangError && self.isAlive)) throw error;
    if (error instanceof ErlangError && ABSENT.has(error.code)) badNodes.push(node);
    else results.set(node, outcome);
  }
  return { results, badNodes };
}

const ABSENT: ReadonlySet<string> = new Set<ErlangError["code"]>(["noconnection", "timeout", "notsup"]);

/**
 * `rpc:block_call/5`: as `call`, while the node's `rex` process serves nobody else, so that such calls run one after the other.
 * The function runs in a process of its own all the same.
 */
export async function blockCall(
  self: Process,
  peer: string,
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<Term> {
  const remote = remoteCall(peer, module, fun, args);
  const request = tuple(atom("block_call"), atom(remote.module), atom(remote.function), [...args], self.groupLeader);
  let result: Term;
  try {
    result = await genCall(self, { name: REX, node: peer }, atom("$gen_call"), request, options);
  } catch (error) {
    if (!(error instanceof ErlangError) || !self.isAlive) throw error;
    const { code } = error;
    const why = code === "noconnection" ? NODEDOWN : code === "timeout" ? TIMEOUT : tuple(EXIT, error.reason);
    throw new ErlangError("exit", tuple(BADRPC, why), [], { code, cause: error });
  }
  if (result instanceof Tuple && result.length === 2 && result.at(0) === BADRPC) throw badrpcOf(result);
  return result;
}

/** The error of a reply `{badrpc, {'EXIT', Reason}}`, where Reason may be `{What, Stack}`. */
function badrpcOf(reply: Tuple): ErlangError {
  const exit = reply.at(1);
  const reason = exit instanceof Tuple && exit.length === 2 ? exit.at(1) : undefined;
  const stack = reason instanceof Tuple && reason.length === 2 ? reason.at(1) : undefined;
  if (!(reason instanceof Tuple) || !Array.isArray(stack)) return new ErlangError("exit", reply);
  return new ErlangError("error", reply, stack, { code: reason.at(0) === atom("undef") ? "undef" : "exception" });
}

/** `rpc:abcast/3`: sends a message to the processes of one name on these nodes. Throws as `send` does. */
export function abcast(self: Process, peers: readonly string[], name: string | Atom, message: Term): void {
  for (const node of peers) self.send({ name, node }, message);
}

/** Where a message has arrived. */
export interface SbcastResult {
  readonly goodNodes: readonly string[];
  /** Nodes that cannot be reached, have no such process, or did not answer in time. */
  readonly badNodes: readonly string[];
}

/**
 * `rpc:sbcast/3`: as `abcast`, and tells when and where the message has arrived. Waits as long as it takes, unless `timeoutMs` is
 * given. Rejects with the abort signal's reason, an EncodeError for a message without external form, and an ErlangError of
 * class `exit` when this process ends.
 */
export async function sbcast(
  self: Process,
  peers: readonly string[],
  name: string | Atom,
  message: Term,
  options: CallOptions = {},
): Promise<SbcastResult> {
  const nodes = [...new Set(peers)];
  const request = tuple(self.pid, tuple(atom("sbcast"), typeof name === "string" ? atom(name) : name, message));
  const arrivals = await Promise.all(nodes.map((node) => arrived(self, node, request, options)));
  const those = (has: boolean): string[] => nodes.filter((_, index) => arrivals[index] === has);
  return { goodNodes: those(true), badNodes: those(false) };
}

/** Sends `rex` a request, and says whether it answers `{rex, Node, Node}`. The answer carries nothing by which two could be told apart. */
function arrived(self: Process, node: string, request: Term, options: CallOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let ref: Reference | undefined;
    const settle = (how: () => void): void => {
      stopWaiting();
      self.forget(waiter);
      if (ref !== undefined) self.demonitor(ref);
      how();
    };
    const waiter = {
      offer(answer: Term): boolean {
        const isAnswer =
          answer instanceof Tuple && answer.length === 3 && answer.at(0) === atom(REX) && answer.at(1) === atom(node);
        if (isAnswer) settle(() => resolve(!isNonexisting(answer.at(2))));
        return isAnswer;
      },
      fail: (error: unknown): void => settle(() => reject(error)),
    };
    const listener = {
      down: (): void => settle(() => resolve(false)),
      callerEnded: (reason: Term): void => waiter.fail(new ErlangError("exit", reason)),
    };
    const stopWaiting = onGivingUp(options, listener.down, waiter.fail);
    try {
      ref = self.monitor({ name: REX, node }, { listener });
      self.expect(waiter);
      self.send({ name: REX, node }, request);
    } catch (error) {
      waiter.fail(error);
    }
  });
}

function isNonexisting(answer: Term | undefined): boolean {
  return answer instanceof Tuple && answer.at(0) === NONEXISTING_NAME;
}

function badrpc(error: ErlangError): ErlangError {
  const { class: errorClass, stacktrace, code } = error;
  return new ErlangError(errorClass, tuple(BADRPC, whyOf(error)), stacktrace, { code, cause: error });
}

function whyOf(error: ErlangError): Term {
  switch (error.code) {
    case "exception":
    case "undef":
    case "noproc":
    case "signal":
      return exitTermOf(error);
    case "noconnection":
      return NODEDOWN;
    case "timeout":
    case "notsup":
      return atom(error.code);
    case "system_limit":
    case "badopt":
    case "badarg":
    case "refused":
      // `{erpc, Why}`
      return tuple(EXIT, error.reason instanceof Tuple ? (error.reason.at(1) ?? error.reason) : error.reason);
    default:
      return error.code satisfies never;
  }
}
