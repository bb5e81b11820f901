// What a node and its controllers behind a message port say to each other. Packets go in pass-through form, whole, each with its
// length before it, as on the wire.
import { ConnectionError, DecodeError, HandshakeError, ProtocolError } from "../errors.ts";
import type { HandshakeResult } from "../handshake/handshake.ts";
import type { OpenRequest } from "./controller.ts";

/** A `MessagePort`, or what a `Worker` and its global scope have of one. */
export interface ControllerPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** Of a `MessagePort`, which holds what came before it was called. */
  start?(): void;
}

/** To the controller of this number, which the node gives. */
export type ToController = { readonly id: number } & (
  | { readonly type: "open"; readonly request: OpenRequest; readonly way: unknown }
  | { readonly type: "packets"; readonly packets: Uint8Array }
  /** So many bytes of what came have been read. */
  | { readonly type: "taken"; readonly bytes: number }
  | { readonly type: "tickTime"; readonly tickTimeMs: number }
  | { readonly type: "close"; readonly error: PlainError | undefined }
);

export type ToNode = { readonly id: number } /** The carrier is there, and the handshake begins. */ & (
  | { readonly type: "opened" }
  | { readonly type: "connected"; readonly result: HandshakeResult }
  | { readonly type: "failed" | "closed"; readonly error: PlainError | undefined }
  | { readonly type: "packets"; readonly packets: Uint8Array }
  /** So many bytes of what was sent have been written, but for what may wait (`limits.outboundBytes`). */
  | { readonly type: "written"; readonly bytes: number }
  /** The last message. With an error there has been no carrier. */
  | { readonly type: "done"; readonly error?: PlainError }
);

/** Each of the messages, before it has its number. Omit alone would make one type of the union. */
export type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

/** What is left of an error on its way through a port, and what our own are made of again. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly peer?: unknown;
  readonly offset?: unknown;
  readonly expected?: unknown;
  readonly got?: unknown;
}

export function plainError(error: unknown): PlainError {
  const { name, message, code, peer, offset, expected, got } = Object(error) as Partial<PlainError>;
  return { name: name ?? "Error", message: message ?? String(error), code, peer, offset, expected, got };
}

type OurError = ConnectionError | HandshakeError | ProtocolError | DecodeError;
const OUR_ERRORS = { ConnectionError, HandshakeError, ProtocolError };
/** Those that tell a caller of ours what is wrong with what it gave. */
const NATIVE_ERRORS = { TypeError, RangeError };

/** Gives an error of the same class, where that is one of ours or the language's own. */
export function errorOf(plain: PlainError): OurError | Error {
  const { name, message, code } = plain;
  // Both ends are of the same version, so that what was one of ours has what belongs to it.
  if (name === "DecodeError") return new DecodeError(code as never, plain as never);
  const Ours = OUR_ERRORS[name as keyof typeof OUR_ERRORS] as typeof ConnectionError | undefined;
  if (Ours !== undefined) return new Ours(code as never, message, plain as never);
  const Native = NATIVE_ERRORS[name as keyof typeof NATIVE_ERRORS] as typeof TypeError | undefined;
  return Native === undefined ? Object.assign(new Error(message), { name }) : new Native(message);
}
