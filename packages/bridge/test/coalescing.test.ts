// A message of a WebSocket costs the bridge the same, small or large: what a page says in one turn has to come as one.
import { ErlangNode } from "@erl-dist/core";
import { listenTcp } from "@erl-dist/core/transports/nodejs";
import { bridge } from "@erl-dist/core/transports/websocket";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { startBridge } from "./support/bridge.ts";

it.each([1_000, 10_000])("gets %i small sends of one turn in as few messages as there are 64 KiB", async (sends) => {
  const sizes: number[] = [];
  class Counting extends WebSocket {
    override send(data: Uint8Array): void {
      sizes.push(data.length);
      super.send(data);
    }
  }
  let portNo = 0;
  const listen = listenTcp({ host: "127.0.0.1", epmd: false });
  const far = await ErlangNode.start({
    name: "far@127.0.0.1",
    cookie: "secret",
    connect: () => Promise.reject(new Error("it is dialled only")),
    listen: async (options) => {
      const listening = await listen(options);
      portNo = listening.portNo ?? 0;
      return listening;
    },
  });
  onTestFinished(() => far.stop());
  const { url } = await startBridge({ targets: { far: { node: far.name, portNo } } });
  const connect = bridge(url, { target: "far", WebSocket: Counting as unknown as typeof globalThis.WebSocket });
  const near = await ErlangNode.start({ name: "near@browser", cookie: "secret", connect });
  onTestFinished(() => near.stop());
  await near.connect(far.name);
  const inbox = far.spawn();
  inbox.register("inbox");
  sizes.length = 0;
  for (let count = 0; count < sends; count++) near.send({ name: "inbox", node: far.name }, count);
  for (let count = 0; count < sends; count++) expect(await inbox.receive()).toBe(count);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(38 * sends);
  expect(sizes).toHaveLength(Math.ceil(bytes / 65_536));
});
