// How the object reaches nodes: by what NODES says of each, and few at once.
import { ConnectionError, type Connector } from "@erl-dist/core";
import { cloudflare, type CloudflareConnect } from "@erl-dist/core/transports/cloudflare";
import { connect as platformConnect } from "cloudflare:sockets";
import { CallError } from "./call-error.ts";
import type { NodeSettings, Settings } from "./settings.ts";

/** Cloudflare opens no more at once; a seventh would wait there without a word, and its time run out. */
const DIALS_AT_ONCE = 6;

/** Who has waited so long for one of them to end is told. */
const TURN_MS = 15_000;

/** Linux gives up a connection that does not come about after 127 s. */
const HANGING_MS = 150_000;

export interface DialerOptions {
  /** Hears of each attempt. */
  readonly onDial?: ((peer: string) => void) | undefined;
  /** Called when a connection is being opened; nothing is sent to the peer before what it returns has resolved. */
  readonly onOpening?: (() => Promise<void>) | undefined;
}

/** Dials the nodes of the settings and no other; one of these for each object. */
export function dialer({ nodes, epmdPortNo }: Settings, env: Env, { onDial, onOpening }: DialerOptions = {}): Connector {
  const turns = new Turns(DIALS_AT_ONCE);
  return async (peer, options) => {
    const node = nodes.get(peer);
    // A pid from afar, say, to which something is sent.
    if (node === undefined) throw new ConnectionError("unreachable", `the variable NODES does not name ${peer}`, { peer });
    onDial?.(peer);
    const connect = connectOf(peer, node, env);
    await takeTurn(turns, peer, options.signal);
    const opening: Promise<unknown>[] = [];
    let ready: Promise<void> | undefined;
    try {
      const stream = await cloudflare({
        hostname: node.host,
        portNo: node.portNo,
        epmdPortNo,
        secureTransport: node.tls === true ? "on" : "off",
        connect(address, how) {
          const socket = connect(address, how);
          opening.push(socket.opened);
          if (ready === undefined) {
            ready = onOpening?.() ?? Promise.resolve();
            // Who waits for it below hears of it, should it come to that.
            ready.catch(() => undefined);
          }
          return socket;
        },
      })(peer, options);
      try {
        await ready;
      } catch (error) {
        void stream.close();
        throw error;
      }
      return stream;
    } finally {
      // workerd goes on to open a connection that its user has closed, so the turn lasts until it has come about or failed.
      void settled(opening).then(() => turns.give());
    }
  };
}

async function takeTurn(turns: Turns, peer: string, signal: AbortSignal | undefined): Promise<void> {
  const late = AbortSignal.timeout(TURN_MS);
  if (await turns.take(signal === undefined ? late : AbortSignal.any([signal, late]))) return;
  const why = `${DIALS_AT_ONCE} other connections are being opened, and none of them came about or failed`;
  throw new ConnectionError(signal?.aborted ? "aborted" : "timeout", `cannot connect to ${peer}: ${why}`, { peer });
}

async function settled(opening: readonly Promise<unknown>[]): Promise<void> {
  const { promise: hanging, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, HANGING_MS);
  await Promise.race([Promise.allSettled(opening), hanging]);
  clearTimeout(timer);
}

function connectOf(peer: string, { binding }: NodeSettings, env: Env): CloudflareConnect {
  if (binding === undefined) return platformConnect;
  const bound = (env as unknown as Readonly<Record<string, unknown>>)[binding];
  if (!canConnect(bound)) {
    throw new CallError(
      "bad_settings",
      `the variable NODES: "${peer}" is reached by the binding ${binding}, and there is none that can connect`,
    );
  }
  return ({ hostname, port }, options) => bound.connect(`${hostname}:${port}`, options);
}

function canConnect(bound: unknown): bound is Fetcher {
  return typeof bound === "object" && bound !== null && typeof (bound as Partial<Fetcher>).connect === "function";
}

/** Lets so many go on at once; the others wait in their order. */
class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** False if the signal was first. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.delete(turn);
        resolve(false);
      };
      const turn = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      this.#waiting.add(turn);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
