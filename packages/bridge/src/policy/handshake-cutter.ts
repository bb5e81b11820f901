// The messages of the handshake, cut from the bytes of one side (erl_dist_protocol, "Distribution Handshake").

/** Width of the length before each message: 2 over TCP, 4 over TLS. */
export type PacketBytes = 2 | 4;

export class HandshakeCutter {
  readonly #packetBytes: PacketBytes;
  #bytes: Uint8Array = EMPTY;

  constructor(packetBytes: PacketBytes) {
    this.#packetBytes = packetBytes;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Length that the next message announces; undefined while that is not there. */
  get announced(): number | undefined {
    if (this.#bytes.length < this.#packetBytes) return undefined;
    return this.#bytes.subarray(0, this.#packetBytes).reduce((length, byte) => length * 256 + byte, 0);
  }

  push(chunk: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = chunk;
      return;
    }
    const both = new Uint8Array(this.#bytes.length + chunk.length);
    both.set(this.#bytes);
    both.set(chunk, this.#bytes.length);
    this.#bytes = both;
  }

  /** The next whole message, without its length; undefined when more bytes are needed. */
  take(): Uint8Array | undefined {
    const end = this.#packetBytes + (this.announced ?? Infinity);
    if (this.#bytes.length < end) return undefined;
    const message = this.#bytes.subarray(this.#packetBytes, end);
    this.#bytes = this.#bytes.subarray(end);
    return message;
  }

  /** All that waits. */
  takeRest(): Uint8Array {
    const rest = this.#bytes;
    this.#bytes = EMPTY;
    return rest;
  }

  /** A message as it goes out on such a side. */
  frame(message: Uint8Array): Uint8Array {
    const packet = new Uint8Array(this.#packetBytes + message.length);
    const view = new DataView(packet.buffer);
    if (this.#packetBytes === 2) view.setUint16(0, message.length);
    else view.setUint32(0, message.length);
    packet.set(message, this.#packetBytes);
    return packet;
  }
}

const EMPTY = new Uint8Array();
