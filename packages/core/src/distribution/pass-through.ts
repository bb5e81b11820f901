// The pass-through form (see packet-form.ts) of what one connection has to say: each packet is written at once and whole.
import { Writer } from "../bytes/writer.ts";
import type { EncodeTermOptions, Term } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { type ControlMessage, controlToTerm, payloadOf } from "./control.ts";
import { needsConversion, packetForPeer } from "./for-peer.ts";
import { appendTerms, appendTick } from "./packet.ts";
import type { PacketWriter } from "./packets.ts";

export class PassThrough implements PacketWriter {
  readonly hasFragments = false;
  readonly #flags: bigint;
  readonly #converts: boolean;
  readonly #options: EncodeTermOptions;
  readonly #writer = new Writer();

  /** `flags` are those that both nodes set. */
  constructor(flags: bigint) {
    this.#flags = flags;
    this.#converts = needsConversion(flags);
    this.#options = { nativeRecords: (flags & DFLAG.NATIVE_RECORDS) !== 0n };
  }

  get length(): number {
    return this.#writer.length;
  }

  append(bytes: Uint8Array): void {
    this.#writer.append(bytes);
  }

  tick(): void {
    appendTick(this.#writer);
  }

  send(control: ControlMessage, payload: Term | undefined): void {
    if (!this.#converts && control.type !== "ALTACT_SIG_SEND") {
      appendPacket(this.#writer, control, payload, this.#options);
      return;
    }
    const packet = packetForPeer(control, payload, this.#flags);
    if (packet !== undefined) appendPacket(this.#writer, packet.control, packet.payload, this.#options);
  }

  take(): Uint8Array | undefined {
    return this.#writer.length === 0 ? undefined : this.#writer.finish();
  }
}

/** Writes one pass-through packet, length included; when a term cannot be encoded, nothing is left of it in the writer. */
export function appendPacket(writer: Writer, control: ControlMessage, payload?: Term, options?: EncodeTermOptions): void {
  appendTerms(writer, controlToTerm(control), payloadOf(control, payload), options);
}
