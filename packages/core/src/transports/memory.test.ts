import { expect, it } from "vitest";
import { carrierCompliance } from "../../test/support/carrier-compliance.ts";
import type { ByteStream } from "./byte-stream.ts";
import { memoryNetwork, memoryPair } from "./memory.ts";

carrierCompliance(
  "memory",
  async () => {
    const [near, far] = memoryPair();
    return { near, far, breakOff: () => far.writable.abort() };
  },
  { slackBytes: 1024 * 1024 },
);

it("connects nodes of one network by name", async () => {
  const network = memoryNetwork();
  const accepted: ByteStream[] = [];
  const listening = await network.listen({ name: "b@here", hidden: false, accept: (stream) => void accepted.push(stream) });
  const near = await network.connect("b@here", {});
  void near.writable.getWriter().write(Uint8Array.of(1, 2, 3));
  expect(await accepted[0]?.readable.getReader().read()).toEqual({ done: false, value: Uint8Array.of(1, 2, 3) });
  await near.close();
  await listening.close();
  await expect(network.connect("b@here", {})).rejects.toMatchObject({ code: "no_such_node", peer: "b@here" });
});

it("gives a name once, and another creation when it is taken again", async () => {
  const network = memoryNetwork();
  const options = { name: "b@here", hidden: false, accept: () => undefined };
  const first = await network.listen(options);
  await expect(network.listen({ ...options })).rejects.toMatchObject({ name: "EpmdError", code: "duplicate_name" });
  await first.close();
  const second = await network.listen(options);
  expect(second.creation).not.toBe(first.creation);
  expect(first.creation).toBeGreaterThanOrEqual(4);
});

it("does not connect for a caller who has given up", async () => {
  const network = memoryNetwork();
  await network.listen({ name: "b@here", hidden: false, accept: () => expect.unreachable() });
  const dial = network.connect("b@here", { signal: AbortSignal.abort() });
  await expect(dial).rejects.toMatchObject({ name: "ConnectionError", code: "aborted" });
});

it("has the width of TLS handshakes where it is asked for", () => {
  expect(memoryPair().map((stream) => stream.handshakePacketBytes)).toEqual([2, 2]);
  expect(memoryPair({ handshakePacketBytes: 4 }).map((stream) => stream.handshakePacketBytes)).toEqual([4, 4]);
});
