// What a connection needs to write and to read packets, once the handshake has agreed on the flags. Given to it from
// outside, so that whoever needs less than all forms (packet-form.ts), or needs it later, does not load the rest.
import type { ChunkQueue } from "../bytes/chunk-queue.ts";
import type { Term } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";
import type { Packet } from "./packet.ts";

/** What one connection has to say, in the order in which it goes out. */
export interface PacketWriter {
  /** Bytes that wait for take(), those of headers to come not counted. */
  readonly length: number;
  /** Some message is on its way in fragments. */
  readonly hasFragments: boolean;
  /** Bytes of the handshake, to be sent before all else. */
  append(bytes: Uint8Array): void;
  tick(): void;
  /** Sends a control message in the form that the peer knows, or not at all when it knows none. Throws EncodeError, and has sent nothing then. */
  send(control: ControlMessage, payload: Term | undefined): void;
  /** All that is to be written now; of what waits in fragments about `maxBytes`, the others with the next call. */
  take(maxBytes?: number): Uint8Array | undefined;
}

/** Reads the packets of one connection, one after the other. After an error the connection is to be closed. */
export interface PacketSource {
  /** Of the last message that was read, in all of its packets. */
  readonly bytes: number;
  /**
   * Reads a packet without its length, which must not be 0. Undefined after a fragment that is not the last of its message.
   * Throws DecodeError or ProtocolError where OTP would close.
   */
  read(bytes: Uint8Array): Packet | undefined;
  /** The same, for the packet of so many bytes that is next in the queue. */
  readFrom(queue: ChunkQueue, length: number): Packet | undefined;
}

export interface Packets {
  readonly writer: PacketWriter;
  /** Without one the connection stops before the first packet that is no tick, says "unread", and waits for `setPackets`. */
  readonly reader?: PacketSource;
}

/** Makes both for the flags that both nodes set. */
export type PacketsFor = (flags: bigint) => Packets;
