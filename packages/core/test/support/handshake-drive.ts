// Drives one side of the handshake by hand, or two against each other: bytes and time go in as the test says.
import { Acceptor, type AcceptorAnswer, type Handshake, type HandshakeEvent, type Initiator } from "../../src/handshake/index.ts";

export interface Outcome {
  readonly events: HandshakeEvent[];
  readonly written: Uint8Array;
}

/** Gives the chunks in, one after the other, then perhaps the end; answers the event "name". */
export function drive(
  handshake: Handshake,
  chunks: Iterable<Uint8Array>,
  { now = 0, ends = false, answer }: { now?: number; ends?: boolean; answer?: AcceptorAnswer } = {},
): Outcome {
  const events: HandshakeEvent[] = [];
  const written: Uint8Array[] = [];
  const pump = (): void => {
    for (let event = handshake.nextEvent(now); event !== undefined; event = handshake.nextEvent(now)) {
      events.push(event);
      if (event.type === "name" && answer !== undefined && handshake instanceof Acceptor) handshake.answer(answer);
    }
    const bytes = handshake.takeOutbound();
    if (bytes !== undefined) written.push(bytes);
  };
  pump();
  for (const chunk of chunks) {
    handshake.receive(chunk);
    pump();
  }
  if (ends) {
    handshake.receiveEnd();
    pump();
  }
  return { events, written: concat(written) };
}

/** Lets two sides talk until neither has more to say. */
export function converse(initiator: Initiator, acceptor: Acceptor, answer: AcceptorAnswer): [HandshakeEvent[], HandshakeEvent[]] {
  const [left, right]: [HandshakeEvent[], HandshakeEvent[]] = [[], []];
  for (let chunks: Uint8Array[] = []; ; ) {
    const theirs = drive(initiator, chunks);
    left.push(...theirs.events);
    const ours = drive(acceptor, eachByte(theirs.written), { answer });
    right.push(...ours.events);
    if (theirs.written.length + ours.written.length === 0) return [left, right];
    chunks = [ours.written];
  }
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

export function eachByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

/** A message with its length before it. */
export function packet(message: Uint8Array, packetBytes: 2 | 4 = 2): Uint8Array {
  const length = [24, 16, 8, 0].map((shift) => (message.length >>> shift) & 0xff);
  return Uint8Array.of(...length.slice(4 - packetBytes), ...message);
}
