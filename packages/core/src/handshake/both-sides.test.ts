// Both machines against each other. That proves symmetry; truth is in captures.test.ts and real-node.nodejs.test.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { converse, drive } from "../../test/support/handshake-drive.ts";
import { Acceptor, type AcceptorAnswer } from "./acceptor.ts";
import { DFLAG, HEADER_FLAGS, PASS_THROUGH_FLAGS } from "./flags.ts";
import { Initiator, type InitiatorOptions } from "./initiator.ts";

function pair(packetBytes: 2 | 4, options: Partial<InitiatorOptions> = {}): [Initiator, Acceptor] {
  const step = { packetBytes, now: 0, stepTimeMs: 7000, handshakeBytes: 4096 };
  const page = { name: "page@browser", creation: 77_777, challenge: 0xffff_ffff, flags: PASS_THROUGH_FLAGS };
  const app = { name: "app@host", creation: 88_888, challenge: 0, flags: HEADER_FLAGS };
  return [new Initiator({ ...step, ...page, peer: app.name, cookie: "secret", ...options }), new Acceptor({ ...step, ...app })];
}

describe.each([2, 4] as const)("with %i bytes of length", (packetBytes) => {
  it.each(["ok", "ok_simultaneous", "alive"] as const)("both are connected after %s, and agree", (status) => {
    const [initiator, acceptor] = pair(packetBytes, { answerAlive: true });
    const [left, right] = converse(initiator, acceptor, { status, cookie: "secret" });
    const agreed = { flags: PASS_THROUGH_FLAGS, hidden: true };
    expect(left.at(-1)).toEqual({
      type: "connected",
      result: {
        name: "page@browser",
        creation: 77_777,
        peer: "app@host",
        peerCreation: 88_888,
        peerFlags: HEADER_FLAGS,
        ...agreed,
      },
    });
    expect(right.at(-1)).toEqual({
      type: "connected",
      result: {
        name: "app@host",
        creation: 88_888,
        peer: "page@browser",
        peerCreation: 77_777,
        peerFlags: PASS_THROUGH_FLAGS,
        ...agreed,
      },
    });
  });

  it("both know the name that one of them was given", () => {
    const [initiator, acceptor] = pair(packetBytes, { name: "browser", dynamicName: true });
    const [left, right] = converse(initiator, acceptor, { status: { named: "1X@browser", creation: 4711 }, cookie: "secret" });
    const flags = PASS_THROUGH_FLAGS | DFLAG.NAME_ME;
    expect(left.at(-1)).toMatchObject({ type: "connected", result: { name: "1X@browser", creation: 4711, flags } });
    expect(right.at(-1)).toMatchObject({ type: "connected", result: { peer: "1X@browser", peerCreation: 4711, flags } });
  });

  it.each([
    ["nok", "simultaneous_refused", "simultaneous_refused"],
    ["not_allowed", "not_allowed", "not_allowed"],
    ["alive", "name_in_use", "name_in_use"],
  ] as const)("neither is connected after %s, and both know why", (status, ours, theirs) => {
    const answer: AcceptorAnswer = status === "alive" ? { status, cookie: "secret" } : { status };
    const [left, right] = converse(...pair(packetBytes), answer);
    expect(left.at(-1)).toMatchObject({ type: "failed", error: { code: ours } });
    expect(right.at(-1)).toMatchObject({ type: "failed", error: { code: theirs } });
  });

  it("an acceptor with another cookie closes, and the initiator takes that for what it is", () => {
    const [initiator, acceptor] = pair(packetBytes);
    const [left, right] = converse(initiator, acceptor, { status: "ok", cookie: "other" });
    expect(right.at(-1)).toMatchObject({ type: "failed", error: { code: "wrong_cookie" } });
    expect(left.map(({ type }) => type)).toEqual(["status"]);
    initiator.receiveEnd();
    expect(initiator.nextEvent(0)).toMatchObject({ type: "failed", error: { code: "wrong_cookie" } });
  });
});

it("no bytes of a stranger connect, throw, or are taken for the cookie", () => {
  // Lengths that fit and bytes near the tags go deeper than chance would.
  const message = fc.tuple(fc.constantFrom(0x4e, 0x6e, 0x72, 0x61, 0x73, 0x63), fc.uint8Array({ maxLength: 40 }));
  const packet = message.map(([tag, rest]) => Uint8Array.of(0, rest.length + 1, tag, ...rest));
  const status = fc
    .constantFrom("ok", "alive", "named:", "nok")
    .map((word) => new TextEncoder().encode(`\0${String.fromCharCode(word.length + 1)}s${word}`));
  const chunks = fc.array(fc.oneof(packet, status, fc.uint8Array({ maxLength: 20 })), { maxLength: 8 });
  fc.assert(
    fc.property(chunks, fc.boolean(), (bytes, dynamicName) => {
      const [initiator, acceptor] = pair(2, dynamicName ? { name: "browser", dynamicName } : {});
      for (const machine of [initiator, acceptor]) {
        const { events } = drive(machine, bytes, { ends: true, answer: { status: "nok" } });
        expect(events.at(-1)).toMatchObject({ type: "failed" });
      }
    }),
    { numRuns: 500 },
  );
});
