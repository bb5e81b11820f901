// A bridge that is told to stop, stands still, or finds another time on the clock.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { connected, openPage, readBytes, startStandIn } from "../support/bridge.ts";
import { startBridgeProcess } from "../support/bridge-process.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

it("[T25] at SIGTERM with 1,000 links: none new, those that end by themselves do, the rest is ended hard, exit code 0", async ({
  task,
}) => {
  const standIn = await startStandIn();
  const child = spawn(
    process.execPath,
    ["-C", "@erl-dist/source", CLI, "--dev", `app@127.0.0.1:${standIn.portNo}`, "--port", "0"],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const exited = once(child, "exit");
  onTestFinished(() => stopped(child, exited));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { url } = JSON.parse(String((await lines.next()).value)) as { readonly url: string };
  const codes = new Map<number, number>();
  const path = `/dist/${encodeURIComponent("app@127.0.0.1")}`;
  const pages = [];
  const nodes: Socket[] = [];
  for (let count = 0; count < 1_000; count += 50) {
    pages.push(...(await Promise.all(Array.from({ length: 50 }, () => openPage(url, { path })))));
    for (let each = 0; each < 50; each++) nodes.push(await standIn.accept());
  }
  for (const page of pages) void page.closed.then(({ code }) => codes.set(code, (codes.get(code) ?? 0) + 1));
  for (const node of nodes) node.resume().on("end", () => node.destroy());

  const from = performance.now();
  child.kill("SIGTERM");
  const late = await openPage(url, { path });
  expect((await late.closed).code).toBe(1012);
  // 900 nodes end, with last words that must arrive.
  for (const node of nodes.slice(0, 900)) node.end("bye");
  expect(await exited).toEqual([0, null]);
  await Promise.all(pages.map(({ closed }) => closed));
  Object.assign(task.meta, { note: `gone after ${((performance.now() - from) / 1_000).toFixed(1)} s` });
  expect(Object.fromEntries(codes)).toEqual({ 4501: 900, 4503: 100 });
  expect(pages.filter(({ received }) => String(Buffer.concat(received)) === "bye")).toHaveLength(900);
}, 120_000);

async function stopped(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}

it("[T29] ends no link because the clock jumps", async () => {
  const limits = { pingTimeMs: 100, pongTimeMs: 100, stallTimeMs: 100, idleTimeMs: 60_000, sessionTimeMs: 60_000 };
  const { page, node, record } = await connected({ limits });
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  for (const jump of [86_400_000, -2 * 86_400_000, 86_400_000]) {
    vi.setSystemTime(Date.now() + jump);
    for (let count = 0; count < 3; count++) await once(page.socket, "ping");
    page.socket.send(Buffer.from("tick"));
    expect(String(await readBytes(node, 4))).toBe("tick");
  }
  node.end();
  expect((await page.closed).code).toBe(4501);
  expect((await record()).durationMs).toBeLessThan(60_000);
});

it.each(["an event loop that is busy for 5 s", "a process that is stopped for 5 s"])(
  "[T29] ends no link because of %s",
  async (what) => {
    const standIn = await startStandIn();
    // All shorter than that, and longer than a busy machine keeps the page from answering.
    const limits = { pingTimeMs: 2_000, pongTimeMs: 2_000, stallTimeMs: 4_000, nodeStallTimeMs: 4_000, idleTimeMs: 4_500 };
    const targets = { app: { node: "app@127.0.0.1", portNo: standIn.portNo } };
    const bridge = await startBridgeProcess({ targets, limits });
    const [page, node] = await Promise.all([openPage(bridge.url), standIn.accept()]);
    const bytes = randomBytes(30_000_000);
    const half = bytes.length / 2;
    // In the midst of a stream that makes the node wait.
    node.write(bytes.subarray(0, half));
    await page.read(1);
    if (what.startsWith("an event loop")) bridge.busy(5_000);
    else bridge.signal("SIGSTOP");
    node.write(bytes.subarray(half));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    bridge.signal("SIGCONT");
    const outcome = await Promise.race([page.read(bytes.length), page.closed]);
    expect(outcome instanceof Buffer ? outcome.equals(bytes) : outcome).toBe(true);
    page.socket.send(Buffer.from("and back"));
    expect(String(await readBytes(node, 8))).toBe("and back");
    page.socket.close(1000);
    node.resume().on("end", () => node.end());
    expect(await bridge.record()).toMatchObject({ by: "page", code: 1000 });
  },
);
