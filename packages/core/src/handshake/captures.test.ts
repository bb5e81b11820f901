// Real handshakes once more, with a machine of ours in the place of either side: what it writes must be the same bytes.
import { describe, expect, it } from "vitest";
import { CAPTURES, type Capture, captureOf } from "../../test/support/handshake-captures.ts";
import { concat, drive, eachByte } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { Acceptor, type AcceptorAnswer } from "./acceptor.ts";
import { DFLAG } from "./flags.ts";
import type { HandshakeResult } from "./handshake.ts";
import { Initiator } from "./initiator.ts";

const STEP = { packetBytes: 2, now: 0, stepTimeMs: 7000, handshakeBytes: 4096 } as const;
const COMPLETE = new Set(["v6", "v6, both visible", "dynamic name", "v5 with complement"]);

describe("as the initiator", () => {
  const captures = CAPTURES.filter(({ kind }) => kind !== "v5 with complement");

  it.each(captures)("$title: writes the captured bytes, in any split of what comes", (capture) => {
    const received = concat(capture.received);
    for (const chunks of [capture.received, eachByte(received), [received]]) {
      const { written, events } = drive(initiatorOf(capture), chunks, { ends: true });
      expect(written).toEqual(concat(capture.sent));
      expect(events.at(-1)).toMatchObject(initiatorsEnd(capture));
    }
  });

  it.each(captures.filter(({ kind }) => COMPLETE.has(kind)))(
    "$title: connects with no byte less, and leaves what follows",
    (capture) => {
      const received = concat(capture.received);
      const followed = concat([received, bytesOf("00000000 0000")]);
      const initiator = initiatorOf(capture);
      drive(initiator, [followed]);
      expect(initiator.takeRest()).toEqual(bytesOf("00000000 0000"));
      const codes = new Set<string>();
      for (const end of received.keys()) {
        const { events } = drive(initiatorOf(capture), [received.subarray(0, end)], { ends: true });
        const last = events.at(-1);
        if (last?.type !== "failed") throw new Error(`connected after ${end} bytes`);
        codes.add(last.error.code);
      }
      expect([...codes]).toEqual(["closed", "wrong_cookie"]);
    },
  );
});

describe("as the acceptor, in the node's place", () => {
  const captures = CAPTURES.filter(({ received }) => received.length > 0);

  it.each(captures)("$title: writes the captured bytes, in any split of what comes", (capture) => {
    const sent = concat(capture.sent);
    for (const chunks of [capture.sent, eachByte(sent), [sent]]) {
      const { written, events } = drive(acceptorOf(capture), chunks, { ends: true, answer: answerOf(capture) });
      expect(written).toEqual(concat(capture.received));
      expect(events.at(-1)).toMatchObject(acceptorsEnd(capture));
    }
  });

  it.each(captures.filter(({ kind }) => COMPLETE.has(kind)))(
    "$title: connects with no byte less, and leaves what follows",
    (capture) => {
      const sent = concat(capture.sent);
      const acceptor = acceptorOf(capture);
      drive(acceptor, [concat([sent, bytesOf("00000000")])], { answer: answerOf(capture) });
      expect(acceptor.takeRest()).toEqual(bytesOf("00000000"));
      for (const end of sent.keys()) {
        const { events } = drive(acceptorOf(capture), [sent.subarray(0, end)], { ends: true, answer: answerOf(capture) });
        expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "closed" } });
      }
    },
  );
});

function initiatorOf(capture: Capture): Initiator {
  const dynamicName = capture.kind === "dynamic name";
  return new Initiator({
    ...STEP,
    name: dynamicName ? "127.0.0.1" : "probe@127.0.0.1",
    creation: dynamicName ? 0 : 77_777,
    dynamicName,
    peer: capture.node,
    cookie: capture.kind === "wrong cookie" ? "wrong" : "secret",
    flags: flagsAt(capture.sent[0], 3) & ~DFLAG.NAME_ME,
    challenge: capture.sent.length === 1 ? 0 : numberAt(capture.sent[1], 3),
  });
}

function initiatorsEnd(capture: Capture): object {
  if (capture.kind === "wrong cookie") return { type: "failed", error: { code: "wrong_cookie", peer: capture.node } };
  if (capture.kind === "missing MAP_TAG") return { type: "failed", error: { code: "not_allowed", peer: capture.node } };
  const { name, creation } = identityOf(capture);
  const challenge = capture.received[1];
  const result: Partial<HandshakeResult> = {
    name,
    creation,
    peer: capture.node,
    peerCreation: numberAt(challenge, 15),
    peerFlags: flagsAt(challenge, 3),
    flags: flagsAt(challenge, 3) & flagsAt(capture.sent[0], 3),
    hidden: capture.kind !== "v6, both visible",
  };
  return { type: "connected", result };
}

function acceptorOf(capture: Capture): Acceptor {
  const challenge = capture.received[1];
  return new Acceptor({
    ...STEP,
    name: capture.node,
    creation: challenge === undefined ? 4 : numberAt(challenge, 15),
    // The node is visible, and says otherwise only to peers that it names.
    flags: challenge === undefined ? 0n : (flagsAt(challenge, 3) & ~DFLAG.NAME_ME) | DFLAG.PUBLISHED,
    challenge: challenge === undefined ? 0 : numberAt(challenge, 11),
  });
}

function answerOf(capture: Capture): AcceptorAnswer {
  const { name: named, creation } = identityOf(capture);
  return { status: capture.kind === "dynamic name" ? { named, creation } : "ok", cookie: "secret" };
}

function acceptorsEnd(capture: Capture): object {
  const { name: peer, creation: peerCreation } = identityOf(capture);
  if (capture.kind === "wrong cookie") return { type: "failed", error: { code: "wrong_cookie", peer } };
  if (capture.kind === "missing MAP_TAG") {
    return { type: "failed", error: { code: "missing_flags", message: expect.stringMatching(/ it lacks MAP_TAG$/) } };
  }
  return { type: "connected", result: { name: capture.node, peer, peerCreation, hidden: capture.kind !== "v6, both visible" } };
}

function identityOf({ kind, received }: Capture): { name: string; creation: number } {
  if (kind !== "dynamic name") return { name: "probe@127.0.0.1", creation: 77_777 };
  const [status] = received;
  return { name: new TextDecoder().decode(status?.subarray(11, -4)), creation: numberAt(status, (status?.length ?? 0) - 4) };
}

function numberAt(packet: Uint8Array | undefined, offset: number): number {
  if (packet === undefined) throw new Error("the capture lacks a packet");
  return new DataView(packet.buffer).getUint32(offset);
}

function flagsAt(packet: Uint8Array | undefined, offset: number): bigint {
  if (packet === undefined) throw new Error("the capture lacks a packet");
  return new DataView(packet.buffer).getBigUint64(offset);
}

it("has captures of three releases", () => {
  expect(CAPTURES).toHaveLength(18);
  expect(captureOf("v6", "o25@127.0.0.1").sent).toHaveLength(2);
});
