// How the process of a gen_server works: see gen-server.ts. Loaded with the first server that a node starts.
import { TimeoutError } from "../errors.ts";
import { atom, type Term, Tuple, tuple } from "../etf/index.ts";
import { ErlangError, exitReasonOf } from "./erlang-error.ts";
import { callOf } from "./gen-call.ts";
import { Caller, type GenServer, Next } from "./gen-server.ts";
import { NO_REPLY } from "./no-reply.ts";
import type { Process } from "./process.ts";
import { handleSystemMessage, Stop, type SystemView } from "./system-messages.ts";

/** Told of messages that a server does not handle. */
export type OnUnhandled = (self: Process, message: Term) => void;

/** What the process of a server does, to its end. */
export function runGenServer(self: Process, server: GenServer, onUnhandled: OnUnhandled): Promise<void> {
  return new ServerLoop(self, server, onUnhandled).run();
}

class ServerLoop implements SystemView {
  readonly self: Process;
  isSuspended = false;
  readonly #server: GenServer;
  readonly #onUnhandled: OnUnhandled;

  constructor(self: Process, server: GenServer, onUnhandled: OnUnhandled) {
    this.self = self;
    this.#server = server;
    this.#onUnhandled = onUnhandled;
  }

  get state(): Term {
    return this.#server.state ?? UNDEFINED;
  }

  set state(state: Term) {
    this.#server.state = state;
  }

  async run(): Promise<void> {
    const started = await this.#server.init?.(this.self);
    // Without a start there is nothing to terminate.
    if (started instanceof Stop) this.#exit(new ErlangError("exit", started.reason));
    else await this.#serveUntilEnd(started);
  }

  /** Shows less than `state` where the server wants that. */
  get shownState(): Term {
    return this.#server.formatStatus === undefined ? this.state : this.#server.formatStatus(this.state);
  }

  async changeCode(module: Term, oldVsn: Term, extra: Term): Promise<void> {
    if (this.#server.codeChange === undefined) throw undef("code_change", [oldVsn, this.state, extra], module);
    await this.#server.codeChange(oldVsn, extra, this.self);
  }

  async #serveUntilEnd(started: unknown): Promise<void> {
    let stop: Stop;
    let caller: Caller | undefined;
    try {
      [stop, caller] = await this.#serve(started);
    } catch (error) {
      // Ended from outside: there is no process left that could do anything.
      if (!this.self.isAlive) throw error;
      const failure = failureOf(error);
      await this.#server.terminate?.(exitReasonOf(failure), this.self);
      this.#exit(failure);
      return;
    }
    try {
      await this.#server.terminate?.(stop.reason, this.self);
    } finally {
      if (stop.reply !== undefined) caller?.reply(stop.reply);
    }
    this.#exit(new ErlangError("exit", stop.reason));
  }

  /** Handles one message after the other until one of them ends it; gives the caller too, should it have been a call. */
  async #serve(started: unknown): Promise<[Stop, Caller | undefined]> {
    let next = started instanceof Next ? started : undefined;
    for (;;) {
      const message = next?.continue === undefined ? await this.#receive(next?.timeoutMs) : undefined;
      const call = message === undefined ? undefined : callOf(message);
      const caller = call === undefined ? undefined : new Caller(this.self, call.from);
      let result: unknown;
      if (call !== undefined && caller !== undefined) result = this.#call(call.request, caller);
      else if (message !== undefined) result = this.#handle(message);
      else result = this.#continue(next?.continue ?? UNDEFINED);
      // Only what has to be awaited is.
      if (isThenable(result)) result = await result;
      if (result instanceof Stop) return [result, caller];
      if (caller !== undefined) answer(caller, result);
      // A system message leaves a timeout as it is; it begins anew.
      if (message === undefined || !isSystemMessage(message)) next = result instanceof Next ? result : undefined;
    }
  }

  /** The next message, or the atom `timeout` when none comes in time. */
  #receive(timeoutMs: number | undefined): Promise<Term> {
    if (this.isSuspended) return this.self.receive(isSystemMessage);
    if (timeoutMs === undefined) return this.self.receive();
    return this.self.receive(undefined, { timeoutMs }).catch((error: unknown) => {
      if (error instanceof TimeoutError) return TIMEOUT;
      throw error;
    });
  }

  #continue(term: Term): unknown {
    if (this.#server.handleContinue === undefined) throw undef("handle_continue", [term, this.state]);
    return this.#server.handleContinue(term, this.self);
  }

  #call(request: Term, caller: Caller): unknown {
    if (this.#server.handleCall === undefined) throw undef("handle_call", [request, caller.term, this.state]);
    return this.#server.handleCall(request, caller, this.self);
  }

  #handle(message: Term): unknown {
    const system = callOf(message, SYSTEM);
    if (system !== undefined) return handleSystemMessage(this, system.from, system.request);
    if (message instanceof Tuple && message.length === 2 && message.at(0) === GEN_CAST) {
      const request = message.at(1);
      if (this.#server.handleCast === undefined) throw undef("handle_cast", [request, this.state]);
      return this.#server.handleCast(request, this.self);
    }
    if (this.#server.handleInfo !== undefined) return this.#server.handleInfo(message, this.self);
    this.#onUnhandled(this.self, message);
    return undefined;
  }

  /** What Erlang does not report is no crash here either. */
  #exit(failure: unknown): void {
    if (!(failure instanceof ErlangError) || failure.class !== "exit" || !isOrderly(failure.reason)) throw failure;
    this.self.exit(failure.reason);
  }
}

function answer(caller: Caller, result: unknown): void {
  if (result === NO_REPLY) return;
  if (result instanceof Next) {
    if (result.reply !== undefined) caller.reply(result.reply);
    return;
  }
  // What is no term is refused there.
  caller.reply(result === undefined ? OK : (result as Term));
}

/** A value that is thrown is one that is returned, in OTP: here it is never a good one. */
function failureOf(error: unknown): unknown {
  const isThrow = error instanceof ErlangError && error.class === "throw";
  return isThrow ? new ErlangError("exit", tuple(BAD_RETURN_VALUE, error.reason)) : error;
}

function undef(fun: string, args: Term[], module: Term = atom("javascript")): ErlangError {
  return new ErlangError("error", atom("undef"), [tuple(module, atom(fun), args, [])]);
}

/** `normal`, `shutdown` or `{shutdown, Term}` */
function isOrderly(reason: Term): boolean {
  const word = reason instanceof Tuple && reason.length === 2 ? reason.at(0) : reason;
  return reason === NORMAL || word === SHUTDOWN;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function isSystemMessage(message: Term): boolean {
  return callOf(message, SYSTEM) !== undefined;
}

const SYSTEM = atom("system");
const GEN_CAST = atom("$gen_cast");
const NORMAL = atom("normal");
const SHUTDOWN = atom("shutdown");
const OK = atom("ok");
const UNDEFINED = atom("undefined");
const TIMEOUT = atom("timeout");
const BAD_RETURN_VALUE = atom("bad_return_value");
