// Who is too fast waits: a real node for our processes, and we for a real node that has stopped reading.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { atom, type Term, Tuple, tuple } from "../etf/index.ts";
import type { Limits } from "../limits.ts";
import { tcp } from "../transports/nodejs.ts";
import { ErlangNode } from "./node.ts";
import type { NodeDownEvent } from "./node-events.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;

let count = 0;

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;

  beforeAll(async () => {
    erl = await startErl({ release });
  });
  afterAll(() => erl.stop());

  async function start(limits: Partial<Limits>): Promise<ErlangNode> {
    const name = `slow${process.pid}x${++count}@127.0.0.1`;
    const node = await ErlangNode.start({ name, cookie: "secret", connect: tcp({ portNo: erl.portNo }), limits });
    onTestFinished(() => node.stop());
    return node;
  }

  /** Stops the node's program, as a machine that sleeps does. */
  function freeze(): () => void {
    const thaw = (): void => void process.kill(erl.pid, "SIGCONT");
    process.kill(erl.pid, "SIGSTOP");
    onTestFinished(thaw);
    return thaw;
  }

  it("suspends the sender there while our mailbox is full, and loses nothing", async () => {
    const node = await start({ mailboxMessages: 100 });
    await node.connect(erl.name);
    const self = node.spawn();
    self.register("here");
    const messages = 5_000;
    await erl.eval(`catch unregister(flood), register(flood, spawn(fun() ->
      [{here, '${node.name}'} ! {N, binary:copy(<<N:32>>, 2560)} || N <- lists:seq(1, ${messages})] end)), ok`);
    await expect.poll(() => erl.eval("process_info(whereis(flood), status)")).toBe("{status,suspended}");
    // A large binary is one of the few that a chunk of the carrier may hold.
    expect(self.messageQueueLength).toBe(101);
    for (let expected = 1; expected <= messages; expected++) {
      const [number] = ((await self.receive()) as Tuple).elements;
      if (number !== expected) expect(number).toBe(expected);
      if (expected % 500 === 0) expect(self.messageQueueLength).toBeLessThanOrEqual(101);
    }
    await expect.poll(() => erl.eval("whereis(flood)")).toBe("undefined");
  });

  it("suspends the sender there while the messages in our mailbox are large, and nobody else", async () => {
    await using other = await startErl({ release });
    const portNos = new Map([erl, other].map(({ name, portNo }) => [name, portNo]));
    const both = await ErlangNode.start({
      name: `both${process.pid}x${++count}@127.0.0.1`,
      cookie: "secret",
      connect: (peer, options) => tcp({ portNo: portNos.get(peer) ?? 0 })(peer, options),
      limits: { mailboxBytes: 4 * MIB },
    });
    onTestFinished(() => both.stop());
    await Promise.all([both.connect(erl.name), both.connect(other.name)]);
    const self = both.spawn();
    self.register("here");
    const messages = 100;
    await erl.eval(`catch unregister(flood), register(flood, spawn(fun() ->
      [{here, '${both.name}'} ! {N, binary:copy(<<N:32>>, 65536)} || N <- lists:seq(1, ${messages})] end)), ok`);
    await expect.poll(() => erl.eval("process_info(whereis(flood), status)")).toBe("{status,suspended}");
    await expect.poll(() => self.messageQueueLength).toBe(16);
    expect(await both.ping(other.name)).toBe(true);
    expect(await other.eval(`net_adm:ping('${both.name}')`)).toBe("pong");
    for (let expected = 1; expected <= messages; expected++) expect(((await self.receive()) as Tuple).at(0)).toBe(expected);
  });

  it("lets a sender wait until the node reads again", async () => {
    const node = await start({ outboundBytes: MIB });
    const self = node.spawn();
    await erl.eval(`catch unregister(sink), register(sink, spawn(fun() ->
      (fun F(N) -> receive {N, B} when is_binary(B) -> F(N + 1); {P, count} -> P ! N end end)(0) end)), ok`);
    await node.connect(erl.name);
    const thaw = freeze();
    let sent = 0;
    let isWaiting = false;
    const chunk = new Uint8Array(256 * KIB);
    // The systems' buffers take some megabytes.
    while (!isWaiting) {
      self.send({ name: "sink", node: erl.name }, tuple(sent++, chunk));
      isWaiting = await Promise.race([node.drained(erl.name).then(() => false), later(200).then(() => true)]);
      expect(sent).toBeLessThan(400);
    }
    expect(node.bufferedBytes(erl.name)).toBeGreaterThan(MIB);
    expect(node.bufferedBytes(erl.name)).toBeLessThan(2 * MIB);
    thaw();
    await node.drained(erl.name);
    expect(node.bufferedBytes(erl.name)).toBeLessThanOrEqual(MIB);
    self.send({ name: "sink", node: erl.name }, tuple(self.pid, atom("count")));
    expect(await self.receive()).toBe(sent);
  });

  it("ends the connection to a node that does not read, when a sender does not wait", async () => {
    const node = await start({ outboundBytes: MIB, backlogBytes: 8 * MIB });
    const self = node.spawn();
    self.trapExit = true;
    await node.connect(erl.name);
    freeze();
    const down = new Promise<NodeDownEvent>((resolve) => node.addEventListener("nodedown", resolve, { once: true }));
    // Of a process that lives as long as its node: only the connection can end the monitor.
    const monitor = self.monitor({ name: "init", node: erl.name });
    let highest = 0;
    const chunk: Term = new Uint8Array(256 * KIB);
    while (node.nodes().length > 0) {
      self.send({ name: "nobody", node: erl.name }, chunk);
      highest = Math.max(highest, node.bufferedBytes(erl.name));
      await later(1);
    }
    expect(await down).toMatchObject({
      reason: "connection_closed",
      error: { code: "overloaded", peer: erl.name, message: /\d+ bytes wait for it; a fast sender has to await drained/ },
    });
    expect(highest).toBeLessThan(9 * MIB);
    const noconnection = await self.receive((message) => message instanceof Tuple);
    expect([noconnection.at(1), noconnection.at(4)]).toEqual([monitor, atom("noconnection")]);
  });
});

it("fails to connect, when more is sent meanwhile than can be kept", async () => {
  const node = await ErlangNode.start({
    name: "keen@127.0.0.1",
    cookie: "secret",
    connect: (_, { signal }) =>
      new Promise((__, reject) => signal?.addEventListener("abort", () => reject(new Error("given up")))),
    limits: { backlogBytes: MIB },
  });
  onTestFinished(() => node.stop());
  const connecting = node.connect("far@127.0.0.1");
  for (let sent = 0; sent < 5; sent++) node.send({ name: "sink", node: "far@127.0.0.1" }, new Uint8Array(256 * KIB));
  await expect(connecting).rejects.toMatchObject({ code: "overloaded", message: /await connect/ });
  expect(node.bufferedBytes("far@127.0.0.1")).toBe(0);
});

function later(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
