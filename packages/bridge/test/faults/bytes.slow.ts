import { createHash, type Hash, randomBytes } from "node:crypto";
import { ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { releases, startErl } from "../../../../test/support/otp.ts";
import { connected, startBridge, until } from "../support/bridge.ts";

describe.each(releases())("with Erlang/OTP $otp", (release) => {
  it("[T3] passes one message of 64 MiB on, more than any buffer holds, to a node and back", async () => {
    const erl = await startErl({ release });
    onTestFinished(() => erl.stop());
    const { url } = await startBridge({ targets: { app: { node: erl.name, portNo: erl.portNo } } });
    const connect = bridge(url, { target: "app" });
    const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect });
    onTestFinished(() => node.stop());
    await erl.eval("register(echo, spawn(fun() -> receive {From, Bytes} -> From ! {erlang:md5(Bytes), Bytes} end end))");
    const bytes = new Uint8Array(randomBytes(64 * 1024 * 1024));
    const inbox = node.spawn();
    node.send({ name: "echo", node: erl.name }, tuple(inbox.pid, bytes));
    const [digest, echoed] = (await inbox.receive()) as unknown as [Uint8Array, Uint8Array];
    const md5 = createHash("md5").update(bytes).digest("hex");
    expect(Buffer.from(digest).toString("hex")).toBe(md5);
    expect(createHash("md5").update(echoed).digest("hex")).toBe(md5);
  });
});

it("[T4] gives the same bytes for 1,000,000 messages of random lengths each way", async () => {
  const { page, node, link1 } = await connected();
  const total = 1_000_000;
  const lengths = randomBytes(total);
  const source = randomBytes(512);
  const piece = (index: number): Buffer => source.subarray(index % 256, (index % 256) + 1 + (lengths[index] ?? 0));
  const sent = createHash("sha256");
  let bytes = 0;
  for (let index = 0; index < total; index++) {
    sent.update(piece(index));
    bytes += piece(index).length;
  }
  const arrived = { node: createHash("sha256"), page: createHash("sha256") };
  const count = (hash: Hash) => (chunk: Buffer) => void hash.update(chunk);
  node.on("data", count(arrived.node)).resume();
  page.socket.removeAllListeners("message");
  page.socket.on("message", count(arrived.page));
  for (let index = 0; index < total; index++) {
    page.socket.send(piece(index));
    node.write(piece(index));
    if (index % 1_000 === 0) await until(() => page.socket.bufferedAmount + node.writableLength < 1_000_000);
  }
  // The last byte has arrived when what was counted here has left there.
  await until(() => link1.toNode.bytes === bytes && link1.toPage.bytes === bytes);
  page.socket.close(1000);
  await page.closed;
  node.end();
  const expected = sent.digest("hex");
  expect(arrived.page.digest("hex")).toBe(expected);
  expect(arrived.node.digest("hex")).toBe(expected);
});
