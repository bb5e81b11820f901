// Errors of the core in words for people: what happened, to whom, and what to do about it.
import {
  ConnectionError,
  type ConnectionErrorCode,
  EpmdError,
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
} from "@erl-dist/core";

/** Why there is no connection. */
export interface Failure {
  /** The code of the error; else `"wrong_setting"` or `"unexpected"`. */
  readonly code: string;
  /** A few words. */
  readonly title: string;
  /** One sentence with the names. */
  readonly detail: string;
  /** What a person can do. */
  readonly hint: string;
  /** Time alone may mend it, so that trying again makes sense. */
  readonly passing: boolean;
}

/** The names that an explanation speaks of. */
export interface FailureContext {
  readonly bridge: string;
  readonly node: string;
  readonly name: string;
}

interface Words {
  readonly title: string;
  readonly detail: (context: FailureContext, message: string) => string;
  readonly hint: string;
  readonly passing: boolean;
}

export function describeFailure(error: unknown, context: FailureContext): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const { code, words } = wordsFor(error);
  return { code, title: words.title, detail: words.detail(context, message), hint: words.hint, passing: words.passing };
}

function wordsFor(error: unknown): { code: string; words: Words } {
  if (error instanceof ConnectionError) return { code: error.code, words: CONNECTION[error.code] };
  if (error instanceof HandshakeError) return { code: error.code, words: HANDSHAKE[error.code] };
  if (error instanceof ProtocolError || error instanceof EpmdError) return { code: error.code, words: PROTOCOL };
  if (error instanceof TypeError || error instanceof RangeError) return { code: "wrong_setting", words: WRONG_SETTING };
  return { code: "unexpected", words: UNEXPECTED };
}

const CONNECTION: Record<ConnectionErrorCode, Words> = {
  bridge_unreachable: {
    title: "No bridge",
    detail: ({ bridge }) => `Nothing answers at ${bridge}.`,
    hint: "Start one beside the Erlang node (erl-bridge --dev app@127.0.0.1), or check the address.",
    passing: true,
  },
  bridge_refused: {
    title: "The bridge refused",
    detail: ({ bridge }, message) => `The bridge at ${bridge} does not let this page through: ${message}`,
    hint: "Its configuration names the targets, the origins and the tokens that it accepts.",
    passing: false,
  },
  no_such_node: {
    title: "Unknown node",
    detail: ({ node }) => `No node ${node} is registered in EPMD on its host.`,
    hint: "Check the name. On the host, epmd -names lists the nodes that run.",
    passing: true,
  },
  epmd_unreachable: {
    title: "No EPMD",
    detail: ({ node }) => `The Erlang Port Mapper Daemon on the host of ${node} does not answer.`,
    hint: "It starts with the first node of a host, and listens on port 4369 unless told otherwise.",
    passing: true,
  },
  refused: {
    title: "Node is down",
    detail: ({ node }) => `The port of ${node} refused the connection: the node has ended, or listens elsewhere.`,
    hint: "Start the node, then try again.",
    passing: true,
  },
  unreachable: {
    title: "Host not reachable",
    detail: ({ node }) => `There is no way from the bridge to the host of ${node}.`,
    hint: "Check the part after the @ and the network between.",
    passing: true,
  },
  timeout: {
    title: "No answer in time",
    detail: ({ node }) => `${node} did not answer in time.`,
    hint: "It may be overloaded, or something on the way swallows the packets.",
    passing: true,
  },
  closed: {
    title: "Connection closed",
    detail: ({ node }) => `The connection to ${node} was closed from the other side.`,
    hint: "The node may have ended or restarted.",
    passing: true,
  },
  net_tick_timeout: {
    title: "Node is silent",
    detail: ({ node }) => `${node} has sent nothing, not even a tick, for too long.`,
    hint: "The node hangs, or the network between was cut.",
    passing: true,
  },
  overloaded: {
    title: "Node takes nothing",
    detail: ({ node }) => `${node} no longer reads what it is sent, and too much was waiting for it.`,
    hint: "The node hangs, or the link to it is too slow for what is sent.",
    passing: true,
  },
  tls_failed: {
    title: "No TLS",
    detail: (_context, message) => message,
    hint: "A page leaves TLS to its browser; the program that embeds the console chose a connector that does not.",
    passing: false,
  },
  cannot_listen: {
    title: "Cannot listen",
    detail: (_context, message) => message,
    hint: "A page never listens; the program that embeds the console chose a connector that does.",
    passing: false,
  },
  aborted: {
    title: "Stopped",
    detail: ({ node }) => `Connecting to ${node} was cancelled.`,
    hint: "Connect again whenever you like.",
    passing: false,
  },
  not_connected: {
    title: "Not connected",
    detail: ({ node }) => `There is no connection to ${node}.`,
    hint: "Connect first.",
    passing: true,
  },
  stopped: {
    title: "Stopped",
    detail: () => "This page's node has been stopped.",
    hint: "Connect again whenever you like.",
    passing: false,
  },
};

const HANDSHAKE: Record<HandshakeErrorCode, Words> = {
  wrong_cookie: {
    title: "Wrong cookie",
    detail: ({ node }) => `This page and ${node} do not share the same cookie.`,
    hint: "On the node, erlang:get_cookie() shows the one it expects.",
    passing: false,
  },
  not_allowed: {
    title: "Not allowed",
    detail: ({ node }) => `${node} does not accept a connection from us.`,
    hint: "net_kernel:allow/1 there names who may connect; a very old node may also miss what we can do.",
    passing: false,
  },
  name_in_use: {
    title: "Name in use",
    detail: ({ node, name }) => `${node} is already connected to a node named ${name || "like this page"}.`,
    hint: "Choose another name, or none: then the node gives one.",
    passing: false,
  },
  simultaneous_refused: {
    title: "Both called at once",
    detail: ({ node }) => `${node} is connecting to us at this moment, and prefers its own attempt.`,
    hint: "Try again.",
    passing: true,
  },
  missing_flags: {
    title: "Too old",
    detail: ({ node }, message) => `${node} lacks a capability that a connection needs: ${message}`,
    hint: "Erlang/OTP 25 and later have all of them.",
    passing: false,
  },
  wrong_node: {
    title: "Another node answered",
    detail: (_context, message) => `The node at the other end is not the one that was called: ${message}`,
    hint: "The bridge's target and the name of the node must belong together.",
    passing: false,
  },
  bad_name: {
    title: "Not a node name",
    detail: (_context, message) => message,
    hint: "A full node name looks like app@127.0.0.1.",
    passing: false,
  },
  bad_message: {
    title: "Not Erlang",
    detail: ({ node }, message) => `What answers for ${node} does not speak Erlang's handshake: ${message}`,
    hint: "Check the port in the bridge's configuration. A node with TLS needs a target with TLS.",
    passing: false,
  },
  unexpected_status: {
    title: "Unexpected answer",
    detail: ({ node }, message) => `${node} answered the handshake in an unknown way: ${message}`,
    hint: "Check that the target is an Erlang node's distribution port.",
    passing: false,
  },
  timeout: {
    title: "No answer in time",
    detail: ({ node }) => `${node} accepted the connection and then said nothing.`,
    hint: "It may be overloaded; or its port belongs to another program, or expects TLS.",
    passing: true,
  },
  closed: {
    title: "Closed during the handshake",
    detail: ({ node }) => `${node} closed the connection before the handshake had ended.`,
    hint: "Its log says why, often: a wrong cookie, or a name that is taken.",
    passing: true,
  },
};

const PROTOCOL: Words = {
  title: "Protocol error",
  detail: ({ node }, message) => `${node} sent something that the protocol does not allow: ${message}`,
  hint: "Please report this with the version of Erlang/OTP.",
  passing: true,
};

const WRONG_SETTING: Words = {
  title: "Wrong setting",
  detail: (_context, message) => message,
  hint: "A bridge is a ws: or wss: address, a node a full name such as app@127.0.0.1.",
  passing: false,
};

const UNEXPECTED: Words = {
  title: "Unexpected error",
  detail: (_context, message) => message,
  hint: "Please report this.",
  passing: false,
};
