// Small sends of a node of ours, by the page's carrier or by TCP: `sends.ts ws URL PORT` or `sends.ts tcp PORT`. The node at the other
// end, which is in this process as well, shakes hands and then only counts. Prints messages a second.
//
// The WebSocket is that of ws with bufferutil, which masks in C as a browser does; that of Node.js masks in JavaScript, and a sixth of
// this process' time would be that.
import { createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { atom, ErlangNode, tuple } from "@erl-dist/core";
import { Acceptor, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { bridge } from "@erl-dist/core/transports/websocket";
import { WebSocket } from "ws";

const SECONDS = 1;
const PEER = "bench@127.0.0.1";
const { positionals } = parseArgs({ allowPositionals: true });
const [carrier = "", where = "", sink = ""] = positionals;

let counted = 0;
const server = createServer({ noDelay: true }, accept);
await new Promise<void>((resolve) => server.listen(Number(carrier === "tcp" ? where : sink), "127.0.0.1", resolve));

const connect = carrier === "tcp" ? tcp({ portNo: Number(where) }) : bridge(where, { target: "bench", WebSocket });
const node = await ErlangNode.start({ name: "page@browser", cookie: "secret", connect });
await node.connect(PEER);
const message = tuple(atom("bench"), 42, new TextEncoder().encode("hello world 0123456789"));
const to = { name: "sink", node: PEER };
const bytesOfOne = await weigh(1_000);
await sendFor(0.3);
const before = counted;
const from = performance.now();
await sendFor(SECONDS);
process.stdout.write(`${Math.round((counted - before) / bytesOfOne / ((performance.now() - from) / 1_000))}\n`);
process.exit();

/** What one message takes on the wire. */
async function weigh(messages: number): Promise<number> {
  const handshake = counted;
  for (let count = 0; count < messages; count++) node.send(to, message);
  for (let last = -1; last !== counted; await new Promise((resolve) => setTimeout(resolve, 100))) last = counted;
  return (counted - handshake) / messages;
}

/** As a page does that has much to say: a few hundred in a turn, as long as the carrier takes them. */
async function sendFor(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    for (let count = 0; count < 200; count++) node.send(to, message);
    await node.drained(PEER);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function accept(socket: Socket): void {
  const step = { now: 0, stepTimeMs: 7_000, handshakeBytes: 4_096, packetBytes: 2 } as const;
  const acceptor = new Acceptor({ ...step, name: PEER, creation: 5, challenge: 2, flags: PASS_THROUGH_FLAGS });
  let isConnected = false;
  socket.on("data", (chunk) => {
    counted += chunk.length;
    if (isConnected) return;
    acceptor.receive(chunk);
    for (let event = acceptor.nextEvent(0); event !== undefined; event = acceptor.nextEvent(0)) {
      isConnected ||= event.type === "connected";
      if (event.type === "name") acceptor.answer({ status: "ok", cookie: "secret" });
    }
    const out = acceptor.takeOutbound();
    if (out !== undefined) socket.write(out);
  });
}
