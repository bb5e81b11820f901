// The light node against real Erlang nodes.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { atom, map, type Term, tuple } from "../etf/index.ts";
import { tcp } from "../transports/nodejs.ts";
import * as erpc from "./erpc.ts";
import { call } from "./gen-server-client.ts";
import { LightNode, type LightNodeOptions } from "./light-node.ts";

const ECHO = "register(echo, spawn(fun F() -> receive {P, M} -> P ! {echo, M}, F() end end))";

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;
  const connected: LightNode[] = [];

  beforeAll(async () => {
    erl = await startErl({ release });
    await erl.eval(ECHO);
  });
  afterEach(async () => {
    await Promise.all(connected.splice(0).map((node) => node.close()));
    await vi.waitUntil(async () => (await erl.eval("nodes(connected)")) === "[]");
  });
  afterAll(() => erl.stop());

  async function connect(options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
    const node = await LightNode.connect(erl.name, { cookie: "secret", connect: tcp({ portNo: erl.portNo }), ...options });
    connected.push(node);
    return node;
  }

  it("connects under a name from there, sends, and receives", async () => {
    const node = await connect();
    await vi.waitUntil(async () => (await erl.eval("nodes(hidden)")) === `['${node.name}']`);
    const terms: Term[] = [1, atom("ok"), 2n ** 200n, 1.5, map({ a: [1, 2, 3] }), new Uint8Array(300_000).fill(7)];
    for (const term of terms) node.send({ name: "echo", node: erl.name }, tuple(node.pid, term));
    for (const term of terms) expect(await node.receive()).toEqual(tuple(atom("echo"), term));
  });

  it("is pinged, linked and monitored as any node, and then gone", async () => {
    const node = await connect({ name: `light${process.pid}@127.0.0.1` });
    const { pid } = node;
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
    const watch = `register(watcher, spawn(fun() -> process_flag(trap_exit, true), receive P -> link(P), M = monitor(process, P),
      P ! ready, E = receive {'EXIT', P, R} -> R end, D = receive {'DOWN', M, process, P, S} -> S end,
      receive {get, G} -> G ! {E, D} end end end))`;
    await erl.eval(watch);
    node.send({ name: "watcher", node: erl.name }, pid);
    expect(await node.receive()).toBe(atom("ready"));
    await node.close();
    expect(await erl.eval("watcher ! {get, self()}, receive X -> X end")).toBe("{noconnection,noconnection}");
  });

  it("calls, by its process", async () => {
    const self = await (await connect()).process();
    expect(await erpc.call(self, erl.name, "lists", "sum", [[1, 2, 3]])).toBe(6);
    expect(await call(self, { name: "kernel_sup", node: erl.name }, atom("count_children"))).toMatchObject([{}, {}, {}, {}]);
    expect(await erl.eval(`catch erpc:call('${self.node}', os, cmd, ["id"])`)).toMatch(/undef/);
  });

  it("tells a wrong cookie and a lost connection", async () => {
    await expect(connect({ cookie: "wrong" })).rejects.toMatchObject({ name: "HandshakeError", code: "wrong_cookie" });
    const node = await connect();
    const lost = node.receive().catch((error: unknown) => error);
    // We are connected a moment before the node says so of us.
    await vi.waitUntil(async () => (await erl.eval("nodes(hidden)")) === `['${node.name}']`);
    expect(await erl.eval(`erlang:disconnect_node('${node.name}')`)).toBe("true");
    expect(await lost).toMatchObject({ name: "ConnectionError", code: "closed" });
  });
});
