// The call protocol under gen_server, gen_statem, gen_event and sys (OTP's gen.erl): a monitor whose reference tags the
// request and is an alias for the reply, so that a reply that comes too late finds nobody.
import { Atom, atom, equals, ImproperList, Pid, Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { aboutTerm } from "./check-term.ts";
import { type Destination, parseDestination } from "./destination.ts";
import { ErlangError, type ErlangErrorCode } from "./erlang-error.ts";
import { type GiveUpOptions, onGivingUp } from "./give-up.ts";
import type { ReceiveOptions, Waiter } from "./mailbox.ts";
import type { MonitorListener } from "./monitor-table.ts";
import type { Process } from "./process.ts";

const ALIAS = atom("alias");
const GEN_CALL = atom("$gen_call");
const NOCONNECTION = atom("noconnection");
const TIMEOUT = atom("timeout");

/** Who called: `{Pid, Tag}`. */
export type From = Tuple<readonly [Pid, Term]>;

/** Makes the exit reason of the caller of the reason that gen:call/4 gives. */
export type Describe = (reason: Term) => Term;

/**
 * Sends `{Label, {self(), Tag}, Request}` and gives the reply (gen:call/4). Rejects with an ErlangError of class `exit` and
 * gen's reason (`noproc`, `{nodedown, Node}`, `timeout`, what the target exited with, …) in what `describe` makes of it,
 * and with the signal's reason when that aborts. Without a timeout it waits for ever.
 */
export function genCall(
  self: Process,
  target: Destination,
  label: Atom | Pid,
  request: Term,
  options: GiveUpOptions = {},
  describe: Describe = (reason) => reason,
): Promise<Term> {
  return new Promise((resolve, reject) => {
    if (isSelf(self, target)) throw exitOf(atom("calling_self"), describe);
    new Call(self, target, describe, resolve, reject).start(label, request, options);
  });
}

/** A call that is under way. One promise and no search of the mailbox: 10,000 calls are made in a second. */
class Call implements Waiter, MonitorListener {
  readonly #self: Process;
  readonly #target: Destination;
  readonly #describe: Describe;
  readonly #resolve: (reply: Term) => void;
  readonly #reject: (error: unknown) => void;
  #ref: Reference | undefined;
  #stopWaiting: (() => void) | undefined;
  #isOver = false;

  constructor(
    self: Process,
    target: Destination,
    describe: Describe,
    resolve: (reply: Term) => void,
    reject: (error: unknown) => void,
  ) {
    this.#self = self;
    this.#target = target;
    this.#describe = describe;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(label: Atom | Pid, request: Term, options: GiveUpOptions): void {
    this.#stopWaiting = onGivingUp(
      options,
      () => this.fail(exitOf(TIMEOUT, this.#describe)),
      (reason) => this.fail(reason),
    );
    try {
      // Both may tell at once what is to be told.
      this.#ref = this.#self.monitor(this.#target, { alias: "reply_demonitor", listener: this, waiter: this });
      if (this.#isOver) return;
      // A peer that knows no aliases replies to the process.
      this.#self.expect(this);
      sendCall(this.#self, this.#target, label, this.#ref, request);
    } catch (error) {
      this.fail(aboutTerm(error, request));
    }
  }

  offer(message: Term): boolean {
    if (!(message instanceof Tuple) || message.length !== 2 || !isTag(message.at(0), this.#ref)) return false;
    this.#end();
    this.#resolve(message.at(1));
    return true;
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  down(reason: Term, cause?: unknown): void {
    this.fail(exitOf(reasonOf(this.#target, reason), this.#describe, cause));
  }

  callerEnded(reason: Term): void {
    this.fail(new ErlangError("exit", reason));
  }

  #end(): void {
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#self.forget(this);
    if (this.#ref !== undefined) this.#self.demonitor(this.#ref);
  }
}

/** What a request came to: a reply, or the reason of the monitor and whom that is about. */
export type Response = { readonly reply: Term } | { readonly reason: Term; readonly object: Term };

/** Sends a call whose response is awaited later, by the reference that this gives (gen:send_request/3). */
export function sendRequest(self: Process, target: Destination, label: Atom, request: Term): Reference {
  const ref = self.monitor(target, { alias: "reply_demonitor" });
  try {
    sendCall(self, target, label, ref, request);
    return ref;
  } catch (error) {
    self.demonitor(ref, { flush: true });
    throw aboutTerm(error, request);
  }
}

/** Waits for the response to a request. However this ends, nothing of the request comes afterwards. Rejects as `receive` does. */
export async function receiveResponse(self: Process, ref: Reference, options: ReceiveOptions): Promise<Response> {
  try {
    return await self.receive({ match: (message) => checkResponse(message, ref) }, options);
  } finally {
    self.demonitor(ref, { flush: true });
  }
}

/** What a message says about a request: undefined when it is about something else. */
export function checkResponse(message: Term, ref: Reference): Response | undefined {
  if (!(message instanceof Tuple)) return undefined;
  if (message.length === 2 && isTag(message.at(0), ref)) return { reply: message.at(1) };
  // {'DOWN', Ref, process, Object, Reason}
  if (message.length !== 5 || !equals(message.at(1), ref)) return undefined;
  return { reason: message.at(4), object: message.at(3) };
}

function sendCall(self: Process, target: Destination, label: Atom | Pid, ref: Reference, request: Term): void {
  self.send(onNode(self, target), tuple(label, tuple(self.pid, new ImproperList([ALIAS], ref)), request));
}

/** `[alias | Ref]` */
function isTag(term: Term | undefined, ref: Reference | undefined): boolean {
  if (!(term instanceof ImproperList) || term.elements[0] !== ALIAS || ref === undefined) return false;
  return term.elements.length === 1 && equals(term.tail, ref);
}

/** The error of a call. Its `code` tells apart what can happen to every call. */
export function exitOf(reason: Term, describe: Describe, cause?: unknown): ErlangError {
  const isNodeDown = reason instanceof Tuple && reason.at(0) === NODEDOWN;
  const code = isNodeDown || reason === NOCONNECTION ? "noconnection" : (CODES.get(reason) ?? "exception");
  return new ErlangError("exit", describe(reason), [], { code, cause });
}

const NODEDOWN = atom("nodedown");
const CODES: ReadonlyMap<Term, ErlangErrorCode> = new Map<Term, ErlangErrorCode>([
  [atom("noproc"), "noproc"],
  [TIMEOUT, "timeout"],
]);

/** The monitor's reason, as gen:call/4 gives it. */
function reasonOf(target: Destination, reason: Term): Term {
  if (reason !== NOCONNECTION) return reason;
  const destination = parseDestination(target);
  // What can be monitored is no alias, and a name of our own node has no connection to lose.
  const node = destination instanceof Pid ? destination.node : destination instanceof Reference ? undefined : destination.node;
  if (node === undefined) return reason;
  return tuple(NODEDOWN, node instanceof Atom ? node : atom(node));
}

function isSelf(self: Process, target: Destination): boolean {
  const destination = parseDestination(target);
  if (destination instanceof Pid) return equals(destination, self.pid);
  if (destination instanceof Reference) return false;
  return (destination.node === undefined || destination.node === self.node) && self.names.includes(destination.name);
}

/** A name of our own node as one of some node: sending to it is silent when nobody has it, since the monitor tells. */
function onNode(self: Process, target: Destination): Destination {
  const destination = parseDestination(target);
  if (destination instanceof Pid || destination instanceof Reference) return destination;
  return { name: destination.name, node: destination.node ?? self.node };
}

/** The caller and the request of a message `{'$gen_call', {Pid, Tag}, Request}`, undefined for any other. */
export function callOf(message: Term, label: Atom = GEN_CALL): { readonly from: From; readonly request: Term } | undefined {
  if (!(message instanceof Tuple) || message.length !== 3 || message.at(0) !== label) return undefined;
  const [, from, request] = message.elements as readonly [Term, Term, Term];
  if (!(from instanceof Tuple) || from.length !== 2 || !(from.at(0) instanceof Pid)) return undefined;
  // Two elements, the first of them a pid, as just checked.
  return { from: from as From, request };
}

/** Answers a call, as gen:reply/2: to the alias in the tag where there is one, else to the caller's pid. */
export function reply(self: Process, from: From, answer: Term): void {
  const [pid, tag] = from.elements;
  self.send(aliasIn(tag) ?? pid, tuple(tag, answer));
}

/** The alias of the tags `[alias | Alias]` and `[[alias | Alias] | Ref]`. */
function aliasIn(tag: Term): Reference | undefined {
  const inner = tag instanceof ImproperList && tag.elements[0] instanceof ImproperList ? tag.elements[0] : tag;
  if (!(inner instanceof ImproperList) || inner.elements[0] !== ALIAS) return undefined;
  return inner.tail instanceof Reference ? inner.tail : undefined;
}
