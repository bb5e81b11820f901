import { afterEach, expect, it } from "vitest";
import { ConnectionError, EncodeError, HandshakeError } from "../errors.ts";
import { atom, NativeRecord, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import type { ByteStream, Connector } from "../transports/byte-stream.ts";
import * as erpc from "./erpc.ts";
import { LightNode, type LightNodeOptions } from "./light-node.ts";
import { ErlangNode } from "./node.ts";
import type { NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";

let network: MemoryNetwork = memoryNetwork();
const nodes: AsyncDisposable[] = [];

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node[Symbol.asyncDispose]()));
  network = memoryNetwork();
});

const ECHO = { name: "echo", node: "app@memory" };

/** The full node on the other side, with a process `echo` that answers whoever stands in front of its message. */
async function startApp(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const app = await ErlangNode.start({ name: "app@memory", cookie: "secret", listen: network.listen, ...options });
  nodes.push(app);
  app.spawn(echo).register("echo");
  return app;
}

async function connect(options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
  const node = await LightNode.connect("app@memory", { cookie: "secret", connect: network.connect, ...options });
  nodes.push(node);
  return node;
}

async function echo(self: Process): Promise<void> {
  for await (const message of self) {
    const [to, answer] = message instanceof Tuple ? message : [];
    if (to instanceof Pid && answer !== undefined) self.send(to, answer);
  }
}

it("sends to a name, receives what it is answered, and in that order", async () => {
  await startApp();
  const node = await connect();
  for (let count = 0; count < 1000; count++) node.send(ECHO, tuple(node.pid, count));
  for (let count = 0; count < 1000; count++) expect(await node.receive()).toBe(count);
  node.send(tuple(atom("echo"), atom("app@memory")), tuple(node.pid, atom("again")));
  expect(await node.receive((message) => message === atom("again"))).toBe(atom("again"));
});

it("is named by the peer, or has the name that it was given", async () => {
  const app = await startApp();
  const anonymous = await connect();
  const named = await connect({ name: "light@memory" });
  expect(anonymous.name).toMatch(/^[0-9A-Z]{13}@memory$/);
  expect([named.name, named.peer, named.pid.node.name]).toEqual(["light@memory", "app@memory", "light@memory"]);
  expect(app.nodes().toSorted()).toEqual([anonymous.name, "light@memory"].toSorted());
});

it("sends to pids and aliases, before and after it has received", async () => {
  const app = await startApp();
  const other = app.spawn();
  const node = await connect();
  for (const round of [1, 2]) {
    node.send(other.pid, tuple(node.pid, round));
    node.send(other.alias(), round);
    expect(await other.receive()).toEqual(tuple(node.pid, round));
    expect(await other.receive()).toBe(round);
    other.send(node.pid, round);
    expect(await node.receive()).toBe(round);
  }
});

it("keeps the order of what it sends while it loads what it receives with", async () => {
  const app = await startApp();
  const other = app.spawn();
  const node = await connect();
  other.send(node.pid, "hello");
  const received = node.receive();
  for (let count = 0; count < 100; count++) {
    node.send(other.pid, count);
    await Promise.resolve();
  }
  await received;
  for (let count = 0; count < 100; count++) expect(await other.receive()).toBe(count);
});

it("is pinged", async () => {
  const app = await startApp();
  const node = await connect({ name: "light@memory" });
  expect(await app.ping("light@memory")).toBe(true);
  expect(node.ended.aborted).toBe(false);
});

it("is a process: linked, monitored, named, and told of what ends", async () => {
  const app = await startApp();
  const node = await connect();
  const self = await node.process();
  expect(self.pid).toEqual(node.pid);
  const other = app.spawn();
  const ref = self.monitor(other.pid);
  self.register("light");
  const watch = other.monitor({ name: "light", node: node.name });
  other.send({ name: "light", node: node.name }, "by name");
  expect(await node.receive()).toEqual(new TextEncoder().encode("by name"));
  self.trapExit = true;
  self.link(other.pid);
  other.send(node.pid, "ready");
  await node.receive();
  other.exit(atom("boom"));
  const told = [await node.receive(), await node.receive()];
  expect(told).toContainEqual(tuple(atom("EXIT"), other.pid, atom("boom")));
  expect(told).toContainEqual(tuple(atom("DOWN"), ref, atom("process"), other.pid, atom("boom")));
  expect(watch.node.name).toBe("app@memory");
});

it("leaves whoever watches it with noconnection", async () => {
  const app = await startApp();
  const node = await connect();
  const other = app.spawn();
  const ref = other.monitor(node.pid);
  const ghost = other.monitor(new Pid(node.pid.node, 999, 0, node.creation));
  expect(await other.receive()).toMatchObject({ elements: [atom("DOWN"), ghost, atom("process"), {}, atom("noproc")] });
  await node.close();
  expect(await other.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), node.pid, atom("noconnection")));
});

it("calls by its process, and lets nobody run anything", async () => {
  const app = await startApp();
  app.expose("calc", { add: (a: number, b: number) => a + b });
  const node = await connect();
  expect(await erpc.call(await node.process(), "app@memory", "calc", "add", [1, 2])).toBe(3);
  await expect(app.erpc(node.name, "calc", "add", [1, 2])).rejects.toMatchObject({ code: "undef" });
});

it("has one connection: whom it does not lead to cannot be sent to, linked or monitored", async () => {
  await startApp();
  const node = await connect({ name: "light@memory" });
  const elsewhere = new Pid(atom("b@memory"), 1, 0, 5);
  const send = (to: Parameters<LightNode["send"]>[0]) => () => node.send(to, 1);
  expect(send(elsewhere)).toThrow("no connection to b@memory: the only one is to app@memory");
  expect(send({ name: "x", node: "b@memory" })).toThrow(ConnectionError);
  expect(send("x")).toThrow("no connection to light@memory: the only one is to app@memory");
  expect(send(7 as never)).toThrow(TypeError);
  const self = await node.process();
  self.trapExit = true;
  self.link(elsewhere);
  expect(await node.receive()).toEqual(tuple(atom("EXIT"), elsewhere, atom("noconnection")));
  const ref = self.monitor(elsewhere);
  expect(await node.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), elsewhere, atom("noconnection")));
});

it("refuses what is no term at once, and sends nothing of it", async () => {
  const app = await startApp();
  const other = app.spawn();
  const node = await connect();
  expect(() => node.send(other.pid, [1, { a: 1 } as never])).toThrow(EncodeError);
  expect(() => node.send(other.pid, tuple(1, undefined as never))).toThrow("(at elements[1])");
  node.send(other.pid, new NativeRecord(atom("m"), atom("r"), true, [atom("a")], [1]));
  expect(await other.receive()).toMatchObject({ values: [1] });
});

it("says why it did not connect", async () => {
  await startApp();
  const rejects = (options: Partial<LightNodeOptions>, peer = "app@memory"): Promise<unknown> =>
    LightNode.connect(peer, { cookie: "secret", connect: network.connect, ...options }).catch((error: unknown) => error);
  expect(await rejects({ cookie: "wrong" })).toMatchObject({ name: "HandshakeError", code: "wrong_cookie" });
  expect(await rejects({}, "b@memory")).toBeInstanceOf(ConnectionError);
  expect(await rejects({}, "b")).toBeInstanceOf(TypeError);
  expect(await rejects({ name: "light" })).toBeInstanceOf(TypeError);
  expect(await rejects({ cookie: "€" })).toBeInstanceOf(RangeError);
  const node = await connect({ name: "light@memory" });
  const error = await rejects({ name: "light@memory" });
  expect(error).toBeInstanceOf(HandshakeError);
  expect(error).toMatchObject({ code: "name_in_use" });
  const second = await connect({ name: "light@memory", takeOver: true });
  await ended(node);
  expect(second.ended.aborted).toBe(false);
});

it("gives up connecting when it is told to", async () => {
  const silent: Connector = async () => network.connect("app@memory", {});
  await startApp();
  const reason = new Error("not now");
  const stop = AbortSignal.abort(reason);
  await expect(LightNode.connect("app@memory", { cookie: "secret", connect: silent, signal: stop })).rejects.toBe(reason);
});

it("gives what came before the end, and then the reason", async () => {
  const app = await startApp();
  const node = await connect();
  const lost = node.receive((message) => message === atom("never")).catch((error: unknown) => error);
  app.spawn().send(node.pid, 1);
  app.spawn().send(node.pid, 2);
  node.send(ECHO, tuple(node.pid, 3));
  expect(await node.receive((message) => message === 3)).toBe(3);
  await app.disconnect(node.name);
  expect(await lost).toMatchObject({ name: "ConnectionError", code: "closed" });
  expect(await ended(node)).toMatchObject({ name: "ConnectionError", code: "closed" });
  expect([await node.receive(), await node.receive()]).toEqual([1, 2]);
  await expect(node.receive()).rejects.toMatchObject({ code: "closed" });
  expect(() => node.send(ECHO, 1)).toThrow("no connection to app@memory: the only one was to app@memory");
});

it("reads nothing until it can, however the bytes are cut", async () => {
  const app = await startApp();
  const other = app.spawn();
  const node = await connect({ connect: async (peer, options) => cutUp(await network.connect(peer, options)) });
  const terms: Term[] = [1, "text", tuple(atom("a"), [1, 2, 3]), 2n ** 70n, new Uint8Array(100_000)];
  for (const term of terms) other.send(node.pid, term);
  for (const term of terms) {
    const received = await node.receive();
    if (typeof term === "string") expect(received).toEqual(new TextEncoder().encode(term));
    else expect(received).toEqual(term);
  }
});

/** The same stream, of which each read gives 7 bytes at most. */
function cutUp(stream: ByteStream): ByteStream {
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += chunk.length > 1000 ? 4099 : 7) {
        controller.enqueue(chunk.slice(at, at + (chunk.length > 1000 ? 4099 : 7)));
      }
    },
  });
  const { writable, closed } = stream;
  return { readable: stream.readable.pipeThrough(cut), writable, closed, close: () => stream.close() };
}

/** The reason of the end, once it has come. */
function ended({ ended: signal }: LightNode): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (): void => resolve(signal.reason);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
