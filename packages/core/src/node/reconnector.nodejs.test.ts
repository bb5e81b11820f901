// What a node gets back, and what it does not, when a real Erlang node has ended the connection or itself.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { atom, Pid, tuple } from "../etf/index.ts";
import { tcp } from "../transports/nodejs.ts";
import { ErlangNode } from "./node.ts";
import type { NodeEventMap } from "./node-events.ts";
import { pg } from "./pg.ts";

const NOCONNECTION = atom("noconnection");

describe.each(releases())("with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let node: ErlangNode;

  const startPeer = (alive?: string): Promise<ErlNode> =>
    startErl({ release, epmd, args: ["-kernel", "start_pg", "true"], ...(alive === undefined ? {} : { alive }) });

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startPeer();
    node = await ErlangNode.start({ cookie: erl.cookie, connect: tcp({ epmdPortNo: epmd.portNo }), reconnect: { delayMs: 50 } });
  });

  afterAll(async () => {
    await node.stop();
    await erl.stop();
    await epmd.stop();
  });

  const event = <K extends keyof NodeEventMap>(type: K): Promise<NodeEventMap[K]> =>
    new Promise((resolve) => node.addEventListener(type, resolve, { once: true }));

  it("comes back as another node, whose processes are in their groups under new pids", async () => {
    await node.connect(erl.name);
    const { name: previousName, creation } = node;
    const self = node.spawn();
    self.register("here");
    pg(node).join(atom("room"), self);
    await expect.poll(() => erl.eval("length(pg:get_members(room))")).toBe("1");
    await erl.eval(`register(holder, spawn(fun() ->
      [Old] = pg:get_members(room), persistent_term:put(old, Old), Ref = monitor(process, Old), {here, node(Old)} ! self(),
      receive {'DOWN', Ref, process, Old, noconnection} -> ok end,
      receive {to, Name} -> Old ! old, {here, Name} ! new end
    end))`);
    const holder = await self.receive();
    if (!(holder instanceof Pid)) throw new Error("no pid");
    const ref = self.monitor(holder);

    const reconnected = event("reconnected");
    await erl.eval(`true = erlang:disconnect_node('${previousName}')`);
    expect(await reconnected).toMatchObject({ peer: erl.name, previousName, renamed: true, restarted: false });
    // OTP gives a name that it knows to be free again, with another creation.
    expect(node.creation).not.toBe(creation);
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), holder, NOCONNECTION));
    await expect.poll(() => erl.eval("[P ! pg || P <- pg:get_members(room) -- [persistent_term:get(old)]]")).toBe("[pg]");
    expect(await self.receive()).toBe(atom("pg"));
    // The peer lives on, and so does what is held of it here.
    self.send(holder, tuple(atom("to"), atom(node.name)));
    expect(await self.receive()).toBe(atom("new"));
    expect(self.messageQueueLength).toBe(0);
  });

  it("comes back to a node that was started anew, whose old pids are dead", async () => {
    await node.connect(erl.name);
    const old = await node.erpc(erl.name, "erlang", "whereis", [atom("init")]);
    if (!(old instanceof Pid)) throw new Error("no pid");
    const [down, reconnected] = [event("nodedown"), event("reconnected")];
    await erl.kill();
    expect(await down).toMatchObject({ peer: erl.name, reason: "connection_closed" });
    erl = await startPeer(erl.name.split("@")[0]);
    expect(await reconnected).toMatchObject({ peer: erl.name, restarted: true });
    const self = node.spawn();
    const ref = self.monitor(old);
    expect(await self.receive()).toEqual(tuple(atom("DOWN"), ref, atom("process"), old, atom("noproc")));
    expect(await node.erpc(erl.name, "erlang", "node", [])).toBe(atom(erl.name));
  });
});
