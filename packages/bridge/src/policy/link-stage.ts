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
  readonly #gate: HandshakeGate;
  readonly #packets: PacketGate;
  #refusal: Refusal | undefined;

  constructor(options: LinkStageOptions) {
    this.#gate = new HandshakeGate(options);
    this.#packets = new PacketGate(options.packetBytes);
  }

  get refusal(): Refusal | undefined {
    return this.#gate.refusal ?? this.#refusal;
  }

  get connected(): Connected | undefined {
    return this.#gate.connected;
  }

  receive(from: Side, chunk: Uint8Array): void {
    if (this.#refusal !== undefined) return;
    if (from === "page" && this.connected !== undefined) this.#refusal = this.#packets.inspect(chunk);
    if (this.#refusal === undefined) this.#gate.receive(from, chunk);
  }

  takeOutbound(to: Side): Uint8Array | undefined {
    return this.#gate.takeOutbound(to);
  }

  nextTimeout(): number | undefined {
    return this.#gate.nextTimeout();
  }

  handleTimeout(now: number): void {
    this.#gate.handleTimeout(now);
  }

  nodeReached(now: number): void {
    this.#gate.nodeReached(now);
  }

  explainEnd(from: Side): Refusal | undefined {
    return this.#gate.explainEnd(from);
  }
}
