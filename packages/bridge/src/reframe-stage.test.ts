import { expect, it } from "vitest";
import type { Side } from "./policy/index.ts";
import { ReframeStage } from "./reframe-stage.ts";

const short = (text: string): Buffer => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)]);
const long = (text: string): Buffer => Buffer.concat([Buffer.of(0, 0, 0, text.length), Buffer.from(text)]);
const PACKETS = Buffer.of(0, 0, 0, 0, 0, 0, 0, 2, 112, 114);

function passed(stage: ReframeStage, from: Side, bytes: Buffer, split: number): Buffer {
  for (let at = 0; at < bytes.length; at += split) stage.receive(from, bytes.subarray(at, at + split));
  const out: Uint8Array[] = [];
  const to = from === "page" ? "node" : "page";
  for (let chunk = stage.takeOutbound(to); chunk !== undefined; chunk = stage.takeOutbound(to)) out.push(chunk);
  return Buffer.concat(out);
}

it.each([1, 2, 3, 5, 1000])("changes the width of each message until the handshake is over, in pieces of %i bytes", (split) => {
  const stage = new ReframeStage();
  const page = Buffer.concat([short("Nname"), short("strue"), short("reply"), PACKETS]);
  expect(passed(stage, "page", page, split)).toEqual(Buffer.concat([long("Nname"), long("strue"), long("reply"), PACKETS]));
  const node = Buffer.concat([long("salive"), long("Nchallenge"), long("ack"), PACKETS]);
  expect(passed(stage, "node", node, split)).toEqual(
    Buffer.concat([short("salive"), short("Nchallenge"), short("ack"), PACKETS]),
  );
  expect(stage.refusal).toBeUndefined();
});

it("waits for no message that is too long, from either side", () => {
  const page = new ReframeStage();
  page.receive("page", Buffer.of(0x10, 0x01));
  expect(page.refusal).toMatchObject({ close: "badHandshake", detail: expect.stringContaining("4097 bytes") });
  const node = new ReframeStage();
  node.receive("node", Buffer.from("HTTP"));
  expect(node.refusal).toMatchObject({ close: "badNode" });
  node.receive("node", Buffer.from("more"));
  expect(node.takeOutbound("page")).toBeUndefined();
});
