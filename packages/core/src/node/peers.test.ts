// Connections that come in while we connect ourselves, with each step of the other side in the test's hand.
import { afterEach, expect, it } from "vitest";
import { packet } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
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
