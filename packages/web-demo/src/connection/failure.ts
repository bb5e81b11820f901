// Errors of the core in words for people: what happened, to whom, and what to do about it.
import {
  ConnectionError,
  type ConnectionErrorCode,
  EpmdError,
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
} from "@erl-dist/core";
import { filled } from "../filled.ts";

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
  /** What the three texts are called in the table of words, before `_title`, `_detail` and `_hint`. */
  readonly words: FailureName | "unexplained";
  /** What is put into their braces. */
  readonly values: Readonly<Record<string, string>>;
}

/** The names that an explanation speaks of. */
export interface FailureContext {
  readonly bridge: string;
  readonly node: string;
  readonly name: string;
}

export function describeFailure(error: unknown, { bridge, node, name }: FailureContext): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const { code, words } = nameOf(error, name);
  const values = { bridge, node, name, message };
  const text = (part: Part): string => filled(FAILURE_STRINGS[`${words}_${part}`], values);
  return { code, title: text("title"), detail: text("detail"), hint: text("hint"), passing: PASSING.has(words), words, values };
}

function nameOf(error: unknown, ownName: string): { readonly code: string; readonly words: FailureName } {
  if (error instanceof ConnectionError) return { code: error.code, words: error.cause instanceof Event ? "worker" : error.code };
  if (error instanceof HandshakeError) return { code: error.code, words: handshakeName(error.code, ownName) };
  if (error instanceof ProtocolError || error instanceof EpmdError) return { code: error.code, words: "protocol_error" };
  const words = error instanceof TypeError || error instanceof RangeError ? "wrong_setting" : "unexpected";
  return { code: words, words };
}

function handshakeName(code: HandshakeErrorCode, ownName: string): FailureName {
  if (code === "timeout" || code === "closed") return `handshake_${code}`;
  return code === "name_in_use" && ownName === "" ? "name_not_said" : code;
}

type Part = "title" | "detail" | "hint";

/** An error of the handshake has the words of its code, save two that an established connection has as well. */
type FailureName =
  | ConnectionErrorCode
  | Exclude<HandshakeErrorCode, ConnectionErrorCode>
  | `handshake_${Extract<HandshakeErrorCode, ConnectionErrorCode>}`
  | "name_not_said"
  | "protocol_error"
  | "worker"
  | "wrong_setting"
  | "unexpected";

const PASSING: ReadonlySet<FailureName> = new Set([
  "bridge_unreachable",
  "no_such_node",
  "epmd_unreachable",
  "refused",
  "unreachable",
  "timeout",
  "closed",
  "net_tick_timeout",
  "overloaded",
  "not_connected",
  "simultaneous_refused",
  "handshake_timeout",
  "handshake_closed",
  "protocol_error",
  "worker",
]);

export type FailureKey = keyof typeof FAILURE_STRINGS;

export const FAILURE_STRINGS = {
  bridge_unreachable_title: "No bridge",
  bridge_unreachable_detail: "Nothing answers at {bridge}.",
  bridge_unreachable_hint: "Start one beside the Erlang node (erl-bridge --dev app@127.0.0.1), or check the address.",
  bridge_refused_title: "The bridge refused",
  bridge_refused_detail: "The bridge at {bridge} does not let this page through: {message}",
  bridge_refused_hint: "Its configuration names the targets, the origins and the tokens that it accepts.",
  no_such_node_title: "Unknown node",
  no_such_node_detail: "No node {node} is registered in EPMD on its host.",
  no_such_node_hint: "Check the name. On the host, epmd -names lists the nodes that run.",
  epmd_unreachable_title: "No EPMD",
  epmd_unreachable_detail: "The Erlang Port Mapper Daemon on the host of {node} does not answer.",
  epmd_unreachable_hint: "It starts with the first node of a host, and listens on port 4369 unless told otherwise.",
  refused_title: "Node is down",
  refused_detail: "The port of {node} refused the connection: the node has ended, or listens elsewhere.",
  refused_hint: "Start the node, then try again.",
  unreachable_title: "Host not reachable",
  unreachable_detail: "There is no way from the bridge to the host of {node}.",
  unreachable_hint: "Check the part after the @ and the network between.",
  timeout_title: "No answer in time",
  timeout_detail: "{node} did not answer in time.",
  timeout_hint: "It may be overloaded, or something on the way swallows the packets.",
  closed_title: "Connection closed",
  closed_detail: "The connection to {node} was closed from the other side.",
  closed_hint: "The node may have ended or restarted.",
  net_tick_timeout_title: "Node is silent",
  net_tick_timeout_detail: "{node} has sent nothing, not even a tick, for too long.",
  net_tick_timeout_hint: "The node hangs, or the network between was cut.",
  overloaded_title: "Node takes nothing",
  overloaded_detail: "{node} no longer reads what it is sent, and too much was waiting for it.",
  overloaded_hint: "The node hangs, or the link to it is too slow for what is sent.",
  tls_failed_title: "No TLS",
  tls_failed_detail: "{message}",
  tls_failed_hint: "A page leaves TLS to its browser; the program that embeds the console chose a connector that does not.",
  cannot_listen_title: "Cannot listen",
  cannot_listen_detail: "{message}",
  cannot_listen_hint: "A page never listens; the program that embeds the console chose a connector that does.",
  aborted_title: "Stopped",
  aborted_detail: "Connecting to {node} was cancelled.",
  aborted_hint: "Connect again whenever you like.",
  not_connected_title: "Not connected",
  not_connected_detail: "There is no connection to {node}.",
  not_connected_hint: "Connect first.",
  stopped_title: "Stopped",
  stopped_detail: "This page's node has been stopped.",
  stopped_hint: "Connect again whenever you like.",
  wrong_cookie_title: "Wrong cookie",
  wrong_cookie_detail: "This page and {node} do not share the same cookie.",
  wrong_cookie_hint: "On the node, erlang:get_cookie() shows the one it expects.",
  not_allowed_title: "Not allowed",
  not_allowed_detail: "{node} does not accept a connection from us.",
  not_allowed_hint: "net_kernel:allow/1 there names who may connect; a very old node may also miss what we can do.",
  name_in_use_title: "Name in use",
  name_in_use_detail: "{node} is already connected to a node named {name}.",
  name_in_use_hint: "Choose another name, or none: then the node gives one.",
  name_not_said_title: "Name in use",
  name_not_said_detail: "{node} is already connected to a node named like this page.",
  name_not_said_hint: "Choose another name, or none: then the node gives one.",
  simultaneous_refused_title: "Both called at once",
  simultaneous_refused_detail: "{node} is connecting to us at this moment, and prefers its own attempt.",
  simultaneous_refused_hint: "Try again.",
  missing_flags_title: "Too old",
  missing_flags_detail: "{node} lacks a capability that a connection needs: {message}",
  missing_flags_hint: "Erlang/OTP 25 and later have all of them.",
  wrong_node_title: "Another node answered",
  wrong_node_detail: "The node at the other end is not the one that was called: {message}",
  wrong_node_hint: "The bridge's target and the name of the node must belong together.",
  bad_name_title: "Not a node name",
  bad_name_detail: "{message}",
  bad_name_hint: "A full node name looks like app@127.0.0.1.",
  bad_message_title: "Not Erlang",
  bad_message_detail: "What answers for {node} does not speak Erlang's handshake: {message}",
  bad_message_hint: "Check the port in the bridge's configuration. A node with TLS needs a target with TLS.",
  unexpected_status_title: "Unexpected answer",
  unexpected_status_detail: "{node} answered the handshake in an unknown way: {message}",
  unexpected_status_hint: "Check that the target is an Erlang node's distribution port.",
  handshake_timeout_title: "No answer in time",
  handshake_timeout_detail: "{node} accepted the connection and then said nothing.",
  handshake_timeout_hint: "It may be overloaded; or its port belongs to another program, or expects TLS.",
  handshake_closed_title: "Closed during the handshake",
  handshake_closed_detail: "{node} closed the connection before the handshake had ended.",
  handshake_closed_hint: "Its log says why, often: a wrong cookie, or a name that is taken.",
  protocol_error_title: "Protocol error",
  protocol_error_detail: "{node} sent something that the protocol does not allow: {message}",
  protocol_error_hint: "Please report this with the version of Erlang/OTP.",
  worker_title: "Worker failed",
  worker_detail: "The worker of this page that had the connection to {node} failed: {message}",
  worker_hint: "The connection comes back in another one; the attribute without-worker keeps it in the page.",
  wrong_setting_title: "Wrong setting",
  wrong_setting_detail: "{message}",
  wrong_setting_hint: "A bridge is a ws: or wss: address, a node a full name such as app@127.0.0.1.",
  unexpected_title: "Unexpected error",
  unexpected_detail: "{message}",
  unexpected_hint: "Please report this.",
} as const;
