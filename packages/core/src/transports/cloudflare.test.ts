// The carrier with a connect() of the test's own; cloudflare.workerd.test.ts has the real one.
import { expect, it, onTestFinished, vi } from "vitest";
import type { ByteStream } from "./byte-stream.ts";
import { type CloudflareConnect, type CloudflareOptions, type CloudflareSocket, cloudflare } from "./cloudflare.ts";
import { memoryPair } from "./memory.ts";

const PEER = "app@10.0.0.5";

interface Dialled {
  readonly address: Parameters<CloudflareConnect>[0];
  readonly options: Parameters<CloudflareConnect>[1];
  readonly socket: CloudflareSocket;
  readonly far: ByteStream;
}

/** A connect() that opens at once, and notes what it was asked for. */
function opening(opened: () => Promise<unknown> = async () => undefined): {
  readonly connect: CloudflareConnect;
  readonly dialled: Dialled[];
} {
  const dialled: Dialled[] = [];
  return {
    dialled,
    connect(address, options) {
      const [near, far] = memoryPair();
      const { readable, writable, closed } = near;
      const socket = { readable, writable, closed, opened: opened(), close: () => near.close() };
      dialled.push({ address, options, socket, far });
      return socket;
    },
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

it("dials the host part of the node name, and no half-open connection", async () => {
  const { connect, dialled } = opening();
  const stream = await cloudflare({ connect, portNo: 9100 })(PEER, {});
  expect(dialled).toMatchObject([
    { address: { hostname: "10.0.0.5", port: 9100 }, options: { secureTransport: "off", allowHalfOpen: false } },
  ]);
  expect(stream.handshakePacketBytes).toBe(2);
  const [{ far } = expect.unreachable()] = dialled;
  void far.writable.getWriter().write(Uint8Array.of(1, 2));
  expect((await stream.readable.getReader().read()).value).toEqual(Uint8Array.of(1, 2));
  await stream.close();
  await far.closed;
});

it("asks EPMD in the clear, and speaks TLS to the node it names", async () => {
  const { connect, dialled } = opening();
  const dialling = cloudflare({ connect, hostname: "node.example", epmdPortNo: 4370, secureTransport: "on" })(PEER, {});
  await expect.poll(() => dialled.length).toBe(1);
  const [{ far } = expect.unreachable()] = dialled;
  // PORT_PLEASE2_REQ for "app", and PORT2_RESP with port 9100 (erl_dist_protocol, "Get the Distribution Port of a Node").
  expect((await far.readable.getReader().read()).value).toEqual(Uint8Array.of(0, 4, 122, 97, 112, 112));
  const reply = Uint8Array.of(119, 0, 35, 140, 77, 0, 0, 6, 0, 5, 0, 3, 97, 112, 112, 0, 0);
  await far.writable.getWriter().write(reply);
  await far.close();
  const stream = await dialling;
  expect(stream.handshakePacketBytes).toBe(4);
  expect(dialled.map(({ address, options }) => [address.hostname, address.port, options.secureTransport])).toEqual([
    ["node.example", 4370, "off"],
    ["node.example", 9100, "on"],
  ]);
  await stream.close();
});

it.each([
  ["a socket that does not open", opening(() => Promise.reject(new Error("proxy request failed"))).connect],
  [
    "a connect() that throws",
    () => {
      throw new Error("proxy request failed");
    },
  ],
] as const)("puts %s into words", async (_, connect) => {
  const refused = { name: "ConnectionError", peer: PEER, cause: { message: "proxy request failed" } };
  await expect(cloudflare({ connect, portNo: 9100 })(PEER, {})).rejects.toMatchObject({
    ...refused,
    code: "refused",
    message: /cannot connect to app@10.0.0.5: no connection to 10.0.0.5:9100 \(proxy request failed\)/,
  });
  await expect(cloudflare({ connect })(PEER, {})).rejects.toMatchObject({ code: "epmd_unreachable", message: /no EPMD at 10/ });
});

it("closes the socket of a dial that takes too long, or that nobody wants any more", async () => {
  const late = opening(never);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const dial = (options: CloudflareOptions, signal?: AbortSignal): Promise<ByteStream> =>
    cloudflare({ connect: late.connect, portNo: 9100, ...options })(PEER, { signal });
  const [timing] = await Promise.allSettled([dial({ timeoutMs: 500 }), vi.advanceTimersByTimeAsync(500)]);
  expect(timing).toMatchObject({ reason: { code: "timeout", message: /no answer from 10.0.0.5:9100 in 500 ms/ } });

  const caller = new AbortController();
  setTimeout(() => caller.abort(), 1);
  const [leaving] = await Promise.allSettled([dial({}, caller.signal), vi.advanceTimersByTimeAsync(1)]);
  expect(leaving).toMatchObject({ reason: { code: "aborted" } });

  await expect(dial({}, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  expect(late.dialled).toHaveLength(2);
  for (const { socket, far } of late.dialled) await Promise.all([socket.closed, far.closed]);
});

it("puts the loss of a connection into words", async () => {
  const { connect, dialled } = opening();
  const stream = await cloudflare({ connect, portNo: 9100 })(PEER, {});
  await dialled[0]?.far.writable.abort();
  await expect(stream.readable.getReader().read()).rejects.toMatchObject({ name: "ConnectionError", code: "closed" });
  await expect(stream.closed).rejects.toMatchObject({ code: "closed" });
});
