// gen_servers in JavaScript (OTP's gen_server.erl, the server's part): a process whose messages are the calls of an object's
// methods, one at a time and in order. This is what such an object may have; gen-server-loop.ts is the process.
import type { Pid, Term } from "../etf/index.ts";
import { type From, reply } from "./gen-call.ts";
import type { NO_REPLY } from "./no-reply.ts";
import type { Process } from "./process.ts";
import type { Stop } from "./system-messages.ts";

/** Who made a call and waits for its reply. */
export class Caller {
  readonly pid: Pid;
  /** `{Pid, Tag}` as Erlang has it: whoever gets it can answer by `gen_server:reply/2`. */
  readonly term: From;
  readonly #server: Process;

  /** @internal */
  constructor(server: Process, term: From) {
    this.pid = term.elements[0];
    this.term = term;
    this.#server = server;
  }

  /** `gen_server:reply/2`. Throws an EncodeError for what has no external form; is silent when one of the two has ended. */
  reply(answer: Term): void {
    if (this.#server.isAlive) reply(this.#server, this.term, answer);
  }
}

export interface NextOptions {
  /** For a call: the reply. Without it there is none yet, as with NO_REPLY. */
  readonly reply?: Term | undefined;
  /** Should no message come for so long, `handleInfo` gets the atom `timeout`. Any message ends that; system messages only delay it. */
  readonly timeoutMs?: number | undefined;
  /** `handleContinue` gets this before any message is looked at. */
  readonly continue?: Term | undefined;
}

/** Returned by a callback: what comes next (`{reply, Reply, State, Timeout}`, `{noreply, State, {continue, Term}}`, …). */
export class Next {
  readonly reply: Term | undefined;
  readonly timeoutMs: number | undefined;
  readonly continue: Term | undefined;

  /** Throws a TypeError for a timeout and something to continue with, of which there can be one. */
  constructor({ reply, timeoutMs, continue: term }: NextOptions) {
    if (timeoutMs !== undefined && term !== undefined) {
      throw new TypeError("a gen_server either continues or waits: timeoutMs and continue exclude each other");
    }
    this.reply = reply;
    this.timeoutMs = timeoutMs;
    this.continue = term;
  }
}

/**
 * What a gen_server does. Each method is called with the object as `this`, and not before the promise of the one before it is
 * settled: fields of the object, or variables around it, are the server's state. All are optional; a call or a cast that
 * nobody handles ends the server with `undef`, as in Erlang.
 *
 * What a method throws ends the server, and callers learn of that by their monitors: an ErlangError of class `exit` gives
 * the reason itself, of class `error` the reason with its stack trace; another JavaScript error `{{js_error, Name, Message}, []}`.
 */
export interface GenServer {
  /** What `sys:get_state/1` shows, and `sys:replace_state/2` sets: a field, or a getter (and a setter). */
  state?: Term;
  /** Called first of all; messages wait. What it returns is ignored, unless it is a Stop or a Next. */
  init?(self: Process): unknown;
  /** What it returns is the reply, `undefined` the atom `ok`; unless it is NO_REPLY, a Stop or a Next. */
  handleCall?(request: Term, from: Caller, self: Process): CallReply | Promise<CallReply>;
  /** What this and the following two return is ignored, unless it is a Stop or a Next. */
  handleCast?(request: Term, self: Process): unknown;
  /** What a Next was to continue with. */
  handleContinue?(term: Term, self: Process): unknown;
  /** All other messages. Without it they are dropped, and the node says so by the event "unhandledmessage". */
  handleInfo?(message: Term, self: Process): unknown;
  /**
   * Called before the server exits by itself, is stopped by `gen_server:stop` or fails. As in Erlang, not when an exit signal
   * ends it (of the node's `stop` too): `self.exited` tells of every end.
   */
  terminate?(reason: Term, self: Process): unknown;
  /** What `sys:get_status/1` shows in place of the state: one without its secrets, say. */
  formatStatus?(state: Term): Term;
  /** `sys:change_code/4` of a suspended server: `oldVsn` and `extra` as they were given there. Throwing says that it failed. */
  codeChange?(oldVsn: Term, extra: Term, self: Process): unknown;
}

export type CallReply = Term | undefined | typeof NO_REPLY | Stop | Next;
