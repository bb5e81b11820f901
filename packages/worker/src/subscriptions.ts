// Messages of nodes for clients: a process for each subscriber, and one for each name that subscribers share, whose messages
// they all get. What they read is a stream of JSON lines.
import { atom, type ErlangNode, type Process, type Term, tuple } from "@erl-dist/core";
import { CallError } from "./call-error.ts";
import { type JsonTerm, jsonOfTerm } from "./json-term.ts";

export interface SubscribeRequest {
  /** Linked as long as somebody subscribes. */
  readonly nodes: readonly string[];
  /** A registered name on our own node, whose messages the subscriber gets besides those to its pid. */
  readonly name?: string | undefined;
  /** Registered names on nodes whose end the subscriber wants to hear of, as 'DOWN' messages. */
  readonly monitor: readonly { readonly name: string; readonly node: string }[];
}

/** A line of the stream. */
export type SubscriptionEvent =
  /** The first: where Erlang sends to. */
  | { readonly type: "subscribed"; readonly pid: JsonTerm; readonly node: string }
  /** `to` is the shared name, absent for a message to the pid. */
  | { readonly type: "message"; readonly to?: string; readonly message: JsonTerm }
  | { readonly type: "nodeup" | "nodedown"; readonly node: string }
  /** Nothing happened for a while. */
  | { readonly type: "idle" }
  /** The last. */
  | { readonly type: "end"; readonly code: "overloaded" | "object_reset"; readonly message: string };

/** A client that reads no more than it must costs so much memory, and is ended then: nobody waits for it. */
const UNREAD_BYTES = 1024 * 1024;

/** Each has a process and a buffer in the object's 128 MB. */
const MAX_SUBSCRIPTIONS = 1000;

/** So often something is written, or nobody would see that a client has gone. */
const IDLE_MS = 15_000;

export class Subscriptions {
  readonly #node: ErlangNode;
  readonly #all = new Set<Subscription>();
  readonly #shared = new Map<string, { readonly process: Process; readonly readers: Set<Subscription> }>();

  constructor(node: ErlangNode) {
    this.#node = node;
  }

  get size(): number {
    return this.#all.size;
  }

  /** `ended` is called once, however the subscription ends. Throws a CallError `overloaded`. */
  open({ nodes, name, monitor }: SubscribeRequest, ended: () => void): ReadableStream<Uint8Array> {
    if (this.#all.size >= MAX_SUBSCRIPTIONS) {
      throw new CallError("overloaded", `there are ${MAX_SUBSCRIPTIONS} subscriptions, and no more at once`);
    }
    const process = this.#node.spawn();
    const subscription = new Subscription(new Set(nodes), () => {
      this.#all.delete(subscription);
      if (name !== undefined) this.#leave(name, subscription);
      process.exit(atom("normal"));
      ended();
    });
    this.#all.add(subscription);
    subscription.write({ type: "subscribed", pid: jsonOfTerm(process.pid), node: this.#node.name });
    if (name !== undefined) this.#join(name, subscription);
    for (const { name: registered, node } of monitor) process.monitor({ name: registered, node });
    void read(process, (message) => subscription.write({ type: "message", message: safeJson(message) }));
    return subscription.stream;
  }

  /** Tells those that asked for the node. */
  tell(type: "nodeup" | "nodedown", node: string): void {
    for (const subscription of this.#all) if (subscription.nodes.has(node)) subscription.write({ type, node });
  }

  #join(name: string, subscription: Subscription): void {
    const shared = this.#shared.get(name) ?? this.#share(name);
    shared.readers.add(subscription);
  }

  #share(name: string): { readonly process: Process; readonly readers: Set<Subscription> } {
    const process = this.#node.spawn();
    process.register(name);
    const readers = new Set<Subscription>();
    void read(process, (message) => {
      const event = { type: "message", to: name, message: safeJson(message) } as const;
      for (const reader of readers) reader.write(event);
    });
    const shared = { process, readers };
    this.#shared.set(name, shared);
    return shared;
  }

  #leave(name: string, subscription: Subscription): void {
    const shared = this.#shared.get(name);
    if (shared === undefined) return;
    shared.readers.delete(subscription);
    if (shared.readers.size > 0) return;
    this.#shared.delete(name);
    shared.process.exit(atom("normal"));
  }
}

async function read(process: Process, take: (message: Term) => void): Promise<void> {
  for await (const message of process) take(message);
}

/** A term that JSON cannot hold is no reason to lose the next one. */
function safeJson(message: Term): JsonTerm {
  try {
    return jsonOfTerm(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return jsonOfTerm(tuple(atom("error"), error.message));
  }
}

class Subscription {
  readonly nodes: ReadonlySet<string>;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #ended: () => void;
  #controller!: ReadableByteStreamController;
  #timer: number | null = null;
  #isEnded = false;

  constructor(nodes: ReadonlySet<string>, ended: () => void) {
    this.nodes = nodes;
    this.#ended = ended;
    this.stream = new ReadableStream(
      {
        type: "bytes",
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#end(),
      },
      { highWaterMark: UNREAD_BYTES },
    );
  }

  write(event: SubscriptionEvent): void {
    if (this.#isEnded) return;
    this.#enqueue(event);
    if ((this.#controller.desiredSize ?? 0) > 0) {
      this.#waitIdle();
      return;
    }
    this.#enqueue({ type: "end", code: "overloaded", message: "more was sent than was read" });
    this.#controller.close();
    this.#end();
  }

  #enqueue(event: SubscriptionEvent): void {
    this.#controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
  }

  #waitIdle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write({ type: "idle" }), IDLE_MS);
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#ended();
  }
}
