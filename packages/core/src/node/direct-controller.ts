// A controller beside its node: a Driver on a carrier of this runtime.
import { allForms, Connection, type ConnectionEvent } from "../distribution/index.ts";
import { ConnectionError, ProtocolError } from "../errors.ts";
import type { Handshake } from "../handshake/index.ts";
import type { Limits } from "../limits.ts";
import type { ByteStream, Connector } from "../transports/byte-stream.ts";
import type { ControllerOwner, OpenController } from "./controller.ts";
import { dialPeer } from "./dial-peer.ts";
import { Driver, monotonicMs } from "./driver.ts";

export interface DriveOptions {
  readonly limits: Limits;
  readonly tickTimeMs: number;
  readonly usesAtomCache: boolean;
}

/** Carries a connection over a stream. The owner is told all but ticks and signals by `onEvent`. */
export function drive(
  stream: ByteStream,
  handshake: Handshake,
  owner: Pick<ControllerOwner, "gate" | "signal">,
  { limits, tickTimeMs, usesAtomCache }: DriveOptions,
  onEvent: (event: ConnectionEvent, driver: Driver) => void,
): Driver {
  // Not in the midst of writing.
  const onFault = (cause: Error): void =>
    queueMicrotask(
      () => void driver.close(new ConnectionError("closed", cause.message, { peer: connection.result?.peer, cause })),
    );
  const connection = new Connection({
    handshake,
    limits,
    tickTimeMs,
    now: monotonicMs(),
    packets: allForms(limits, { usesAtomCache, inParts: stream.direct !== undefined, onFault }),
  });
  const driver: Driver = new Driver({
    stream,
    connection,
    gate: owner.gate,
    limits,
    onEvent: (event) => {
      if (event.type === "signal") {
        try {
          owner.signal(connection.result?.peer ?? "", connection.signalBytes, event.control, event.payload);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          void driver.close(error);
        }
      } else if (event.type !== "tick") onEvent(event, driver);
    },
  });
  return driver;
}

/** Controllers on what the connector gives. */
export function directControllers(connect: Connector, usesAtomCache: boolean): OpenController {
  return async (request, owner, signal) => {
    const { stream, handshake } = await dialPeer(connect, request, signal);
    return drive(stream, handshake, owner, { ...request, usesAtomCache }, (event, driver) => {
      if (event.type === "connected" || event.type === "failed" || event.type === "closed") owner.event(event, driver);
    });
  };
}
