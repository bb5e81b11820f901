import { expect, it } from "vitest";
import { carrierCompliance } from "../../test/support/carrier-compliance.ts";
import { splitting } from "../../test/support/splitting.ts";
import type { ByteStream } from "./byte-stream.ts";
import { pipe } from "./pipe.ts";

// Two pipes of the platform's own streams, crossed.
function crossedPair(through: () => TransformStream<Uint8Array, Uint8Array>): [ByteStream, ByteStream] {
  const east = through();
  const west = through();
  return [pipe(west.readable, east.writable), pipe(east.readable, west.writable)];
}

const plain = (): TransformStream<Uint8Array, Uint8Array> => new TransformStream();

carrierCompliance(
  "pipe",
  async () => {
    const [near, far] = crossedPair(plain);
    return { near, far, breakOff: () => far.writable.abort(new Error("cut")) };
  },
  { slackBytes: 1024 * 1024 },
);

it("tells of a failure that only `closed` knows", async () => {
  const idle = plain();
  const cable = new AbortController();
  const closed = new Promise((_, reject) => {
    cable.signal.addEventListener("abort", () => reject(cable.signal.reason));
  });
  const stream = pipe(idle.readable, plain().writable, closed);
  const read = stream.readable.getReader().read();
  cable.abort(new Error("the cable was pulled"));
  await expect(read).rejects.toMatchObject({ code: "closed", message: "lost the connection: the cable was pulled" });
  await expect(stream.closed).rejects.toMatchObject({ code: "closed" });
});

it("carries bytes through a throttle that splits them into single ones", async () => {
  const [near, far] = crossedPair(() => splitting(1));
  void near.writable.getWriter().write(Uint8Array.of(1, 2, 3));
  const reader = far.readable.getReader();
  for (const byte of [1, 2, 3]) expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(byte) });
  await near.close();
});
