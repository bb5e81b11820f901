import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { freePortNo, startEpmd } from "../../../../test/support/otp.ts";
import { type CarrierPair, carrierCompliance } from "../../test/support/carrier-compliance.ts";
import { selfSigned } from "../../test/support/certificate.ts";
import { fastestMs } from "../../test/support/fastest.ts";
import { ConnectionError } from "../errors.ts";
import type { ByteStream, DirectStream, Listening } from "./byte-stream.ts";
import { connectTcp, type ListenTcpOptions, listenTcp, tcp } from "./nodejs.ts";

const LOOPBACK = "127.0.0.1";
const PEER = "app@127.0.0.1";

interface Acceptor extends Listening {
  readonly portNo: number;
  /** The next connection that comes in. */
  next(): Promise<ByteStream>;
}

async function listen(options: ListenTcpOptions, name = PEER): Promise<Acceptor> {
  const waiting: ((stream: ByteStream) => void)[] = [];
  const accepted: ByteStream[] = [];
  const accept = (stream: ByteStream): void => {
    const taker = waiting.shift();
    if (taker === undefined) accepted.push(stream);
    else taker(stream);
  };
  const listening = await listenTcp({ host: LOOPBACK, ...options })({ name, hidden: true, accept });
  return {
    creation: listening.creation,
    portNo: listening.portNo ?? 0,
    close: () => listening.close(),
    next: async () => accepted.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  };
}

/** A server that takes connections and does with them as it is told. */
async function serverThat(handle: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    handle(socket);
  });
  await once(server.listen(0, LOOPBACK), "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return address.port;
}

async function makePair(): Promise<CarrierPair> {
  const acceptor = await listen({ epmd: false });
  const [near, far] = await Promise.all([connectTcp(LOOPBACK, acceptor.portNo), acceptor.next()]);
  return { near, far, breakOff: () => far.writable.abort(), dispose: () => acceptor.close() };
}

const { key, cert } = selfSigned();

async function makeTlsPair(): Promise<CarrierPair> {
  const acceptor = await listen({ epmd: false, tls: { key, cert } });
  const [near, far] = await Promise.all([connectTcp(LOOPBACK, acceptor.portNo, { tls: { ca: cert } }), acceptor.next()]);
  return { near, far, breakOff: () => far.writable.abort(), dispose: () => acceptor.close() };
}

/** The way around the streams, behind streams again. */
function throughDirect(stream: ByteStream): ByteStream {
  const { direct } = stream;
  if (direct === undefined) throw new Error("no way around the streams");
  let resume: (() => void) | undefined;
  let inbound!: ReadableStreamDefaultController<Uint8Array>;
  const readable = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        inbound = controller;
      },
      pull: () => resume?.(),
      cancel: () => stream.close(),
    },
    { highWaterMark: 1 },
  );
  const ended = direct.read((chunk) => {
    // What is read is the reader's, as ever.
    inbound.enqueue(chunk);
    if ((inbound.desiredSize ?? 0) > 0) return undefined;
    return new Promise<void>((resolve) => {
      resume = resolve;
    });
  });
  ended
    .then(
      () => inbound.close(),
      (error: unknown) => inbound.error(error),
    )
    .catch(() => undefined);
  let outbound!: WritableStreamDefaultController;
  const unwritten: Uint8Array[] = [];
  const writable = new WritableStream<Uint8Array>(
    {
      start(controller) {
        outbound = controller;
        controller.signal.addEventListener("abort", () => void direct.abort());
      },
      write() {
        const chunk = unwritten.shift();
        return chunk === undefined ? undefined : direct.write(chunk);
      },
      close: () => stream.close(),
    },
    {
      // Called once for each chunk, when it is accepted.
      size(chunk) {
        unwritten.push(chunk);
        return chunk.length;
      },
    },
  );
  stream.closed.then(
    () => outbound.error(new ConnectionError("closed", "the connection is closed")),
    (error: unknown) => outbound.error(error),
  );
  return {
    readable,
    writable,
    closed: stream.closed,
    close() {
      // The driver writes at once whatever it has.
      for (const chunk of unwritten.splice(0)) direct.write(chunk)?.catch(() => undefined);
      return stream.close();
    },
  };
}

async function makeDirectPair(make: () => Promise<CarrierPair>): Promise<CarrierPair> {
  const { near, far, ...others } = await make();
  return { near: throughDirect(near), far, ...others };
}

const slackBytes = 32 * 1024 * 1024;
carrierCompliance("TCP of Node.js", makePair, { slackBytes });
carrierCompliance("TLS of Node.js", makeTlsPair, { slackBytes });
carrierCompliance("TCP of Node.js around the streams", () => makeDirectPair(makePair), { slackBytes });
carrierCompliance("TLS of Node.js around the streams", () => makeDirectPair(makeTlsPair), { slackBytes });

describe.each<[string, () => Promise<CarrierPair>]>([
  ["TCP", makePair],
  ["TLS", makeTlsPair],
])("abort() over %s resets the connection", (_, make) => {
  type Pair = Pick<CarrierPair, "near" | "far">;
  const RESET = { code: "closed", message: /the other side reset it/ };
  // A byte goes first: what resets a server of Node.js in the turn in which its TLS handshake is over, it takes for an end.
  const greet = (stream: ByteStream): Promise<void> => stream.writable.getWriter().write(Uint8Array.of(1));
  it.each<[string, (pair: Pair) => readonly [aborted: ByteStream, other: ByteStream]]>([
    ["by who has dialled", ({ near, far }) => [near, far]],
    ["by who has listened", ({ near, far }) => [far, near]],
  ])("%s", async (_who, sides) => {
    const { dispose, ...pair } = await make();
    const [aborted, other] = sides(pair);
    const { closed } = other;
    await Promise.all([greet(other), aborted.readable.getReader().read()]);
    await aborted.writable.abort();
    await expect(closed).rejects.toMatchObject(RESET);
    await aborted.closed;
    await dispose?.();
  });

  it.each<[string, (direct: DirectStream) => Promise<void> | undefined]>([
    ["which is idle", () => undefined],
    ["with more written than the other side takes", (direct) => direct.write(new Uint8Array(slackBytes))],
    // As the driver does: it is the end of its turn that closes.
    [
      "which was closed before while that waits",
      (direct) => {
        void direct.write(new Uint8Array(slackBytes));
        return undefined;
      },
    ],
  ])("around the streams, %s", async (what, write) => {
    const { near, far, dispose } = await make();
    // Nobody reads the far side, and so an orderly end would not be seen there.
    const { closed } = far;
    const { direct = expect.unreachable() } = near;
    const { promise: greeted, resolve } = Promise.withResolvers<void>();
    void direct.read(() => {
      resolve();
      return undefined;
    });
    await Promise.all([greet(far), greeted]);
    void write(direct);
    if (what.startsWith("which was closed")) void near.close();
    await direct.abort();
    await near.closed;
    await expect(closed).rejects.toMatchObject(RESET);
    await dispose?.();
  });
});

it("tells the width of handshake messages: 2 bytes over TCP, 4 over TLS", async () => {
  for (const [make, width] of [[makePair, 2] as const, [makeTlsPair, 4] as const]) {
    const { near, far, dispose } = await make();
    expect([near.handshakePacketBytes, far.handshakePacketBytes]).toEqual([width, width]);
    await Promise.all([near.close(), far.close()]);
    await dispose?.();
  }
});

it("gives plain Uint8Arrays to the reader, not Buffers", async () => {
  const portNo = await serverThat((socket) => socket.write("x"));
  const near = await connectTcp(LOOPBACK, portNo);
  const { value } = await near.readable.getReader().read();
  expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
  await near.close();
});

it.each([
  ["nothing listens", async () => connectTcp(LOOPBACK, await freePortNo(), { peer: PEER }), "refused", /nothing listens at 127/],
  [
    "nothing listens at either address of localhost",
    async () => connectTcp("localhost", await freePortNo()),
    "refused",
    /localhost/,
  ],
  ["the host is unknown", () => connectTcp("no-such-host.invalid", 1), "unreachable", /"no-such-host.invalid" is unknown/],
  [
    "the other side speaks no TLS",
    async () => connectTcp(LOOPBACK, await serverThat((socket) => socket.end("hello")), { tls: {} }),
    "tls_failed",
    /does not go on with TLS .*; does the node run with -proto_dist inet_tls/,
  ],
  [
    "the other side never answers",
    async () => connectTcp(LOOPBACK, await serverThat(() => undefined), { tls: {}, timeoutMs: 50 }),
    "timeout",
    /no TLS with 127.*127.0.0.1:\d+ did not answer in 50 ms; does it speak TLS/,
  ],
  ["no name is a node's", () => tcp({ portNo: 1 })("app", {}), "no_such_node", /"app" is not a full node name/],
  ["no EPMD runs", async () => tcp({ epmdPortNo: await freePortNo() })(PEER, {}), "epmd_unreachable", /no EPMD at 127.0.0.1:\d+/],
  [
    "what answers is not EPMD",
    async () => tcp({ epmdPortNo: await serverThat((socket) => socket.end("HTTP/1.1 400\r\n")) })(PEER, {}),
    "epmd_unreachable",
    /what answers is not EPMD at 127/,
  ],
  [
    "EPMD hangs up",
    async () => tcp({ epmdPortNo: await serverThat((socket) => socket.end()) })(PEER, {}),
    "epmd_unreachable",
    /what answers is not EPMD at 127/,
  ],
  [
    "EPMD never answers",
    async () => tcp({ epmdPortNo: await serverThat(() => undefined), timeoutMs: 50 })(PEER, {}),
    "timeout",
    /no answer from EPMD at 127.0.0.1:\d+ in 50 ms/,
  ],
] as const)("says in under a second and in words that %s", async (_, dial, code, message) => {
  const refused = (): Promise<void> => expect(dial()).rejects.toMatchObject({ name: "ConnectionError", code, message });
  expect(await fastestMs(refused)).toBeLessThan(1000);
});

it("gives up when the caller does, before, while asking EPMD and while connecting", async () => {
  const silent = await serverThat(() => undefined);
  const aborted = { name: "ConnectionError", code: "aborted", cause: { message: "changed my mind" } };
  const reason = new Error("changed my mind");
  await expect(connectTcp(LOOPBACK, silent, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject(aborted);
  for (const connector of [tcp({ epmdPortNo: silent }), tcp({ portNo: silent, tls: {} })]) {
    const caller = new AbortController();
    const dial = connector(PEER, { signal: caller.signal });
    // By then the dial has come as far as the silent server, or is on its way there.
    setTimeout(() => caller.abort(reason), 20);
    await expect(dial).rejects.toMatchObject(aborted);
  }
  const late = tcp({ epmdPortNo: silent })(PEER, { signal: AbortSignal.timeout(20) });
  await expect(late).rejects.toMatchObject({ code: "timeout" });
});

it("finds a node that listens by its name, by way of a real epmd", async () => {
  const epmd = await startEpmd();
  onTestFinished(() => epmd.stop());
  const registration = { epmd: { portNo: epmd.portNo } };
  const acceptor = await listen(registration);
  expect(acceptor.creation).toBeGreaterThanOrEqual(4);
  const connector = tcp({ epmdPortNo: epmd.portNo });
  const [near, far] = await Promise.all([connector(PEER, {}), acceptor.next()]);
  await far.writable.getWriter().write(Uint8Array.of(1));
  expect((await near.readable.getReader().read()).value).toEqual(Uint8Array.of(1));

  await expect(listen(registration)).rejects.toMatchObject({ name: "EpmdError", code: "duplicate_name" });
  await expect(connector("other@127.0.0.1", {})).rejects.toMatchObject({
    code: "no_such_node",
    peer: "other@127.0.0.1",
    message: /EPMD at 127.0.0.1:\d+ knows no node "other"/,
  });

  await acceptor.close();
  // What was accepted lives on.
  await near.writable.getWriter().write(Uint8Array.of(2));
  expect((await far.readable.getReader().read()).value).toEqual(Uint8Array.of(2));
  await near.close();
  await expect(connectTcp(LOOPBACK, acceptor.portNo)).rejects.toMatchObject({ code: "refused" });
  // epmd takes the name back when it sees the registration's socket end.
  await expect.poll(() => connector(PEER, {}).catch((error: { code: string }) => error.code)).toBe("no_such_node");
});

it("is found again when its epmd was started anew", async () => {
  const first = await startEpmd();
  const acceptor = await listen({ epmd: { host: LOOPBACK, portNo: first.portNo } });
  const { creation } = acceptor;
  await first.stop();
  const second = await startEpmd({ portNo: first.portNo });
  onTestFinished(() => second.stop());
  const connector = tcp({ epmdPortNo: first.portNo });
  await expect(connector(PEER, {})).rejects.toMatchObject({ code: "no_such_node" });
  // As often as OTP, it tries every two seconds.
  const near = await vi.waitFor(() => connector(PEER, {}), { timeout: 10_000, interval: 200 });
  expect(acceptor.creation).toBe(creation);
  await near.close();
  await acceptor.close();
});

it("says why it cannot listen", async () => {
  const portNo = await serverThat(() => undefined);
  await expect(listen({ portNo, epmd: false })).rejects.toMatchObject({ code: "cannot_listen", message: /EADDRINUSE/ });
  const noEpmd = listen({ epmd: { host: LOOPBACK, portNo: await freePortNo() } });
  await expect(noEpmd).rejects.toMatchObject({ code: "epmd_unreachable", message: /cannot register app@127.0.0.1/ });
});
