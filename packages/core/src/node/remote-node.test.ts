// A node in one place and its connections in another, with a message port between them.
import { afterEach, describe, expect, it } from "vitest";
import { HANDSHAKE } from "../../test/support/scripted-peer.ts";
import { ConnectionError, HandshakeError, ProtocolError } from "../errors.ts";
import { atom, type Term, type Tuple, tuple } from "../etf/index.ts";
import { Acceptor } from "../handshake/index.ts";
import type { ByteStream, Connector } from "../transports/byte-stream.ts";
import { memoryNetwork, memoryPair } from "../transports/memory.ts";
import type { BareNode } from "./bare-node.ts";
import type { ControllerPort } from "./controller-messages.ts";
import { serveControllers } from "./controller-server.ts";
import { ErlangNode } from "./node.ts";
import type { NodeDownEvent } from "./node-events.ts";
import type { NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";
import { type RemoteControllers, remoteControllers, type RemoteNodeOptions, startNode } from "./remote-node.ts";

const started: BareNode[] = [];
let network = memoryNetwork();

afterEach(async () => {
  for (const pair of pairs.splice(0)) pair.isHeld = false;
  await Promise.all(started.splice(0).map((node) => node.stop()));
  network = memoryNetwork();
});

/** Two ports that copy what goes through them, as MessageChannel does, in turns of their own. What the node is sent can be held. */
class Pair {
  readonly node: Port = new Port((data) => this.#toServer(data));
  readonly server: Port = new Port((data) => this.#toNode(data));
  /** What waits for the node. */
  readonly held: (() => void)[] = [];
  /** Bytes of packets that were posted to the node. */
  bytesToNode = 0;
  #isHeld = false;

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (!isHeld) for (const deliver of this.held.splice(0)) deliver();
  }

  // What a port is sent is an event of that port.
  #toNode(data: unknown): void {
    this.bytesToNode += packetBytes(data);
    const deliver = (): void => queueMicrotask(() => this.node.deliver(data));
    if (this.#isHeld) this.held.push(deliver);
    else deliver();
  }

  #toServer(data: unknown): void {
    queueMicrotask(() => this.server.deliver(data));
  }
}

class Port implements ControllerPort {
  readonly #post: (data: unknown) => void;
  #listener: ((event: { readonly data: unknown }) => void) | undefined;

  constructor(post: (data: unknown) => void) {
    this.#post = post;
  }

  addEventListener(_type: "message", listener: (event: { readonly data: unknown }) => void): void {
    this.#listener = listener;
  }

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    this.#post(structuredClone(message, { transfer }));
  }

  deliver(data: unknown): void {
    this.#listener?.({ data });
  }
}

const pairs: Pair[] = [];

function packetBytes(data: unknown): number {
  const { packets } = data as { readonly packets?: Uint8Array };
  return packets?.length ?? 0;
}

interface Remote {
  readonly node: BareNode;
  readonly pair: Pair;
  readonly controllers: RemoteControllers;
}

async function startRemote(options: Partial<RemoteNodeOptions> = {}, connect: Connector = network.connect): Promise<Remote> {
  const pair = new Pair();
  pairs.push(pair);
  serveControllers(pair.server, () => connect);
  const controllers = remoteControllers(pair.node, undefined);
  const node = await startNode({ name: "page@memory", cookie: "secret", ...options }, controllers);
  started.push(node);
  return { node, pair, controllers };
}

async function startOther(name = "app@memory", options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const { connect, listen } = network;
  const node = await ErlangNode.start({ name, cookie: "secret", connect, listen, ...options });
  started.push(node);
  return node;
}

function nodeDown(node: BareNode): Promise<NodeDownEvent> {
  return new Promise((resolve) => node.addEventListener("nodedown", resolve, { once: true }));
}

/** Sends back what it gets, to the pid in front of it. */
async function echo(self: Process): Promise<void> {
  for await (const message of self) {
    const [to, answer] = message as Tuple;
    self.send(to as never, answer as Term);
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The other end of a connection that the node makes: shakes hands, and leaves the rest to the test. */
async function answerAs(name: string, stream: ByteStream, node: BareNode): Promise<WritableStreamDefaultWriter<Uint8Array>> {
  const connecting = node.connect(name);
  const acceptor = new Acceptor({ ...HANDSHAKE, name, creation: 9 });
  const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
  for (let isConnected = false; !isConnected; ) {
    acceptor.receive((await reader.read()).value ?? expect.unreachable());
    for (let event = acceptor.nextEvent(0); event !== undefined; event = acceptor.nextEvent(0)) {
      if (event.type === "name") acceptor.answer({ status: "ok", cookie: "secret" });
      isConnected = event.type === "connected";
    }
    const answer = acceptor.takeOutbound();
    if (answer !== undefined) await writer.write(answer);
  }
  reader.releaseLock();
  await connecting;
  return writer;
}

async function readAll(stream: ByteStream): Promise<void> {
  const reader = stream.readable.getReader();
  while (!(await reader.read()).done);
}

describe("a node with its controllers behind a port", () => {
  it("connects, and is a node like any other", async () => {
    const other = await startOther();
    other.spawn(echo).register("echo");
    const { node } = await startRemote();
    expect(await node.connect("app@memory")).toMatchObject({ name: "app@memory", creation: other.creation, hidden: true });
    expect([node.nodes(), other.nodes()]).toEqual([["app@memory"], ["page@memory"]]);
    const self = node.spawn();
    self.trapExit = true;
    for (let index = 0; index < 100; index++) self.send({ name: "echo", node: "app@memory" }, tuple(self.pid, index));
    for (let index = 0; index < 100; index++) expect(await self.receive()).toBe(index);
    const worker = other.spawn();
    self.link(worker.pid);
    const ref = self.monitor(worker.pid);
    expect(await node.ping("app@memory")).toBe(true);
    worker.exit(atom("done"));
    const [first, second] = [await self.receive(), await self.receive()];
    expect([first, second].map((message) => (message as Tuple).at(0))).toEqual(
      expect.arrayContaining([atom("EXIT"), atom("DOWN")]),
    );
    expect([first, second]).toContainEqual(tuple(atom("DOWN"), ref, atom("process"), worker.pid, atom("done")));
    expect(await node.disconnect("app@memory")).toBe(true);
    expect(node.nodes()).toEqual([]);
  });

  it("is given a name by its first peer", async () => {
    await startOther();
    const { node } = await startRemote({ name: undefined });
    await node.connect("app@memory");
    expect(node.name).toMatch(/^[0-9A-Z]{13}@memory$/);
    expect(node.creation).toBeGreaterThan(0);
  });

  it("carries millions of bytes both ways, in the order in which they were sent", async () => {
    const other = await startOther();
    other.spawn(echo).register("echo");
    const { node } = await startRemote();
    const self = node.spawn();
    const large = new Uint8Array(5_000_000).fill(7);
    self.send({ name: "echo", node: "app@memory" }, tuple(self.pid, large));
    self.send({ name: "echo", node: "app@memory" }, tuple(self.pid, atom("behind")));
    const first = (await self.receive()) as Uint8Array;
    expect([first.length, first[0], first.at(-1)]).toEqual([5_000_000, 7, 7]);
    expect(await self.receive()).toBe(atom("behind"));
  });

  it("fails with the error of the connector, of its class", async () => {
    const { node } = await startRemote({}, () =>
      Promise.reject(new ConnectionError("refused", "nobody listens", { peer: "app@memory" })),
    );
    const error = await node.connect("app@memory").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "refused", message: "nobody listens", peer: "app@memory" });
  });

  it("fails with the error of the handshake, of its class", async () => {
    await startOther();
    const { node } = await startRemote({ cookie: "another" });
    const error = await node.connect("app@memory").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code: "wrong_cookie", peer: "app@memory" });
    expect(String(error)).toContain("refused the cookie");
  });

  it.each([
    ["a TypeError", new TypeError("no such way"), TypeError],
    ["a RangeError", new RangeError("too far"), RangeError],
    ["the name of any other", new DOMException("not now", "NotAllowedError"), Error],
  ])("fails with %s of the connector", async (_, thrown, expected) => {
    const { node } = await startRemote({}, () => Promise.reject(thrown));
    const error = await node.connect("app@memory").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ name: thrown.name, message: thrown.message });
  });

  it("gives up connecting, and so does the other side", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const { node } = await startRemote({}, (_, { signal }) => {
      if (signal !== undefined) asked.resolve(signal);
      return new Promise(() => undefined);
    });
    const abort = new AbortController();
    const connecting = node.connect("app@memory", { signal: abort.signal }).catch((reason: unknown) => reason);
    const signal = await asked.promise;
    abort.abort("enough");
    expect(await connecting).toBe("enough");
    await until(() => signal.aborted);
  });

  it("tells of a connection that was lost, and why", async () => {
    const [ours, theirs] = memoryPair();
    const { node } = await startRemote({}, async () => ours);
    await answerAs("app@memory", theirs, node);
    const down = nodeDown(node);
    await theirs.close();
    expect(await down).toMatchObject({ peer: "app@memory", reason: "connection_closed", error: { code: "closed" } });
    expect(node.nodes()).toEqual([]);
  });

  it("ends the connection with a peer that sends what is no packet", async () => {
    const [ours, theirs] = memoryPair();
    const { node } = await startRemote({}, async () => ours);
    const writer = await answerAs("app@memory", theirs, node);
    const down = nodeDown(node);
    await writer.write(Uint8Array.of(0, 0, 0, 2, 113, 131));
    const { error } = await down;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "bad_packet" });
    await theirs.closed;
  });

  it("loses its connections when the other side of the port has gone", async () => {
    await startOther();
    const { node, pair, controllers } = await startRemote();
    await node.connect("app@memory");
    pair.isHeld = true;
    const down = nodeDown(node);
    controllers.lost(new ConnectionError("closed", "the worker has failed"));
    expect(await down).toMatchObject({ reason: "connection_closed", error: { message: "the worker has failed" } });
    // It does not wait for answers that will never come.
    await node.stop();
  });

  it("answers ticks while the node has no time", async () => {
    const [ours, theirs] = memoryPair();
    // Its own ticks are not due before the test is over.
    const { node, pair } = await startRemote({ netTickTimeMs: 3_600_000 }, async () => ours);
    const writer = await answerAs("app@memory", theirs, node);
    pair.isHeld = true;
    const tick = new Uint8Array(4);
    await writer.write(tick);
    expect((await theirs.readable.getReader().read()).value).toEqual(tick);
  });

  it("reads no more than the node has room for while it has no time", async () => {
    const other = await startOther();
    const { node, pair } = await startRemote();
    await node.connect("app@memory");
    const self = node.spawn();
    pair.isHeld = true;
    const chunk = new Uint8Array(100_000);
    for (let index = 0; index < 400; index++) other.send(self.pid, tuple(index, chunk));
    await until(() => other.bufferedBytes("app@memory") === 0 && pair.bytesToNode > 1_000_000);
    // Whatever else it would read it had the turns for.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    expect(pair.bytesToNode).toBeLessThan(4_000_000);
    pair.isHeld = false;
    for (let index = 0; index < 400; index++) expect(((await self.receive()) as Tuple).at(0)).toBe(index);
  });

  it("stops the peer while a mailbox is full", async () => {
    const other = await startOther();
    const { node, pair } = await startRemote({ limits: { mailboxMessages: 10 } });
    const self = node.spawn();
    await node.connect("app@memory");
    const chunk = new Uint8Array(100_000);
    for (let index = 0; index < 100; index++) other.send(self.pid, tuple(index, chunk));
    await until(() => pair.bytesToNode > 1_000_000 && self.messageQueueLength > 10);
    await until(() => other.bufferedBytes("page@memory") < 9_000_000);
    expect(pair.bytesToNode).toBeLessThan(5_000_000);
    for (let index = 0; index < 100; index++) expect(((await self.receive()) as Tuple).at(0)).toBe(index);
  });

  it("stops while a mailbox is full", async () => {
    const other = await startOther();
    const { node } = await startRemote({ limits: { mailboxMessages: 10 } });
    const self = node.spawn();
    await node.connect("app@memory");
    const down = nodeDown(other);
    for (let index = 0; index < 100; index++) other.send(self.pid, index);
    await until(() => self.messageQueueLength > 10);
    await node.stop();
    expect(await down).toMatchObject({ peer: "page@memory" });
  });

  it("says when so much was written that sending may go on", async () => {
    const [ours, theirs] = memoryPair();
    const { node } = await startRemote({ limits: { outboundBytes: 1_000_000 } }, async () => ours);
    await answerAs("app@memory", theirs, node);
    const self = node.spawn();
    for (let index = 0; index < 50; index++) self.send({ name: "nobody", node: "app@memory" }, new Uint8Array(100_000));
    let isDrained = false;
    const drained = node.drained("app@memory").then(() => {
      isDrained = true;
    });
    await until(() => node.bufferedBytes("app@memory") > 1_000_000);
    expect(isDrained).toBe(false);
    void readAll(theirs);
    await drained;
    expect(node.bufferedBytes("app@memory")).toBeLessThanOrEqual(1_000_000);
  });

  it("is ended when the peer takes nothing and it goes on sending", async () => {
    const [ours, theirs] = memoryPair();
    const { node } = await startRemote({ limits: { backlogBytes: 2_000_000 } }, async () => ours);
    await answerAs("app@memory", theirs, node);
    const down = nodeDown(node);
    const self = node.spawn();
    for (let index = 0; index < 50; index++) self.send({ name: "nobody", node: "app@memory" }, new Uint8Array(100_000));
    expect(await down).toMatchObject({ error: { code: "overloaded" } });
  });
});
