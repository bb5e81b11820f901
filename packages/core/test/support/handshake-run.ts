// Carries a handshake over a real stream.
import {
  Acceptor,
  type AcceptorAnswer,
  type Handshake,
  type HandshakeEvent,
  type HandshakeResult,
} from "../../src/handshake/index.ts";
import type { ByteStream } from "../../src/transports/byte-stream.ts";
import { eachByte } from "./handshake-drive.ts";

export interface Shaken {
  readonly result: HandshakeResult;
  /** The statuses and names on the way. */
  readonly events: readonly HandshakeEvent[];
  /** Resolves when the peer closes the connection. */
  readonly closed: Promise<void>;
  /** Writes behind the handshake. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** What came behind the handshake so far. */
  readonly received: () => Uint8Array;
  readonly close: () => Promise<void>;
}

/** Runs a handshake to its end; rejects with its HandshakeError. Each byte goes in and out by itself if so wished. */
export async function shake(
  stream: ByteStream,
  handshake: Handshake,
  { answer, bytewise = false }: { answer?: AcceptorAnswer; bytewise?: boolean } = {},
): Promise<Shaken> {
  const cut = (chunk: Uint8Array): Uint8Array[] => (bytewise ? eachByte(chunk) : [chunk]);
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const events: HandshakeEvent[] = [];
  const incoming: Uint8Array[] = [];
  for (;;) {
    const event = handshake.nextEvent(performance.now());
    if (event !== undefined) events.push(event);
    if (event?.type === "name" && answer !== undefined && handshake instanceof Acceptor) handshake.answer(answer);
    const outbound = handshake.takeOutbound();
    for (const chunk of outbound === undefined ? [] : cut(outbound)) await writer.write(chunk);
    if (event?.type === "connected") {
      const received = [handshake.takeRest(), ...incoming];
      return {
        result: event.result,
        events,
        closed: untilEnd(reader, (chunk) => received.push(chunk)),
        write: (bytes) => writer.write(bytes),
        received: () => Buffer.concat(received),
        close: () => stream.close(),
      };
    }
    if (event?.type === "failed") {
      await stream.close();
      throw event.error;
    }
    if (event !== undefined) continue;
    const next = incoming.shift();
    if (next !== undefined) handshake.receive(next);
    else await readMore(reader, handshake, (chunk) => incoming.push(...cut(chunk)));
  }
}

async function readMore(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  handshake: Handshake,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const { done, value } = await reader.read();
  if (done) handshake.receiveEnd();
  else take(value);
}

async function untilEnd(reader: ReadableStreamDefaultReader<Uint8Array>, take: (chunk: Uint8Array) => void): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      take(value);
    }
  } catch {
    // A connection that is reset has ended too.
  }
}
