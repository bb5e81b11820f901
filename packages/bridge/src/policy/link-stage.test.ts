// The handshake of a page with a node through the stage, and what the stage is afterwards.
import { Acceptor, HEADER_FLAGS, Initiator } from "@erl-dist/core/handshake";
import { expect, it } from "vitest";
import { LinkStage } from "./link-stage.ts";
import type { Side } from "./stage.ts";

const NODE = "app@127.0.0.1";
const PAGE = "web1@bridge";
const COOKIE = "the cookie of the cluster";
const SECRET = "secret-of-this-session";
const STEP = { now: 0, stepTimeMs: 7_000, handshakeBytes: 4_096, flags: HEADER_FLAGS, packetBytes: 2 } as const;
const PACKET = Uint8Array.of(0, 0, 0, 2, 112, 131);
const TOO_LARGE = Uint8Array.of(0, 0, 1, 1);

it("asks to be let go of when the handshake is over, and not before", () => {
  const { stage, shakeHands } = setUp();
  const before = shakeHands();
  expect(before.length).toBeGreaterThan(3);
  // The step with which it is connected is the last one.
  expect(before.map(({ rest }) => rest !== undefined)).toEqual(before.map((_, index) => index === before.length - 1));
  expect(stage.connected).toMatchObject({ name: PAGE });
});

it("leaves a rest that refuses what the stage would have refused", () => {
  const { stage, shakeHands } = setUp();
  shakeHands();
  const { rest } = stage;
  expect(rest?.inspect(PACKET)).toBeUndefined();
  expect(rest?.inspect(TOO_LARGE)).toMatchObject({ close: "tooLarge" });
});

it("passes both directions on as they are for whoever keeps it, but no packet that is too large", () => {
  const { stage, shakeHands } = setUp();
  shakeHands();
  stage.receive("page", PACKET);
  stage.receive("node", TOO_LARGE);
  // The same bytes, not a copy.
  expect(stage.takeOutbound("node")).toBe(PACKET);
  expect(stage.takeOutbound("page")).toBe(TOO_LARGE);
  stage.receive("page", TOO_LARGE);
  expect(stage.refusal).toMatchObject({ close: "tooLarge" });
  stage.receive("node", PACKET);
  expect([stage.takeOutbound("node"), stage.takeOutbound("page")]).toEqual([undefined, undefined]);
});

it("has no deadline and no words for an end once the handshake is over", () => {
  const { stage, shakeHands } = setUp();
  expect(stage.nextTimeout()).toBe(7_000);
  shakeHands();
  expect(stage.nextTimeout()).toBeUndefined();
  stage.handleTimeout(1_000_000);
  stage.nodeReached(1_000_000);
  expect(stage.explainEnd("node")).toBeUndefined();
  expect(stage.refusal).toBeUndefined();
});

it("has no rest when the handshake fails or takes too long", () => {
  const wrong = setUp("another secret");
  wrong.shakeHands();
  expect(wrong.stage.refusal).toMatchObject({ close: "wrongSecret" });
  expect(wrong.stage.rest).toBeUndefined();
  const { stage } = setUp();
  stage.handleTimeout(7_000);
  expect(stage.refusal).toMatchObject({ close: "handshakeTimeout" });
  expect(stage.rest).toBeUndefined();
});

function setUp(secret = SECRET) {
  const limits = { creation: 7, handshakeTimeMs: 7_000, handshakeBytes: 4_096, packetBytes: 256, now: 0 } as const;
  const name = { type: "fixed", name: PAGE, owned: true } as const;
  const stage = new LinkStage({ ...limits, node: NODE, nodePacketBytes: 2, name, custody: { cookie: COOKIE, secret: SECRET } });
  const page = new Initiator({ ...STEP, name: PAGE, creation: 9, peer: NODE, cookie: secret, challenge: 1 });
  const node = new Acceptor({ ...STEP, name: NODE, creation: 5, challenge: 2 });
  stage.nodeReached(0);

  /** Until nobody has anything to say; gives what rest the stage had after each chunk that it got. */
  const shakeHands = (): { readonly rest: LinkStage["rest"] }[] => {
    const steps: { readonly rest: LinkStage["rest"] }[] = [];
    const give = (from: Side, bytes: Uint8Array | undefined): void => {
      if (bytes === undefined) return;
      stage.receive(from, bytes);
      steps.push({ rest: stage.rest });
    };
    for (let before = -1; before !== steps.length; ) {
      before = steps.length;
      give("page", page.takeOutbound());
      for (let out = stage.takeOutbound("node"); out !== undefined; out = stage.takeOutbound("node")) node.receive(out);
      for (let event = node.nextEvent(0); event !== undefined; event = node.nextEvent(0))
        if (event.type === "name") node.answer({ status: "ok", cookie: COOKIE });
      give("node", node.takeOutbound());
      for (let out = stage.takeOutbound("page"); out !== undefined; out = stage.takeOutbound("page")) page.receive(out);
      while (page.nextEvent(0) !== undefined);
    }
    return steps;
  };
  return { stage, shakeHands };
}
