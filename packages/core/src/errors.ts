// Whose fault an error is shows in its class: the wire's (DecodeError, ProtocolError, HandshakeError, EpmdError,
// ConnectionError), the caller's (EncodeError, ParseError, TypeError, RangeError), the remote code's (ErlangError).
// Each has a `code` from a closed union and its data as fields; a caller never has to read the text.

interface ErrorOptions {
  readonly cause?: unknown;
}

class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : options);
    this.code = code;
  }
}

interface PeerErrorOptions extends ErrorOptions {
  readonly peer?: string | undefined;
}

class PeerError<Code extends string> extends CodedError<Code> {
  /** Full name of the peer, as far as it is known. */
  readonly peer: string | undefined;

  constructor(code: Code, message: string, options: PeerErrorOptions = {}) {
    super(code, message, options);
    this.peer = options.peer;
  }
}

export type DecodeErrorCode =
  | "truncated"
  | "bad_tag"
  | "bad_version"
  | "bad_value"
  | "bad_utf8"
  | "duplicate_key"
  | "too_deep"
  | "too_large"
  | "bad_compression";

export interface DecodeErrorData {
  /** Byte position in the input at which decoding stopped. */
  readonly offset: number;
  readonly expected?: string;
  /** A tag or byte is shown in hexadecimal. */
  readonly got?: number | string;
  readonly cause?: unknown;
}

/** Bytes that are not an external term, a packet or a message as the peer should have sent it. */
export class DecodeError extends CodedError<DecodeErrorCode> {
  override readonly name: string = "DecodeError";
  readonly offset: number;
  readonly expected: string | undefined;
  readonly got: number | string | undefined;

  constructor(code: DecodeErrorCode, data: DecodeErrorData) {
    super(code, describePosition(code, data), data);
    this.offset = data.offset;
    this.expected = data.expected;
    this.got = data.got;
  }
}

function describePosition(code: string, { offset, expected, got }: DecodeErrorData): string {
  const what = expected === undefined ? code.replaceAll("_", " ") : `expected ${expected}`;
  const came = got === undefined ? "" : `, got ${typeof got === "number" ? `0x${got.toString(16).padStart(2, "0")}` : got}`;
  return `at byte ${offset}: ${what}${came}`;
}

export type EncodeErrorCode = "not_a_term" | "out_of_range" | "too_deep" | "too_large" | "duplicate_key" | "unsupported_by_peer";

/** A value that has no external form, or none that the peer takes; `path` leads to it from the root, as in `elements[1].tail`. */
export class EncodeError extends TypeError {
  override readonly name: string = "EncodeError";
  readonly code: EncodeErrorCode;
  readonly path: string | undefined;

  constructor(code: EncodeErrorCode, message: string, path?: string) {
    super(path === undefined ? message : `${message} (at ${path})`);
    this.code = code;
    this.path = path;
  }
}

export type HandshakeErrorCode =
  | "wrong_cookie"
  | "not_allowed"
  | "name_in_use"
  | "simultaneous_refused"
  | "missing_flags"
  | "wrong_node"
  | "bad_name"
  | "bad_message"
  | "unexpected_status"
  | "timeout"
  | "closed";

/** Why two nodes did not become connected (erl_dist_protocol, "Distribution Handshake"). */
export class HandshakeError extends PeerError<HandshakeErrorCode> {
  override readonly name: string = "HandshakeError";
}

export type ProtocolErrorCode =
  | "bad_packet"
  | "packet_too_large"
  | "unknown_control_message"
  | "bad_control_message"
  | "missing_payload"
  | "bad_distribution_header"
  | "bad_fragment";

/** A peer that broke the protocol after the handshake; the connection is closed, as OTP closes it. */
export class ProtocolError extends CodedError<ProtocolErrorCode> {
  override readonly name: string = "ProtocolError";
}

export type ConnectionErrorCode =
  | "no_such_node"
  | "epmd_unreachable"
  | "refused"
  | "unreachable"
  | "tls_failed"
  | "cannot_listen"
  | "bridge_unreachable"
  | "bridge_refused"
  | "timeout"
  | "closed"
  | "net_tick_timeout"
  | "overloaded"
  | "aborted"
  | "not_connected"
  | "stopped";

/** The way to a node: a carrier that did not come up or was lost. */
export class ConnectionError extends PeerError<ConnectionErrorCode> {
  override readonly name: string = "ConnectionError";
}

export type EpmdErrorCode = "duplicate_name" | "bad_reply" | "closed" | "refused_command" | "bad_request";

/** What EPMD refused or answered wrongly (erl_dist_protocol, "EPMD Protocol"). */
export class EpmdError extends CodedError<EpmdErrorCode> {
  override readonly name: string = "EpmdError";
}

/** Erlang's `after`: what was waited for did not come in time. */
export class TimeoutError extends Error {
  override readonly name: string = "TimeoutError";
  readonly code = "timeout";
}
