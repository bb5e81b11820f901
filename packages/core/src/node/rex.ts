// The process `rex`, for callers that know no spawn requests, and for what rpc.erl still asks it for: block_call, sbcast.
// Like OTP's it is a gen_server, and it takes plain messages of C nodes and others as well.
import { EncodeError } from "../errors.ts";
import { atom, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import type { Outcome } from "./apply.ts";
import type { Destination } from "./destination.ts";
import { exitTermOf } from "./exit-term.ts";
import { callOf, reply } from "./gen-call.ts";
import type { Process } from "./process.ts";
import type { Application } from "./spawned.ts";

/** Applies a function in a process of its own, under a group leader if that is a pid. */
export type StartApplication = (groupLeader: Term, application: Application, done?: (outcome: Outcome) => void) => void;

const REX = "rex";
const BADRPC = atom("badrpc");

/** Runs `rex`, whom the node registers. */
export async function rex(self: Process, start: StartApplication): Promise<void> {
  for await (const message of self) {
    const call = callOf(message);
    if (call !== undefined) {
      await serveCall(start, call.request, (result) => {
        speak(self, result, (speakable) => reply(self, call.from, speakable));
      });
    } else if (message instanceof Tuple && message.length === 2) {
      // Two, as checked.
      const [from, request] = message.elements as readonly [Term, Term];
      if (from === GEN_CAST) cast(start, request);
      else if (from instanceof Pid) plainMessage(self, start, from, request);
    }
  }
}

const GEN_CAST = atom("$gen_cast");

/** For a call that is none of these; OTP leaves its caller waiting. Also for a result that the caller's node does not take. */
const BADARG = tuple(BADRPC, tuple(atom("EXIT"), atom("badarg")));

/** `{call, M, F, A, GL}`, and `{block_call, …}`, which nothing overtakes. */
async function serveCall(start: StartApplication, request: Term, answer: (result: Term) => void): Promise<void> {
  const call = applicationOf(request, "call");
  const blocking = applicationOf(request, "block_call");
  if (call !== undefined) {
    start(call.groupLeader, call.application, (outcome) => answer(resultOf(outcome)));
  } else if (blocking !== undefined) {
    answer(resultOf(await new Promise<Outcome>((resolve) => start(blocking.groupLeader, blocking.application, resolve))));
  } else {
    answer(BADARG);
  }
}

/** `{cast, M, F, A, GL}` */
function cast(start: StartApplication, request: Term): void {
  const found = applicationOf(request, "cast");
  if (found !== undefined) start(found.groupLeader, found.application);
}

function plainMessage(self: Process, start: StartApplication, from: Pid, request: Term): void {
  const call = applicationOf(request, "call");
  if (call !== undefined) {
    start(call.groupLeader, call.application, (outcome) => {
      speak(self, resultOf(outcome), (result) => self.send(from, tuple(atom(REX), result)));
    });
  } else if (request === atom("features_request")) {
    self.send(from, tuple(atom("features_reply"), atom(self.node), [atom("erpc")]));
  } else if (request instanceof Tuple && request.length === 3) {
    const [what, name, message] = request.elements as readonly [Term, Term, Term];
    const node = atom(self.node);
    // Whom `send` reaches answers by itself.
    if (what === atom("send") && !sendTo(self, name, tuple(from, message))) {
      self.send(from, tuple(atom(REX), node, nonexisting(name)));
    } else if (what === atom("sbcast")) {
      self.send(from, tuple(atom(REX), node, sendTo(self, name, message) ? node : nonexisting(name)));
    }
  }
}

/** Sends a result, unless rex itself has ended before the function did. */
function speak(self: Process, result: Term, send: (result: Term) => void): void {
  if (!self.isAlive) return;
  try {
    send(result);
  } catch (error) {
    // A native record for a node that knows none; any other result was checked.
    if (!(error instanceof EncodeError)) throw error;
    send(BADARG);
  }
}

function nonexisting(name: Term): Term {
  return tuple(atom("nonexisting_name"), name);
}

/** Says whether `Name ! Message` succeeds. */
function sendTo(self: Process, name: Term, message: Term): boolean {
  try {
    // Anything came from outside; what is no destination is refused by a TypeError.
    self.send(name as Destination, message);
    return true;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return false;
    throw error;
  }
}

/** `{Tag, M, F, A, GroupLeader}` */
function applicationOf(
  request: Term,
  tag: string,
): { readonly application: Application; readonly groupLeader: Term } | undefined {
  if (!(request instanceof Tuple) || request.length !== 5 || request.at(0) !== atom(tag)) return undefined;
  const [, module, fun, args, groupLeader] = request.elements as readonly [Term, Term, Term, Term, Term];
  return { application: { module, function: fun, args }, groupLeader };
}

/** What rpc:call/4 gives: the value, also a thrown one, or `{badrpc, {'EXIT', Reason}}`. */
function resultOf(outcome: Outcome): Term {
  if (outcome.class === "return") return outcome.value;
  return outcome.class === "throw" ? outcome.reason : tuple(BADRPC, exitTermOf(outcome));
}
