// Shakes hands with a node and shows what it is, without being more than that:
//   node -C @erl-dist/source examples/handshake.ts --node app@127.0.0.1 --cookie secret [--port DISTRIBUTION_PORT]
import { parseArgs } from "node:util";
import { type HandshakeResult, flagNames, Initiator, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { tcp } from "@erl-dist/core/transports/nodejs";

async function shakeHands(peer: string, cookie: string, portNo?: number): Promise<HandshakeResult> {
  const stream = await tcp({ portNo })(peer, {});
  const initiator = new Initiator({
    // Without a name of our own: the peer gives us one.
    dynamicName: true,
    name: peer.slice(peer.indexOf("@") + 1),
    creation: 0,
    peer,
    cookie,
    flags: PASS_THROUGH_FLAGS,
    challenge: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    packetBytes: stream.handshakePacketBytes ?? 2,
    now: performance.now(),
    stepTimeMs: 7000,
    handshakeBytes: 4096,
  });
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const expire = (): void => {
    initiator.handleTimeout(performance.now());
    void stream.close();
  };
  try {
    for (;;) {
      const event = initiator.nextEvent(performance.now());
      if (event?.type === "connected") return event.result;
      if (event?.type === "failed") throw event.error;
      if (event !== undefined) continue;
      const outbound = initiator.takeOutbound();
      if (outbound !== undefined) await writer.write(outbound);
      const timer = setTimeout(expire, (initiator.nextTimeout() ?? 0) - performance.now());
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) initiator.receiveEnd();
      else initiator.receive(value);
    }
  } finally {
    await stream.close();
  }
}

try {
  const text = { type: "string" } as const;
  const { node, cookie, port } = parseArgs({ options: { node: text, cookie: text, port: text } }).values;
  if (node === undefined || cookie === undefined)
    throw new Error("usage: handshake --node NAME@HOST --cookie COOKIE [--port PORT]");
  const result = await shakeHands(node, cookie, port === undefined ? undefined : Number(port));
  console.log(`${result.peer} (creation ${result.peerCreation}) knows us as ${result.name}`);
  console.log(`its flags: ${flagNames(result.peerFlags).join(", ")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
