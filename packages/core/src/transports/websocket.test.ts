import { expect, it, onTestFinished, vi } from "vitest";
import { FakeWebSocket } from "../../test/support/fake-web-socket.ts";
import { BRIDGE_CLOSE, NODE_ENDED } from "./bridge-protocol.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type BridgeOptions, bridge, withTickets } from "./websocket.ts";

const PEER = "app@example.org";

/** Dials with a WebSocket that the test plays the server of. */
function dial(
  url: string,
  options: BridgeOptions = {},
  signal?: AbortSignal,
): { readonly stream: Promise<ByteStream>; readonly sockets: FakeWebSocket[] } {
  const sockets: FakeWebSocket[] = [];
  class Noted extends FakeWebSocket {
    constructor(to: string, protocols: string[]) {
      super(to, protocols);
      sockets.push(this);
    }
  }
  const stream = bridge(url, { ...options, WebSocket: Noted })(PEER, { signal });
  stream.catch(() => undefined);
  return { stream, sockets };
}

async function opened(options: BridgeOptions = {}): Promise<{ readonly stream: ByteStream; readonly socket: FakeWebSocket }> {
  const { stream, sockets } = dial("ws://localhost:8080", options);
  const [socket] = sockets;
  if (socket === undefined) throw new Error("no WebSocket was made");
  socket.accept();
  return { stream: await stream, socket };
}

it.each([
  ["ws://localhost:8080", {}, "ws://localhost:8080/dist/app%40example.org"],
  ["https://host/bridge/?tenant=1#x", {}, "wss://host/bridge/dist/app%40example.org?tenant=1"],
  ["http://[::1]:1/", { target: "the shop/1" }, "ws://[::1]:1/dist/the%20shop%2F1"],
])("asks %s for its target at the right address", (url, options, address) => {
  expect(dial(url, options).sockets.map((socket) => socket.url)).toEqual([address]);
});

it("offers the subprotocol first, then others, then the token in base64url", () => {
  const { sockets } = dial("ws://host", { protocols: ["proxy.v2"], token: "sécret?>" });
  expect(sockets[0]?.protocols).toEqual(["erldist.v1", "erldist.echo", "proxy.v2", "erldist.token.c8OpY3JldD8-"]);
  expect(sockets[0]?.binaryType).toBe("arraybuffer");
});

it("shows the token of the ticket whose secret was asked for, and that once", async () => {
  const sockets: FakeWebSocket[] = [];
  class Noted extends FakeWebSocket {
    constructor(to: string, protocols: string[]) {
      super(to, protocols);
      sockets.push(this);
    }
  }
  let count = 0;
  const getTicket = (peer: string) => ({ token: `${peer[0]}${++count}`, secret: `secret of ${peer}` });
  const { cookie, connect } = withTickets("ws://host", getTicket, { WebSocket: Noted });
  expect(await Promise.all([cookie("a@h"), cookie("b@h")])).toEqual(["secret of a@h", "secret of b@h"]);
  for (const peer of ["b@h", "a@h", "a@h"]) void connect(peer, {}).catch(() => undefined);
  await vi.waitFor(() => expect(sockets).toHaveLength(3));
  const shown = sockets.map(({ protocols }) => protocols[2]);
  expect(shown).toEqual(["erldist.token.YjI", "erldist.token.YTE", "erldist.token."]);
});

it("asks for a token of its own for each connection, and fails as the asking does", async () => {
  const tokens = ["one", "two"];
  for (const entry of ["erldist.token.b25l", "erldist.token.dHdv"]) {
    const { sockets } = dial("ws://host", { token: () => tokens.shift() ?? "" });
    await vi.waitFor(() => expect(sockets[0]?.protocols).toEqual(["erldist.v1", "erldist.echo", entry]));
  }
  const { stream, sockets } = dial("ws://host", { token: () => Promise.reject(new Error("signed out")) });
  await expect(stream).rejects.toThrow("signed out");
  expect(sockets).toEqual([]);
});

it("refuses an address that no WebSocket can have", () => {
  expect(() => bridge("ftp://host")).toThrow(TypeError);
  expect(() => bridge("http://")).toThrow(TypeError);
});

it("says that the bridge cannot be reached, without the address's query", async () => {
  for (const fail of [
    (socket: FakeWebSocket) => socket.fail(),
    (socket: FakeWebSocket) => socket.end({ code: 1006, reason: "" }),
  ]) {
    const { stream, sockets } = dial("ws://localhost:8080/?key=secret");
    for (const socket of sockets) fail(socket);
    const error: unknown = await stream.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "ConnectionError", code: "bridge_unreachable", peer: PEER });
    expect(String(error)).toContain("cannot reach the bridge at ws://localhost:8080/");
    expect(String(error)).not.toContain("secret");
  }
});

it("says that the bridge cannot be reached where the page may not even try", async () => {
  class Forbidden extends FakeWebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      throw new Error("an insecure WebSocket may not be opened from here");
    }
  }
  const stream = bridge("ws://host", { WebSocket: Forbidden })(PEER, {});
  await expect(stream).rejects.toMatchObject({ code: "bridge_unreachable", cause: { message: /insecure/ } });
});

it("does not take another WebSocket server for a bridge", async () => {
  const { stream, sockets } = dial("ws://host");
  sockets[0]?.accept("");
  await expect(stream).rejects.toMatchObject({ code: "bridge_refused" });
  expect(sockets[0]?.closedWith).toEqual([]);
});

it("gives up when the caller does, or the time is over", async () => {
  const before = dial("ws://host", {}, AbortSignal.abort());
  await expect(before.stream).rejects.toMatchObject({ code: "aborted" });
  expect(before.sockets).toEqual([]);

  const caller = new AbortController();
  const during = dial("ws://host", {}, caller.signal);
  caller.abort();
  await expect(during.stream).rejects.toMatchObject({ code: "aborted" });
  expect(during.sockets[0]?.closedWith).toEqual([]);

  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const late = dial("ws://host", { timeoutMs: 50 });
  vi.advanceTimersByTime(50);
  await expect(late.stream).rejects.toMatchObject({ code: "timeout" });
  // What comes after that changes nothing.
  late.sockets[0]?.accept();
  late.sockets[0]?.fail();
});

it("carries messages as bytes, both ways", async () => {
  const { stream, socket } = await opened();
  socket.message(Uint8Array.of(1, 2));
  expect(await stream.readable.getReader().read()).toEqual({ done: false, value: Uint8Array.of(1, 2) });
  await stream.writable.getWriter().write(Uint8Array.of(3));
  expect(socket.sent).toEqual([[3]]);
});

it("gathers chunks that wait into one message, and splits one that is large", async () => {
  const { stream, socket } = await opened();
  const writer = stream.writable.getWriter();
  await writer.ready;
  await Promise.all([1, 2, 3, 4].map((byte) => writer.write(Uint8Array.of(byte))));
  expect(socket.sent).toEqual([[1], [2, 3, 4]]);
  socket.sent.length = 0;
  await writer.write(new Uint8Array(150_000));
  expect(socket.sent.map((message) => message.length)).toEqual([65_536, 65_536, 18_928]);
});

it("waits while the WebSocket's buffer is full", async () => {
  const { stream, socket } = await opened();
  const writer = stream.writable.getWriter();
  await writer.ready;
  socket.bufferedAmount = 10_000_000;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let done = false;
  const write = async (): Promise<void> => {
    await writer.write(Uint8Array.of(1));
    done = true;
  };
  const writing = write();
  await vi.advanceTimersByTimeAsync(500);
  expect(done).toBe(false);
  expect(socket.sent).toEqual([]);
  socket.bufferedAmount = 0;
  await vi.advanceTimersByTimeAsync(10);
  await writing;
  expect(socket.sent).toEqual([[1]]);
  expect(vi.getTimerCount()).toBe(0);
});

it("sends all that was written before it closes, though the buffer is full", async () => {
  const { stream, socket } = await opened();
  const writer = stream.writable.getWriter();
  await writer.ready;
  socket.bufferedAmount = 10_000_000;
  const writes = [1, 2].map((byte) => writer.write(Uint8Array.of(byte)));
  const closed = stream.close();
  await Promise.all(writes);
  expect(socket.sent.flat()).toEqual([1, 2]);
  expect(socket.closedWith).toEqual([1000]);
  socket.end({ code: 1000, reason: "" });
  await closed;
  await stream.closed;
});

it.each(Object.entries(BRIDGE_CLOSE))("tells what the bridge means by closing with %s", async (_, { code, error, meaning }) => {
  for (const reason of [meaning, ""]) {
    const { stream, socket } = await opened();
    socket.message(Uint8Array.of(1));
    socket.end({ code, reason });
    const expected = { name: "ConnectionError", code: error, peer: PEER };
    await expect(stream.closed).rejects.toMatchObject(expected);
    const reader = stream.readable.getReader();
    expect((await reader.read()).value).toEqual(Uint8Array.of(1));
    const failure: unknown = await reader.read().catch((cause: unknown) => cause);
    expect(failure).toMatchObject(expected);
    expect(String(failure)).toContain(`${reason || "the bridge gave no reason"} (the bridge at`);
    await expect(stream.writable.getWriter().write(Uint8Array.of(1))).rejects.toBe(failure);
  }
});

it.each([
  [{ code: 1006, reason: "" }, /lost the connection to app@example.org: the bridge at ws:\/\/localhost:8080\/ is gone/],
  [{ code: 1011, reason: "out of memory" }, /closed with code 1011, out of memory/],
])("calls any other close a lost connection", async (report, message) => {
  const { stream, socket } = await opened();
  socket.end(report);
  await expect(stream.closed).rejects.toMatchObject({ code: "closed", message });
});

it.each([NODE_ENDED, 1000, 1005])("takes code %s for the node's orderly end", async (code) => {
  const { stream, socket } = await opened();
  socket.message(Uint8Array.of(7));
  socket.end({ code, reason: "" });
  const reader = stream.readable.getReader();
  expect((await reader.read()).value).toEqual(Uint8Array.of(7));
  expect((await reader.read()).done).toBe(true);
  await stream.closed;
});

it("sends a short text back, after what was read before it and until it closes", async () => {
  const { stream, socket } = await opened();
  socket.message(Uint8Array.of(1));
  socket.message("what was read?");
  expect(socket.sent).toEqual(["what was read?"]);
  expect((await stream.readable.getReader().read()).value).toEqual(Uint8Array.of(1));
  void stream.close();
  await vi.waitFor(() => expect(socket.closedWith?.[0]).toBe(1000));
  socket.message("and now?");
  expect(socket.sent).toEqual(["what was read?"]);
});

it("gives up a connection that sends a long text, or more than its reader reads", async () => {
  const texting = await opened();
  texting.socket.message("hello".repeat(13));
  expect(texting.socket.closedWith?.[0]).toBe(4400);
  await expect(texting.stream.closed).rejects.toMatchObject({ code: "closed", message: /text/ });

  const flooded = await opened({ unreadBytes: 1000 });
  flooded.socket.message(new Uint8Array(1000));
  expect(flooded.socket.closedWith).toBeUndefined();
  flooded.socket.message(new Uint8Array(1));
  expect(flooded.socket.closedWith?.[0]).toBe(4408);
  await expect(flooded.stream.closed).rejects.toMatchObject({ code: "closed", message: /1000 bytes/ });
});

it("does not wait for a WebSocket that never tells of its close", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { stream, socket } = await opened();
  const closed = stream.close();
  expect(socket.closedWith).toEqual([1000]);
  vi.advanceTimersByTime(2_000);
  await closed;
  expect(vi.getTimerCount()).toBe(0);
});
