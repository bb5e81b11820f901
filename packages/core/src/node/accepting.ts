// Those who connect to us: side B of the handshake, and what happens when both nodes connect at once (erl_dist_protocol,
// "Distribution Handshake"). Loaded by nodes that listen.
import { ConnectionError } from "../errors.ts";
import { Acceptor, type HandshakeResult } from "../handshake/index.ts";
import type { ByteStream, Listener, Listening } from "../transports/byte-stream.ts";
import type { Connecting } from "./connecting.ts";
import type { Controller, ControllerOwner } from "./controller.ts";
import { drive } from "./direct-controller.ts";
import { type Driver, monotonicMs } from "./driver.ts";
import type { Identifiers } from "./identifiers.ts";
import type { ResolvedOptions } from "./node-options.ts";
import { newChallenge, newCreation } from "./random.ts";

export interface AcceptingOptions extends ResolvedOptions {
  readonly identifiers: Identifiers;
  readonly listener: {
    failed(peer: string | undefined, error: unknown, incoming: boolean): void;
  };
}

/** What this needs of all connections. */
export interface PeersInside {
  /** Our own attempts. */
  readonly connecting: ReadonlyMap<string, Connecting>;
  isUp(peer: string): boolean;
  owner(): Pick<ControllerOwner, "gate" | "signal">;
  track(controller: Controller): void;
  up(result: HandshakeResult, controller: Controller): void;
  down(controller: Controller, error: Error | undefined): void;
  fail(attempt: Connecting, error: unknown): void;
  dial(attempt: Connecting): void;
}

export class Accepting {
  readonly #options: AcceptingOptions;
  readonly #peers: PeersInside;
  /** Nodes that were told `ok`, as long as their handshake goes on. */
  readonly #underWay = new Map<string, Driver>();

  constructor(options: AcceptingOptions, peers: PeersInside) {
    this.#options = options;
    this.#peers = peers;
  }

  /** The node's attempt at us, if it was told `ok`. */
  underWay(peer: string): Driver | undefined {
    return this.#underWay.get(peer);
  }

  /** Somebody connected to us. */
  accept(stream: ByteStream): void {
    const { identifiers, limits, listener, netTickTimeMs, usesAtomCache } = this.#options;
    const acceptor = new Acceptor({
      name: identifiers.name,
      creation: identifiers.creation,
      flags: this.#options.flags,
      challenge: newChallenge(),
      packetBytes: stream.handshakePacketBytes ?? 2,
      now: monotonicMs(),
      stepTimeMs: limits.handshakeTimeMs,
      handshakeBytes: limits.handshakeBytes,
    });
    let peer: string | undefined;
    const options = { limits, tickTimeMs: netTickTimeMs, usesAtomCache };
    const driver = drive(stream, acceptor, this.#peers.owner(), options, (event) => {
      if (event.type === "name") {
        peer = event.name;
        this.#answer(acceptor, driver, event.name, event.wantsName).catch((error: unknown) => {
          listener.failed(peer, error, true);
          void driver.close();
        });
      } else if (event.type === "connected") {
        peer = event.result.peer;
        this.#peers.up(event.result, driver);
      } else if (event.type === "failed") {
        listener.failed(peer, event.error, true);
      } else if (event.type === "closed") {
        this.#peers.down(driver, event.error);
      }
      if (peer !== undefined && event.type !== "name" && this.#underWay.get(peer) === driver) this.#underWay.delete(peer);
      // Ours was ended in favour of this one, or has waited for it, so there is none left.
      if (event.type === "failed" || event.type === "closed") this.#end(driver, event.error);
    });
    this.#peers.track(driver);
  }

  /** Decides on a node that connects to us (erl_dist_protocol, "recv_status"). */
  async #answer(acceptor: Acceptor, driver: Driver, peer: string, wantsName: boolean): Promise<void> {
    const { identifiers, cookie, allow } = this.#options;
    if (!allow(peer)) {
      acceptor.answer({ status: "not_allowed" });
      driver.wake();
      return;
    }
    const secret = await cookie(peer);
    // Nobody is there any more to be answered, and our own attempt must not give way to nobody.
    if (driver.isFinished) return;
    const attempt = this.#peers.connecting.get(peer);
    if (wantsName) {
      acceptor.answer({ status: { named: newDynamicName(peer), creation: newCreation() }, cookie: secret });
    } else if (peer === identifiers.name) {
      acceptor.answer({ status: "nok", cookie: secret });
    } else if (this.#peers.isUp(peer)) {
      acceptor.answer({ status: "alive", cookie: secret });
    } else if (attempt === undefined || attempt.incoming !== undefined) {
      if (attempt === undefined) this.#underWay.set(peer, driver);
      acceptor.answer({ status: "ok", cookie: secret });
    } else if (attempt.controller !== undefined && identifiers.name > peer && attempt.timer === undefined) {
      // Both connect at once, and our name is the greater: ours goes on.
      acceptor.answer({ status: "nok", cookie: secret });
    } else {
      attempt.incoming = driver;
      attempt.abort.abort();
      acceptor.answer({ status: "ok_simultaneous", cookie: secret });
    }
    driver.wake();
  }

  /** An attempt at us has ended, or its connection has. */
  #end(driver: Driver, error: unknown): void {
    for (const attempt of this.#peers.connecting.values()) {
      if (attempt.incoming !== driver) continue;
      if (attempt.hasDialled || attempt.abort.signal.aborted) {
        this.#peers.fail(
          attempt,
          error ?? new ConnectionError("closed", `${attempt.peer} closed the connection`, { peer: attempt.peer }),
        );
      } else {
        delete attempt.incoming;
        this.#peers.dial(attempt);
      }
    }
  }
}

/** A name for a node that asked for one, as OTP makes them: 13 digits of base 36 on the host it gave. */
function newDynamicName(host: string): string {
  const digits = crypto.getRandomValues(new Uint8Array(13));
  return `${Array.from(digits, (digit) => (digit % 36).toString(36).toUpperCase()).join("")}@${host}`;
}

/** Starts to listen; `listening` is called as soon as that is the case, and who comes before it has returned waits. */
export async function startListening(
  listen: Listener,
  name: string,
  accept: (stream: ByteStream) => void,
  listening: (listening: Listening) => void,
): Promise<void> {
  const setUp = async (): Promise<void> => {
    listening(await listen({ name, hidden: true, accept: wait }));
  };
  const wait = (stream: ByteStream): void => {
    ready.then(
      () => accept(stream),
      () => stream.close(),
    );
  };
  const ready = Promise.resolve().then(setUp);
  await ready;
}
