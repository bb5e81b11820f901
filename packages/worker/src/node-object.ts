// One object, one node: the Durable Object is the only place where links live. A socket of a plain Worker belongs to the request
// that opened it; here it belongs to the object, and requests, however many at once, only ask the object for something.
//
// Objects are put away when they rest, moved, and replaced when their code is. That ends all links, as a crash of a node does,
// and is no accident: the next instance is the next incarnation of the same node, with a greater creation, and dials the links
// that its storage says are wanted. What keeps an instance in memory is the alarm, which goes off while any link is wanted.
import { DurableObject } from "cloudflare:workers";
import {
  type Atom,
  decode,
  encode,
  ErlangNode,
  type Limits,
  type ListenOptions,
  type NodeCounts,
  Pid,
  type Term,
  type Tuple,
} from "@erl-dist/core";
import { flagNames } from "@erl-dist/core/handshake";
import { pipe } from "@erl-dist/core/transports/pipe";
import { CallError, callErrorOf } from "./call-error.ts";
import { nextCreation } from "./creation.ts";
import { dialer } from "./dialer.ts";
import { LinkTable } from "./link-table.ts";
import { type Link, type Plan, planLinks } from "./link-plan.ts";
import { log } from "./log.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type SubscribeRequest, Subscriptions } from "./subscriptions.ts";

/** An object has 128 MB, and everything that a peer makes it hold has to fit in. */
const NODE_LIMITS: Partial<Limits> = {
  packetBytes: 8 * 1024 * 1024,
  fragmentedBytes: 16 * 1024 * 1024,
  uncompressedBytes: 8 * 1024 * 1024,
  backlogBytes: 16 * 1024 * 1024,
  outboundBytes: 4 * 1024 * 1024,
  mailboxMessages: 10_000,
  processes: 10_000,
};

export interface NodeStatus {
  /** Our full name. */
  readonly node: string;
  /** Which incarnation this is; undefined while nothing needs a node. */
  readonly creation: number | undefined;
  readonly nodes: readonly {
    readonly name: string;
    readonly state: "up" | "down";
    readonly alwaysOn: boolean;
    /** Attempts in vain since it was last up. */
    readonly failures: number;
  }[];
  readonly subscriptions: number;
  /** What its tables hold. */
  readonly counts: NodeCounts | undefined;
}

export interface PingResult {
  readonly node: string;
  readonly peer: { readonly name: string; readonly creation: number; readonly flags: readonly string[] };
  readonly ping: "pong" | "pang";
}

interface Running {
  readonly node: ErlangNode;
  readonly subscriptions: Subscriptions;
}

/**
 * A node. Its name is the object's: `env.ERLANG_NODE.getByName("worker@edge")`. Terms cross its methods in the external term
 * format, and what fails is a CallError. It trusts its callers: who asks, and for what, is looked at before (`gateway.ts`).
 */
export class ErlangNodeObject extends DurableObject<Env> {
  readonly #links: LinkTable;
  #settings: Settings | undefined;
  /** Peers whose present link we dialled. */
  readonly #dialled = new Set<string>();
  #running: Promise<Running> | undefined;
  #accept: ListenOptions["accept"] | undefined;
  #keepCreation: (() => Promise<void>) | undefined;
  #inbound = 0;
  #calls = 0;
  /** When the alarm goes off, as far as this instance has set it. */
  #alarmAt: number | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#links = new LinkTable(ctx.storage.sql);
  }

  /** For subclasses: the node has started. The place to `expose` functions and start servers. */
  started(_node: ErlangNode): void {
    // By default Erlang can ping the node, and call nothing.
  }

  async status(): Promise<NodeStatus> {
    const { nodes } = this.#config;
    const running = await this.#running;
    const links = new Map(this.#linksOf(running?.node).map((link) => [link.peer, link]));
    return {
      node: this.#name,
      creation: running?.node.creation,
      nodes: Array.from(nodes, ([name, { alwaysOn = false }]) => {
        const link = links.get(name);
        return { name, state: link?.isUp === true ? "up" : "down", alwaysOn, failures: link?.failures ?? 0 };
      }),
      subscriptions: running?.subscriptions.size ?? 0,
      counts: running?.node.counts,
    };
  }

  /** `net_adm:ping/1`; fails where that gives `pang` because there is no connection. */
  ping(peer: string): Promise<PingResult> {
    return this.#with(peer, async (node) => {
      const { name, creation, flags } = await node.connect(peer);
      const isAlive = await node.ping(peer);
      return { node: node.name, peer: { name, creation, flags: flagNames(flags) }, ping: isAlive ? "pong" : "pang" };
    });
  }

  /** `gen_server:call/3`; `to` is a pid or `{Name, Node}`. */
  call(to: Uint8Array, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const server = destination(to);
    return this.#with(nodeOf(server), async (node) => encode(await node.call(server, decode(request), { timeoutMs })));
  }

  /** `gen_server:cast/2` */
  cast(to: Uint8Array, request: Uint8Array): Promise<void> {
    const server = destination(to);
    return this.#with(nodeOf(server), (node) => node.cast(server, decode(request)));
  }

  /** `To ! Message` */
  send(to: Uint8Array, message: Uint8Array): Promise<void> {
    const process = destination(to);
    return this.#with(nodeOf(process), (node) => node.send(process, decode(message)));
  }

  /** `erpc:call/5`; `args` is a list. */
  erpc(peer: string, module: string, fun: string, args: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#with(peer, async (node) =>
      // It comes from the gateway, which has made a list of it.
      encode(await node.erpc(peer, module, fun, decode(args) as Term[], { timeoutMs })),
    );
  }

  /** A stream of JSON lines (`SubscriptionEvent`), which ends when it is cancelled or read too slowly. */
  async subscribe(request: SubscribeRequest): Promise<ReadableStream<Uint8Array>> {
    const { node, subscriptions } = await this.#run();
    // Each node can be reached now, or the subscriber is told why not; later losses are events of the stream.
    await Promise.all(request.nodes.map((peer) => this.#with(peer, () => undefined)));
    const uses = request.nodes.map((peer) => this.#links.use(peer, Date.now()));
    const end = (): void => {
      for (const endUse of uses) endUse(Date.now());
    };
    try {
      await this.#schedule(node);
      return subscriptions.open(request, end);
    } catch (error) {
      end();
      throw error;
    }
  }

  /** A node connects to us: from a service binding, or the listener of `wrangler dev`. */
  override async connect(socket: Socket): Promise<void> {
    if (this.#inbound >= MAX_INBOUND) {
      await socket.close();
      return;
    }
    this.#inbound += 1;
    try {
      await this.#run();
      await Promise.all([socket.opened, this.#keepCreation?.()]);
      const stream = pipe(socket.readable, socket.writable, socket.closed);
      // #run() has started a node, which listens.
      this.#accept?.(stream);
      // The socket lives as long as this call. How it ends is the node's to tell.
      await stream.closed.catch(() => undefined);
    } finally {
      this.#inbound -= 1;
    }
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      await this.#tend();
    } catch (error) {
      // An alarm that fails is repeated at once, and a few times only. This one has to go on.
      console.error(error);
      await this.#wakeAt(Date.now() + ALARM_AFTER_FAILURE_MS);
    }
  }

  get #name(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new CallError("bad_settings", "an object that is a node is had by getByName(its full name)");
    return name;
  }

  get #config(): Settings {
    this.#settings ??= readSettings(this.env);
    return this.#settings;
  }

  /** Does something with a peer, once it is connected. */
  async #with<T>(peer: string, use: (node: ErlangNode) => T | Promise<T>): Promise<T> {
    if (!this.#config.nodes.has(peer)) throw new CallError("node_not_allowed", `the variable NODES does not name ${peer}`);
    if (this.#calls >= MAX_CALLS) throw new CallError("overloaded", `${MAX_CALLS} calls are under way, and no more at once`);
    this.#calls += 1;
    const end = this.#links.use(peer, Date.now());
    try {
      const { node } = await this.#run();
      await node.connect(peer);
      // The alarm has been set when the link was dialled or came up; only a use after a long rest makes it an earlier one.
      await this.#schedule(node);
      return await use(node);
    } catch (error) {
      throw callErrorOf(error);
    } finally {
      this.#calls -= 1;
      end(Date.now());
    }
  }

  #run(): Promise<Running> {
    this.#running ??= this.#start().catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { cookie, nodes } = this.#config;
    const name = this.#name;
    const { creation, keep } = nextCreation({ kv: this.ctx.storage.kv, sync: () => this.ctx.storage.sync() });
    this.#keepCreation = keep;
    const node: ErlangNode = await ErlangNode.start({
      name,
      creation,
      cookie,
      connect: dialer(this.#config, this.env, {
        onDial: (peer) => this.#dialled.add(peer),
        // While the connection is opened: both are writes, and a connect() after them would wait for them.
        onOpening: () => {
          const kept = keep();
          this.#soon(node);
          return kept;
        },
      }),
      listen: async ({ accept }) => {
        this.#accept = accept;
        return { close: async () => undefined };
      },
      allow: (peer) => nodes.has(peer),
      // No other program has this name: whatever connection a peer still has to it was an earlier instance's.
      takeOver: true,
      limits: NODE_LIMITS,
    });
    const subscriptions = new Subscriptions(node);
    const about = { node: name, creation };
    log("start", about);
    node.addEventListener("nodeup", ({ peer }) => {
      log("nodeup", { ...about, peer });
      this.#links.up(peer, !this.#dialled.has(peer), Date.now());
      // After the call that waits for this link was sent: the platform holds back what is sent after a write until that is done.
      setTimeout(() => this.#links.save(), 0);
      subscriptions.tell("nodeup", peer);
      this.#soon(node);
    });
    node.addEventListener("nodedown", ({ peer, reason, error }) => {
      log("nodedown", { ...about, peer, reason, error: error?.message });
      this.#dialled.delete(peer);
      this.#links.lost(peer, Date.now(), Math.random());
      subscriptions.tell("nodedown", peer);
      this.#soon(node);
    });
    node.addEventListener("connecterror", ({ peer, error, incoming }) => {
      log(incoming ? "refused" : "unreachable", {
        ...about,
        peer,
        error: error instanceof Error ? error.message : String(error),
      });
      if (incoming || peer === undefined) return;
      this.#dialled.delete(peer);
      this.#links.failed(peer, Date.now(), Math.random());
    });
    this.started(node);
    return { node, subscriptions };
  }

  /** Does what is due, and sets the alarm for the next time. */
  async #tend(): Promise<void> {
    for (const [peer, { alwaysOn }] of this.#config.nodes) if (alwaysOn === true) this.#links.keep(peer);
    const running = await this.#running;
    const { dial, hangUp, forget } = this.#plan(running?.node);
    for (const peer of [...hangUp, ...forget]) this.#links.forget(peer);
    await Promise.all(hangUp.map(async (peer) => running?.node.disconnect(peer)));
    if (dial.length > 0) {
      const { node } = await this.#run();
      // Who is not reached has told so by an event, and has its next time.
      await Promise.allSettled(dial.map((peer) => node.connect(peer)));
    }
    this.#links.save();
    await this.#schedule((await this.#running)?.node);
  }

  #linksOf(node: ErlangNode | undefined): Link[] {
    const up = new Set(node?.nodes());
    return this.#links.links((peer) => up.has(peer), this.#config.nodes);
  }

  #plan(node: ErlangNode | undefined): Plan {
    return planLinks(this.#linksOf(node), Date.now(), this.#config);
  }

  async #schedule(node: ErlangNode | undefined): Promise<void> {
    const { wakeAt } = this.#plan(node);
    if (wakeAt !== undefined) await this.#wakeAt(wakeAt);
  }

  /** As #schedule, from where nobody waits. */
  #soon(node: ErlangNode): void {
    this.#schedule(node).catch((error: unknown) => console.error(error));
  }

  /** The alarm is only ever moved to an earlier time, so that calls without end do not keep it from going off. */
  async #wakeAt(at: number): Promise<void> {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}

/** Each holds its arguments and its answer, of a megabyte and more, in the object's 128. */
const MAX_CALLS = 1000;

/** Sockets of nodes that connect to us, those that have not shown a cookie yet included. */
const MAX_INBOUND = 64;

const ALARM_AFTER_FAILURE_MS = 30_000;

/** What the gateway gives is a pid or `{Name, Node}`. */
function destination(bytes: Uint8Array): Pid | Tuple<readonly [Term, Term]> {
  return decode(bytes) as Pid | Tuple<readonly [Term, Term]>;
}

function nodeOf(to: Pid | Tuple<readonly [Term, Term]>): string {
  return to instanceof Pid ? to.node.name : (to.at(1) as Atom).name;
}
