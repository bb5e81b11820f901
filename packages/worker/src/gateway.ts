// What callers may ask for, whether they come by HTTP or from another Worker: looks at each request and at the list of what is
// allowed, and only then troubles the object. Terms are JSON on this side of it, and Erlang's external form on the other.
import { atom, decode, encode, Pid, type Term, tuple } from "@erl-dist/core";
import { checkNodeName } from "@erl-dist/core/handshake";
import type { NameOperation } from "./allow-list.ts";
import { CallError, isCallError } from "./call-error.ts";
import { type JsonTerm, JsonTermError, type JsonTermInput, jsonOfTerm, termOfJson } from "./json-term.ts";
import { log } from "./log.ts";
import type { ErlangNodeObject, NodeStatus, PingResult } from "./node-object.ts";
import { readSettings, type Settings } from "./settings.ts";

/** A process: a registered name on a node, or a pid as it came from here. */
export type ToProcess =
  | { readonly node: string; readonly name: string; readonly pid?: undefined }
  | { readonly pid: JsonTerm; readonly node?: undefined; readonly name?: undefined };

export type CallRequest = ToProcess & {
  readonly request: JsonTermInput;
  /** 5000 unless given, and at most 60,000. */
  readonly timeoutMs?: number;
};

export type CastRequest = ToProcess & { readonly request: JsonTermInput };

export type SendRequest = ToProcess & { readonly message: JsonTermInput };

export interface ErpcRequest {
  readonly node: string;
  readonly module: string;
  readonly function: string;
  readonly args: readonly JsonTermInput[];
  readonly timeoutMs?: number;
}

export interface SubscribeRequest {
  /** Linked as long as the stream is read. */
  readonly nodes: readonly string[];
  /** A name on the Worker's own node: `{Name, 'worker@edge'} ! Message` arrives at all that subscribe with it. */
  readonly name?: string;
  /** Processes whose end arrives as a 'DOWN' message. */
  readonly monitor?: readonly { readonly node: string; readonly name: string }[];
}

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 60_000;
const MAX_SUBSCRIBED = 32;

export class Gateway {
  readonly #env: Env;
  readonly #settings: Settings;
  readonly #caller: string;

  /** Throws a CallError `bad_settings`. */
  constructor(env: Env, caller: string) {
    this.#env = env;
    this.#settings = readSettings(env);
    this.#caller = caller;
  }

  nodes(): Promise<NodeStatus> {
    return this.#ask("nodes", (object) => object.status());
  }

  ping(node: unknown): Promise<PingResult> {
    return this.#ask("ping", (object) => object.ping(this.#node(node, "node")));
  }

  call(body: unknown): Promise<JsonTerm> {
    return this.#ask("call", async (object) => {
      const { request, timeoutMs, ...to } = fieldsOf(body, ["node", "name", "pid", "request", "timeoutMs"]);
      return answer(await object.call(this.#process("call", to), this.#term(request, "request"), readTimeout(timeoutMs)));
    });
  }

  cast(body: unknown): Promise<void> {
    return this.#ask("cast", (object) => {
      const { request, ...to } = fieldsOf(body, ["node", "name", "pid", "request"]);
      return object.cast(this.#process("cast", to), this.#term(request, "request"));
    });
  }

  send(body: unknown): Promise<void> {
    return this.#ask("send", (object) => {
      const { message, ...to } = fieldsOf(body, ["node", "name", "pid", "message"]);
      return object.send(this.#process("send", to), this.#term(message, "message"));
    });
  }

  erpc(body: unknown): Promise<JsonTerm> {
    return this.#ask("erpc", async (object) => {
      const {
        node,
        module,
        function: name,
        args,
        timeoutMs,
      } = fieldsOf(body, ["node", "module", "function", "args", "timeoutMs"]);
      if (!Array.isArray(args)) throw wrong("args", "an array", args);
      const peer = this.#node(node, "node");
      const [m, f] = [readName(module, "module"), readName(name, "function")];
      this.#settings.allow.checkFunction(m, f, args.length);
      return answer(await object.erpc(peer, m, f, this.#term(args, "args"), readTimeout(timeoutMs)));
    });
  }

  /** A stream of JSON lines: see `SubscriptionEvent`. */
  subscribe(body: unknown): Promise<ReadableStream<Uint8Array>> {
    return this.#ask("subscribe", (object) => {
      const { nodes, name, monitor } = fieldsOf(body, ["nodes", "name", "monitor"]);
      const request = {
        nodes: readList(nodes, "nodes").map((node, index) => this.#node(node, `nodes[${index}]`)),
        name: name === undefined ? undefined : readName(name, "name"),
        monitor: readList(monitor ?? [], "monitor").map((item, index) => this.#monitored(item, `monitor[${index}]`)),
      };
      if (request.nodes.length === 0) throw wrong("nodes", "one node at least", nodes);
      if (request.name !== undefined) this.#settings.allow.checkName("subscribe", request.name);
      return object.subscribe(request);
    });
  }

  /** Every error that comes out of here is a CallError, or a bug of ours. */
  async #ask<T>(operation: string, ask: (object: DurableObjectStub<ErlangNodeObject>) => T | Promise<T>): Promise<T> {
    try {
      return await ask(this.#env.ERLANG_NODE.getByName(this.#settings.nodeName));
    } catch (error) {
      const known = knownError(error);
      if (known?.status === 403) log("denied", { caller: this.#caller, operation, code: known.code, message: known.message });
      throw known ?? error;
    }
  }

  #node(value: unknown, field: string): string {
    const node = readNode(value, field);
    if (this.#settings.nodes.has(node)) return node;
    throw new CallError("node_not_allowed", `the variable NODES does not name ${node}`);
  }

  #process(operation: NameOperation, { node, name, pid }: Readonly<Record<string, unknown>>): Uint8Array {
    if (pid === undefined) {
      const to = [this.#node(node, "node"), readName(name, "name")] as const;
      this.#settings.allow.checkName(operation, to[1]);
      return encode(tuple(atom(to[1]), atom(to[0])));
    }
    if (node !== undefined || name !== undefined)
      throw new CallError("bad_request", "a process has node and name, or pid, and not both");
    const term = readTerm(pid, "pid", () => undefined);
    if (!(term instanceof Pid)) throw wrong("pid", "a pid, as it came from here", pid);
    this.#node(term.node.name, "pid");
    this.#settings.allow.checkName(operation);
    return encode(term);
  }

  #monitored(item: unknown, field: string): { readonly name: string; readonly node: string } {
    const { node, name } = fieldsOf(item, ["node", "name"], `${field}: `);
    const monitored = { node: this.#node(node, `${field}.node`), name: readName(name, `${field}.name`) };
    this.#settings.allow.checkName("monitor", monitored.name);
    return monitored;
  }

  /** The term in Erlang's form, if all of its atoms are allowed. */
  #term(value: unknown, field: string): Uint8Array {
    const { allow, nodes, nodeName } = this.#settings;
    return encode(
      readTerm(value, field, (name) => {
        // The node of a pid.
        if (name !== nodeName && !nodes.has(name)) allow.checkAtom(name);
      }),
    );
  }
}

/** An error of the object, of its stub, or of ours. */
function knownError(error: unknown): CallError | undefined {
  if (isCallError(error)) {
    const { code, message, status, exception } = error;
    return new CallError(code, message, { status, exception });
  }
  // What the platform says of an object that it moved, replaced or found too busy.
  const { durableObjectReset, retryable, overloaded } = Object(error) as Readonly<Record<string, unknown>>;
  if (overloaded === true) return new CallError("overloaded", "the object that is the node has too much to do");
  if (durableObjectReset !== true && retryable !== true) return undefined;
  return new CallError(
    "object_reset",
    "the object that is the node was restarted meanwhile; whether the call has run is not known",
  );
}

function answer(bytes: Uint8Array): JsonTerm {
  try {
    return jsonOfTerm(decode(bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CallError("answer_too_deep", `what the node answered cannot be shown: ${error.message}`);
  }
}

function readTerm(value: unknown, field: string, onAtom: (name: string) => void): Term {
  try {
    return termOfJson(value, { onAtom });
  } catch (error) {
    if (!(error instanceof JsonTermError)) throw error;
    throw new CallError("bad_term", `${field}: ${error.message}`);
  }
}

function fieldsOf(body: unknown, known: readonly string[], where = ""): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new CallError("bad_request", `${where}expected an object`);
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown === undefined) return body as Readonly<Record<string, unknown>>;
  throw new CallError("bad_request", `${where}there is no field ${JSON.stringify(unknown)}; there are ${known.join(", ")}`);
}

function readNode(value: unknown, field: string): string {
  if (typeof value !== "string") throw wrong(field, 'the full name of a node, as "app@127.0.0.1"', value);
  try {
    checkNodeName(value);
    return value;
  } catch (error) {
    throw new CallError("bad_request", `${field}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A name is an atom: at most 255 characters. */
function readName(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "" && Array.from(value).length <= 255 && value.isWellFormed()) return value;
  throw wrong(field, "a name of 1 to 255 characters", value);
}

function readList(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MAX_SUBSCRIBED) return value;
  throw wrong(field, `an array of at most ${MAX_SUBSCRIBED}`, value);
}

function readTimeout(value: unknown = DEFAULT_TIMEOUT_MS): number {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMEOUT_MS) return value;
  throw wrong("timeoutMs", `a number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`, value);
}

function wrong(field: string, expected: string, got: unknown): CallError {
  const text = JSON.stringify(got) ?? "nothing";
  return new CallError("bad_request", `${field}: expected ${expected}, got ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`);
}
