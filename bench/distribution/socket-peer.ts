// The works by plain sockets: packets are encoded once and written again and again, and of what comes only lengths are read.
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { atom, encode, Pid, Reference, type Term, tuple } from "@erl-dist/core";
import { Initiator, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import type { Peer } from "./peer.ts";
import { IN_FLIGHT, LARGE_BYTES, SMALL } from "./works.ts";

const CREATION = 12_345;
const NAME = `sockets${process.pid}@127.0.0.1`;
const SELF = new Pid(atom(NAME), 1, 0, CREATION);
const ECHO = tuple(atom("echo"), 42);
const REX = tuple(atom("call"), atom("erlang"), atom("abs"), [-1], SELF);
/** So many bytes are written at once. */
const SLAB_BYTES = 65_536;

export class SocketPeer implements Peer {
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #portNo: number;
  #onPacket: (length: number) => void = () => undefined;
  #dialled = 0;

  static async start(peer: string, portNo: number): Promise<SocketPeer> {
    return new SocketPeer(await dial(NAME, peer, portNo), peer, portNo);
  }

  private constructor(socket: Socket, peer: string, portNo: number) {
    this.#socket = socket;
    this.#peer = peer;
    this.#portNo = portNo;
    const tick = new Uint8Array(4);
    const read = packetLengths((length) => {
      if (length === 0) socket.write(tick);
      else this.#onPacket(length);
    });
    socket.on("data", read);
  }

  async work(name: string, count: number): Promise<void> {
    const small = tuple(atom("bench"), 42, SMALL);
    const large = tuple(atom("bench"), 42, new Uint8Array(LARGE_BYTES).fill(1));
    switch (name) {
      case "send":
        return this.#send(small, count);
      case "sendLarge":
        return this.#send(large, count);
      case "receive_":
        return this.#packets(toBench(tuple(atom("flood"), SELF, count, small)), count + 1);
      case "receiveLarge":
        return this.#packets(toBench(tuple(atom("flood"), SELF, count, large)), count + 1);
      case "ping":
        return this.#calls([toBench(tuple(atom("ping"), SELF))], count, 1);
      case "connect":
        for (let done = 0; done < count; done++) {
          // A name of its own each time: the node may not yet have noticed that the last one has gone, and would refuse it.
          const socket = await dial(`again${process.pid}x${this.#dialled++}@127.0.0.1`, this.#peer, this.#portNo);
          // In order, as a node ends its connections: its peer ends its own direction.
          socket.resume();
          socket.end();
          await once(socket, "close");
        }
        return;
      case "rpc":
        return this.#calls(calls(1, "rex", REX), count, 1);
      case "rpc64":
        return this.#calls(calls(IN_FLIGHT, "rex", REX), count, 1);
      case "erpc":
        return this.#calls(erpcRequests(1), count, 2);
      case "erpc64":
        return this.#calls(erpcRequests(IN_FLIGHT), count, 2);
      case "call":
        return this.#calls(calls(1, "bench_server", ECHO), count, 1);
      case "call64":
        return this.#calls(calls(IN_FLIGHT, "bench_server", ECHO), count, 1);
      default:
        throw new Error(`no work is called ${name}`);
    }
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await once(this.#socket, "close");
  }

  async #send(message: Term, count: number): Promise<void> {
    const packet = toBench(message);
    const inSlab = Math.max(1, Math.floor(SLAB_BYTES / packet.length));
    for (let sent = 0; sent < count; sent += inSlab) {
      const slab = inSlab === 1 ? packet : new Uint8Array(packet.length * Math.min(inSlab, count - sent));
      // A copy for each message, which no encoder can do without.
      if (inSlab > 1) for (let at = 0; at < slab.length; at += packet.length) slab.set(packet, at);
      if (!this.#socket.write(slab)) await once(this.#socket, "drain");
    }
    await this.#packets(toBench(tuple(atom("sync"), SELF)), 1);
  }

  /** Writes a packet and waits until so many have come. */
  #packets(packet: Uint8Array, count: number): Promise<void> {
    return new Promise((resolve) => {
      let missing = count;
      this.#onPacket = () => {
        if (--missing === 0) resolve();
      };
      this.#socket.write(packet);
    });
  }

  /** All requests at once, and another one for each that is answered, by so many packets. */
  #calls(requests: readonly Uint8Array[], count: number, packetsEach: number): Promise<void> {
    return new Promise((resolve) => {
      let packets = 0;
      let sent = requests.length;
      this.#onPacket = () => {
        packets += 1;
        if (packets === count * packetsEach) resolve();
        else if (packets % packetsEach === 0 && sent < count)
          this.#socket.write(requests[sent++ % requests.length] as Uint8Array);
      };
      for (const request of requests) this.#socket.write(request);
    });
  }
}

function erpcRequests(count: number): Uint8Array[] {
  const erpc = tuple(atom("erpc"), atom("execute_call"), 4);
  return Array.from({ length: count }, (_, index) => {
    const request = new Reference(atom(NAME), CREATION, [index + 1, 2, 3]);
    const args = [new Reference(atom(NAME), CREATION, [index + 1, 2, 4]), atom("erlang"), atom("abs"), [-1]];
    return packet(tuple(29, request, SELF, SELF, erpc, [atom("monitor")]), args);
  });
}

function calls(count: number, server: string, request: Term): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    packet(tuple(6, SELF, atom(""), atom(server)), tuple(atom("$gen_call"), tuple(SELF, index), request)),
  );
}

function toBench(message: Term): Uint8Array {
  return packet(tuple(6, SELF, atom(""), atom("bench")), message);
}

/** One pass-through packet. */
function packet(control: Term, message: Term): Uint8Array {
  const [head, body] = [encode(control), encode(message)];
  const bytes = new Uint8Array(5 + head.length + body.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4);
  bytes[4] = 112;
  bytes.set(head, 5);
  bytes.set(body, 5 + head.length);
  return bytes;
}

/** Finds the packets in chunks that are cut anywhere. */
function packetLengths(onPacket: (length: number) => void): (chunk: Uint8Array) => void {
  let head = 0;
  let headBytes = 0;
  let missing = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (headBytes < 4) {
        head = head * 256 + (chunk[at++] ?? 0);
        headBytes += 1;
        missing = head;
      } else {
        const step = Math.min(missing, chunk.length - at);
        missing -= step;
        at += step;
      }
      if (headBytes < 4 || missing > 0) continue;
      onPacket(head);
      head = 0;
      headBytes = 0;
    }
  };
}

async function dial(name: string, peer: string, portNo: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: portNo, noDelay: true });
  await once(socket, "connect");
  const handshake = new Initiator({
    name,
    creation: CREATION,
    peer,
    cookie: "secret",
    flags: PASS_THROUGH_FLAGS,
    challenge: randomBytes(4).readUInt32BE(),
    packetBytes: 2,
    now: 0,
    stepTimeMs: 7_000,
    handshakeBytes: 4_096,
    answerAlive: true,
  });
  return new Promise((resolve, reject) => {
    const go = (): void => {
      for (let event = handshake.nextEvent(0); event !== undefined; event = handshake.nextEvent(0)) {
        if (event.type === "failed") reject(event.error);
        if (event.type !== "connected") continue;
        socket.off("data", onData);
        resolve(socket);
      }
      const bytes = handshake.takeOutbound();
      if (bytes !== undefined) socket.write(bytes);
    };
    const onData = (chunk: Uint8Array): void => {
      handshake.receive(chunk);
      go();
    };
    socket.on("data", onData);
    socket.once("error", reject);
    go();
  });
}
