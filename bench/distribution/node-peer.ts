// The works as a program with our library does them.
import { atom, ErlangNode, type Process, type Term, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import type { Peer } from "./peer.ts";
import { IN_FLIGHT, LARGE_BYTES, SMALL } from "./works.ts";

const DONE = atom("done");
const PING = atom("ping");
const SYNC = atom("sync");

export class NodePeer implements Peer {
  readonly #node: ErlangNode;
  readonly #self: Process;
  readonly #peer: string;
  readonly #bench: { readonly name: string; readonly node: string };
  readonly #options: Parameters<typeof ErlangNode.start>[0];

  static async start(peer: string, portNo: number): Promise<NodePeer> {
    const options = { cookie: "secret", connect: tcp({ portNo }) };
    const node = await ErlangNode.start({ name: `ours${process.pid}@127.0.0.1`, ...options });
    await node.connect(peer);
    return new NodePeer(node, peer, { name: `again${process.pid}@127.0.0.1`, ...options });
  }

  private constructor(node: ErlangNode, peer: string, options: Parameters<typeof ErlangNode.start>[0]) {
    this.#node = node;
    this.#self = node.spawn();
    this.#peer = peer;
    this.#bench = { name: "bench", node: peer };
    this.#options = options;
  }

  async work(name: string, count: number): Promise<void> {
    const node = this.#node;
    const peer = this.#peer;
    switch (name) {
      case "send":
        return this.#send(new TextEncoder().encode(SMALL), count, 500);
      case "sendLarge":
        return this.#send(new Uint8Array(LARGE_BYTES).fill(1), count, 8);
      case "receive_":
        return this.#receive(new TextEncoder().encode(SMALL), count);
      case "receiveLarge":
        return this.#receive(new Uint8Array(LARGE_BYTES).fill(1), count);
      case "ping":
        for (let done = 0; done < count; done++) {
          this.#self.send(this.#bench, tuple(PING, this.#self.pid));
          await this.#self.receive();
        }
        return;
      case "connect":
        for (let done = 0; done < count; done++) {
          const other = await ErlangNode.start(this.#options);
          await other.connect(peer);
          await other.stop();
        }
        return;
      case "rpc":
        for (let done = 0; done < count; done++) await this.#rex();
        return;
      case "rpc64":
        return inFlight(count, () => this.#rex());
      case "erpc":
        for (let done = 0; done < count; done++) await node.erpc(peer, "erlang", "abs", [-1]);
        return;
      case "erpc64":
        return inFlight(count, () => node.erpc(peer, "erlang", "abs", [-1]));
      case "call":
        for (let done = 0; done < count; done++) await node.call({ name: "bench_server", node: peer }, tuple(atom("echo"), 42));
        return;
      case "call64":
        return inFlight(count, () => node.call({ name: "bench_server", node: peer }, tuple(atom("echo"), 42)));
      default:
        throw new Error(`no work is called ${name}`);
    }
  }

  /** As C nodes and Java call: a request to the process `rex`. */
  #rex(): Promise<Term> {
    const { node } = this.#bench;
    return this.#node.call({ name: "rex", node }, tuple(atom("call"), atom("erlang"), atom("abs"), [-1], this.#self.pid));
  }

  stop(): Promise<void> {
    return this.#node.stop();
  }

  /** Each message is made anew and encoded, as a program would. */
  async #send(binary: Uint8Array, count: number, turn: number): Promise<void> {
    const self = this.#self;
    for (let sent = 0; sent < count; sent++) {
      self.send(this.#bench, tuple(atom("bench"), 42, binary));
      if (sent % turn === 0) await this.#node.drained(this.#peer);
    }
    self.send(this.#bench, tuple(SYNC, self.pid));
    await self.receive();
  }

  async #receive(binary: Uint8Array, count: number): Promise<void> {
    const self = this.#self;
    self.send(this.#bench, tuple(atom("flood"), self.pid, count, tuple(atom("bench"), 42, binary)));
    let received = 0;
    for (let message: Term = 0; message !== DONE; received++) message = await self.receive();
    if (received !== count + 1) throw new Error(`${received} messages came`);
    if (self.messageQueueLength > 0) throw new Error("more came");
  }
}

async function inFlight(count: number, run: () => Promise<unknown>): Promise<void> {
  const each = count / IN_FLIGHT;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let done = 0; done < each; done++) await run();
    }),
  );
}
