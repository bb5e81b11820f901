// Ends that nobody announces.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { releases, startErl } from "../../../../test/support/otp.ts";
import { openPage, readBytes, startBridge, startStandIn } from "../support/bridge.ts";
import { closeOf, frame, rawConnected } from "../support/raw-page.ts";

it("[T9] gives the node all that a page said before it ended its half of the TCP connection, without a close frame", async () => {
  const { raw, node, record } = await rawConnected();
  const bytes = randomBytes(3_000_000);
  for (let at = 0; at < bytes.length; at += 1_000_000) raw.write(frame(bytes.subarray(at, at + 1_000_000)));
  raw.end();
  expect((await readBytes(node, bytes.length)).equals(bytes)).toBe(true);
  await once(node.resume(), "end");
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 1006, toNodeBytes: bytes.length });
});

it("[T9] ends the node's connection when a page resets its own", async () => {
  const { raw, node, record } = await rawConnected();
  raw.write(frame(Buffer.from("last words")));
  expect(String(await readBytes(node, 10))).toBe("last words");
  raw.resetAndDestroy();
  await once(node.resume(), "end");
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 1006 });
});

it("[T9] takes what a node still says when the page has closed, and waits for its end", async () => {
  const { raw, node, record } = await rawConnected();
  raw.write(frame(Buffer.of(0x03, 0xe8), { opcode: 8 }));
  await once(node.resume(), "end");
  node.end("too late, and no harm");
  expect(closeOf(Buffer.concat((await raw.toArray()) as Buffer[]))?.code).toBe(1000);
  expect(await record()).toMatchObject({ by: "page", code: 1000 });
});

it("[T10] answers a close frame without a code by one without a code, and records it as what it was", async () => {
  const { raw, node, record } = await rawConnected();
  node.resume().on("end", () => node.end());
  raw.write(frame(Buffer.alloc(0), { opcode: 8 }));
  expect(Buffer.concat((await raw.toArray()) as Buffer[])).toEqual(Buffer.of(0x88, 0x00));
  expect(await record()).toMatchObject({ by: "page", code: 1005 });
});

it.each<[string, number, (side: Awaited<ReturnType<typeof rawConnected>>) => unknown]>([
  ["the node's end", 4501, ({ node }) => node.end()],
  ["the node's reset", 4502, ({ node }) => node.resetAndDestroy()],
  ["its own end", 4503, ({ bridge }) => void bridge.close()],
  ["a page's code", 4999, ({ raw }) => raw.write(frame(Buffer.of(0x13, 0x87), { opcode: 8 }))],
])("[T10] sends, at %s, the code %i in a frame", async (_, code, end) => {
  const sides = await rawConnected({ limits: { closeTimeMs: 100 } });
  sides.node.resume().on("end", () => sides.node.end());
  end(sides);
  expect(closeOf(Buffer.concat((await sides.raw.toArray()) as Buffer[]))?.code).toBe(code);
  expect(await sides.record()).toMatchObject({ code });
});

describe.each(releases())("with Erlang/OTP $otp", (release) => {
  it("[T11] tells the page at once, by 4501 or 4502, that its node was killed", async ({ task }) => {
    const erl = await startErl({ release });
    onTestFinished(() => erl.stop());
    const { url, link } = await startBridge({ targets: { app: { node: erl.name, portNo: erl.portNo } } });
    const [page] = await Promise.all([openPage(url), link()]);
    const killed = performance.now();
    await erl.kill();
    expect([4501, 4502]).toContain((await page.closed).code);
    Object.assign(task.meta, { note: `${Math.round(performance.now() - killed)} ms` });
  });
});

it("[T12] drops a page behind a black hole when it answers no ping, and resets the node's connection", async () => {
  const standIn = await startStandIn();
  const limits = { pingTimeMs: 100, pongTimeMs: 100, closeTimeMs: 50 };
  const targets = { app: { node: "app@127.0.0.1", portNo: standIn.portNo } };
  const { url, record } = await startBridge({ targets, limits });
  const hole = await startBlackHole(Number(new URL(url).port));
  await openPage(hole.url);
  const node = await standIn.accept();
  hole.swallow();
  expect(await once(node.resume(), "error")).toMatchObject([{ code: "ECONNRESET" }]);
  expect(await record()).toMatchObject({ by: "bridge", code: 4411, detail: "no sign of life in 200 ms" });
});

/** A relay that can stop to pass anything on without ending anything, as a network that has lost its way does. */
async function startBlackHole(portNo: number) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(portNo, "127.0.0.1");
    near.pipe(far).pipe(near);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => undefined);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
