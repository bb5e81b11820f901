// Nodes of one process, without a network: for tests, and for an embedded peer.
import { ConnectionError, EpmdError } from "../errors.ts";
import type { ByteStream, Connector, Listener, ListenOptions } from "./byte-stream.ts";
import { type Wire, WireStream } from "./wire-stream.ts";

export interface MemoryOptions {
  /** 4 as over TLS; by default 2. */
  readonly handshakePacketBytes?: 2 | 4 | undefined;
}

/** The two ends of a connection in memory. A chunk arrives as it was written, and is not copied. */
export function memoryPair(options: MemoryOptions = {}): [ByteStream, ByteStream] {
  const left = new MemoryWire(options);
  const right = new MemoryWire(options);
  left.peer = right;
  right.peer = left;
  return [left.stream, right.stream];
}

export interface MemoryNetwork {
  readonly connect: Connector;
  readonly listen: Listener;
}

/** A network of its own, in which nodes find each other by their full names. */
export function memoryNetwork(options: MemoryOptions = {}): MemoryNetwork {
  const listening = new Map<string, ListenOptions>();
  // As EPMD: a creation is never below 4, and a name that comes again has another one.
  let creation = 3;
  return {
    async connect(peer, { signal }) {
      if (signal?.aborted) {
        throw new ConnectionError("aborted", `connecting to ${peer} was aborted`, { peer, cause: signal.reason });
      }
      const acceptor = listening.get(peer);
      if (acceptor === undefined) throw new ConnectionError("no_such_node", `no node ${peer} in this process`, { peer });
      const [ours, theirs] = memoryPair(options);
      acceptor.accept(theirs);
      return ours;
    },
    async listen(acceptor) {
      const { name } = acceptor;
      if (listening.has(name)) throw new EpmdError("duplicate_name", `${name} is already in use in this process`);
      listening.set(name, acceptor);
      creation += 1;
      return {
        creation,
        async close() {
          if (listening.get(name) === acceptor) listening.delete(name);
        },
      };
    },
  };
}

class MemoryWire implements Wire {
  readonly stream: WireStream;
  peer!: MemoryWire;
  #ended = false;

  constructor(options: MemoryOptions) {
    this.stream = new WireStream(this, options.handshakePacketBytes);
  }

  write(chunk: Uint8Array): boolean {
    return this.peer.stream.receive(chunk);
  }

  resume(): void {
    this.peer.stream.drained();
  }

  end(): void {
    this.#ended = true;
    this.peer.stream.ended();
    if (this.peer.#ended) {
      this.stream.finished();
      this.peer.stream.finished();
    }
  }

  destroy(): void {
    this.peer.stream.finished(new ConnectionError("closed", "the other side broke the connection off"));
    this.stream.finished();
  }
}
