// The stage of a gated link: the handshake through its gate, then packets. What looks into packets (a guard that reads each and
// writes it anew, an auditor that records them) takes the place of PacketGate here, and nothing else has to know.
import { type GateOptions, HandshakeGate } from "./handshake-gate.ts";
import { PacketGate } from "./packet-gate.ts";
import type { Connected, Refusal, Side, Stage } from "./stage.ts";

export interface LinkStageOptions extends GateOptions {
  /** Bytes that one packet from the page may announce. */
  readonly packetBytes: number;
}

export class LinkStage implements Stage {
  /** Until the handshake is over: it knows the cookie, and a link lives long. */
  #gate: HandshakeGate | undefined;
  readonly #packets: PacketGate;
  readonly #outbound: Readonly<Record<Side, Uint8Array[]>> = { page: [], node: [] };
  #connected: Connected | undefined;
  #refusal: Refusal | undefined;

  constructor(options: LinkStageOptions) {
    this.#gate = new HandshakeGate(options);
    this.#packets = new PacketGate(options.packetBytes);
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get connected(): Connected | undefined {
    return this.#connected;
  }

  get rest(): PacketGate | undefined {
    return this.#connected && this.#packets;
  }

  receive(from: Side, chunk: Uint8Array): void {
    if (this.#refusal !== undefined) return;
    if (this.#gate !== undefined) {
      this.#gate.receive(from, chunk);
      this.#follow(this.#gate);
      return;
    }
    if (from === "page") this.#refusal = this.#packets.inspect(chunk);
    if (this.#refusal === undefined) this.#outbound[from === "page" ? "node" : "page"].push(chunk);
  }

  takeOutbound(to: Side): Uint8Array | undefined {
    return this.#outbound[to].shift();
  }

  nextTimeout(): number | undefined {
    return this.#gate?.nextTimeout();
  }

  handleTimeout(now: number): void {
    if (this.#gate === undefined) return;
    this.#gate.handleTimeout(now);
    this.#follow(this.#gate);
  }

  nodeReached(now: number): void {
    this.#gate?.nodeReached(now);
  }

  explainEnd(from: Side): Refusal | undefined {
    return this.#gate?.explainEnd(from);
  }

  /** Takes what the gate has to say, and lets go of it when nothing more can come. */
  #follow(gate: HandshakeGate): void {
    for (const to of SIDES)
      for (let chunk = gate.takeOutbound(to); chunk !== undefined; chunk = gate.takeOutbound(to)) this.#outbound[to].push(chunk);
    this.#refusal = gate.refusal;
    this.#connected = gate.connected;
    if (this.#connected !== undefined) this.#gate = undefined;
  }
}

const SIDES = ["page", "node"] as const;
