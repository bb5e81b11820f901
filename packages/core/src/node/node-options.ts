// How a node is started, with the defaults.
import { checkCookie, checkNodeName } from "../handshake/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Connector, Listener } from "../transports/byte-stream.ts";
import { MIN_CREATION } from "./random.ts";
import type { ReconnectOptions } from "./reconnect-options.ts";

export interface NodeOptions {
  /**
   * Full name, as in `"page@browser"`. Without it the first peer names the node (dynamic node name), and another one may
   * when all connections were lost; until then it is `nonode@nohost`.
   */
  readonly name?: string | undefined;
  /**
   * Tells this incarnation of `name` from earlier ones; by default what EPMD gives, or a random number. Who can keep a number
   * gives a greater one each time, so that no pid of an earlier incarnation is ever taken for one of this. 4 to 2^32 - 1.
   */
  readonly creation?: number | undefined;
  /** The cookie, the same for all peers or asked for with the peer's name. Latin-1 characters, as in an Erlang atom. */
  readonly cookie: string | ((peer: string) => string | Promise<string>);
  /** How a node name becomes a byte stream. Without it the node only accepts. */
  readonly connect?: Connector | undefined;
  /** How others reach this node. Needs `name`. */
  readonly listen?: Listener | undefined;
  /** `net_kernel:allow/1`: the nodes that may connect to this one; by default all that know the cookie. */
  readonly allow?: ((peer: string) => boolean) | undefined;
  /** Hidden is all there is: a visible node has to take part in `global` and more, or it makes others wait for ever. */
  readonly hidden?: true | undefined;
  /**
   * OTP's `net_ticktime` (there in seconds): a peer that is silent for longer is lost. All nodes should have the same, so `"peer"`
   * asks each node for its own as soon as it is connected. By default 60,000, as in OTP.
   */
  readonly netTickTimeMs?: number | "peer" | undefined;
  /**
   * When a peer says that it still has a connection to our name: `true` takes that over, and ends it. By default only a
   * connection that this node knows to be lost is taken over, so that the same name in another tab keeps its own.
   */
  readonly takeOver?: boolean | undefined;
  /**
   * Gets connections back that this node made and lost, but for those that it ends itself; a first attempt that fails is not
   * repeated. By default a lost connection stays lost until something is sent to the peer. In either case links, monitors and calls
   * across it have ended with `noconnection`; the events "reconnecting" and "reconnected" say what else is lost.
   */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Which forms of packets the node offers; both nodes have to. All by default. */
  readonly distribution?: DistributionOptions | undefined;
}

export interface DistributionOptions {
  /**
   * Atoms go over a connection once, and as a number from then on. `"receive"`: only those that the peer sends, which saves
   * the memory of a table for each connection. Without it and `fragments` packets have no distribution header at all.
   */
  readonly atomCache?: boolean | "receive" | undefined;
  /**
   * Messages of more than 64 KiB go in pieces, between which ticks and other messages pass. Without them a large message on a
   * slow carrier may take longer than `net_ticktime`, and then costs the connection.
   */
  readonly fragments?: boolean | undefined;
}

/** The forms of packets that the node offers. */
export interface PacketOptions {
  /** What we say of ourselves in the handshake. */
  readonly flags: bigint;
  readonly usesAtomCache: boolean;
}

export interface ResolvedOptions extends PacketOptions {
  readonly cookie: (peer: string) => Promise<string>;
  readonly allow: (peer: string) => boolean;
  /** Until the peer's own is known, where that is asked for. */
  readonly netTickTimeMs: number;
  readonly asksForTickTime: boolean;
  readonly takeOver: boolean;
  readonly reconnect: ReconnectOptions | undefined;
  readonly limits: Limits;
}

const DEFAULT_NET_TICK_TIME_MS = 60_000;

/**
 * Throws a TypeError for options that cannot work, a RangeError for a name, a cookie or a number that cannot be. What concerns
 * the way to other nodes is checked where that is known.
 */
export function resolveOptions(options: Omit<NodeOptions, "connect" | "listen">, packets: PacketOptions): ResolvedOptions {
  const {
    name,
    creation,
    cookie,
    allow = () => true,
    netTickTimeMs = DEFAULT_NET_TICK_TIME_MS,
    takeOver = false,
    reconnect = false,
    limits,
  } = options;
  if (name !== undefined) checkNodeName(name);
  if (creation !== undefined) checkCreation(name, creation);
  if (typeof cookie !== "string" && typeof cookie !== "function") throw new TypeError("a node needs a cookie");
  if (typeof cookie === "string") checkCookie(cookie);
  if (netTickTimeMs !== "peer" && !(netTickTimeMs > 0)) {
    throw new TypeError(`netTickTimeMs is ${netTickTimeMs}, it has to be positive, or "peer"`);
  }
  return {
    cookie: async (peer) => (typeof cookie === "string" ? cookie : cookie(peer)),
    allow,
    netTickTimeMs: netTickTimeMs === "peer" ? DEFAULT_NET_TICK_TIME_MS : netTickTimeMs,
    asksForTickTime: netTickTimeMs === "peer",
    takeOver,
    reconnect: reconnect === true ? {} : reconnect || undefined,
    limits: { ...DEFAULT_LIMITS, ...limits },
    ...packets,
  };
}

function checkCreation(name: string | undefined, creation: number): void {
  if (name === undefined) throw new TypeError("a node that its peers name gets its creation from them, too");
  if (Number.isInteger(creation) && creation >= MIN_CREATION && creation < 2 ** 32) return;
  throw new RangeError(`creation is ${creation}, it has to be an integer from ${MIN_CREATION} to ${2 ** 32 - 1}`);
}
