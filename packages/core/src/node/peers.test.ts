// Connections that come in while we connect ourselves, with each step of the other side in the test's hand.
import { afterEach, expect, it } from "vitest";
import { packet } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { HEADER_FLAGS, Initiator } from "../handshake/index.ts";
import type { ByteStream, Connector, Listener, ListenOptions } from "../transports/byte-stream.ts";
import { memoryNetwork, memoryPair } from "../transports/memory.ts";
import { ErlangNode } from "./node.ts";
import type { ConnectErrorEvent } from "./node-events.ts";

const started: ErlangNode[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
});

async function start(options: Parameters<typeof ErlangNode.start>[0]): Promise<ErlangNode> {
  const node = await ErlangNode.start(options);
  started.push(node);
  return node;
}

/** A listener that hands the node whatever streams the test makes. */
function door(): { readonly listen: Listener; readonly enter: () => ByteStream } {
  let accept: ListenOptions["accept"] = () => undefined;
  return {
    listen: async (options) => {
      ({ accept } = options);
      return { close: async () => undefined };
    },
    enter: () => {
      const [ours, theirs] = memoryPair();
      accept(theirs);
      return ours;
    },
  };
}

function connectError(node: ErlangNode): Promise<ConnectErrorEvent> {
  return new Promise((resolve) => node.addEventListener("connecterror", resolve, { once: true }));
}

// send_name, version 6: our usual flags, creation 4711, a name of three bytes.
const nameOf = (name: string): Uint8Array =>
  packet(Uint8Array.of(...bytesOf("4e 0000006d075f5fbc 00001267 0003"), ...new TextEncoder().encode(name)));

it("refuses a peer that dials at the same time as soon as that is decided", async () => {
  const { listen, enter } = door();
  const [dialled, silent] = memoryPair();
  const node = await start({ name: "z@m", cookie: "secret", connect: async () => dialled, listen });
  const connecting = node.connect("a@m").catch(() => "given up");
  // Our name is out.
  await silent.readable.getReader().read();
  const peer = enter();
  const failed = connectError(node);
  await peer.writable.getWriter().write(nameOf("a@m"));
  expect(await failed).toMatchObject({ incoming: true, error: { code: "simultaneous_refused" } });
  expect((await peer.readable.getReader().read()).value).toEqual(packet(new TextEncoder().encode("snok")));
  await peer.close();
  await node.stop();
  expect(await connecting).toBe("given up");
});

it("goes on with its own attempt when the peer's has gone before the cookie for it came", async () => {
  const network = memoryNetwork();
  await start({ name: "z@m", cookie: "secret", listen: network.listen });
  const { listen, enter } = door();
  const [cookie, dial] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  const cookies = [Promise.resolve("secret"), cookie.promise];
  const connect: Connector = async (peer, options) => {
    await dial.promise;
    return network.connect(peer, options);
  };
  const node = await start({ name: "a@m", cookie: () => cookies.shift() ?? "secret", connect, listen });
  const connecting = node.connect("z@m");
  const peer = enter();
  const failed = connectError(node);
  await peer.writable.getWriter().write(nameOf("z@m"));
  await peer.close();
  expect(await failed).toMatchObject({ incoming: true, error: { code: "closed" } });
  cookie.resolve("secret");
  await cookie.promise;
  dial.resolve();
  expect(await connecting).toMatchObject({ name: "z@m" });
});

it.each([
  ["waits for a peer that is connecting to it, instead of dialling too", true],
  ["dials when that peer does not come", false],
])("%s", async (_, comes) => {
  const network = memoryNetwork();
  const there = await start({ name: "b@m", cookie: "secret", listen: network.listen });
  const { listen, enter } = door();
  const dialled: string[] = [];
  const connect: Connector = (peer, options) => {
    dialled.push(peer);
    return network.connect(peer, options);
  };
  const node = await start({ name: "a@m", cookie: "secret", connect, listen });
  const stream = enter();
  const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
  const common = { flags: HEADER_FLAGS, now: 0, stepTimeMs: 1000, handshakeBytes: 4096, packetBytes: 2 } as const;
  const peer = new Initiator({
    ...common,
    name: "b@m",
    creation: 7,
    peer: "a@m",
    cookie: "secret",
    challenge: 1,
    dynamicName: false,
    answerAlive: false,
  });
  await writer.write(peer.takeOutbound() ?? expect.unreachable());
  // With its challenge it has said `ok`, and is about to be connected.
  let reply: Uint8Array | undefined;
  while (reply === undefined) {
    peer.receive((await reader.read()).value ?? expect.unreachable());
    while (peer.nextEvent(0) !== undefined);
    reply = peer.takeOutbound();
  }
  const connecting = node.connect("b@m");
  if (comes) {
    await writer.write(reply);
    expect(await connecting).toMatchObject({ name: "b@m", creation: 7 });
    expect(dialled).toEqual([]);
  } else {
    await stream.close();
    expect(await connecting).toMatchObject({ name: "b@m", creation: there.creation });
    expect(dialled).toEqual(["b@m"]);
  }
});
