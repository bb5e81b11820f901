// Bytes, wherever they are cut.
import { createHash, randomBytes } from "node:crypto";
import { Acceptor, HEADER_FLAGS, Initiator } from "@erl-dist/core/handshake";
import { expect, it } from "vitest";
import { LinkStage } from "../../src/policy/index.ts";
import type { StageFactory } from "../../src/index.ts";
import { connected, readBytes } from "../support/bridge.ts";
import { frame, rawConnected } from "../support/raw-page.ts";

/** A handshake message and two packets, so that the boundaries are in lengths as well. */
const STREAM = Buffer.concat([Buffer.of(0, 3, 115, 111, 107, 0, 0, 0, 0, 0, 0, 0, 40, 112), randomBytes(39)]);

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

it("[T1] gives the same bytes for every split of a stream, both ways", async () => {
  const { page, node } = await connected();
  const sent: Buffer[] = [];
  for (let cut = 1; cut < STREAM.length; cut++) {
    for (const part of [STREAM.subarray(0, cut), STREAM.subarray(cut)]) {
      page.socket.send(part);
      node.write(part);
    }
    sent.push(STREAM);
  }
  for (const byte of STREAM) {
    page.socket.send(Buffer.of(byte));
    node.write(Buffer.of(byte));
  }
  page.socket.send(Buffer.concat([STREAM, STREAM]));
  node.write(Buffer.concat([STREAM, STREAM]));
  const all = Buffer.concat([...sent, STREAM, STREAM, STREAM]);
  const [toNode, toPage] = await Promise.all([readBytes(node, all.length), page.read(all.length)]);
  expect(sha256(toNode)).toBe(sha256(all));
  expect(sha256(toPage)).toBe(sha256(all));
});

it("[T1] gives the same bytes for a WebSocket frame that TCP has cut anywhere", async () => {
  const { raw, node } = await rawConnected();
  const whole = frame(STREAM);
  const sent: Buffer[] = [];
  for (let cut = 1; cut < whole.length; cut++) {
    raw.write(whole.subarray(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    raw.write(whole.subarray(cut));
    sent.push(STREAM);
  }
  const all = Buffer.concat(sent);
  expect(sha256(await readBytes(node, all.length))).toBe(sha256(all));
});

// After the acceptor's last message, of 2 + 17 bytes, the stream goes on with lengths of 4 bytes; here in one segment, cut anywhere.
const PACKETS = Buffer.of(0, 0, 0, 0, 0, 0, 0, 3, 112, 131, 97);

it.each([2, 4] as const)(
  "[T2] finds the change from %i bytes of length to 4, wherever the node's bytes are cut",
  async (packetBytes) => {
    for (let cut = 1; cut < packetBytes + 17 + PACKETS.length; cut++) {
      const { page, node, before, ack, lastWord } = await shaking(packetBytes);
      const bytes = Buffer.concat([ack, PACKETS]);
      node.write(bytes.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      node.write(bytes.subarray(cut));
      const received = (await page.read(before + ACK_BYTES + PACKETS.length)).subarray(before);
      expect(lastWord(received.subarray(0, ACK_BYTES))).toBe("connected");
      expect(received.subarray(ACK_BYTES)).toEqual(PACKETS);
      page.socket.send(PACKETS);
      expect(await readBytes(node, PACKETS.length)).toEqual(PACKETS);
      page.socket.terminate();
      node.destroy();
    }
  },
);

const NAME = { type: "fixed", name: "page@browser", owned: true } as const;
/** recv_challenge_ack as the page gets it. */
const ACK_BYTES = 2 + 17;

/** A page and a node in their handshake, with the gate between them: all is said but the node's last message. */
async function shaking(packetBytes: 2 | 4) {
  const custody = { cookie: "the cluster's", secret: "the page's" };
  const step = { now: 0, stepTimeMs: 7_000, handshakeBytes: 4_096, flags: HEADER_FLAGS };
  const gate = { nodePacketBytes: packetBytes, name: NAME, creation: 7, handshakeTimeMs: 7_000, handshakeBytes: 4_096 };
  const stage: StageFactory = ({ node }, now) => new LinkStage({ ...gate, node, custody, now, packetBytes: 65_536 });
  const { page, node } = await connected({ stage });
  const peer = "app@127.0.0.1";
  const own = { ...step, name: NAME.name, creation: 9, peer, cookie: custody.secret, challenge: 1, packetBytes: 2 } as const;
  const initiator = new Initiator(own);
  const acceptor = new Acceptor({ ...step, name: peer, creation: 5, challenge: 2, packetBytes });
  page.socket.send(initiator.takeOutbound() ?? Buffer.alloc(0));
  acceptor.receive(await readBytes(node, packetBytes + 15 + NAME.name.length));
  expect(acceptor.nextEvent(0)).toMatchObject({ type: "name" });
  acceptor.answer({ status: "ok", cookie: custody.cookie });
  node.write(acceptor.takeOutbound() ?? Buffer.alloc(0));
  const before = 2 + 3 + 2 + 19 + peer.length;
  initiator.receive(await page.read(before));
  expect(initiator.nextEvent(0)).toEqual({ type: "status", status: "ok" });
  expect(initiator.nextEvent(0)).toBeUndefined();
  page.socket.send(initiator.takeOutbound() ?? Buffer.alloc(0));
  acceptor.receive(await readBytes(node, packetBytes + 21));
  expect(acceptor.nextEvent(0)).toMatchObject({ type: "connected" });
  const lastWord = (bytes: Uint8Array): string | undefined => {
    initiator.receive(bytes);
    return initiator.nextEvent(0)?.type;
  };
  return { page, node, before, ack: Buffer.from(acceptor.takeOutbound() ?? []), lastWord };
}
