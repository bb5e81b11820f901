// What a program asks of EPMD, over any byte stream that leads to one: a request for each connection, closed afterwards;
// only a registration keeps its connection, for as long as it shall last.
import { Writer } from "../bytes/writer.ts";
import { EpmdError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import {
  type DumpEntry,
  decodeAlive,
  decodeDump,
  decodeKill,
  decodeLookup,
  decodeNames,
  decodeStop,
  encodeAlive,
  encodeDump,
  encodeKill,
  encodeLookup,
  encodeNames,
  encodeStop,
  type More,
  type NodeDetails,
  type NodeEntry,
  type Registration,
} from "./messages.ts";

/** The node of this name (the part before the `@`), undefined if EPMD has none (`erl_epmd:port_please/2`). */
export async function lookup(stream: ByteStream, name: string): Promise<NodeDetails | undefined> {
  const found = await ask(stream, () => encodeLookup(name), decodeLookup);
  return found === "unknown" ? undefined : found;
}

/** All nodes that are registered (`erl_epmd:names/1`). */
export function names(stream: ByteStream): Promise<NodeEntry[]> {
  return ask(stream, encodeNames, atEnd(decodeNames));
}

/** The nodes that are registered, and those that were. EPMD tells programs of its own host only. */
export function dump(stream: ByteStream): Promise<DumpEntry[]> {
  return ask(stream, encodeDump, atEnd(decodeDump));
}

/** Ends EPMD; EpmdError `refused_command` while nodes are registered, unless it was started with `-relaxed_command_check`. */
export async function kill(stream: ByteStream): Promise<void> {
  const answer = await ask(stream, encodeKill, decodeKill);
  if (answer === "NO") throw new EpmdError("refused_command", "EPMD goes on: nodes are registered in it");
}

/** Makes EPMD forget a name; false if it did not know it. Only with `-relaxed_command_check`. */
export async function stop(stream: ByteStream, name: string): Promise<boolean> {
  return (await ask(stream, () => encodeStop(name), atEnd(decodeStop))) === "STOPPED";
}

export interface Registered {
  /** For the node's identifiers; not below 4 from an EPMD of OTP 23 or later. */
  readonly creation: number;
  /** Resolves when the registration is over: by close(), or since EPMD has gone. */
  readonly closed: Promise<void>;
  /** Gives the name back. */
  close(): Promise<void>;
}

/**
 * Registers a node for as long as the stream is open. Rejects with an EpmdError: `duplicate_name`, or `refused_command` by
 * an EPMD on another host, which takes registrations from its own host only; the stream is closed then.
 */
export async function register(stream: ByteStream, registration: Registration): Promise<Registered> {
  const reader = stream.readable.getReader();
  try {
    const creation = await exchange(stream, reader, encodeAlive(registration), decodeAlive);
    if (creation === "duplicate") {
      const { name } = registration;
      throw new EpmdError("duplicate_name", `EPMD already has a node named ${name}; is one running, or was one just lost?`);
    }
    return {
      creation,
      closed: untilEnd(stream, reader),
      close: () => stream.close(),
    };
  } catch (error) {
    await stream.close();
    throw error;
  }
}

/** EPMD sends nothing more, so whatever comes, or the end, ends the registration. */
async function untilEnd(stream: ByteStream, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    await reader.read();
  } catch {
    // A carrier that broke is an end as well.
  }
  await stream.close();
}

type Decode<T> = (bytes: Uint8Array, isEnded: boolean) => T | More;

/** For replies that only the connection's end completes. An empty one is a refusal, which no reader has to know. */
function atEnd<T>(decode: (bytes: Uint8Array) => T): Decode<T> {
  return (bytes, isEnded) => (isEnded && bytes.length > 0 ? decode(bytes) : "more");
}

async function ask<T>(stream: ByteStream, encode: () => Uint8Array, decode: Decode<T>): Promise<T> {
  try {
    return await exchange(stream, stream.readable.getReader(), encode(), decode);
  } finally {
    await stream.close();
  }
}

async function exchange<T>(
  stream: ByteStream,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  request: Uint8Array,
  decode: Decode<T>,
): Promise<T> {
  const writer = stream.writable.getWriter();
  await writer.write(request);
  writer.releaseLock();
  const received = new Writer(256);
  for (;;) {
    const { done, value } = await reader.read();
    if (!done) received.append(value);
    if (received.length > DEFAULT_LIMITS.epmdReplyBytes) {
      throw new EpmdError("bad_reply", `what answers is no EPMD: its reply does not end after ${received.length} bytes`);
    }
    const reply = decode(received.bytes.subarray(0, received.length), done);
    if (reply !== "more") return reply;
    if (done) throw ended(received.length);
  }
}

function ended(receivedBytes: number): EpmdError {
  return receivedBytes === 0
    ? new EpmdError(
        "refused_command",
        "EPMD closed the connection without an answer: names are given out to all, but other requests are for its own host only",
      )
    : new EpmdError("closed", `EPMD closed the connection in the middle of its reply, after ${receivedBytes} bytes`);
}
