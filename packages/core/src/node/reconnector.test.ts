// Two nodes of ours and a clock that the test moves; reconnector.nodejs.test.ts has real ones on the other side.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { atom, Pid, tuple } from "../etf/index.ts";
import { memoryNetwork, type MemoryNetwork } from "../transports/memory.ts";
import { ErlangNode } from "./node.ts";
import type { NodeEventMap } from "./node-events.ts";
import type { ReconnectedEvent, ReconnectFailedEvent, ReconnectingEvent } from "./reconnect-events.ts";
import type { NodeOptions } from "./node-options.ts";
import { resolveReconnect } from "./reconnect-options.ts";
import { pauseMs } from "./reconnector.ts";

const A = "a@memory";
const B = "b@memory";

let network: MemoryNetwork;
const started: ErlangNode[] = [];

beforeEach(() => {
  network = memoryNetwork();
  vi.useFakeTimers();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
  vi.useRealTimers();
});

async function start(name: string | undefined, options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const listen = name === undefined ? {} : { listen: network.listen };
  const node = await ErlangNode.start({ name, cookie: "secret", connect: network.connect, ...listen, ...options });
  started.push(node);
  return node;
}

const TOLD = ["nodeup", "nodedown", "reconnecting", "reconnected", "reconnectfailed"] as const satisfies (keyof NodeEventMap)[];

/** What the node tells from now on. */
function told(node: ErlangNode): { types: () => string[]; last: <T extends Event>() => T; count: () => number } {
  const events: Event[] = [];
  for (const type of TOLD) {
    node.addEventListener(type, (event: Event) => {
      events.push(event);
    });
  }
  return {
    types: () => events.map(({ type }) => type),
    // The caller knows which.
    last: <T extends Event>() => events.at(-1) as T,
    count: () => events.length,
  };
}

/** Lets what is under way happen. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

async function passPause(events: ReturnType<typeof told>): Promise<void> {
  const { delayMs } = events.last<ReconnectingEvent>();
  await vi.advanceTimersByTimeAsync(delayMs);
}

describe("the pause before an attempt", () => {
  const defaults = resolveReconnect({});

  it("doubles, from half a second to half a minute", () => {
    expect([1, 2, 3, 6, 7, 8, 2000].map((attempt) => pauseMs(defaults, attempt, 0))).toEqual([
      500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("is shortened by chance, to a half at most", () => {
    expect([0.5, 0.999].map((fraction) => pauseMs(defaults, 1, fraction))).toEqual([375, 250]);
  });

  it("follows the options", () => {
    expect([1, 2, 9].map((attempt) => pauseMs(resolveReconnect({ delayMs: 60_000 }), attempt, 0))).toEqual([
      60_000, 60_000, 60_000,
    ]);
    expect(pauseMs(resolveReconnect({ maxDelayMs: 100 }), 1, 0)).toBe(100);
    // No timer waits longer; it would fire at once.
    expect(pauseMs(resolveReconnect({ maxDelayMs: Infinity }), 999, 0)).toBe(2 ** 31 - 1);
  });

  it.each([
    [{ delayMs: 0 }, "reconnect.delayMs is 0, it has to be positive"],
    [{ delayMs: 10, maxDelayMs: 5 }, "reconnect.maxDelayMs is 5, less than delayMs (10)"],
    [{ maxAttempts: 0 }, "reconnect.maxAttempts is 0, it has to be at least 1"],
  ])("is not made of %j", async (reconnect, message) => {
    await expect(start(undefined, { reconnect })).rejects.toThrow(new RangeError(message));
  });

  it("needs a way to connect", async () => {
    await expect(start(A, { connect: undefined, reconnect: true })).rejects.toThrow("a node that reconnects needs `connect`");
  });
});

describe("a node that reconnects", () => {
  it("gets back a connection that the peer ended, and stays who it is", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    const self = a.spawn();
    const ref = self.monitor({ name: "net_kernel", node: B });
    await b.disconnect(A);
    await settle();
    expect(events.types()).toEqual(["nodedown", "reconnecting"]);
    const { attempt, delayMs, error } = events.last<ReconnectingEvent>();
    expect({ attempt, error }).toMatchObject({ attempt: 1, error: { code: "closed" } });
    expect(delayMs).toBeGreaterThanOrEqual(250);
    expect(delayMs).toBeLessThanOrEqual(500);
    await vi.advanceTimersByTimeAsync(delayMs - 1);
    expect(a.nodes()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events.types()).toEqual(["nodedown", "reconnecting", "nodeup", "reconnected"]);
    expect(events.last<ReconnectedEvent>()).toMatchObject({
      peer: B,
      attempts: 1,
      previousName: A,
      renamed: false,
      restarted: false,
    });
    // The monitor has ended and is not set up again; the process is who it was.
    expect(await self.receive()).toEqual(
      tuple(atom("DOWN"), ref, atom("process"), tuple(atom("net_kernel"), atom(B)), atom("noconnection")),
    );
    expect(a.counts.monitors).toBe(0);
    b.send(self.pid, 1);
    expect(await self.receive()).toBe(1);
  });

  it("goes on as long as the peer is away, and says that it is another one", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    await b.stop();
    await settle();
    const attempts: number[] = [];
    for (let count = 0; count < 8; count++) {
      const { attempt, delayMs } = events.last<ReconnectingEvent>();
      attempts.push(attempt);
      const full = Math.min(30_000, 500 * 2 ** (attempt - 1));
      expect(delayMs).toBeGreaterThanOrEqual(full / 2);
      expect(delayMs).toBeLessThanOrEqual(full);
      await passPause(events);
      expect(events.last<ReconnectingEvent>()).toMatchObject({ error: { code: "no_such_node" } });
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await start(B);
    await passPause(events);
    expect(events.last<ReconnectedEvent>()).toMatchObject({ attempts: 9, renamed: false, restarted: true });
  });

  it("comes back under another name when the peer has named it; what others had of it is dead", async () => {
    const a = await start(undefined, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    const [self, other] = [a.spawn(), a.spawn()];
    other.link(self.pid);
    self.register("self");
    const before = a.name;
    const target = b.spawn();
    target.register("target");
    self.send({ name: "target", node: B }, self.pid);
    const heldThere = await target.receive((message) => message instanceof Pid);
    await b.disconnect(before);
    await settle();
    await passPause(events);
    expect(events.last<ReconnectedEvent>()).toMatchObject({ previousName: before, renamed: true, restarted: false });
    expect(a.name).not.toBe(before);
    expect(self.pid.node.name).toBe(a.name);
    b.send(heldThere, "to the old pid");
    b.send({ name: "self", node: before }, "to the old name");
    b.send({ name: "self", node: a.name }, 1);
    b.send(self.pid, 2);
    expect([await self.receive(), await self.receive()]).toEqual([1, 2]);
    // Among themselves the processes have not noticed.
    other.exit(atom("over"));
    expect(await self.exited).toBe(atom("over"));
  });

  it("connects at once when it is asked to, and when something is sent", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    for (const wake of [() => a.connect(B), async () => a.send({ name: "nobody", node: B }, 1)]) {
      await b.disconnect(A);
      await settle();
      expect(events.last()).toMatchObject({ type: "reconnecting" });
      await wake();
      await settle();
      expect(events.last<ReconnectedEvent>()).toMatchObject({ type: "reconnected", attempts: 0 });
    }
    const count = events.count();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events.count()).toBe(count);
  });

  it("waits longer each time for a connection that does not last", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    const expectPause = async (fullMs: number): Promise<void> => {
      await b.disconnect(A);
      await settle();
      const { attempt, delayMs } = events.last<ReconnectingEvent>();
      expect(attempt).toBe(1);
      expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(delayMs).toBeLessThanOrEqual(fullMs);
      await passPause(events);
    };
    await expectPause(500);
    await expectPause(1_000);
    await expectPause(2_000);
    await vi.advanceTimersByTimeAsync(30_000);
    await expectPause(500);
  });

  it("gives up at an error that time does not mend", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    await b.stop();
    await start(B, { cookie: "another" });
    await settle();
    await passPause(events);
    expect(events.last<ReconnectFailedEvent>()).toMatchObject({
      type: "reconnectfailed",
      peer: B,
      attempts: 1,
      error: { code: "wrong_cookie" },
    });
    const count = events.count();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.count()).toBe(count);
  });

  it("gives up after as many attempts as it may make", async () => {
    const a = await start(A, { reconnect: { maxAttempts: 2 } });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    await b.stop();
    await settle();
    await passPause(events);
    await passPause(events);
    expect(events.types()).toEqual(["nodedown", "reconnecting", "reconnecting", "reconnectfailed"]);
    expect(events.last<ReconnectFailedEvent>()).toMatchObject({ attempts: 2, error: { code: "no_such_node" } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["disconnect", "stop", "disconnect when told"] as const)("stops with %s", async (how) => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    await a.connect(B);
    const events = told(a);
    if (how === "disconnect when told") a.addEventListener("nodedown", () => void a.disconnect(B));
    await b.stop();
    await settle();
    if (how === "disconnect") await a.disconnect(B);
    if (how === "stop") await a.stop();
    await start(B);
    const count = events.count();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.count()).toBe(count);
    expect(a.nodes()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves alone what it has ended itself, and what the peer had made", async () => {
    const a = await start(A, { reconnect: true });
    const b = await start(B);
    const events = told(a);
    await a.connect(B);
    await a.disconnect(B);
    await settle();
    await b.connect(A);
    await settle();
    await b.disconnect(A);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.types()).toEqual(["nodeup", "nodedown", "nodeup", "nodedown"]);
    expect(a.nodes()).toEqual([]);
  });
});
