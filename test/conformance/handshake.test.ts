// The handshake with real nodes, on either side; what those never do is done by fake peers in fake-peer.test.ts.
import { atom, tuple } from "@erl-dist/core";
import { register } from "@erl-dist/core/epmd";
import { DFLAG, type FlagName, flagNames, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { connectTcp, listenTcp, tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { fastestMs } from "../../packages/core/test/support/fastest.ts";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../support/otp.ts";
import { dialAs } from "./support/fake-peer.ts";
import { freshName, nextEvent, startNode } from "./support/node.ts";
import { bytewise, gathered, held, type Relay, type RelayOptions, startRelay } from "./support/relay.ts";

const LOOPBACK = "127.0.0.1";

describe.each(releases())("OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
  });
  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  const ping = (name: string): Promise<string> => erl.eval(`net_adm:ping('${name}')`);

  /** A node of ours that others reach through a relay only, where EPMD sends them. */
  async function startBehindRelay(name: string, treatment: RelayOptions = {}, dialled?: number) {
    let portNo: number | undefined;
    const node = await startNode(epmd.portNo, {
      name,
      ...(dialled === undefined ? {} : { connect: tcp({ portNo: dialled }) }),
      async listen(options) {
        const listening = await listenTcp({ host: LOOPBACK, epmd: false })(options);
        portNo = listening.portNo;
        return listening;
      },
    });
    const relay = await startRelay(portNo ?? 0, treatment);
    const [alive = ""] = name.split("@");
    const registered = await register(await connectTcp(LOOPBACK, epmd.portNo), { name: alive, portNo: relay.portNo });
    onTestFinished(() => registered.close());
    return { node, relay };
  }

  it("[C7] connects with us as a hidden node", async () => {
    const node = await startNode(epmd.portNo);
    expect(await node.connect(erl.name)).toMatchObject({ name: erl.name, hidden: true });
    expect(await erl.eval("nodes(hidden)")).toContain(node.name);
    expect(await erl.eval("nodes()")).toBe("[]");
  });

  it("[C8] sends us packets with distribution headers, and large messages in fragments", async () => {
    const received: Buffer[] = [];
    const relay = await startRelay(erl.portNo, {
      back: (chunk, send) => {
        received.push(chunk);
        send(chunk);
      },
    });
    const node = await startNode(epmd.portNo, { connect: tcp({ portNo: relay.portNo }) });
    const { flags } = await node.connect(erl.name);
    expect(flagNames(flags)).toEqual(expect.arrayContaining(["DIST_HDR_ATOM_CACHE", "FRAGMENTS"]));
    const self = node.spawn();
    self.register("here");
    await erl.eval(`{here, '${node.name}'} ! small, {here, '${node.name}'} ! binary:copy(<<1>>, 200000)`);
    expect(await self.receive()).toBe(atom("small"));
    expect(await self.receive()).toEqual(new Uint8Array(200_000).fill(1));
    // The byte after the version tells a header from the first and the next fragments.
    const kinds = packetsOf(Buffer.concat(received)).map((packet) => packet[1]);
    expect(kinds).toEqual([68, 69, 70, 70, 70]);
  });

  it("[C9] finds us in EPMD and is accepted", async () => {
    const node = await startNode(epmd.portNo, { listens: true });
    expect(await ping(node.name)).toBe("pong");
    expect(node.nodes()).toEqual([erl.name]);
  });

  it("[C10] refuses our wrong cookie, which we report as such while it logs it", async () => {
    const node = await startNode(epmd.portNo, { cookie: "other" });
    const refused = (): Promise<void> =>
      expect(node.connect(erl.name)).rejects.toMatchObject({ name: "HandshakeError", code: "wrong_cookie" });
    expect(await fastestMs(refused)).toBeLessThan(1_000);
    await expect.poll(() => erl.output()).toMatch(new RegExp(`attempt from node '?${node.name}'? rejected`));
  });

  it("[C11] is turned away with another cookie", async () => {
    const node = await startNode(epmd.portNo, { listens: true, cookie: "other" });
    const failed = nextEvent(node, "connecterror");
    expect(await ping(node.name)).toBe("pang");
    expect(await failed).toMatchObject({ incoming: true, peer: erl.name, error: { code: "wrong_cookie" } });
    expect(node.nodes()).toEqual([]);
  });

  const demanded: FlagName[] = flagNames(MANDATORY_FLAGS).filter(
    (flag) => Number(release.otp) >= 26 || (flag !== "UNLINK_ID" && flag !== "V4_NC"),
  );
  it("[C12] does not allow us without a mandatory flag, which we name", async () => {
    for (const flag of demanded) {
      const flags = PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG[flag];
      await expect(dialAs({ name: freshName(), flags }, erl.name, erl.portNo)).rejects.toMatchObject({
        code: "not_allowed",
        message: expect.stringContaining(flag),
      });
    }
  });

  it("[C14] names each of us, and names us anew when we come back", async () => {
    const nodes = [await startNode(epmd.portNo, { name: undefined }), await startNode(epmd.portNo, { name: undefined })];
    for (const node of nodes) await node.connect(erl.name);
    const identities = nodes.map(({ name, creation }) => `${name} ${creation}`);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(2);
    const hidden = await erl.eval("nodes(hidden)");
    for (const { name } of nodes) expect(hidden).toContain(name);
    const [first] = nodes;
    await first?.disconnect(erl.name);
    await first?.connect(erl.name);
    expect(identities).not.toContain(`${first?.name} ${first?.creation}`);
  });

  it("[C15] takes the name that we give, and talks to us under it", async () => {
    const node = await startNode(epmd.portNo, { listens: true });
    const self = node.spawn();
    self.register("here");
    await using nameless = await startErl({ release, epmd, alive: "undefined" });
    expect(await nameless.eval("node()")).toBe("nonode@nohost");
    expect(await nameless.eval(`net_kernel:connect_node('${node.name}')`)).toBe("true");
    const [given = ""] = node.nodes();
    expect(given).toMatch(/^[0-9A-Z]+@127\.0\.0\.1$/);
    expect(await nameless.eval("node()")).toBe(`'${given}'`);
    await nameless.eval(`register(asker, self()), {here, '${node.name}'} ! {asker, node()}`);
    expect(await self.receive()).toEqual(tuple(atom("asker"), atom(given)));
    self.send({ name: "asker", node: given }, atom("hello"));
    expect(await nameless.eval("receive M -> M after 5000 -> none end")).toBe("hello");
    // A second one gets another name.
    await using other = await startErl({ release, epmd, alive: "undefined" });
    expect(await other.eval(`net_kernel:connect_node('${node.name}')`)).toBe("true");
    expect(new Set(node.nodes()).size).toBe(2);
  });

  describe("[C16] under a name that is connected already", () => {
    it("lets us take over, and ends the old connection", async () => {
      const old = await startNode(epmd.portNo);
      await old.connect(erl.name);
      const down = nextEvent(old, "nodedown");
      const fresh = await startNode(epmd.portNo, { name: old.name, takeOver: true });
      await fresh.connect(erl.name);
      expect(await down).toMatchObject({ peer: erl.name, reason: "connection_closed" });
      expect(await ping(old.name)).toBe("pong");
      expect(fresh.nodes()).toEqual([erl.name]);
    });

    it("lets us withdraw, and keeps the old connection", async () => {
      const old = await startNode(epmd.portNo);
      await old.connect(erl.name);
      const fresh = await startNode(epmd.portNo, { name: old.name });
      await expect(fresh.connect(erl.name)).rejects.toMatchObject({ code: "name_in_use" });
      expect(await ping(old.name)).toBe("pong");
      expect(old.nodes()).toEqual([erl.name]);
    });

    it("takes over from itself, when we have not seen that its old connection is gone", async () => {
      const { node, relay } = await startBehindRelay(freshName());
      expect(await ping(node.name)).toBe("pong");
      cutNear(relay);
      await expect.poll(() => erl.eval("nodes(connected)")).not.toContain(node.name);
      expect(node.nodes()).toEqual([erl.name]);
      const down = nextEvent(node, "nodedown");
      expect(await ping(node.name)).toBe("pong");
      await down;
      expect(node.nodes()).toEqual([erl.name]);
      expect(await node.ping(erl.name)).toBe(true);
    });
  });

  // The one whose name is greater goes on with its own attempt. Whoever is first, its bytes are held back until the other's have come.
  describe.each(["a", "z"])("[C17] when both dial at once, and our name begins with %s", (first) => {
    const isGreater = first === "z";

    it("connects once: ours is under way when its attempt comes", async () => {
      const ours = held();
      const out = await startRelay(erl.portNo, { there: ours.treatment });
      const { node } = await startBehindRelay(freshName(first), {}, out.portNo);
      const ups: string[] = [];
      node.addEventListener("nodeup", ({ peer }) => ups.push(peer));
      const refused = isGreater ? nextEvent(node, "connecterror") : undefined;
      const connected = node.connect(erl.name);
      await expect.poll(() => out.connections.length).toBe(1);
      const pong = ping(node.name);
      if (refused !== undefined) {
        expect(await refused).toMatchObject({ incoming: true, error: { code: "simultaneous_refused" } });
        ours.release();
      }
      expect(await pong).toBe("pong");
      expect(await connected).toMatchObject({ name: erl.name });
      ours.release();
      expect(await node.ping(erl.name)).toBe(true);
      expect(ups).toEqual([erl.name]);
    });

    it("connects once: its attempt is under way when ours comes", async () => {
      const theirs = held();
      const out = await startRelay(erl.portNo, {
        // Its answer to our attempt is what it decided.
        back: (chunk, send) => {
          send(chunk);
          theirs.release();
        },
      });
      const { node, relay } = await startBehindRelay(freshName(first), { there: theirs.treatment }, out.portNo);
      const ups: string[] = [];
      node.addEventListener("nodeup", ({ peer }) => ups.push(peer));
      const pong = ping(node.name);
      await expect.poll(() => relay.connections.length).toBe(1);
      expect(await node.connect(erl.name)).toMatchObject({ name: erl.name });
      expect(await pong).toBe("pong");
      expect(await node.ping(erl.name)).toBe(true);
      expect(ups).toEqual([erl.name]);
    });
  });

  describe("[C19] through a network that cuts as it likes", () => {
    it.each([
      ["one byte at a time", () => ({ there: bytewise, back: bytewise })],
      ["all that comes within 30 ms at once", () => ({ there: gathered(30), back: gathered(30) })],
    ] as const)("connects and talks in both directions: %s", async (_, treatment) => {
      const out = await startRelay(erl.portNo, treatment());
      const { node } = await startBehindRelay(freshName(), treatment(), out.portNo);
      const self = node.spawn();
      self.register("here");
      // A message that follows its acknowledgement at once.
      await erl.eval(`Self = self(), spawn(fun() -> net_kernel:monitor_nodes(true, [{node_type, all}]), Self ! ready,
        receive {nodeup, '${node.name}', _} -> {here, '${node.name}'} ! at_once end end), receive ready -> ok end`);
      expect(await node.ping(erl.name)).toBe(true);
      expect(await self.receive()).toBe(atom("at_once"));
      await node.disconnect(erl.name);
      await expect.poll(() => erl.eval("nodes(connected)")).not.toContain(node.name);
      expect(await ping(node.name)).toBe("pong");
    });
  });

  it("[C20] is given up when it does not answer, and left without a connection of ours", async () => {
    await using frozen = await startErl({ release, epmd });
    const node = await startNode(epmd.portNo, { limits: { handshakeTimeMs: 200 } });
    process.kill(frozen.pid, "SIGSTOP");
    try {
      // Not all of its threads stop at once.
      await vi.waitFor(
        async () => {
          await node.disconnect(frozen.name);
          await expect(node.connect(frozen.name)).rejects.toMatchObject({ name: "HandshakeError", code: "timeout" });
        },
        { timeout: 10_000 },
      );
    } finally {
      process.kill(frozen.pid, "SIGCONT");
    }
    expect(node.nodes()).toEqual([]);
    await expect.poll(() => frozen.eval("nodes(connected)")).toBe("[]");
  });

  it("[C21] is not taken for another node", async () => {
    const node = await startNode(epmd.portNo, { connect: tcp({ portNo: erl.portNo }) });
    await expect(node.connect("other@127.0.0.1")).rejects.toMatchObject({
      code: "wrong_node",
      message: expect.stringContaining(erl.name),
    });
  });

  it("[C22] sees one creation for one life of our node, and another for the next", async () => {
    const name = freshName();
    const seen: number[] = [];
    for (let life = 0; life < 2; life++) {
      const node = await startNode(epmd.portNo, { name });
      for (const _ of [1, 2]) {
        await erl.eval("catch unregister(teller), register(teller, self())");
        const self = node.spawn();
        self.send({ name: "teller", node: erl.name }, self.pid);
        // PID_EXT, node, id, serial, creation.
        const tail = await erl.eval(
          "receive P -> B = term_to_binary(P), binary:decode_unsigned(binary:part(B, size(B), -4)) end",
        );
        seen.push(Number(tail));
        expect(node.creation).toBe(Number(tail));
        await node.disconnect(erl.name);
      }
      await node.stop();
    }
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).toBe(seen[3]);
    expect(seen[0]).not.toBe(seen[2]);
  });
});

/** The packets in what a node has sent, without ticks and without its three messages of the handshake. */
function packetsOf(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let offset = 0;
  for (let message = 0; message < 3; message++) offset += 2 + bytes.readUInt16BE(offset);
  while (offset < bytes.length) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > offset + 4) packets.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return packets;
}

/** Ends the relay's connections to whoever dialled it, and lets the server behind believe that all is well. */
function cutNear({ connections }: Relay): void {
  for (const { near } of connections) {
    near.removeAllListeners();
    near.on("error", () => undefined);
    near.destroy();
  }
}
