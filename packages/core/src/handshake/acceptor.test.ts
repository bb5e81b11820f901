import { describe, expect, it } from "vitest";
import { drive, packet } from "../../test/support/handshake-drive.ts";
import { bytesOf } from "../../test/support/hex.ts";
import { Acceptor, type AcceptorAnswer, type AcceptorOptions } from "./acceptor.ts";
import { digest } from "./digest.ts";
import { DFLAG, flagNames, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "./flags.ts";
import { encodeStatus } from "./acceptor-messages.ts";
import { encodeAliveAnswer, encodeName, encodeReply } from "./initiator-messages.ts";
import { type NameMessage } from "./messages.ts";

const PEER = "page@browser";
const OK: AcceptorAnswer = { status: "ok", cookie: "secret" };

function acceptor(options: Partial<AcceptorOptions> = {}): Acceptor {
  return new Acceptor({
    name: "app@host",
    creation: 88_888,
    flags: PASS_THROUGH_FLAGS,
    challenge: 456,
    packetBytes: 2,
    now: 0,
    stepTimeMs: 7000,
    handshakeBytes: 4096,
    ...options,
  });
}

const name = (change: Partial<NameMessage> = {}): Uint8Array =>
  packet(encodeName({ flags: PASS_THROUGH_FLAGS, creation: 77_777, name: PEER, ...change }));
const reply = (cookie = "secret"): Uint8Array => packet(encodeReply({ challenge: 123, digest: digest(cookie, 456) }));

/** "send_name" in version 5, with the lower half of the flags. */
const oldName = (flags: bigint): Uint8Array =>
  packet(
    Uint8Array.of(
      ...bytesOf("6e 0005"),
      ...bytesOf((flags & 0xffff_ffffn).toString(16).padStart(8, "0")),
      ...new TextEncoder().encode(PEER),
    ),
  );
const complement = (flags: bigint): Uint8Array =>
  packet(Uint8Array.of(...bytesOf("63"), ...bytesOf((flags >> 32n).toString(16).padStart(8, "0")), ...bytesOf("00012fd1")));

/** What was written, as the first bytes of each message in text. */
function tagsOf(written: Uint8Array): string[] {
  const tags: string[] = [];
  for (let offset = 0; offset < written.length; ) {
    const end = offset + 2 + new DataView(written.buffer).getUint16(offset);
    const message = written.subarray(offset + 2, end);
    tags.push(message[0] === 0x73 ? new TextDecoder().decode(message) : String.fromCharCode(message[0] ?? 0));
    offset = end;
  }
  return tags;
}

describe("the event name", () => {
  it("shows who wants to connect, and nothing is written before the answer", () => {
    const machine = acceptor();
    const { events, written } = drive(machine, [name(), reply()]);
    expect(events).toEqual([
      { type: "name", name: PEER, flags: PASS_THROUGH_FLAGS, creation: 77_777, version: 6, wantsName: false },
    ]);
    expect(written).toHaveLength(0);
    machine.answer(OK);
    expect(drive(machine, []).events).toMatchObject([
      { type: "connected", result: { name: "app@host", creation: 88_888, peer: PEER } },
    ]);
  });

  it.each(["ok", "ok_simultaneous"] as const)("is answered with %s and the challenge, and the digest with an ack", (status) => {
    const machine = acceptor();
    expect(tagsOf(drive(machine, [name()], { answer: { status, cookie: "secret" } }).written)).toEqual([`s${status}`, "N"]);
    const { events, written } = drive(machine, [reply()]);
    expect(written).toEqual(Uint8Array.of(0, 17, 0x61, ...digest("secret", 123)));
    expect(events).toMatchObject([{ type: "connected", result: { peerCreation: 77_777, flags: PASS_THROUGH_FLAGS } }]);
  });

  it.each([
    ["nok", "simultaneous_refused"],
    ["not_allowed", "not_allowed"],
  ] as const)("is refused with %s, which is told to the peer", (status, code) => {
    const { events, written } = drive(acceptor(), [name()], { answer: { status } });
    expect(written).toEqual(packet(encodeStatus(status)));
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code, peer: PEER } });
  });

  it("is answered with alive, and the challenge waits for true", () => {
    const machine = acceptor();
    expect(tagsOf(drive(machine, [name()], { answer: { status: "alive", cookie: "secret" } }).written)).toEqual(["salive"]);
    expect(tagsOf(drive(machine, [packet(encodeAliveAnswer(true))]).written)).toEqual(["N"]);
    expect(drive(machine, [reply()]).events.at(-1)).toMatchObject({ type: "connected" });
  });

  it("is answered with alive, and false ends it", () => {
    const answer: AcceptorAnswer = { status: "alive", cookie: "secret" };
    const { events, written } = drive(acceptor(), [name(), packet(encodeAliveAnswer(false))], { answer });
    expect(tagsOf(written)).toEqual(["salive"]);
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "name_in_use" } });
  });

  it("is answered with a name when one is wanted; the node is hidden then, although both are published", () => {
    const published = PASS_THROUGH_FLAGS | DFLAG.PUBLISHED;
    const named = { named: "1X@browser", creation: 4711 };
    const { events, written } = drive(
      acceptor({ flags: published }),
      [name({ name: "browser", creation: 0, flags: published | DFLAG.NAME_ME }), reply()],
      { answer: { status: named, cookie: "secret" } },
    );
    expect(events).toMatchObject([
      { type: "name", name: "browser", wantsName: true },
      { type: "connected", result: { peer: "1X@browser", peerCreation: 4711, hidden: true } },
    ]);
    const status = packet(encodeStatus(named));
    expect(written.slice(0, status.length)).toEqual(status);
    const challengeFlags = new DataView(written.buffer).getBigUint64(status.length + 3);
    expect(challengeFlags).toBe(PASS_THROUGH_FLAGS | DFLAG.NAME_ME);
  });

  it("cannot be answered with a name that nobody wants, nor without one that is wanted", () => {
    const plain = acceptor();
    drive(plain, [name()]);
    expect(() => plain.answer({ status: { named: "1X@browser", creation: 4 }, cookie: "secret" })).toThrow(TypeError);
    const dynamic = acceptor();
    drive(dynamic, [name({ name: "browser", flags: PASS_THROUGH_FLAGS | DFLAG.NAME_ME })]);
    expect(() => dynamic.answer(OK)).toThrow(TypeError);
  });

  it("cannot be answered before it or twice", () => {
    const machine = acceptor();
    expect(() => machine.answer(OK)).toThrow("answered once");
    drive(machine, [name()], { answer: OK });
    expect(() => machine.answer(OK)).toThrow("answered once");
  });

  it("may be answered when the peer has gone, to no effect", () => {
    const machine = acceptor();
    expect(drive(machine, [name()], { ends: true }).events.at(-1)).toMatchObject({ type: "failed", error: { code: "closed" } });
    machine.answer(OK);
    expect(drive(machine, [])).toEqual({ events: [], written: new Uint8Array() });
  });
});

describe("a name", () => {
  it.each(["page", "@browser", "a@b@c", "p\u00e4ge@browser", ""])("%j is refused without a status, as OTP does", (value) => {
    const { events, written } = drive(acceptor(), [name({ name: value })]);
    expect(events).toMatchObject([
      { type: "failed", error: { code: "bad_name", message: expect.stringContaining(JSON.stringify(value)) } },
    ]);
    expect(written).toHaveLength(0);
  });

  it("is a host when a name is wanted, and nothing else", () => {
    const flags = PASS_THROUGH_FLAGS | DFLAG.NAME_ME;
    expect(drive(acceptor(), [name({ name: "", flags })]).events).toMatchObject([
      { type: "failed", error: { code: "bad_name" } },
    ]);
  });

  it("like our own is refused with nok", () => {
    const { events, written } = drive(acceptor(), [name({ name: "app@host" })]);
    expect(tagsOf(written)).toEqual(["snok"]);
    expect(events).toMatchObject([{ type: "failed", error: { code: "bad_name" } }]);
  });

  it.each(flagNames(MANDATORY_FLAGS))("without the flag %s is refused with not_allowed", (flag) => {
    const flags = PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG[flag];
    const { events, written } = drive(acceptor(), [name({ flags })]);
    expect(tagsOf(written)).toEqual(["snot_allowed"]);
    expect(events).toMatchObject([
      {
        type: "failed",
        error: { code: "missing_flags", peer: PEER, message: expect.stringMatching(new RegExp(`it lacks ${flag}$`)) },
      },
    ]);
  });
});

it("takes MANDATORY_25_DIGEST for the flags it stands for", () => {
  const flags = DFLAG.MANDATORY_25_DIGEST | DFLAG.V4_NC | DFLAG.UNLINK_ID;
  expect(drive(acceptor(), [name({ flags })]).events).toMatchObject([{ type: "name", flags: flags | MANDATORY_FLAGS }]);
});

describe("version 5", () => {
  it("completes its flags and creation after the challenge", () => {
    const machine = acceptor();
    const first = drive(machine, [oldName(PASS_THROUGH_FLAGS)], { answer: OK });
    expect(first.events).toMatchObject([{ type: "name", version: 5, flags: PASS_THROUGH_FLAGS & 0xffff_ffffn, creation: 0 }]);
    expect(tagsOf(first.written)).toEqual(["sok", "N"]);
    const { events } = drive(machine, [complement(PASS_THROUGH_FLAGS), reply()]);
    expect(events).toMatchObject([{ type: "connected", result: { peerCreation: 77_777, peerFlags: PASS_THROUGH_FLAGS } }]);
  });

  it("is refused at once without HANDSHAKE_23, which a complement needs", () => {
    const flags = PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG.HANDSHAKE_23;
    const { events, written } = drive(acceptor(), [oldName(flags)]);
    expect(tagsOf(written)).toEqual(["snot_allowed"]);
    expect(events).toMatchObject([{ type: "failed", error: { code: "missing_flags" } }]);
  });

  it("is refused after the challenge for what its complement lacks", () => {
    const { events, written } = drive(acceptor(), [oldName(PASS_THROUGH_FLAGS), complement(0n)], { answer: OK });
    expect(tagsOf(written)).toEqual(["sok", "N", "snot_allowed"]);
    expect(events.at(-1)).toMatchObject({
      type: "failed",
      error: { code: "missing_flags", message: expect.stringMatching(/lacks V4_NC$/) },
    });
  });

  it("cannot leave the complement out", () => {
    const { events } = drive(acceptor(), [oldName(PASS_THROUGH_FLAGS), reply()], { answer: OK });
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "bad_message" } });
  });
});

it("writes no ack to a peer with another cookie", () => {
  const machine = acceptor();
  drive(machine, [name()], { answer: OK });
  const { events, written } = drive(machine, [reply("other")]);
  expect(written).toHaveLength(0);
  expect(events).toMatchObject([{ type: "failed", error: { code: "wrong_cookie", peer: PEER } }]);
});

describe("what a peer may do to us", () => {
  const ALIVE: AcceptorAnswer = { status: "alive", cookie: "secret" };
  const STEPS = [
    ["its name", [], OK],
    ["our own decision on it", [name()], undefined],
    ["its answer whether it takes the place of its old connection", [name()], ALIVE],
    ["the second half of its flags", [oldName(PASS_THROUGH_FLAGS)], OK],
    ["its reply to our challenge", [name()], OK],
  ] as const;

  it.each(STEPS)("is to be silent, which ends at the deadline: %s", (awaited, chunks, answer) => {
    const machine = acceptor();
    drive(machine, [...chunks], { now: 500, ...(answer === undefined ? {} : { answer }) });
    const deadline = chunks.length === 0 ? 7000 : 7500;
    expect(machine.nextTimeout()).toBe(deadline);
    machine.handleTimeout(deadline);
    expect(machine.nextEvent(deadline)).toMatchObject({
      type: "failed",
      error: { code: "timeout", message: expect.stringContaining(`${awaited} did not come within 7000 ms`) },
    });
  });

  it.each(STEPS)("is to close: %s", (_, chunks, answer) => {
    const { events } = drive(acceptor(), [...chunks], { ends: true, ...(answer === undefined ? {} : { answer }) });
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "closed" } });
  });

  it.each(STEPS.filter(([, , answer]) => answer !== undefined))("is to send nonsense: %s", (_, chunks, answer) => {
    for (const hex of ["0000", "0001 78", "0002 73 78"]) {
      const { events } = drive(acceptor(), [...chunks, bytesOf(hex)], answer === undefined ? {} : { answer });
      expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "bad_message" } });
    }
  });

  it("is to send on while we decide, which we keep only up to the limit", () => {
    const machine = acceptor({ handshakeBytes: 100 });
    expect(drive(machine, [name(), new Uint8Array(100)]).events).toHaveLength(1);
    expect(drive(machine, [new Uint8Array(1)]).events).toMatchObject([{ type: "failed", error: { code: "bad_message" } }]);
  });

  it("is to announce much: it is refused before it is kept", () => {
    const { events } = drive(acceptor(), [bytesOf("1001")]);
    expect(events).toMatchObject([
      { type: "failed", error: { code: "bad_message", message: expect.stringContaining("4097 bytes") } },
    ]);
  });
});

it.each([
  ["our name", () => acceptor({ name: "app" })],
  [
    "the cookie",
    () => {
      const machine = acceptor();
      drive(machine, [name()]);
      machine.answer({ status: "ok", cookie: "\u20ac" });
    },
  ],
])("does not go on when %s cannot be: that is the caller's fault", (_, run) => {
  expect(run).toThrow(RangeError);
});
