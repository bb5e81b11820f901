// A peer of the test's own, which sends what no well-behaved node sends and sees what is answered.
import { allForms, Connection, type ConnectionEvent, type ControlMessage } from "../../src/distribution/index.ts";
import type { Term } from "../../src/etf/index.ts";
import { type Handshake, PASS_THROUGH_FLAGS } from "../../src/handshake/index.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { Driver, monotonicMs } from "../../src/node/driver.ts";
import { ReadGate } from "../../src/node/read-gate.ts";
import type { ByteStream } from "../../src/transports/byte-stream.ts";

export type Signal = readonly [ControlMessage] | readonly [ControlMessage, Term];

/** What either side of its handshakes needs beside names and cookie. */
export const HANDSHAKE = {
  flags: PASS_THROUGH_FLAGS,
  challenge: 1,
  packetBytes: 2,
  now: 0,
  stepTimeMs: 1e9,
  handshakeBytes: 4096,
} as const;

/** The other end: sends any signal, and keeps those that come. */
export class ScriptedPeer {
  readonly #signals: Signal[] = [];
  #awaiting: (() => void) | undefined;
  readonly driver: Driver;
  isClosed = false;

  constructor(stream: ByteStream, handshake: Handshake, onName?: () => void) {
    const packets = allForms(DEFAULT_LIMITS);
    const connection = new Connection({ handshake, limits: DEFAULT_LIMITS, tickTimeMs: 60_000, now: monotonicMs(), packets });
    const onEvent = (event: ConnectionEvent): void => {
      if (event.type === "signal")
        this.#signals.push(event.payload === undefined ? [event.control] : [event.control, event.payload]);
      if (event.type === "name") onName?.();
      if (event.type === "closed" || event.type === "failed") this.isClosed = true;
      this.#awaiting?.();
    };
    this.driver = new Driver({ stream, connection, gate: new ReadGate(), limits: DEFAULT_LIMITS, onEvent });
  }

  send(...[control, payload]: Signal): void {
    this.driver.send(control, payload);
  }

  async next(): Promise<Signal> {
    while (this.#signals.length === 0) {
      await new Promise<void>((resolve) => {
        this.#awaiting = resolve;
      });
    }
    // The loop ends when there is one.
    return this.#signals.shift() as Signal;
  }
}
