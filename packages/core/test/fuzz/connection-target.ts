// A hostile peer: captured packets, changed, go to a connection that is up. Whatever comes, it ends in events or in one of
// the two errors that say whose fault it was, and what it keeps has bounds.
import { allForms, Connection, type ConnectionEvent } from "../../src/distribution/index.ts";
import { DecodeError, ProtocolError } from "../../src/errors.ts";
import type { Handshake, HandshakeEvent } from "../../src/handshake/index.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { type PacketCapture, packetCaptures } from "../support/packet-captures.ts";
import { mutate, pick, type Random } from "./random.ts";
import { type FuzzTarget, hexOf } from "./term-targets.ts";

/** Small, so that inputs come near them. */
const LIMITS = { ...DEFAULT_LIMITS, packetBytes: 100_000, fragments: 100, fragmentSequences: 4, fragmentedBytes: 200_000 };

/** The target, on inputs made from the conversations of a vector file (`packets.txt`). */
export function connectionTarget(vectors: string): FuzzTarget {
  const captures = packetCaptures(vectors);
  return { name: "connection", once: (random) => tryConversation(pick(captures, random), random) };
}

function tryConversation({ flags, received, sent }: PacketCapture, random: Random): boolean {
  const packets = [...received, ...sent];
  const connection = new Connection({
    handshake: new Done(flags),
    limits: LIMITS,
    tickTimeMs: 60_000,
    now: 0,
    packets: allForms(LIMITS),
  });
  if (drain(connection)?.type !== "connected") throw new Error("the connection is not up");
  for (const packet of packets) {
    const change = random(4);
    if (change === 0) continue;
    const input = change === 1 ? relength(mutate(packet, pick(packets, random), random)) : packet;
    for (const chunk of split(input, random)) connection.receive(chunk);
    const end = drain(connection);
    if (end?.type !== "closed") continue;
    const { error } = end;
    // An error inside of us has become a ProtocolError with a cause.
    if (!(error instanceof DecodeError || error instanceof ProtocolError) || error.cause !== undefined) {
      throw new Error(`closed by a fault of ours, for the input ${hexOf(input)}`, { cause: error });
    }
    return false;
  }
  return true;
}

/** A handshake that is over. */
class Done implements Handshake {
  #event: HandshakeEvent | undefined;

  constructor(flags: bigint) {
    const names = { name: "probe@127.0.0.1", creation: 1, peer: "peer@127.0.0.1", peerCreation: 2 };
    this.#event = { type: "connected", result: { ...names, peerFlags: flags, flags, hidden: true } };
  }

  nextEvent(): HandshakeEvent | undefined {
    const event = this.#event;
    this.#event = undefined;
    return event;
  }

  takeRest(): Uint8Array {
    return new Uint8Array();
  }

  takeOutbound(): Uint8Array | undefined {
    return undefined;
  }

  nextTimeout(): undefined {
    return undefined;
  }

  receive(): void {}
  receiveEnd(): void {}
  handleTimeout(): void {}
}

function drain(connection: Connection): ConnectionEvent | undefined {
  let last: ConnectionEvent | undefined;
  for (let event = connection.nextEvent(0); event !== undefined; event = connection.nextEvent(0)) last = event;
  return last;
}

/** Gives a changed packet its right length again, or most changes would only be waited for. */
function relength(packet: Uint8Array): Uint8Array {
  if (packet.length < 4) return packet;
  const copy = packet.slice();
  new DataView(copy.buffer).setUint32(0, copy.length - 4);
  return copy;
}

function split(packet: Uint8Array, random: Random): Uint8Array[] {
  const cut = random(packet.length + 1);
  return random(2) === 0 ? [packet] : [packet.subarray(0, cut), packet.subarray(cut)];
}
