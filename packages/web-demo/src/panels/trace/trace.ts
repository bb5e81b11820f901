// One trace on the node, from its first message to its end. All limits are kept on the node, so that none waits for the way to the page
// and back; nothing is loaded there, and when the page goes the trace goes.
import { Atom, atom, type Pid, type Process, type Term, Tuple } from "@erl-dist/core";
import type { DeadMan } from "../../remote/dead-men.ts";
import type { RemoteFunction } from "../../remote/remote-function.ts";
import type { RemoteNode } from "../../remote/remote-node.ts";
import { LOOK, TRACE } from "./recipes.ts";
import { lookBindings, planBindings, type TracePlan } from "./trace-plan.ts";

const LIMITS: Readonly<Record<string, Term>> = {
  MostBytes: 64 * 1024,
  /** Messages that wait for the relay. */
  MostQueue: 20_000,
  MostMemory: 128 * 1024 * 1024,
  PollMs: 50,
};

/** What the node found of a plan. */
export interface Found {
  readonly hasSessions: boolean;
  readonly target: Term;
  readonly fun: Term;
  /** How many functions that is. */
  readonly functions: number;
  /** Who traces there already, where one trace disturbs another: a pid, `dbg`, or `pattern` for the function. */
  readonly others: readonly Term[];
}

export type Looked =
  | { readonly type: "found"; readonly found: Found }
  | { readonly type: "no_process" }
  | { readonly type: "no_function" };

export interface TraceMessage {
  /** As the tracer got it; parts that were too large are `{large, Bytes}`. */
  readonly message: Tuple;
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Why it ended: by itself (`limit`), or not. */
export type Ending =
  | { readonly type: "count" | "rate"; readonly dropped: number }
  | { readonly type: "queue" | "memory" | "stopped" | "lost" }
  | { readonly type: "failed" | "killed"; readonly reason: Term };

export interface TraceReader {
  readonly started: () => void;
  readonly received: (message: TraceMessage) => void;
  /** Messages did not fit into the connection. */
  readonly dropped: (count: number) => void;
  /** Once, and nothing after it. */
  readonly ended: (ending: Ending) => void;
}

/** Asks the node what that is, and changes nothing. */
export async function look(remote: RemoteNode, plan: TracePlan): Promise<Looked> {
  const answer = await remote.evaluate(LOOK, lookBindings(plan));
  if (!(answer instanceof Tuple)) return { type: answer === atom("no_function") ? "no_function" : "no_process" };
  // {ok, HasSessions, Target, Function, Count, Others}
  const [, hasSessions, target, fun, functions, others] = answer.elements as readonly [Term, boolean, Term, Term, number, Term[]];
  return { type: "found", found: { hasSessions, target, fun, functions, others } };
}

export class Trace {
  readonly #page: Process;
  readonly #keeper: Pid;
  readonly #deadMan: DeadMan | undefined;

  private constructor(page: Process, keeper: Pid, deadMan: DeadMan | undefined) {
    this.#page = page;
    this.#keeper = keeper;
    this.#deadMan = deadMan;
  }

  /** Rejects with a CallError when nothing could be begun; else the reader hears how it goes. */
  static async start(remote: RemoteNode, plan: TracePlan, found: Found, reader: TraceReader): Promise<Trace> {
    const { hasSessions, target, fun } = found;
    // Without a session the pattern of a function outlives its tracer. The node's own process clears it, whatever ends it but a kill.
    const clear: RemoteFunction | undefined =
      hasSessions || !(fun instanceof Tuple) ? undefined : ["erlang", "trace_pattern", [fun, false, [atom("local")]]];
    const deadMan = clear === undefined ? undefined : await remote.deadMan([clear]);
    const ended = async (ending: Ending): Promise<void> => {
      if (ending.type === "killed" && clear !== undefined) await remote.call(...clear).catch(() => undefined);
      deadMan?.disarm();
      reader.ended(ending);
    };
    const page = remote.local.spawn((self) => serve(self, reader, ended));
    page.trapExit = true;
    try {
      const bindings = {
        ...LIMITS,
        ...planBindings(plan),
        Page: page.pid,
        HasSessions: hasSessions,
        Target: target,
        Function: fun,
      };
      return new Trace(page, await remote.holdExpressions(TRACE, bindings, { linkTo: page }), deadMan);
    } catch (error) {
      deadMan?.disarm();
      page.exit(atom("normal"));
      throw error;
    }
  }

  /** The reader hears when it has ended. */
  stop(): void {
    if (this.#page.isAlive) this.#page.send(this.#keeper, atom("stop"));
  }

  /** Ends it without a word to the reader: the node sees its page go. */
  abandon(): void {
    this.#page.exit(atom("normal"));
    this.#deadMan?.disarm();
  }
}

async function serve(self: Process, reader: TraceReader, ended: (ending: Ending) => Promise<void>): Promise<void> {
  for await (const received of self) {
    if (received === atom("started")) reader.started();
    if (!(received instanceof Tuple)) continue;
    const [tag, content, rest, dropped] = received.elements;
    if (tag === atom("ended") && content !== undefined) return ended(endingOf(content));
    // The link: it went without a word.
    if (tag === atom("EXIT") && rest !== undefined) {
      return ended(rest === atom("noconnection") ? { type: "lost" } : { type: "killed", reason: rest });
    }
    if (!(content instanceof Tuple)) continue;
    if (Number(dropped) > 0) reader.dropped(Number(dropped));
    reader.received({ message: content, bytes: Number(rest), isCut: tag === atom("cut") });
  }
}

const LIMIT_TYPES = ["count", "rate", "queue", "memory"] as const;

/** `stopped`, `{limit, Which, Value}`, `{failed, Reason}`; anything else ended the relay. */
function endingOf(why: Term): Ending {
  if (why === atom("stopped")) return { type: "stopped" };
  const [tag, which, value] = why instanceof Tuple ? why.elements : [];
  if (tag === atom("failed")) return { type: "failed", reason: which ?? why };
  const type = which instanceof Atom && tag === atom("limit") ? LIMIT_TYPES.find((each) => each === which.name) : undefined;
  if (type === undefined) return { type: "killed", reason: why };
  return type === "count" || type === "rate" ? { type, dropped: Number(value) } : { type };
}
