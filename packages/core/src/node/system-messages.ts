// System messages, by which `sys` looks into processes and steers them (OTP's sys.erl): {system, {Pid, Tag}, Request}.
import { atom, charlist, type Term, text, Tuple, tuple } from "../etf/index.ts";
import { checkTerm } from "./check-term.ts";
import { exceptionOf } from "./erlang-error.ts";
import { exitTermOf } from "./exit-term.ts";
import { call as erpcCall } from "./erpc.ts";
import { type From, reply } from "./gen-call.ts";
import type { Process } from "./process.ts";

/**
 * Returned by a callback, ends the server: `terminate` is called, the caller gets the reply if there is one, and the process
 * exits with the reason.
 */
export class Stop {
  readonly reason: Term;
  readonly reply: Term | undefined;

  constructor(reason: Term, reply?: Term) {
    this.reason = reason;
    this.reply = reply;
  }
}

/** What `sys` may see and change of a server. */
export interface SystemView {
  readonly self: Process;
  /** Takes only system messages; others wait. */
  isSuspended: boolean;
  /** Getting and setting may throw, and so may the others. */
  state: Term;
  /** The state as `sys:get_status/1` shows it. */
  readonly shownState: Term;
  /** `sys:change_code/4` */
  changeCode(module: Term, oldVsn: Term, extra: Term): Promise<void>;
}

/** Answers a system message, at once where nothing has to be asked for. Gives a Stop when the server shall end. */
export function handleSystemMessage(view: SystemView, from: From, request: Term): Stop | Promise<void> | undefined {
  const [name, argument, oldVsn, extra] = request instanceof Tuple ? request.elements : [request];
  const answer = (result: Term): void => reply(view.self, from, result);
  if (request === GET_STATE) {
    return stateFor(view.self, from, SYSTEM_GET_STATE, () => view.state).then(answer);
  } else if (name === REPLACE_STATE && argument !== undefined) {
    return stateFor(view.self, from, SYSTEM_REPLACE_STATE, () => replaceState(view, from, argument)).then(answer);
  } else if (request === GET_STATUS) {
    answer(statusOf(view));
  } else if (request === SUSPEND || request === RESUME) {
    view.isSuspended = request === SUSPEND;
    answer(OK);
  } else if (view.isSuspended && name === CHANGE_CODE && argument !== undefined && oldVsn !== undefined && extra !== undefined) {
    return codeChanged(view.changeCode(argument, oldVsn, extra)).then(answer);
  } else if (name === TERMINATE && argument !== undefined) {
    answer(OK);
    return new Stop(argument);
  } else if (name === DEBUG && argument !== undefined) {
    answer(debugAnswer(argument));
  } else {
    answer(tuple(ERROR, tuple(UNKNOWN_SYSTEM_MSG, request)));
  }
  return undefined;
}

/** The answer with a state, or what says why there is none. */
async function stateFor(self: Process, from: From, callback: Term, getState: () => Term | Promise<Term>): Promise<Term> {
  try {
    const state = await getState();
    checkTerm(state);
    return (await takesBareState(self, from)) ? state : tuple(OK, state);
  } catch (error) {
    return failed(callback, error);
  }
}

/**
 * A state is answered as `{ok, State}` since stdlib 5.1 (OTP 26.1, where states of the form `{error, _}` were at last told from
 * errors), and by itself before. Callers take only what is theirs, so we ask; who is no OTP has no such past.
 */
async function takesBareState(self: Process, from: From): Promise<boolean> {
  const node = from.elements[0].node.name;
  if (node === self.node) return false;
  try {
    const key = await erpcCall(self, node, "application", "get_key", [atom("stdlib"), atom("vsn")], ASKING);
    const [major = NaN, minor = NaN] = text((key as Tuple).at(1) ?? [])
      .split(".")
      .map(Number);
    return major < 5 || (major === 5 && minor < 1);
  } catch {
    return false;
  }
}

/** The new state is what the fun makes of the old one. A fun of Erlang can run only where it comes from, so that is where it does. */
async function replaceState(view: SystemView, from: From, fun: Term): Promise<Term> {
  const [{ node }] = from.elements;
  const state = await erpcCall(view.self, node.name, "erlang", "apply", [fun, [view.state]], ASKING);
  view.state = state;
  return state;
}

/** `{error, …}` with what the catch of a failed call gives. */
async function codeChanged(change: Promise<void>): Promise<Term> {
  try {
    await change;
    return OK;
  } catch (error) {
    const exception = exceptionOf(error);
    return tuple(ERROR, exception.class === "throw" ? exception.reason : exitTermOf(exception));
  }
}

/** As gen_server's calls have it: the server stands still meanwhile. */
const ASKING = { timeoutMs: 5000 };

function failed(callback: Term, error: unknown): Term {
  const { class: errorClass, reason } = exceptionOf(error);
  return tuple(ERROR, tuple(CALLBACK_FAILED, tuple(GEN_SERVER, callback), tuple(atom(errorClass), reason)));
}

/** As gen_server:format_status/2 arranges it. Nobody starts our servers by proc_lib, so each is its own parent. */
function statusOf(view: SystemView): Term {
  const { self, isSuspended } = view;
  const sysState = isSuspended ? SUSPENDED : RUNNING;
  const header = charlist(`Status for generic server ${self.names[0] ?? self.pid.toString()}`);
  const misc = [
    tuple(atom("header"), header),
    data(["Status", sysState], ["Parent", self.pid], ["Logged events", []]),
    data(["State", shownState(view)]),
  ];
  return tuple(atom("status"), self.pid, tuple(atom("module"), GEN_SERVER), [[], sysState, self.pid, [], misc]);
}

function shownState(view: SystemView): Term {
  try {
    const { shownState } = view;
    checkTerm(shownState);
    return shownState;
  } catch (error) {
    return failed(FORMAT_STATUS, error);
  }
}

function data(...items: readonly (readonly [string, Term])[]): Term {
  return tuple(
    atom("data"),
    items.map(([title, value]) => tuple(charlist(title), value)),
  );
}

/** Nothing is traced, logged or counted: `sys` hears that it may ask, and that there is nothing to see. */
function debugAnswer(what: Term): Term {
  const [name, argument] = what instanceof Tuple ? what.elements : [what];
  if (name === LOG && argument === GET) return tuple(OK, []);
  if (name === STATISTICS && argument === GET) return tuple(OK, atom("no_statistics"));
  if (name === LOG_TO_FILE && argument !== false) return tuple(ERROR, atom("open_file"));
  return [TRACE, LOG, LOG_TO_FILE, STATISTICS, NO_DEBUG, INSTALL, REMOVE].some((known) => known === name)
    ? OK
    : atom("unknown_debug");
}

const OK = atom("ok");
const ERROR = atom("error");
const GEN_SERVER = atom("gen_server");
const GET_STATE = atom("get_state");
const GET_STATUS = atom("get_status");
const REPLACE_STATE = atom("replace_state");
const SUSPEND = atom("suspend");
const RESUME = atom("resume");
const RUNNING = atom("running");
const SUSPENDED = atom("suspended");
const TERMINATE = atom("terminate");
const DEBUG = atom("debug");
const UNKNOWN_SYSTEM_MSG = atom("unknown_system_msg");
const CALLBACK_FAILED = atom("callback_failed");
const CHANGE_CODE = atom("change_code");
const FORMAT_STATUS = atom("format_status");
const SYSTEM_GET_STATE = atom("system_get_state");
const SYSTEM_REPLACE_STATE = atom("system_replace_state");
const GET = atom("get");
const LOG = atom("log");
const LOG_TO_FILE = atom("log_to_file");
const TRACE = atom("trace");
const STATISTICS = atom("statistics");
const NO_DEBUG = atom("no_debug");
const INSTALL = atom("install");
const REMOVE = atom("remove");
