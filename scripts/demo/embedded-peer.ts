// Where Erlang is missing, the core takes its place: it accepts over TCP, and its processes do what demo_app.erl does.
import { atom, ErlangNode, Pid, type Process, type Term, Tuple, tuple } from "@erl-dist/core";
import { listenTcp } from "@erl-dist/core/transports/nodejs";
import { type DemoPeer, PEER_ALIVE } from "./peer.ts";

const TICK_MS = 1_000;

export async function startEmbeddedPeer(cookie: string): Promise<DemoPeer> {
  const name = `${PEER_ALIVE}@127.0.0.1`;
  let portNo = 0;
  const listen = listenTcp({ host: "127.0.0.1", epmd: false });
  const node = await ErlangNode.start({
    name,
    cookie,
    listen: async (options) => {
      const listening = await listen(options);
      portNo = listening.portNo ?? 0;
      return listening;
    },
  });
  serve(node, "echo", (self, from, term) => self.send(from, tuple(atom("echo"), term)));
  let count = 0;
  serve(node, "counter", (self, from, request) => {
    if (request === atom("increment")) count += 1;
    self.send(from, tuple(atom("counter"), count));
  });
  const tickers = new Map<string, { readonly timer: NodeJS.Timeout; readonly subscriber: string }>();
  const endTicker = (key: string): void => {
    clearInterval(tickers.get(key)?.timer);
    tickers.delete(key);
  };
  serve(node, "ticker", (self, from, request) => {
    const key = from.toString();
    endTicker(key);
    if (request !== atom("subscribe")) return;
    let ticks = 0;
    const timer = setInterval(() => self.send(from, tuple(atom("tick"), ++ticks, localTime())), TICK_MS);
    tickers.set(key, { timer, subscriber: from.node.name });
  });
  node.addEventListener("nodedown", ({ peer }) => {
    for (const [key, { subscriber }] of tickers) if (subscriber === peer) endTicker(key);
  });
  return {
    kind: "embedded",
    name,
    cookie,
    portNo,
    description: `There is no Erlang here, so the node behind this page is ${name}, erl-dist itself accepting in its place.`,
    async stop() {
      for (const key of tickers.keys()) endTicker(key);
      await node.stop();
    },
  };
}

/** A registered process that gets `{From, Term}`. */
function serve(node: ErlangNode, name: string, handle: (self: Process, from: Pid, term: Term) => void): void {
  node.spawn(async (self) => {
    self.register(name);
    for await (const message of self) {
      if (!(message instanceof Tuple) || message.length !== 2) continue;
      const [from, term] = message;
      if (from instanceof Pid && term !== undefined) handle(self, from, term);
    }
  });
}

/** As calendar:local_time/0. */
function localTime(): Term {
  const now = new Date();
  return tuple(
    tuple(now.getFullYear(), now.getMonth() + 1, now.getDate()),
    tuple(now.getHours(), now.getMinutes(), now.getSeconds()),
  );
}
