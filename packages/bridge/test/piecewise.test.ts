// src/piecewise.ts on a real link: ws' receiver is found and understood.
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { readBytes } from "./support/bridge.ts";
import { frame, rawConnected } from "./support/raw-page.ts";

it("passes on what has come of a message before the rest of it is there", async () => {
  const { raw, node } = await rawConnected();
  const bytes = randomBytes(70_000);
  const whole = frame(bytes);
  raw.write(whole.subarray(0, -1_000));
  expect(await readBytes(node, 69_000)).toEqual(bytes.subarray(0, 69_000));
  raw.write(whole.subarray(-1_000));
  expect(await readBytes(node, 1_000)).toEqual(bytes.subarray(69_000));
});

it("ends the node's connection in the midst of a message when its page is gone", async () => {
  const { raw, node, record } = await rawConnected();
  const whole = frame(randomBytes(1_000));
  raw.write(whole.subarray(0, -1));
  await readBytes(node, 999);
  raw.destroy();
  expect(await node.toArray()).toEqual([]);
  node.end();
  expect(await record()).toMatchObject({ by: "page", code: 1006, toNodeBytes: 999 });
});
