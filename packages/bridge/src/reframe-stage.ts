// For a target with TLS where no gate stands in the handshake: a page sends handshake messages behind 2 bytes of length, as over
// TCP, and inet_tls_dist wants 4 (erl_dist_protocol, "Distribution Handshake"). After the handshake both have 4.
import type { Refusal, Rest, Side, Stage } from "./policy/index.ts";
import { HandshakeCutter } from "./policy/handshake-cutter.ts";

/** A challenge with the longest name is far below; the width would allow a page to make us wait for 64 KiB. */
const MESSAGE_BYTES = 4_096;

/** The message with which a side's part of the handshake ends: recv_challenge_reply, recv_challenge_ack. */
const LAST: Readonly<Record<Side, string>> = { page: "r", node: "a" };

export class ReframeStage implements Stage {
  readonly #cutters: Record<Side, HandshakeCutter | undefined> = { page: new HandshakeCutter(2), node: new HandshakeCutter(4) };
  readonly #outbound: Record<Side, Uint8Array[]> = { page: [], node: [] };
  #refusal: Refusal | undefined;
  /** It does not look who is connected. */
  readonly connected = undefined;

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get rest(): Rest | undefined {
    return this.#cutters.page === undefined && this.#cutters.node === undefined ? NOTHING : undefined;
  }

  receive(from: Side, chunk: Uint8Array): void {
    if (this.#refusal !== undefined) return;
    const to = from === "page" ? "node" : "page";
    const cutter = this.#cutters[from];
    if (cutter === undefined) {
      this.#outbound[to].push(chunk);
      return;
    }
    cutter.push(chunk);
    while (this.#cutters[from] !== undefined) {
      if ((cutter.announced ?? 0) > MESSAGE_BYTES) {
        const detail = `a message of ${cutter.announced} bytes in the ${from}'s handshake, ${MESSAGE_BYTES} are allowed`;
        this.#refusal = { close: from === "page" ? "badHandshake" : "badNode", detail };
        return;
      }
      const message = cutter.take();
      if (message === undefined) return;
      this.#outbound[to].push(FRAMES[to].frame(message));
      if (message[0] === LAST[from].charCodeAt(0)) this.#cutters[from] = undefined;
    }
    if (cutter.length > 0) this.#outbound[to].push(cutter.takeRest());
  }

  takeOutbound(to: Side): Uint8Array | undefined {
    return this.#outbound[to].shift();
  }

  nextTimeout(): undefined {
    // The node has a deadline for each step of its own (net_setuptime).
  }

  handleTimeout(): void {}

  nodeReached(): void {}

  explainEnd(): undefined {}
}

const NOTHING: Rest = {};

/** They keep nothing: each only writes a length. */
const FRAMES: Readonly<Record<Side, HandshakeCutter>> = { page: new HandshakeCutter(2), node: new HandshakeCutter(4) };
