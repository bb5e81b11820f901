import { describe, expect, it } from "vitest";
import { drive, packet } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import type { HandshakeError } from "../errors.ts";
import { digest } from "./digest.ts";
import { DFLAG, flagNames, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "./flags.ts";
import { Initiator, type InitiatorOptions } from "./initiator.ts";
import { encodeAck, encodeChallenge, encodeStatus } from "./acceptor-messages.ts";
import { encodeReply } from "./initiator-messages.ts";
import { type ChallengeMessage, type Status } from "./messages.ts";

const PEER = "app@host";

function initiator(options: Partial<InitiatorOptions> = {}): Initiator {
  return new Initiator({
    name: "page@browser",
    creation: 77_777,
    peer: PEER,
    cookie: "secret",
    flags: PASS_THROUGH_FLAGS,
    challenge: 123,
    packetBytes: 2,
    now: 0,
    stepTimeMs: 7000,
    handshakeBytes: 4096,
    ...options,
  });
}

const status = (value: Status): Uint8Array => packet(encodeStatus(value));
const challenge = (change: Partial<ChallengeMessage> = {}): Uint8Array =>
  packet(encodeChallenge({ flags: PASS_THROUGH_FLAGS, challenge: 456, creation: 88_888, name: PEER, ...change }));
const ack = (cookie = "secret"): Uint8Array => packet(encodeAck(digest(cookie, 123)));

function failure(chunks: Uint8Array[], options: Partial<InitiatorOptions> = {}, ends = false): HandshakeError {
  const last = drive(initiator(options), chunks, { ends }).events.at(-1);
  if (last?.type !== "failed") throw new Error(`ended with ${last?.type}`);
  expect(last.error.peer).toBe(PEER);
  return last.error;
}

describe("a status", () => {
  it.each(["ok", "ok_simultaneous"] as const)("%s leads on", (value) => {
    const { events } = drive(initiator(), [status(value), challenge(), ack()]);
    expect(events.map(({ type }) => type)).toEqual(["status", "connected"]);
    expect(events[0]).toEqual({ type: "status", status: value });
  });

  it("alive leads on when we take our old connection's place", () => {
    const { events, written } = drive(initiator({ answerAlive: true }), [status("alive"), challenge(), ack()]);
    expect(events.at(-1)).toMatchObject({ type: "connected" });
    const reply = encodeReply({ challenge: 123, digest: digest("secret", 456) });
    expect(written.slice(-30)).toEqual(Uint8Array.of(...packet(bytesOf("73 74727565")), ...packet(reply)));
  });

  it("alive ends it, and the peer is told, when we do not", () => {
    const { events, written } = drive(initiator(), [status("alive")]);
    expect(events).toMatchObject([
      { type: "status", status: "alive" },
      { type: "failed", error: { code: "name_in_use" } },
    ]);
    expect(written.slice(-8)).toEqual(packet(bytesOf("73 66616c7365")));
    expect(failure([status("alive")]).message).toMatch(/already connected with a node named page@browser: choose another name/);
  });

  it.each([
    ["nok", "simultaneous_refused", /app@host is connecting to page@browser itself/],
    ["not_allowed", "not_allowed", /app@host does not allow the connection: net_kernel:allow\/1/],
  ] as const)("%s is the error %s", (value, code, words) => {
    expect(failure([status(value)])).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it("not_allowed is put down to flags that we lack", () => {
    const flags = PASS_THROUGH_FLAGS & ~(DFLAG.MAP_TAG | DFLAG.V4_NC);
    expect(failure([status("not_allowed")], { flags }).message).toMatch(/we lack MAP_TAG, V4_NC$/);
  });

  it("named: gives us a name and creation when we asked for one, and is reported", () => {
    const named = { named: "1X@browser", creation: 4711 };
    const { events, written } = drive(initiator({ name: "browser", dynamicName: true }), [
      status(named),
      challenge({ flags: PASS_THROUGH_FLAGS | DFLAG.NAME_ME }),
      ack(),
    ]);
    // The flag NAME_ME is set, the creation is 0, and the name is the host.
    expect(written.slice(0, 24)).toEqual(packet(bytesOf("4e 0000006f075f5fbc 00000000 0007 62726f77736572")));
    expect(events).toMatchObject([
      { type: "status", status: named },
      { type: "connected", result: { name: "1X@browser", creation: 4711, peer: PEER, peerCreation: 88_888, hidden: true } },
    ]);
  });

  it.each([
    ["named: without our asking", status({ named: "1X@browser", creation: 4 }), {}, '"named:1X@browser"'],
    ["named: with what is no name", status({ named: "1X", creation: 4 }), { name: "b", dynamicName: true }, '"named:1X"'],
    ["ok in place of a name", status("ok"), { name: "b", dynamicName: true }, '"ok" to our request for a name'],
    ["a word that OTP does not have", packet(bytesOf("73 6f6b61")), {}, '"oka"'],
    ["no word", packet(bytesOf("73")), {}, '""'],
  ])("is an error when it is %s", (_, bytes, options, words) => {
    expect(failure([bytes], options)).toMatchObject({ code: "unexpected_status", message: expect.stringContaining(words) });
  });
});

describe("a challenge", () => {
  it("of another node than the one dialled is wrong_node, and names it; our digest does not go to it", () => {
    expect(failure([status("ok"), challenge({ name: "other@host" })])).toMatchObject({
      code: "wrong_node",
      message: 'app@host was dialled, but "other@host" answered: the address leads to another node',
    });
    const { written } = drive(initiator(), [status("ok"), challenge({ name: "other@host" })]);
    expect(written).toHaveLength(29);
  });

  it.each(flagNames(MANDATORY_FLAGS))("without %s is missing_flags", (flag) => {
    const flags = PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG[flag];
    expect(failure([status("ok"), challenge({ flags })])).toMatchObject({
      code: "missing_flags",
      message: `app@host cannot do what every node since OTP 26 must: it lacks ${flag}`,
    });
  });

  it("may stand for the older mandatory flags with MANDATORY_25_DIGEST", () => {
    const flags = DFLAG.MANDATORY_25_DIGEST | DFLAG.V4_NC | DFLAG.UNLINK_ID;
    const { events } = drive(initiator(), [status("ok"), challenge({ flags }), ack()]);
    expect(events.at(-1)).toMatchObject({ type: "connected", result: { flags: flags | MANDATORY_FLAGS } });
  });

  it("agrees on the flags of both, and is hidden unless both are published", () => {
    const connect = (ours: bigint, theirs: bigint): unknown =>
      drive(initiator({ flags: PASS_THROUGH_FLAGS | ours }), [
        status("ok"),
        challenge({ flags: PASS_THROUGH_FLAGS | theirs }),
        ack(),
      ]).events.at(-1);
    const both = DFLAG.PUBLISHED;
    expect(connect(both, both)).toMatchObject({ result: { hidden: false, flags: PASS_THROUGH_FLAGS | both } });
    expect(connect(both, 0n)).toMatchObject({ result: { hidden: true, flags: PASS_THROUGH_FLAGS } });
    expect(connect(0n, both)).toMatchObject({ result: { hidden: true, peerFlags: PASS_THROUGH_FLAGS | both } });
  });
});

it("does not connect to a peer that accepts our digest and does not know the cookie", () => {
  expect(failure([status("ok"), challenge(), ack("other")]).code).toBe("wrong_cookie");
});

describe("bytes that are no handshake", () => {
  const before = { status: [], challenge: [status("ok")], ack: [status("ok"), challenge()] };

  it.each(Object.entries(before))("are bad_message in place of the %s", (_, chunks) => {
    for (const hex of ["0000", "0001 78", "0003 78 6f6b"]) {
      expect(failure([...chunks, bytesOf(hex)])).toMatchObject({ code: "bad_message", cause: { name: "DecodeError" } });
    }
  });

  it.each([
    ["an HTTP server", new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"), 2, "18516"],
    ["a TLS server", bytesOf("1503 0300020228"), 2, "5379"],
    ["a node with 2 bytes of length, in place of 4", status("ok"), 4, "226159"],
  ] as const)("are told apart by their length at once: %s", (_, bytes, packetBytes, length) => {
    expect(failure([bytes], { packetBytes })).toMatchObject({
      code: "bad_message",
      message: expect.stringMatching(
        new RegExp(`a handshake message of ${length} bytes, 4096 are allowed: is it an Erlang node`),
      ),
    });
  });

  it("are measured against the limit to the byte", () => {
    const limits = { handshakeBytes: 3 };
    expect(drive(initiator(limits), [status("ok")]).events).toEqual([{ type: "status", status: "ok" }]);
    expect(failure([status("nok")], limits).code).toBe("bad_message");
  });
});

describe("an end of the carrier", () => {
  it.each([
    ["for the status", [], "closed", /closed the connection at once: either it does not take our name "page@browser"/],
    ["for the challenge", [status("ok")], "closed", /closed the connection before its challenge/],
    ["for the ack", [status("ok"), challenge()], "wrong_cookie", /refused the cookie.*erlang:get_cookie\(\)/],
  ] as const)("while we wait %s", (_, chunks, code, words) => {
    expect(failure([...chunks], {}, true)).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it("is an end only after the messages that came before it", () => {
    const machine = initiator();
    for (const bytes of [status("ok"), challenge(), ack()]) machine.receive(bytes);
    machine.receiveEnd();
    expect(drive(machine, []).events.at(-1)).toMatchObject({ type: "connected" });
    expect(machine.nextEvent(0)).toBeUndefined();
  });
});

describe("a deadline", () => {
  it.each([
    ["its answer to our name", []],
    ["its challenge", [status("ok")]],
    ["its acknowledgement", [status("ok"), challenge()]],
  ])("is each message's own: %s", (awaited, chunks) => {
    const machine = initiator({ now: 1000 });
    drive(machine, chunks, { now: 6000 });
    const deadline = (chunks.length === 0 ? 1000 : 6000) + 7000;
    expect(machine.nextTimeout()).toBe(deadline);
    machine.handleTimeout(deadline - 1);
    expect(machine.nextEvent(deadline - 1)).toBeUndefined();
    machine.handleTimeout(deadline);
    expect(machine.nextEvent(deadline)).toMatchObject({
      type: "failed",
      error: { code: "timeout", message: `no handshake with app@host: ${awaited} did not come within 7000 ms` },
    });
    expect(machine.nextTimeout()).toBeUndefined();
    expect(machine.nextEvent(deadline)).toBeUndefined();
  });

  it("is not put off by a message that does not get done", () => {
    const machine = initiator();
    drive(machine, [status("ok").subarray(0, 4)], { now: 6999 });
    expect(machine.nextTimeout()).toBe(7000);
  });

  it("is over with the handshake", () => {
    const machine = initiator();
    drive(machine, [status("ok"), challenge(), ack()]);
    expect(machine.nextTimeout()).toBeUndefined();
    machine.handleTimeout(1e9);
    expect(machine.nextEvent(1e9)).toBeUndefined();
  });
});

it("says and hears nothing more once it has failed", () => {
  const machine = initiator();
  drive(machine, [Uint8Array.of(...status("nok"), ...challenge())]);
  const { events, written } = drive(machine, [status("ok"), challenge(), ack()], { ends: true });
  expect(events).toEqual([]);
  expect(written).toHaveLength(0);
  expect(machine.takeRest()).toHaveLength(0);
});

it.each([
  ["our name", { name: "page" }],
  ["our host", { name: "page@browser", dynamicName: true }],
  ["the peer's name", { peer: "app" }],
  ["the cookie", { cookie: "\u20ac" }],
])("does not start when %s cannot be: that is the caller's fault", (_, options) => {
  expect(() => initiator(options)).toThrow(RangeError);
});
