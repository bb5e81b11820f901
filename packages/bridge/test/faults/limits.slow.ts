// The bridge at the end of what it has, and what slow or many pages do to it.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { encodeName, HEADER_FLAGS } from "@erl-dist/core/handshake";
import { freePortNo } from "../../../../test/support/otp.ts";
import { LinkStage } from "../../src/policy/index.ts";
import { type Page, connected, openPage, startBridge, startStandIn, until } from "../support/bridge.ts";
import { startBridgeProcess } from "../support/bridge-process.ts";

it("[T15] refuses pages when it has no file descriptor left, keeps the others, and recovers; /readyz is red, then green", async ({
  task,
}) => {
  const standIn = await startStandIn();
  const targets = { app: { node: "app@127.0.0.1", portNo: standIn.portNo } };
  const monitor = { portNo: await freePortNo() };
  const bridge = await startBridgeProcess({ targets, monitor }, { files: 64 });
  const ready = async (): Promise<boolean> => {
    // Who has no file descriptor cannot even take the question.
    const answer = await fetch(`http://127.0.0.1:${monitor.portNo}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };
  expect(await ready()).toBe(true);
  const idle = bridge.fds();
  const first = await openPage(bridge.url);
  const firstNode = await standIn.accept();
  const pages: Page[] = [];
  let refusal: string | undefined;
  while (refusal === undefined) {
    const next = await outcome(bridge.url);
    if (typeof next === "string") refusal = next;
    else pages.push(next);
  }
  Object.assign(task.meta, { note: `64 files: ${1 + pages.length} pages let in, then "${refusal}"` });
  expect(pages.length).toBeGreaterThan(3);
  expect(await ready()).toBe(false);
  // Whoever was there is served.
  first.socket.send(Buffer.from("hello"));
  firstNode.resume();
  expect(String((await once(firstNode, "data"))[0])).toBe("hello");

  for (const { socket } of pages) socket.terminate();
  await until(() => bridge.fds() <= idle + 2);
  while (!(await ready()));
  const again = await openPage(bridge.url);
  again.socket.send(Buffer.from("again"));
  expect(await Promise.race([again.closed, new Promise((resolve) => setTimeout(resolve, 300, "open"))])).toBe("open");
});

/** A page that was let in and is still there after a while; else what it was told. */
async function outcome(url: string): Promise<Page | string> {
  try {
    const page = await openPage(url);
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, 300, undefined));
    const closed = await Promise.race([page.closed, late]);
    return closed === undefined ? page : `${closed.code} ${closed.reason}`;
  } catch (error) {
    return String(error);
  }
}

it("[T17] ends an upgrade that comes in drops within 7 s, and one that never begins", async ({ task }) => {
  const { url } = await startBridge({ targets: { app: { node: "app@127.0.0.1", portNo: 9 } } });
  const from = performance.now();
  const ends = ["GET /dist/app HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", ""].map(async (text) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => undefined).resume();
    socket.write(text);
    const drops = setInterval(() => text !== "" && socket.writable && socket.write("x"), 500);
    onTestFinished(() => clearInterval(drops));
    await new Promise((resolve) => socket.once("close", resolve));
    return (performance.now() - from) / 1_000;
  });
  const seconds = await Promise.all(ends);
  Object.assign(task.meta, { note: `closed after ${seconds.map((each) => each.toFixed(1)).join(" and ")} s` });
  // On a machine with nothing else to do it is 5 to 6.
  expect(Math.max(...seconds)).toBeLessThan(60);
});

it("[T17] ends a handshake that comes in drops after 7 s", async ({ task }) => {
  const name = { type: "fixed", name: "page@browser", owned: true } as const;
  const gate = {
    nodePacketBytes: 2,
    name,
    creation: 7,
    handshakeTimeMs: 7_000,
    handshakeBytes: 4_096,
    packetBytes: 65_536,
  } as const;
  const { page, node, record } = await connected({ stage: (target, now) => new LinkStage({ ...gate, node: target.node, now }) });
  node.resume().on("end", () => node.end());
  // A name message that would be a good one, had it ever come to its end.
  const message = encodeName({ name: name.name, flags: HEADER_FLAGS, creation: 9 });
  const bytes = [0, message.length, ...message];
  const drops = setInterval(() => page.socket.send(Buffer.of(bytes.shift() ?? 0)), 500);
  onTestFinished(() => clearInterval(drops));
  const { code, reason } = await page.closed;
  expect(code).toBe(4405);
  const { durationMs } = await record();
  Object.assign(task.meta, { note: `${reason}: after ${(durationMs / 1_000).toFixed(1)} s` });
});

it("[T28] has no handle, timer or socket left after 10,000 links", async ({ task }) => {
  const standIn = createServer((socket) => {
    socket.on("error", () => undefined).resume();
  });
  await once(standIn.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void standIn.close());
  const target = { node: "app@127.0.0.1", portNo: (standIn.address() as AddressInfo).port };
  const { bridge, url } = await startBridge({ targets: { app: target } });
  const handles = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => !/^(?:Immediate|TickObject|Microtask)/.test(name));
  const before = handles();
  /** Those that were not there before. */
  const more = (): string[] => {
    const left = [...before];
    return handles().filter((name) => {
      const at = left.indexOf(name);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const from = performance.now();
  const one = async (): Promise<void> => {
    const socket = new WebSocket(`${url}/dist/app`, SUBPROTOCOL, { perMessageDeflate: false });
    await once(socket, "open");
    socket.send("hello");
    socket.close(1000);
    await once(socket, "close");
  };
  for (let count = 0; count < 10_000; count += 10) await Promise.all(Array.from({ length: 10 }, one));
  await until(() => bridge.links.size === 0);
  Object.assign(task.meta, { note: `${Math.round(10_000 / ((performance.now() - from) / 1_000))} links/s` });
  // The other side of a link may take a moment longer; a timer of this loop's own would be counted.
  const deadline = performance.now() + 10_000;
  await until(() => more().length === 0 || performance.now() > deadline);
  expect(more()).toEqual([]);
});
