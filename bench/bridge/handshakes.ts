// Idle links that have begun as links do, with a handshake: `handshakes.ts RELAY_PORT SINK_PORT COUNT` is page and node of each in
// turn, prints {"open": COUNT}, and holds them until its input ends.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { Acceptor, HEADER_FLAGS, Initiator } from "@erl-dist/core/handshake";
import { WebSocket } from "ws";
import { CUSTODY, NODE, PAGE } from "./custody.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const [relay, sink, count] = positionals.map(Number);
const STEP = { now: 0, stepTimeMs: 7_000, handshakeBytes: 4_096, flags: HEADER_FLAGS, packetBytes: 2 } as const;

const node = createServer({ noDelay: true }, accept);
await once(node.listen(sink, "127.0.0.1"), "listening");
for (let opened = 0; opened < (count ?? 0); opened++) await open();
process.stdout.write(`${JSON.stringify({ open: count })}\n`);
await once(process.stdin.resume(), "end");
process.exit();

async function open(): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${relay}/dist/bench`, "erldist.v1");
  socket.on("close", () => fail("the relay has closed a link"));
  await once(socket, "open");
  const page = new Initiator({ ...STEP, name: PAGE, creation: 9, peer: NODE, cookie: CUSTODY.secret, challenge: 1 });
  await new Promise<void>((resolve) => {
    const step = (): void => {
      for (let event = page.nextEvent(0); event !== undefined; event = page.nextEvent(0)) {
        if (event.type === "failed") throw event.error;
        if (event.type === "connected") resolve();
      }
      const out = page.takeOutbound();
      if (out !== undefined) socket.send(out);
    };
    socket.on("message", (bytes: Buffer) => {
      page.receive(bytes);
      step();
    });
    step();
  });
}

function accept(socket: Socket): void {
  const acceptor = new Acceptor({ ...STEP, name: NODE, creation: 5, challenge: 2 });
  socket.on("error", (error) => fail(error.message));
  socket.on("data", (chunk) => {
    acceptor.receive(chunk);
    for (let event = acceptor.nextEvent(0); event !== undefined; event = acceptor.nextEvent(0)) {
      if (event.type === "name") acceptor.answer({ status: "ok", cookie: CUSTODY.cookie });
      if (event.type === "failed") throw event.error;
    }
    const out = acceptor.takeOutbound();
    if (out !== undefined) socket.write(out);
  });
}

function fail(words: string): never {
  throw new Error(words);
}
