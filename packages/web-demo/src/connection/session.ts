// What it takes to be connected: the node, and the process of the page. Loaded with the first connection, so that a page that only
// shows the console need not wait for it.
import { ConnectionError, type Connector, NO_REPLY, type PeerInfo, type Process, type Term } from "@erl-dist/core";
import { type BareNode, startNode } from "@erl-dist/core/remote-node";
import { RemoteNode } from "../remote/remote-node.ts";
import type { Settings } from "./connection-state.ts";
import { startThread } from "./thread.ts";

/** The name under which Erlang reaches the page: `{console, Node} ! Message`. */
export const REGISTERED_NAME = "console";

export interface Arrived {
  readonly message: Term;
  /** Answers a call of gen_server:call/2, once. */
  readonly reply?: (answer: Term) => void;
}

/** What lets a page through the bridge: its token, and the secret of its session, which stands in for the cookie. */
export interface Ticket {
  readonly token: string;
  /** Absent where the page itself knows the cookie. */
  readonly secret?: string;
}

/** How a page reaches its node. */
export interface Way {
  /** Another way than the bridge. */
  readonly connector?: Connector | undefined;
  /** Fetches a ticket for the bridge, a new one for each connection; a string is a token alone. */
  readonly auth?: (() => Promise<Ticket | string>) | undefined;
  /** Makes the worker that has the connection; false: it stays in the page. */
  readonly worker?: (() => Worker) | false | undefined;
}

/** One connected node and the process that receives for the page. */
export interface Session {
  readonly node: BareNode;
  readonly peer: PeerInfo;
  readonly inbox: Process;
  readonly remote: RemoteNode;
  /** With the reason, when the connection has ended. */
  readonly lost: Promise<unknown>;
  /** Ends the connection, and leaves nothing. */
  end(): Promise<void>;
}

export interface SessionOptions {
  readonly settings: Settings;
  readonly way: Way;
  /** The Erlang node may still hold on to a connection of our name, which is one that was lost. */
  readonly takeOver: boolean;
  readonly signal: AbortSignal;
  /** The way is there, and the handshake begins. */
  readonly shaking: () => void;
  readonly received: (arrived: Arrived) => void;
}

/** Rejects with what `BareNode.connect` rejects with, or the signal's reason; then nothing is left. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { settings, way, takeOver, signal, received } = options;
  const ticket = await ticketOf(way);
  const address = way.connector === undefined ? addressOf(settings.bridge) : "";
  const thread = await startThread({
    way: { address, target: settings.target, token: ticket?.token },
    connector: way.connector,
    worker: way.worker,
  });
  let node: BareNode | undefined;
  const end = async (): Promise<void> => {
    await node?.stop();
    thread.end();
  };
  try {
    signal.throwIfAborted();
    node = await startNode(
      { ...(settings.name === "" ? {} : { name: settings.name }), cookie: ticket?.secret ?? settings.cookie, takeOver },
      { open: shakingAfter(thread.controllers.open, options) },
    );
    const lost = lossOf(node);
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
    return { node, peer, inbox, remote: new RemoteNode(node, peer.name), lost, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Whoever is refused a ticket is refused by the bridge: it would not let the page in without. */
async function ticketOf({ auth }: Way): Promise<Ticket | undefined> {
  if (auth === undefined) return undefined;
  try {
    const given = await auth();
    const ticket = typeof given === "string" ? { token: given } : given;
    // A page without types may give anything.
    if ((ticket as Partial<Ticket> | null | undefined)?.token) return ticket;
    throw new TypeError("auth gave neither a token nor { token, secret }");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConnectionError("bridge_refused", `the page got no ticket: ${why}`, { cause: error });
  }
}

function lossOf(node: BareNode): Promise<unknown> {
  return new Promise((resolve) => {
    node.addEventListener("nodedown", ({ error, reason }) => resolve(error ?? new ConnectionError("closed", reason)));
  });
}

/** For a worker, which may have come from elsewhere. Throws a TypeError for what is no address. */
function addressOf(bridge: string): string {
  return new URL(bridge, location.href).href;
}

function shakingAfter(open: Open, { signal, shaking }: SessionOptions): Open {
  return async (...args) => {
    const controller = await open(...args);
    if (!signal.aborted) shaking();
    return controller;
  };
}

type Open = Parameters<typeof startNode>[1]["open"];
