// Calls of functions on other nodes (OTP's erpc.erl): a process is started there that applies the function, and its exit
// reason, which the monitor brings, is the result. No message is involved, so nothing can come late.
import { type Atom, atom, equals, type Pid, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { aboutTerm } from "./check-term.ts";
import { ErlangError } from "./erlang-error.ts";
import { type GiveUpOptions, onGivingUp } from "./give-up.ts";
import type { MonitorListener } from "./monitor-table.ts";
import type { Process } from "./process.ts";
import { refusalOf, remoteCall } from "./remote-call.ts";
import type { RemoteCall } from "./spawn-requests.ts";
import type { SpawnListener } from "./spawn-request-table.ts";

export { cast, multicast } from "./erpc-cast.ts";

const ERPC = atom("erpc");
const RETURN = atom("return");
const THROW = atom("throw");
const EXIT = atom("exit");
const ERROR = atom("error");
const UNDEF = atom("undef");
const NOCONNECTION = atom("noconnection");
const TIMEOUT = atom("timeout");
const DOWN = atom("DOWN");

/** By default a call waits as long as it takes. */
export type CallOptions = GiveUpOptions;

/** The outcome of one of several calls: `{ status: "fulfilled", value }` or `{ status: "rejected", reason }`. */
export type CallResult = PromiseSettledResult<Term>;

/** A call that is under way (`erpc:send_request/4`). Several of them need no collection: `Promise.race` and its kin take their responses. */
export interface ErpcRequest {
  /** As that of `call`. */
  readonly response: Promise<Term>;
  /** Gives up: the response rejects with this error, and nothing more comes of the call. */
  abandon(error: unknown): void;
}

/**
 * `erpc:call/5`: what `module:fun(...args)` returns on the node.
 *
 * Rejects with an ErlangError: for an exception of the function with its class, reason and stack trace (`code` is
 * `exception`, or `undef`); with class `exit` and code `signal` when an exit signal ended the function's process; with
 * class `error`, reason `{erpc, Why}` and code `Why` when the call itself failed: `noconnection`, `timeout`, `notsup`,
 * `system_limit`. Then the function may have run or not. Also with the abort signal's reason, and an EncodeError for
 * arguments without external form.
 */
export function call(
  self: Process,
  peer: string,
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<Term> {
  return new Promise((resolve, reject) => {
    const { timeoutMs, signal } = options;
    const call = new Call(self, remoteCall(peer, module, fun, args), resolve, reject);
    if (timeoutMs !== undefined || signal !== undefined) {
      call.stopWaiting = onGivingUp(
        options,
        () => call.abandon(failure(TIMEOUT)),
        (reason) => call.abandon(reason),
      );
    }
    call.send(peer);
  });
}

/** `erpc:send_request/4`. Throws for what no call can be made of, as `call` rejects. */
export function sendRequest(
  self: Process,
  peer: string,
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
): ErpcRequest {
  const remote = remoteCall(peer, module, fun, args);
  let call!: Call;
  const response = new Promise<Term>((resolve, reject) => {
    call = new Call(self, remote, resolve, reject);
  });
  call.send(peer);
  return { response, abandon: (error) => call.abandon(error) };
}

/** `erpc:multicall/5`: all calls at once; the results stand where their nodes do. */
export function multicall(
  self: Process,
  peers: readonly string[],
  module: string | Atom,
  fun: string | Atom,
  args: readonly Term[],
  options: CallOptions = {},
): Promise<CallResult[]> {
  return Promise.allSettled(peers.map((peer) => call(self, peer, module, fun, args, options)));
}

class Call implements SpawnListener, MonitorListener {
  stopWaiting: (() => void) | undefined;
  readonly #self: Process;
  readonly #call: RemoteCall;
  /** Of the request, of its monitor, and of the result. */
  readonly #ref: Reference;
  readonly #resolve: (value: Term) => void;
  readonly #reject: (error: unknown) => void;

  constructor(self: Process, call: RemoteCall, resolve: (value: Term) => void, reject: (error: unknown) => void) {
    this.#self = self;
    this.#call = call;
    this.#ref = self.makeRef();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  send(peer: string): void {
    const { module, function: fun, args } = this.#call;
    const execute = {
      module: "erpc",
      function: "execute_call",
      args: [this.#ref, atom(module), atom(fun), [...args]],
    };
    try {
      const monitor = { tag: DOWN, listener: this };
      this.#self.requestSpawn({ ref: this.#ref, peer, link: false, monitor, listener: this }, execute);
    } catch (error) {
      this.#fail(aboutTerm(error, [...args]));
    }
  }

  abandon(error: unknown): void {
    this.#self.abandonSpawn(this.#ref);
    this.#fail(error);
  }

  spawned(_pid: Pid): void {
    // The monitor tells the rest.
  }

  refused(reason: Term, cause?: unknown): void {
    this.#fail(failure(reason, cause));
  }

  callerEnded(reason: Term): void {
    this.#fail(new ErlangError("exit", reason));
  }

  down(reason: Term, cause?: unknown): void {
    if (reason === NOCONNECTION) {
      this.#fail(failure(reason, cause));
    } else if (reason instanceof Tuple && (reason.length === 3 || reason.length === 4) && equals(reason.at(0), this.#ref)) {
      this.#result(reason);
    } else {
      this.#fail(new ErlangError("exit", reason, [], { code: "signal" }));
    }
  }

  /** `{Ref, return, Value}`, `{Ref, error, Reason, Stack}` and so on. */
  #result({ elements }: Tuple): void {
    // Three or four elements, as checked.
    const [, kind, value, stack] = elements as readonly [Term, Term, Term, Term?];
    if (kind === RETURN) {
      this.stopWaiting?.();
      this.#resolve(value);
    } else if (kind === THROW || kind === EXIT) {
      this.#fail(new ErlangError(kind === THROW ? "throw" : "exit", value));
    } else if (kind === ERROR && stack !== undefined) {
      const code = value === UNDEF ? "undef" : "exception";
      this.#fail(new ErlangError("error", value, Array.isArray(stack) ? stack : [], { code }));
    } else {
      // `{erpc, Why}`: the function was not called.
      const why = value instanceof Tuple && value.length === 2 ? value.at(1) : value;
      this.#fail(failure(why));
    }
  }

  #fail(error: unknown): void {
    this.stopWaiting?.();
    this.#reject(error);
  }
}

/** The call itself failed: `error:{erpc, Why}`. */
function failure(why: Term, cause?: unknown): ErlangError {
  return refusalOf(why, tuple(ERPC, why), cause);
}
