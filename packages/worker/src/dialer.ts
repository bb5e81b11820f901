// How the object reaches nodes: by what NODES says of each, and few at once.
import { ConnectionError, type Connector } from "@erl-dist/core";
import { cloudflare, type CloudflareConnect } from "@erl-dist/core/transports/cloudflare";
import { CallError } from "./call-error.ts";
import type { NodeSettings, Settings } from "./settings.ts";

/** Cloudflare opens no more at once; a seventh would wait there without a word, and its time run out. */
const DIALS_AT_ONCE = 6;

/** Dials the nodes of the settings and no other. `onDial` hears of each attempt. */
export function dialer({ nodes, epmdPortNo }: Settings, env: Env, onDial: (peer: string) => void): Connector {
  const turns = new Turns(DIALS_AT_ONCE);
  return async (peer, options) => {
    const node = nodes.get(peer);
    // A pid from afar, say, to which something is sent.
    if (node === undefined) throw new ConnectionError("unreachable", `the variable NODES does not name ${peer}`, { peer });
    onDial(peer);
    await turns.take();
    try {
      return await cloudflare({
        hostname: node.host,
        portNo: node.portNo,
        epmdPortNo,
        secureTransport: node.tls === true ? "on" : "off",
        connect: connectOf(peer, node, env),
      })(peer, options);
    } finally {
      turns.give();
    }
  };
}

function connectOf(peer: string, { binding }: NodeSettings, env: Env): CloudflareConnect | undefined {
  if (binding === undefined) return undefined;
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
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
