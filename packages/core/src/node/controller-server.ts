// Controllers for a node on the other side of a message port: what a worker runs, so that ticks are answered and what comes is
// read while the page has no time. It knows packets and no terms.
import type { ChunkQueue } from "../bytes/chunk-queue.ts";
import { Writer } from "../bytes/writer.ts";
import { Connection } from "../distribution/connection.ts";
import type { ConnectionEvent, ControlMessage } from "../distribution/index.ts";
import { LENGTH_BYTES } from "../distribution/length-bytes.ts";
import type { Packet } from "../distribution/packet.ts";
import type { PacketSource, PacketWriter } from "../distribution/packets.ts";
import type { Term } from "../etf/index.ts";
import type { Connector } from "../transports/byte-stream.ts";
import {
  type ControllerPort,
  errorOf,
  plainError,
  type ToController,
  type ToNode,
  type WithoutId,
} from "./controller-messages.ts";
import { dialPeer } from "./dial-peer.ts";
import { Driver, monotonicMs } from "./driver.ts";
import { ReadGate } from "./read-gate.ts";

export type { ControllerPort } from "./controller-messages.ts";

/** Bytes given to the node and not yet read by it, above which nothing more is read from the peer. */
const UNREAD_BYTES = 1024 * 1024;

/** `connectorOf` makes a connector of the `way` that the node gave to `remoteControllers`, once for each connection. */
export function serveControllers<Way>(port: ControllerPort, connectorOf: (way: Way) => Connector): void {
  const controllers = new Map<number, ServedController>();
  port.addEventListener("message", ({ data }) => {
    // Nobody else has the other end of the port.
    const message = data as ToController;
    const { id } = message;
    if (message.type !== "open") {
      // One that has ended is of no interest any more.
      controllers.get(id)?.take(message);
      return;
    }
    const { request, way } = message;
    const controller = new ServedController((answer, transfer = []) => port.postMessage({ id, ...answer }, transfer));
    controllers.set(id, controller);
    // The way is what the one program gives to the other.
    const dial = async (): ReturnType<typeof dialPeer> => dialPeer(connectorOf(way as Way), request, controller.signal);
    void controller.run(dial, request).finally(() => controllers.delete(id));
  });
  port.start?.();
}

type Post = (message: WithoutId<ToNode>, transfer?: ArrayBuffer[]) => void;
type Dial = () => ReturnType<typeof dialPeer>;
type Settings = Parameters<typeof dialPeer>[1];

class ServedController {
  readonly #post: Post;
  readonly #abort = new AbortController();
  readonly #gate = new ReadGate();
  readonly #packets = new WholePackets();
  #driver: Driver | undefined;
  #unread = 0;
  #isPosting = false;

  constructor(post: Post) {
    this.#post = post;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async run(dial: Dial, { limits, tickTimeMs }: Settings): Promise<void> {
    try {
      const { stream, handshake } = await dial();
      this.#post({ type: "opened" });
      const packets = { writer: this.#packets, reader: this.#packets };
      const connection = new Connection({ handshake, limits, tickTimeMs, now: monotonicMs(), packets: () => packets });
      const onEvent = (event: ConnectionEvent): void => this.#onEvent(event);
      this.#driver = new Driver({ stream, connection, gate: this.#gate, limits, onEvent });
      await this.#driver.done;
      this.#post({ type: "done" });
    } catch (error) {
      this.#post({ type: "done", error: plainError(error) });
    }
  }

  take(message: Exclude<ToController, { type: "open" }>): void {
    const driver = this.#driver;
    if (message.type === "packets") this.#send(message.packets);
    else if (message.type === "taken") this.#count(-message.bytes);
    else if (message.type === "tickTime") driver?.setTickTime(message.tickTimeMs);
    else if (driver === undefined) this.#abort.abort();
    // What a node closes with is one of ours.
    else void driver.close(message.error && (errorOf(message.error) as never));
  }

  #send(packets: Uint8Array): void {
    const driver = this.#driver;
    if (driver === undefined || driver.isFinished) return;
    driver.send(UNREAD, packets);
    void driver.drained().then(() => this.#post({ type: "written", bytes: packets.length }));
  }

  #onEvent(event: ConnectionEvent): void {
    if (event.type === "signal") {
      this.#count(LENGTH_BYTES + this.#packets.bytes);
      if (this.#isPosting) return;
      this.#isPosting = true;
      // All that one chunk from the carrier brings.
      queueMicrotask(() => this.#postPackets());
      return;
    }
    this.#postPackets();
    if (event.type === "connected") this.#post(event);
    else if (event.type === "failed" || event.type === "closed")
      this.#post({ type: event.type, error: event.error && plainError(event.error) });
  }

  #postPackets(): void {
    this.#isPosting = false;
    const packets = this.#packets.takeRead();
    if (packets === undefined) return;
    this.#post({ type: "packets", packets }, [packets.buffer]);
  }

  #count(bytes: number): void {
    const wasFull = this.#unread > UNREAD_BYTES;
    this.#unread += bytes;
    const isFull = this.#unread > UNREAD_BYTES;
    if (isFull !== wasFull) this.#gate.report(isFull);
  }
}

/** A control message that is not told from its payload: the packet as it came, or is to be sent. */
const UNREAD = { type: "UNREAD" } as unknown as ControlMessage;
const UNREAD_PACKET: Packet = { control: UNREAD };

/** Both halves of a connection whose packets are read and written elsewhere. */
class WholePackets implements PacketWriter, PacketSource {
  readonly hasFragments = false;
  readonly #out = new Writer();
  #read: Uint8Array[] = [];
  bytes = 0;

  get length(): number {
    return this.#out.length;
  }

  append(bytes: Uint8Array): void {
    this.#out.append(bytes);
  }

  tick(): void {
    this.#out.u32(0);
  }

  send(_control: ControlMessage, packets: Term | undefined): void {
    // See ServedController.
    this.#out.append(packets as Uint8Array);
  }

  take(): Uint8Array | undefined {
    return this.#out.length === 0 ? undefined : this.#out.finish();
  }

  readFrom(queue: ChunkQueue, length: number): Packet {
    return this.read(queue.take(length));
  }

  read(packet: Uint8Array): Packet {
    this.bytes = packet.length;
    this.#read.push(packet);
    return UNREAD_PACKET;
  }

  /** What was read since the last time, with its lengths, in memory of its own. */
  takeRead(): Uint8Array<ArrayBuffer> | undefined {
    const packets = this.#read;
    if (packets.length === 0) return undefined;
    this.#read = [];
    const size = packets.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    let offset = 0;
    for (const packet of packets) {
      view.setUint32(offset, packet.length);
      bytes.set(packet, offset + LENGTH_BYTES);
      offset += LENGTH_BYTES + packet.length;
    }
    return bytes;
  }
}
