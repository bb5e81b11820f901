import { afterEach, describe, expect, it } from "vitest";
import { ConnectionError, EncodeError, HandshakeError } from "../errors.ts";
import { atom, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import * as erpc from "./erpc.ts";
import { call } from "./gen-server-client.ts";
import { ErlangNode } from "./node.ts";
import type { NodeDownEvent, NodeEventMap } from "./node-events.ts";
import type { NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";

let network: MemoryNetwork = memoryNetwork();
const started: ErlangNode[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
  network = memoryNetwork();
});

async function start(name: string | undefined, options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const listen = name === undefined ? {} : { listen: network.listen };
  const node = await ErlangNode.start({ name, cookie: "secret", connect: network.connect, ...listen, ...options });
  started.push(node);
  return node;
}

function event<K extends keyof NodeEventMap>(node: ErlangNode, type: K): Promise<NodeEventMap[K]> {
  return new Promise((resolve) => node.addEventListener(type, resolve, { once: true }));
}

/** A process that sends back what it gets, to the pid in front of it. */
async function echo(self: Process): Promise<void> {
  for await (const message of self) {
    const [to, answer] = message instanceof Tuple ? message : [];
    if (to instanceof Pid && answer !== undefined) self.send(to, answer);
  }
}

describe("two nodes", () => {
  it("connect, tell both sides, and know each other", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    const ups = Promise.all([event(a, "nodeup"), event(b, "nodeup")]);
    const info = await a.connect("b@memory");
    expect(info).toMatchObject({ name: "b@memory", creation: b.creation, hidden: true });
    expect((await ups).map(({ peer, hidden }) => [peer, hidden])).toEqual([
      ["b@memory", true],
      ["a@memory", true],
    ]);
    expect([a.nodes(), b.nodes()]).toEqual([["b@memory"], ["a@memory"]]);
    expect(await a.connect("b@memory")).toEqual(info);
  });

  it("ping each other, and nobody who is not there", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    expect(await a.ping("b@memory")).toBe(true);
    expect(await b.ping("a@memory")).toBe(true);
    expect(await a.ping("a@memory")).toBe(true);
    expect(await a.ping("c@memory")).toBe(false);
    expect(a.registered().toSorted()).toEqual(["net_kernel", "rex"]);
  });

  it("send by pid, by name and by alias, connecting with the first message", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    b.spawn(echo).register("echo");
    const self = a.spawn();
    for (const message of [1, 2, 3]) self.send({ name: "echo", node: "b@memory" }, tuple(self.pid, message));
    expect([await self.receive(), await self.receive(), await self.receive()]).toEqual([1, 2, 3]);
    self.send(tuple(atom("echo"), atom("b@memory")), tuple(self.pid, self.pid));
    expect(await self.receive()).toEqual(self.pid);

    const other = b.spawn();
    const alias = self.alias({ reply: true });
    other.send(alias, "first");
    other.send(alias, "second");
    other.send(self.pid, atom("done"));
    expect([await self.receive(), await self.receive()]).toEqual([new TextEncoder().encode("first"), atom("done")]);
  });

  it("keep the order of what one process sends, many in one write", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    const target = b.spawn();
    target.register("target");
    for (let count = 0; count < 1000; count++) a.send({ name: "target", node: "b@memory" }, count);
    const received: Term[] = [];
    while (received.length < 1000) received.push(await target.receive());
    expect(received).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  it("end what they have to do with each other when they disconnect", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    const target = b.spawn();
    const self = a.spawn();
    self.trapExit = true;
    self.link(target.pid);
    const ref = self.monitor(target.pid);
    const named = self.monitor({ name: "net_kernel", node: "b@memory" });
    await a.ping("b@memory");
    const downs = Promise.all([event(a, "nodedown"), event(b, "nodedown")]);
    expect(await a.disconnect("b@memory")).toBe(true);
    const noconnection = atom("noconnection");
    expect([await self.receive(), await self.receive(), await self.receive()]).toEqual([
      tuple(atom("EXIT"), target.pid, noconnection),
      tuple(atom("DOWN"), ref, atom("process"), target.pid, noconnection),
      tuple(atom("DOWN"), named, atom("process"), tuple(atom("net_kernel"), atom("b@memory")), noconnection),
    ]);
    // The link was not trapped there.
    expect(await target.exited).toBe(noconnection);
    expect((await downs).map(({ reason }: NodeDownEvent) => reason)).toEqual(["disconnect", "connection_closed"]);
    expect([a.nodes(), b.nodes()]).toEqual([[], []]);
    expect(await a.disconnect("b@memory")).toBe(false);
  });

  it("connect again under the same name after a connection was lost", async () => {
    const a = await start("a@memory");
    await start("b@memory");
    await a.connect("b@memory");
    await a.disconnect("b@memory");
    expect(await a.ping("b@memory")).toBe(true);
  });

  it("end up with one connection when both connect at once, in both orders of names", async () => {
    for (const [one, other] of [
      ["a@memory", "b@memory"],
      ["d@memory", "c@memory"],
    ] as const) {
      const [first, second] = [await start(one), await start(other)];
      const self = first.spawn();
      second.spawn(echo).register("echo");
      self.send({ name: "echo", node: other }, tuple(self.pid, 1));
      await Promise.all([first.connect(other), second.connect(one)]);
      expect(await self.receive()).toBe(1);
      expect([first.nodes(), second.nodes()]).toEqual([[other], [one]]);
    }
  });
});

describe("a node that cannot be reached", () => {
  it("is an error of connect, and an event for who only sent something", async () => {
    const a = await start("a@memory");
    const failure = event(a, "connecterror");
    a.send({ name: "x", node: "nowhere@memory" }, 1);
    expect(await failure).toMatchObject({ peer: "nowhere@memory", incoming: false, error: { code: "no_such_node" } });
    await expect(a.connect("nowhere@memory")).rejects.toThrow(ConnectionError);
  });

  it("ends links and monitors with noconnection", async () => {
    const a = await start("a@memory");
    const self = a.spawn();
    const ref = self.monitor({ name: "x", node: "nowhere@memory" });
    const object = tuple(atom("x"), atom("nowhere@memory"));
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), object, atom("noconnection")));
  });

  it("says which of the two has the wrong cookie", async () => {
    const a = await start("a@memory", { cookie: "other" });
    const b = await start("b@memory");
    const incoming = event(b, "connecterror");
    const error = await a.connect("b@memory").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code: "wrong_cookie", peer: "b@memory" });
    expect(await incoming).toMatchObject({ peer: "a@memory", incoming: true, error: { code: "wrong_cookie" } });
    expect(await a.ping("b@memory")).toBe(false);
  });

  it("has our name already, and keeps its old connection unless we may take it over", async () => {
    const b = await start("b@memory");
    const first = await start("a@memory", { listen: undefined });
    await first.connect("b@memory");
    const second = await start("a@memory", { listen: undefined });
    await expect(second.connect("b@memory")).rejects.toMatchObject({ code: "name_in_use" });
    expect(await first.ping("b@memory")).toBe(true);
    const third = await start("a@memory", { listen: undefined, takeOver: true });
    const down = event(first, "nodedown");
    await third.connect("b@memory");
    expect((await down).reason).toBe("connection_closed");
    expect(b.nodes()).toEqual(["a@memory"]);
    expect(await third.ping("b@memory")).toBe(true);
  });

  it("is not waited for any longer when the caller gives up", async () => {
    const signals: AbortSignal[] = [];
    const a = await start("a@memory", {
      connect: (_, { signal }) => {
        if (signal !== undefined) signals.push(signal);
        return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
      },
    });
    const controller = new AbortController();
    const connecting = a.connect("b@memory", { signal: controller.signal });
    await Promise.resolve();
    controller.abort(new Error("enough"));
    await expect(connecting).rejects.toThrow("enough");
    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });

  it("that goes on speaking is closed when it breaks the protocol", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory");
    await a.connect("b@memory");
    const down = event(b, "nodedown");
    // A link in the name of a third node.
    a.spawn().exit(new Pid(atom("b@memory"), 1, 0, b.creation), atom("normal"));
    const foreign = new Pid(atom("c@memory"), 1, 0, 1);
    const self = a.spawn();
    // What no process can do: the signal is made by hand.
    Object.defineProperty(self.pid, "node", { value: foreign.node });
    self.link(new Pid(atom("b@memory"), 1, 0, b.creation));
    expect(await down).toMatchObject({ peer: "a@memory", error: { code: "bad_control_message" } });
  });
});

describe("a node without a name", () => {
  it("is named by its first peer, and so are the processes it has already", async () => {
    const b = await start("b@memory");
    b.spawn(echo).register("echo");
    const page = await start(undefined);
    expect([page.name, page.creation]).toEqual(["nonode@nohost", 0]);
    const self = page.spawn();
    const alias = self.alias();
    const local = page.spawn(echo);
    const watch = self.monitor(local.pid);
    expect(self.pid.node.name).toBe("nonode@nohost");

    self.send({ name: "echo", node: "b@memory" }, tuple(self.pid, tuple(self.pid, alias)));
    expect(await self.receive()).toEqual(tuple(self.pid, alias));
    expect(page.name).toMatch(/^[0-9A-Z]{13}@memory$/);
    expect(page.creation).toBeGreaterThanOrEqual(4);
    expect(self.pid).toMatchObject({ node: atom(page.name), creation: page.creation });
    expect(b.nodes()).toEqual([page.name]);

    b.send(alias, atom("by alias"));
    expect(await self.receive()).toBe(atom("by alias"));
    local.exit(atom("done"));
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), watch, atom("process"), local.pid, atom("done")));
  });

  it("keeps the name while it has a connection, and is named anew after the last was lost", async () => {
    const peers = [await start("b@memory"), await start("c@memory")];
    const page = await start(undefined);
    const self = page.spawn();
    // Both at once: one of them names it, the other hears that name.
    await Promise.all([page.connect("b@memory"), page.connect("c@memory")]);
    const first = page.name;
    expect(peers.map((peer) => peer.nodes())).toEqual([[first], [first]]);
    await page.disconnect("b@memory");
    expect(await page.ping("b@memory")).toBe(true);
    expect(page.name).toBe(first);
    await page.disconnect("b@memory");
    await page.disconnect("c@memory");
    expect(await page.ping("c@memory")).toBe(true);
    expect(page.name).not.toBe(first);
    expect(self.pid.node.name).toBe(page.name);
  });
});

describe("a node", () => {
  it("refuses options that cannot work, with the reason", async () => {
    const good = { cookie: "secret", connect: network.connect };
    await expect(ErlangNode.start({ ...good, name: "nameless" })).rejects.toThrow(/full node name/);
    await expect(ErlangNode.start({ ...good, listen: network.listen })).rejects.toThrow(/needs a name/);
    await expect(ErlangNode.start({ cookie: "secret" })).rejects.toThrow(/connect/);
    await expect(ErlangNode.start({ ...good, hidden: false as unknown as true })).rejects.toThrow(/global/);
    await expect(ErlangNode.start({ ...good, netTickTimeMs: 0 })).rejects.toThrow(/positive/);
    await expect(ErlangNode.start({ ...good, cookie: undefined as unknown as string })).rejects.toThrow(/cookie/);
    await expect(ErlangNode.start({ ...good, creation: 7 })).rejects.toThrow(/its peers name/);
    for (const creation of [3, 2 ** 32, 4.5]) {
      await expect(ErlangNode.start({ ...good, name: "a@memory", creation })).rejects.toThrow(/from 4 to 4294967295/);
    }
  });

  it("has the creation that it was given, in its pids and to others", async () => {
    const a = await start("a@memory", { creation: 4711 });
    const b = await start("b@memory");
    expect([a.creation, a.spawn().pid.creation]).toEqual([4711, 4711]);
    expect(await b.connect("a@memory")).toMatchObject({ creation: 4711 });
  });

  it("is connected to by the nodes that it allows, and by no other", async () => {
    const a = await start("a@memory", { allow: (peer) => peer === "b@memory" });
    const b = await start("b@memory");
    const c = await start("c@memory");
    expect(await b.ping("a@memory")).toBe(true);
    const [refused, error] = await Promise.all([event(a, "connecterror"), c.connect("a@memory").catch((reason) => reason)]);
    expect(refused).toMatchObject({ peer: "c@memory", incoming: true, error: { code: "not_allowed" } });
    expect(error).toMatchObject({ name: "HandshakeError", code: "not_allowed" });
    // It may still be connected to.
    expect(await a.ping("c@memory")).toBe(true);
  });

  it("asks for the cookie of each peer where it was given a function", async () => {
    const asked: string[] = [];
    const a = await start("a@memory", {
      cookie: async (peer) => {
        asked.push(peer);
        return "secret";
      },
    });
    const b = await start("b@memory");
    expect(await a.ping("b@memory")).toBe(true);
    await b.disconnect("a@memory");
    expect(await b.ping("a@memory")).toBe(true);
    expect(asked).toEqual(["b@memory", "b@memory"]);
  });

  it("fails to connect when the cookie cannot be had", async () => {
    const a = await start("a@memory", { cookie: () => Promise.reject(new Error("no cookie today")) });
    const b = await start("b@memory");
    await expect(a.connect("b@memory")).rejects.toThrow("no cookie today");
    await expect(b.connect("a@memory")).rejects.toThrow(HandshakeError);
  });

  it("says what is wrong with a destination or a message", async () => {
    const a = await start("a@memory");
    await start("b@memory");
    const bad = (to: unknown) => () => a.send(to as Pid, 1);
    expect(bad(17)).toThrow(new TypeError("a message goes to a Pid, an alias, a registered name or { name, node }, not to 17"));
    expect(bad(undefined)).toThrow(TypeError);
    expect(bad({ name: "x" })).toThrow(TypeError);
    expect(bad({ name: 1, node: "b@memory" })).toThrow(/the registered name is a string or an atom, not 1/);
    expect(bad({ name: "x", node: "b" })).toThrow(/"b" is not a full node name, as "app@host" is: it has no @/);
    expect(bad("nobody")).toThrow(new RangeError('no process is registered as "nobody" on a@memory'));
    const unspeakable = (): void => a.send({ name: "x", node: "b@memory" }, { a: 1 } as unknown as Term);
    expect(unspeakable).toThrow(EncodeError);
    await a.connect("b@memory");
    expect(unspeakable).toThrow(EncodeError);
    expect(await a.ping("b@memory")).toBe(true);
  });

  it("does not read on while a mailbox is over its limit, and goes on when it has been emptied", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory", { limits: { mailboxMessages: 10 } });
    const slow = b.spawn();
    slow.register("slow");
    const other = b.spawn();
    other.register("other");
    await a.connect("b@memory");
    for (let count = 0; count < 100; count++) a.send({ name: "slow", node: "b@memory" }, count);
    a.send({ name: "other", node: "b@memory" }, atom("behind"));
    expect(await a.ping("a@memory")).toBe(true);
    await expect.poll(() => slow.messageQueueLength).toBe(11);
    expect(other.messageQueueLength).toBe(0);
    for (let count = 0; count < 100; count++) expect(await slow.receive()).toBe(count);
    expect(await other.receive()).toBe(atom("behind"));
  });

  it("does not read on while the messages of a mailbox came in more bytes than its limit", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory", { limits: { mailboxBytes: 10_000 } });
    const slow = b.spawn();
    slow.register("slow");
    await a.connect("b@memory");
    for (let count = 0; count < 20; count++) a.send({ name: "slow", node: "b@memory" }, new Uint8Array(1_000));
    // One that comes in fragments.
    a.send({ name: "slow", node: "b@memory" }, new Uint8Array(100_000));
    a.send({ name: "slow", node: "b@memory" }, 1);
    await expect.poll(() => slow.messageQueueLength).toBe(10);
    for (let count = 0; count < 20; count++) expect(await slow.receive()).toHaveLength(1_000);
    await expect.poll(() => slow.messageQueueLength).toBe(1);
    expect(await slow.receive()).toHaveLength(100_000);
    expect(await slow.receive()).toBe(1);
  });

  it("goes on to read from those who have not filled the mailbox", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory", { limits: { mailboxMessages: 10 } });
    const c = await start("c@memory");
    const slow = b.spawn();
    slow.register("slow");
    await Promise.all([a.connect("b@memory"), c.connect("b@memory")]);
    for (let count = 0; count < 100; count++) a.send({ name: "slow", node: "b@memory" }, count);
    await expect.poll(() => slow.messageQueueLength).toBe(11);
    expect(await c.ping("b@memory")).toBe(true);
    // Until it fills it, too.
    c.send({ name: "slow", node: "b@memory" }, atom("from_c"));
    const ping = c.ping("b@memory");
    await expect.poll(() => slow.messageQueueLength).toBe(12);
    // Nobody stops a sender of the same node.
    b.send(slow.pid, atom("from_b"));
    expect(slow.messageQueueLength).toBe(13);
    for (let count = 0; count < 102; count++) await slow.receive();
    expect(await ping).toBe(true);
  });

  it("reads on while a process whose mailbox is full waits for what may be behind it", async () => {
    const a = await start("a@memory");
    const b = await start("b@memory", { limits: { mailboxMessages: 10 } });
    a.genServer("server", { handleCall: (request) => request });
    a.expose("here", { f: () => 17 });
    const slow = b.spawn();
    slow.register("slow");
    const fill = async (): Promise<void> => {
      for (let count = 0; count < 15; count++) a.send({ name: "slow", node: "b@memory" }, count);
      await expect.poll(() => slow.messageQueueLength).toBe(11);
    };
    const empty = async (): Promise<void> => {
      for (let count = 0; count < 15; count++) await slow.receive();
    };
    await a.connect("b@memory");
    await fill();
    a.send({ name: "slow", node: "b@memory" }, atom("behind"));
    expect(await slow.receive((message) => message === atom("behind"))).toBe(atom("behind"));
    await empty();
    await fill();
    expect(await call(slow, { name: "server", node: "a@memory" }, 1)).toBe(1);
    await empty();
    await fill();
    expect(await erpc.call(slow, "a@memory", "here", "f", [])).toBe(17);
    await empty();
    // But not for ever.
    for (let count = 0; count < 50; count++) a.send({ name: "slow", node: "b@memory" }, count);
    a.send({ name: "slow", node: "b@memory" }, atom("behind"));
    const waiting = slow.receive((message) => message === atom("behind"));
    await expect.poll(() => slow.messageQueueLength).toBe(21);
    for (let count = 0; count < 50; count++) await slow.receive();
    expect(await waiting).toBe(atom("behind"));
  });

  it("lets a fast sender wait for a slow reader", async () => {
    const a = await start("a@memory", { limits: { outboundBytes: 100_000 } });
    const b = await start("b@memory", { limits: { mailboxMessages: 1 } });
    const slow = b.spawn();
    slow.register("slow");
    await a.connect("b@memory");
    const chunk = new Uint8Array(50_000);
    for (let count = 0; count < 100; count++) a.send({ name: "slow", node: "b@memory" }, chunk);
    expect(a.bufferedBytes("b@memory")).toBeGreaterThan(100_000);
    let isDrained = false;
    const drained = a.drained("b@memory").then(() => (isDrained = true));
    await b.ping("b@memory");
    expect(isDrained).toBe(false);
    for (let count = 0; count < 100; count++) await slow.receive();
    await drained;
    expect(a.bufferedBytes("b@memory")).toBeLessThanOrEqual(100_000);
  });

  it("takes over the tick time of each peer where it is to ask for it", async () => {
    const a = await start("a@memory", { netTickTimeMs: "peer" });
    const b = await start("b@memory", { netTickTimeMs: 8_000 });
    const c = await start("c@memory", { netTickTimeMs: 8_000 });
    // As one that is no OTP and has no such function.
    c.unexpose("net_kernel");
    await Promise.all([a.connect("b@memory"), a.connect("c@memory")]);
    await expect.poll(() => a.netTickTimeMs("b@memory")).toBe(8_000);
    await expect(a.erpc("c@memory", "net_kernel", "get_net_ticktime", [])).rejects.toMatchObject({ code: "undef" });
    expect([a.netTickTimeMs("c@memory"), b.netTickTimeMs("a@memory")]).toEqual([60_000, 8_000]);
    await a.disconnect("b@memory");
    expect(a.netTickTimeMs("b@memory")).toBeUndefined();
  });

  it("ends everything when it stops", async () => {
    const b = await start("b@memory");
    const a = await start("a@memory");
    const self = a.spawn();
    const receiving = self.receive();
    const looping = a.spawn(echo);
    const watcher = b.spawn();
    await a.connect("b@memory");
    const ref = watcher.monitor(self.pid);
    await b.ping("a@memory");
    a.send({ name: "net_kernel", node: "b@memory" }, atom("last words"));
    const down = event(b, "nodedown");
    const stopping = a.stop();
    await expect(receiving).rejects.toMatchObject({ class: "exit", reason: atom("shutdown") });
    expect(await looping.exited).toBe(atom("shutdown"));
    await stopping;
    expect((await down).peer).toBe("a@memory");
    expect(await watcher.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), self.pid, atom("shutdown")));
    expect(a.nodes()).toEqual([]);
    expect(() => a.spawn()).toThrow(/was stopped/);
    const stopped = [
      a.connect("b@memory"),
      a.ping("b@memory"),
      a.call("net_kernel", 1),
      a.erpc("b@memory", "erlang", "node", []),
      a.rpc("b@memory", "erlang", "node", []),
      a.multicall(["b@memory"], "erlang", "node", []),
    ];
    for (const each of stopped) await expect(each).rejects.toMatchObject({ name: "ConnectionError", code: "stopped" });
    // The name is free again.
    await expect(network.connect("a@memory", {})).rejects.toMatchObject({ code: "no_such_node" });
    await a.stop();
  });

  it("stops in the middle of connecting", async () => {
    const a = await start("a@memory", {
      connect: (_, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))),
    });
    const connecting = a.connect("b@memory");
    const [error] = await Promise.all([connecting.catch((reason: unknown) => reason), a.stop()]);
    expect(error).toMatchObject({ code: "stopped" });
  });
});
