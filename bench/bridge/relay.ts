// One relay in a process of its own: `relay.ts KIND SINK_PORT`. Prints the port at which it listens. A line of input is a question:
// "memory" for KiB in use, "handles" for the number of handles that keep the process, both after a collection of garbage.
import { type AddressInfo, connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type BridgeConfig, createBridge } from "@erl-dist/bridge";
import { LinkStage } from "@erl-dist/bridge/policy";
import { Acceptor, HEADER_FLAGS, Initiator } from "@erl-dist/core/handshake";
import { WebSocketServer } from "ws";
import { CUSTODY, NODE, PAGE } from "./custody.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const [kind = "", sink = ""] = positionals;
const portNo = Number(sink);

switch (kind) {
  case "pipe":
    pipe();
    break;
  case "naive":
    naive();
    break;
  case "bridge":
    await ours({});
    break;
  case "custody":
    await ours({ stage: (target, now) => afterHandshake(target.node, now) });
    break;
  case "gated":
    await ours({ stage: (target, now) => gated(target.node, now) });
    break;
  default:
    throw new TypeError(`no relay "${kind}"`);
}
createInterface({ input: process.stdin }).on("line", (question) => {
  globalThis.gc?.();
  process.stdout.write(`${question === "memory" ? liveKiB() : process.getActiveResourcesInfo().length}\n`);
});

function liveKiB(): number {
  const { heapUsed, external } = process.memoryUsage();
  // Buffers are in `external`, too.
  return (heapUsed + external) / 1_024;
}

function listening(port: number): void {
  process.stdout.write(`${port}\n`);
}

/** No WebSocket at all: what Node.js needs for passing bytes on. */
function pipe(): void {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port: portNo, noDelay: true });
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => void [near.destroy(), far.destroy()]);
  });
  server.listen(0, "127.0.0.1", () => listening((server.address() as AddressInfo).port));
}

/** What most relays are: whatever comes in goes out, however much waits there. */
function naive(): void {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (page) => {
    const node = connect({ host: "127.0.0.1", port: portNo, noDelay: true });
    page.on("message", (data: Buffer) => node.write(data));
    node.on("data", (chunk) => page.send(chunk));
    node.on("close", () => page.close()).on("error", () => page.close());
    page.on("close", () => node.destroy());
  });
  server.on("listening", () => listening((server.address() as AddressInfo).port));
}

async function ours(config: Partial<BridgeConfig>): Promise<void> {
  const bridge = createBridge({ dev: true, targets: { bench: { node: NODE, portNo } }, portNo: 0, ...config });
  listening((await bridge.listen()).portNo);
}

/** As the handshakes of handshakes.ts need it. */
function gated(node: string, now: number): LinkStage {
  const name = { type: "fixed", name: PAGE, owned: true } as const;
  const packetBytes = 1024 * 1024;
  const limits = { nodePacketBytes: 2, creation: 7, handshakeTimeMs: 7_000, handshakeBytes: 4_096, packetBytes } as const;
  return new LinkStage({ ...limits, node, name, custody: CUSTODY, now });
}

/** The stage of a link whose handshake is over, as it is for all of a link's life but the beginning. */
function afterHandshake(node: string, now: number): LinkStage {
  const stage = gated(node, now);
  const step = { now, stepTimeMs: 7_000, handshakeBytes: 4_096, flags: HEADER_FLAGS, packetBytes: 2 } as const;
  const own = { ...step, name: PAGE, creation: 9, peer: node, cookie: CUSTODY.secret, challenge: 1 };
  const page = new Initiator(own);
  const acceptor = new Acceptor({ ...step, name: node, creation: 5, challenge: 2 });
  stage.nodeReached(now);
  while (stage.connected === undefined) {
    give(stage, "page", page.takeOutbound());
    for (let out = stage.takeOutbound("node"); out !== undefined; out = stage.takeOutbound("node")) acceptor.receive(out);
    for (let event = acceptor.nextEvent(now); event !== undefined; event = acceptor.nextEvent(now)) {
      if (event.type === "name") acceptor.answer({ status: "ok", cookie: CUSTODY.cookie });
      if (event.type === "failed") throw event.error;
    }
    give(stage, "node", acceptor.takeOutbound());
    for (let out = stage.takeOutbound("page"); out !== undefined; out = stage.takeOutbound("page")) page.receive(out);
    while (page.nextEvent(now) !== undefined);
  }
  while (stage.takeOutbound("page") !== undefined || stage.takeOutbound("node") !== undefined);
  return stage;
}

function give(stage: LinkStage, from: "page" | "node", bytes: Uint8Array | undefined): void {
  if (bytes !== undefined) stage.receive(from, bytes);
}
