// The first half of a connection that this side makes: the carrier, and our part of the handshake over it.
import { ConnectionError } from "../errors.ts";
import { Initiator } from "../handshake/initiator.ts";
import type { ByteStream, Connector } from "../transports/byte-stream.ts";
import type { OpenRequest } from "./controller.ts";
import { monotonicMs } from "./driver.ts";
import { newChallenge } from "./random.ts";

export interface Dialled {
  readonly stream: ByteStream;
  readonly handshake: Initiator;
}

/** Rejects with what the connector rejects with; nothing is left of it then, nor when the signal has aborted meanwhile. */
export async function dialPeer(connect: Connector, request: OpenRequest, signal: AbortSignal): Promise<Dialled> {
  const { peer, limits } = request;
  const stream = await connect(peer, { signal });
  if (signal.aborted) {
    await stream.close();
    throw new ConnectionError("aborted", `connecting to ${peer} was aborted`, { peer });
  }
  const handshake = new Initiator({
    ...request,
    challenge: newChallenge(),
    packetBytes: stream.handshakePacketBytes ?? 2,
    now: monotonicMs(),
    stepTimeMs: limits.handshakeTimeMs,
    handshakeBytes: limits.handshakeBytes,
  });
  return { stream, handshake };
}
