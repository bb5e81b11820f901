// What it takes to be connected: the node, and the process of the page. Loaded with the first connection, so that a page that only
// shows the console need not wait for it.
import { type Connector, ErlangNode, NO_REPLY, type PeerInfo, type Process, type Term } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { RemoteNode } from "../remote/remote-node.ts";
import type { Settings } from "./connection-state.ts";

/** The name under which Erlang reaches the page: `{console, Node} ! Message`. */
export const REGISTERED_NAME = "console";

export interface Arrived {
  readonly message: Term;
  /** Answers a call of gen_server:call/2, once. */
  readonly reply?: (answer: Term) => void;
}

/** One connected node and the process that receives for the page. */
export interface Session {
  readonly node: ErlangNode;
  readonly peer: PeerInfo;
  readonly inbox: Process;
  readonly remote: RemoteNode;
}

export interface SessionOptions {
  readonly settings: Settings;
  /** Another way than the bridge. */
  readonly connector: Connector | undefined;
  /** The Erlang node may still hold on to a connection of our name, which is one that was lost. */
  readonly takeOver: boolean;
  readonly signal: AbortSignal;
  /** The way is there, and the handshake begins. */
  readonly shaking: () => void;
  readonly received: (arrived: Arrived) => void;
}

/** Rejects with what `ErlangNode.connect` rejects with, or the signal's reason; then nothing is left. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { settings, takeOver, signal, received } = options;
  const node = await ErlangNode.start({
    ...(settings.name === "" ? {} : { name: settings.name }),
    cookie: settings.cookie,
    takeOver,
    connect: wayOf(options),
  });
  try {
    const peer = await node.connect(settings.node, { signal });
    signal.throwIfAborted();
    const inbox = node.genServer(REGISTERED_NAME, {
      handleInfo: (message) => received({ message }),
      handleCast: (message) => received({ message }),
      handleCall: (message, from) => {
        received({ message, reply: (answer) => from.reply(answer) });
        return NO_REPLY;
      },
    });
    return { node, peer, inbox, remote: new RemoteNode(node, peer.name) };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

function wayOf({ settings, connector, signal, shaking }: SessionOptions): Connector {
  const connect = connector ?? bridge(settings.bridge, settings.target === "" ? {} : { target: settings.target });
  return async (peer, options) => {
    const stream = await connect(peer, options);
    if (!signal.aborted) shaking();
    return stream;
  };
}
