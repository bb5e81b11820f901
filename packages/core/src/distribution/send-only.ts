// What a connection says that so far only sends, in pass-through form (see packet-form.ts): ticks and messages. All other
// control messages are for the table of control.ts, which takes over with `Connection.setPackets`.
import { Writer } from "../bytes/writer.ts";
import { atoms } from "../etf/atom.ts";
import { type EncodeTermOptions, type Term, tuple } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import type { ControlMessageOf } from "./control.ts";
import { appendTerms, appendTick } from "./packet.ts";
import type { PacketWriter } from "./packets.ts";

export class SendOnly implements PacketWriter {
  readonly hasFragments = false;
  readonly #flags: bigint;
  readonly #options: EncodeTermOptions;
  readonly #writer = new Writer();

  /** `flags` are those that both nodes set. */
  constructor(flags: bigint) {
    this.#flags = flags;
    this.#options = { nativeRecords: this.#has(DFLAG.NATIVE_RECORDS) };
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

  send(control: ControlMessageOf<"REG_SEND" | "SEND_SENDER" | "ALIAS_SEND">, message: Term): void {
    // The tuples of control.ts, in the forms of for-peer.ts.
    const { fromPid } = control;
    let term;
    if (control.type === "REG_SEND") term = tuple(6, fromPid, nothing, atoms.intern(control.toName).term);
    else if (control.type === "ALIAS_SEND") term = tuple(33, fromPid, control.alias);
    else term = this.#has(DFLAG.SEND_SENDER) ? tuple(22, fromPid, control.toPid) : tuple(2, nothing, control.toPid);
    if (control.type !== "ALIAS_SEND" || this.#has(DFLAG.ALIAS)) appendTerms(this.#writer, term, message, this.#options);
  }

  take(): Uint8Array | undefined {
    return this.#writer.length === 0 ? undefined : this.#writer.finish();
  }

  #has(flag: bigint): boolean {
    return (this.#flags & flag) !== 0n;
  }
}

/** What stands in the place of the cookie of old. */
const nothing = atoms.intern("");
