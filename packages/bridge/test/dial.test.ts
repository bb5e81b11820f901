// Every way in which a node is not reached has its code, in words that name no address; the operator's record has both.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { ConnectionError } from "@erl-dist/core";
import { expect, it, onTestFinished } from "vitest";
import { type ErlNode, freePortNo, startEpmd, startErl } from "../../../test/support/otp.ts";
import type { Dial, Target } from "../src/index.ts";
import { openPage, startBridge } from "./support/bridge.ts";

it("[T13] 4510: nothing listens at the node's port", async () => {
  const portNo = await freePortNo();
  const { closed, record } = await dialled({ node: "app@127.0.0.1", portNo });
  expect(closed).toEqual({ code: 4510, reason: "nothing listens at the node's port; is the node running?" });
  expect(record).toMatchObject({ by: "bridge", code: 4510, target: "app", node: "app@127.0.0.1" });
  expect(record.detail).toContain(`127.0.0.1:${portNo}`);
});

it("[T13] 4511: no EPMD on the node's host", async () => {
  const epmdPortNo = await freePortNo();
  const { closed, record } = await dialled({ node: "app@127.0.0.1", epmdPortNo });
  expect(closed).toEqual({ code: 4511, reason: "EPMD on the node's host cannot be reached" });
  expect(record.detail).toContain(`127.0.0.1:${epmdPortNo}`);
});

it("[T13] 4511: what answers is no EPMD", async () => {
  const server = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .resume()
      .end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const { closed } = await dialled({ node: "app@127.0.0.1", epmdPortNo: typeof address === "object" ? address?.port : 0 });
  expect(closed.code).toBe(4511);
});

it("[T13] 4512: EPMD does not know the name, which it does as soon as the node runs", async () => {
  const epmd = await startEpmd();
  onTestFinished(() => epmd.stop());
  const target = { node: "bridged@127.0.0.1", epmdPortNo: epmd.portNo };
  const before = await dialled(target);
  expect(before.closed).toEqual({ code: 4512, reason: "EPMD on that host knows no node of that name" });
  const erl: ErlNode = await startErl({ alive: "bridged", epmd });
  onTestFinished(() => erl.stop());
  const { url, link } = await startBridge({ targets: { app: target } });
  const [page, opened] = await Promise.all([openPage(url), link()]);
  expect(opened.target).toEqual(target);
  page.socket.close(1000);
});

it("[T13] 4513: the node's host is unknown", async () => {
  const { closed, record } = await dialled({ node: "app@nohost.invalid", portNo: 4000 });
  expect(closed).toEqual({ code: 4513, reason: "the node's host is unknown" });
  expect(record.detail).toContain("nohost.invalid");
});

it("[T13] 4504: nobody answers in time", async () => {
  const signals: AbortSignal[] = [];
  const dial: Dial = (_target, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  const { closed, record } = await dialled({ node: "app@127.0.0.1" }, { dial, dialTimeMs: 200 });
  expect(closed).toEqual({ code: 4504, reason: "the node did not answer the bridge in time" });
  expect(record.detail).toBe("app@127.0.0.1 was not reached in 200 ms");
  expect(record).toMatchObject({ toNodeBytes: 0, toPageBytes: 0, dialMs: undefined });
  expect(signals).toMatchObject([{ aborted: true }]);
});

it("[T13] 4504: what is sent to the node's port gets lost, as behind a firewall", async () => {
  const portNo = await portThatLosesAll();
  const { closed, record } = await dialled({ node: "app@127.0.0.1", portNo }, { dialTimeMs: 500 });
  expect(closed).toEqual({ code: 4504, reason: "the node did not answer the bridge in time" });
  expect(record).toMatchObject({ code: 4504, dialMs: undefined });
});

it("[T13] 4504: EPMD takes the connection and says nothing", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const { closed } = await dialled(
    { node: "app@127.0.0.1", epmdPortNo: typeof address === "object" ? address?.port : 0 },
    { dialTimeMs: 200 },
  );
  expect(closed.code).toBe(4504);
});

it("[T13] 4504: the carrier itself gave up", async () => {
  const { closed } = await dialled(
    { node: "app@127.0.0.1" },
    {
      dial: async () => {
        throw new ConnectionError("timeout", "no answer");
      },
    },
  );
  expect(closed.code).toBe(4504);
});

it("4500: whatever a dial of one's own throws, its words stay here", async () => {
  const { closed, record } = await dialled(
    { node: "app@127.0.0.1" },
    {
      dial: async () => {
        throw new Error("vault is sealed");
      },
    },
  );
  expect(closed).toEqual({ code: 4500, reason: "the bridge failed" });
  expect(record).toMatchObject({ code: 4500, detail: "vault is sealed" });
});

/** A port of a process that stands still, with as many connections as its system keeps for it: it drops each further SYN. */
async function portThatLosesAll(): Promise<number> {
  const program = `const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const portNo = Number((await once(child.stdout, "data"))[0]);
  child.kill("SIGSTOP");
  // Until one is not answered any more.
  for (let isFull = false; !isFull; ) {
    const socket = connect(portNo, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    isFull = await Promise.race([once(socket, "connect").then(() => false), setTimeout(300, true)]);
  }
  return portNo;
}

async function dialled(
  target: Target,
  { dial, dialTimeMs = 20_000 }: { readonly dial?: Dial; readonly dialTimeMs?: number } = {},
) {
  const limits = { dialTimeMs };
  const { url, record } = await startBridge({ targets: { app: target }, dial, limits });
  const page = await openPage(url);
  return { closed: await page.closed, record: await record() };
}
