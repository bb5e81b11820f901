// The same conversation of two nodes in every form that packets can have.
import { describe, expect, it } from "vitest";
import {
  appPid,
  Conversation,
  eachByte,
  inThrees,
  pagePid,
  type Side,
  TICK_TIME_MS,
  whole,
} from "../../test/support/conversation.ts";
import { MODES } from "../../test/support/distribution-modes.ts";
import { concat } from "../../test/support/handshake-drive.ts";
import { EncodeError } from "../errors.ts";
import { atom, map, NativeRecord, Pid, Reference, type Term, tuple } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import type { ControlMessage } from "./control.ts";

const ref = new Reference(pagePid.node, 77_777, [1, 2, 3]);
const aliasOfApp = new Reference(appPid.node, 88_888, [4, 5, 6]);
const sendFrom = (id: number): ControlMessage => ({
  type: "SEND_SENDER",
  fromPid: new Pid(pagePid.node, id, 0, 77_777),
  toPid: appPid,
});
const SEND = sendFrom(1);
const ANSWER: ControlMessage = { type: "SEND_SENDER", fromPid: appPid, toPid: pagePid };

/** One message of each kind. */
const TALK: readonly (readonly [ControlMessage, Term?])[] = [
  [{ type: "LINK", fromPid: pagePid, toPid: appPid }],
  [SEND, tuple(atom("hello"), [1, 2, 3])],
  [{ type: "REG_SEND", fromPid: pagePid, toName: "srv" }, map({ key: atom("value"), ok: true })],
  [{ type: "SEND", toPid: appPid, traceToken: tuple(1, atom("label"), 2, pagePid, 0) }, atom("traced")],
  [{ type: "MONITOR_P", fromPid: pagePid, toProc: "srv", ref }],
  [{ type: "DEMONITOR_P", fromPid: pagePid, toProc: appPid, ref }],
  [{ type: "EXIT", fromPid: pagePid, toPid: appPid, reason: atom("old") }],
  [{ type: "PAYLOAD_EXIT", fromPid: pagePid, toPid: appPid }, atom("reason")],
  [{ type: "PAYLOAD_EXIT2", fromPid: pagePid, toPid: appPid }, tuple(atom("shutdown"), [])],
  [{ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: "srv", toPid: appPid, ref }, atom("noproc")],
  [{ type: "GROUP_LEADER", leaderPid: pagePid, toPid: appPid }],
  [
    {
      type: "SPAWN_REQUEST",
      reqId: ref,
      fromPid: pagePid,
      groupLeader: pagePid,
      mfa: { module: "m", function: "f", arity: 1 },
      optList: [atom("link")],
    },
    [new Uint8Array(100_000).fill(1)],
  ],
  [{ type: "SPAWN_REPLY", reqId: ref, toPid: appPid, flags: 1, result: pagePid }],
  [{ type: "ALIAS_SEND", fromPid: pagePid, alias: aliasOfApp }, 2n ** 64n],
  [{ type: "ALTACT_SIG_SEND", flags: 5, fromPid: pagePid, to: aliasOfApp }, "priority"],
  [{ type: "UNLINK_ID", id: 2n ** 64n - 1n, fromPid: pagePid, toPid: appPid }],
  [{ type: "UNLINK_ID_ACK", id: 1n, fromPid: pagePid, toPid: appPid }],
];

const utf8 = (payload: Term | undefined): Term | undefined =>
  typeof payload === "string" ? new TextEncoder().encode(payload) : payload;

describe.each(MODES)("with $name, two nodes", (mode) => {
  it.each([
    ["whole", whole],
    ["in threes", inThrees],
    ["split at every byte", eachByte],
  ])("[C57] say everything there is to say, bytes %s", (_, split) => {
    const talk = new Conversation({ mode, split }).settle();
    for (let round = 0; round < 2; round++) {
      for (const [control, payload] of TALK) {
        talk.page.connection.send(control, payload);
        talk.settle();
      }
    }
    expect(talk.app.signals).toEqual([...TALK, ...TALK].map(([control]) => control));
    expect(talk.app.payloads).toEqual([...TALK, ...TALK].map(([, payload]) => utf8(payload)));
  });

  it("say it in one write, in the order of each sender", () => {
    const talk = new Conversation({ mode }).settle();
    for (const [control, payload] of TALK) talk.page.connection.send(control, payload);
    talk.settle();
    expect(talk.app.signals).toEqual(TALK.map(([control]) => control));
  });

  it.each([undefined, 1, 100_000])("keep the order of 50 senders of small and large messages, %s bytes a write", (maxBytes) => {
    const talk = new Conversation({ mode, ...(maxBytes === undefined ? {} : { maxBytes }) }).settle();
    const sent = new Map<number, number[]>();
    for (let count = 0; count < 400; count++) {
      const sender = 1 + ((count * 7) % 50);
      // Every seventh is large enough for fragments.
      const size = count % 7 === 0 ? 70_000 + count : count;
      talk.page.connection.send(sendFrom(sender), tuple(count, new Uint8Array(size)));
      sent.set(sender, [...(sent.get(sender) ?? []), count]);
      if (count % 10 === 0) talk.carry(talk.page, talk.app);
    }
    talk.settle();
    const received = new Map<number, number[]>();
    for (const event of talk.app.events) {
      if (event.type !== "signal" || event.control.type !== "SEND_SENDER") continue;
      const sender = event.control.fromPid.id;
      const [count] = event.payload as unknown as Iterable<number>;
      received.set(sender, [...(received.get(sender) ?? []), count ?? -1]);
    }
    expect(received).toEqual(sent);
  });

  it("stay connected over a slow carrier: ticks and small messages do not wait for the end of a large one", () => {
    const talk = new Conversation({ mode, maxBytes: 1 }).settle();
    talk.page.connection.send(SEND, new Uint8Array(1_000_000));
    const arrivals: string[] = [];
    // A second for each write: the carrier takes some 64 kB of fragments in that time.
    for (let second = 0; talk.page.connection.outboundBytes > 0; second++) {
      talk.now += 1_000;
      talk.page.connection.handleTimeout(talk.now);
      if (second === 3) talk.page.connection.send(sendFrom(2), atom("between"));
      const before = talk.app.signals.length;
      talk.carry(talk.page, talk.app);
      if (talk.app.signals.length > before) arrivals.push(`${second}`);
    }
    const hasFragments = (mode.flags & DFLAG.FRAGMENTS) !== 0n;
    expect(arrivals).toEqual(hasFragments ? ["3", "15"] : ["0"]);
  });

  it("fall silent and are lost at any step, large message half sent or not", () => {
    for (let writes = 0; writes <= 4; writes++) {
      const talk = new Conversation({ mode, maxBytes: 1 }).settle();
      talk.page.connection.send(SEND, new Uint8Array(300_000));
      for (let count = 0; count < writes; count++) talk.carry(talk.page, talk.app);
      silence(talk.app, talk.now);
      expect(talk.app.last).toMatchObject({ type: "closed", error: { code: "net_tick_timeout" } });
      expect(talk.app.signals).toHaveLength((mode.flags & DFLAG.FRAGMENTS) === 0n && writes > 0 ? 1 : 0);
    }
  });

  it("end with a carrier that ends anywhere, from the first byte of the handshake on", () => {
    const record = new Conversation({ mode });
    const writes: Uint8Array[] = [];
    for (let quiet = 0; quiet < 2; ) {
      record.page.take(0);
      const bytes = record.page.connection.takeOutbound();
      if (bytes !== undefined) {
        writes.push(bytes);
        record.app.connection.receive(bytes);
      } else if (record.page.connection.state === "up" && writes.length === 2) {
        record.page.connection.send(SEND, tuple(atom("first"), 1));
      }
      quiet = record.carry(record.app, record.page) || bytes !== undefined ? 0 : quiet + 1;
    }
    const bytes = concat(writes);
    for (let length = 0; length < bytes.length; length++) {
      const { app } = new Conversation({ mode });
      app.connection.receive(bytes.subarray(0, length));
      app.take(0);
      app.connection.receiveEnd();
      app.take(0);
      const wasUp = app.events.some(({ type }) => type === "connected");
      expect(app.last, `${length} bytes`).toMatchObject(wasUp ? { type: "closed" } : { type: "failed" });
      expect(app.signals).toEqual([]);
    }
  });

  it("[C27] answer a tick in the middle of a large message, whoever sends that", () => {
    const talk = new Conversation({ mode, maxBytes: 1 }).settle();
    talk.page.connection.send(SEND, new Uint8Array(300_000));
    talk.app.connection.send(ANSWER, new Uint8Array(300_000));
    for (let count = 0; count < 2; count++) {
      talk.carry(talk.page, talk.app);
      talk.carry(talk.app, talk.page);
    }
    // What was written meanwhile is the answer to a first one.
    for (let count = 0; count < 2; count++) talk.page.connection.receive(new Uint8Array(4));
    talk.page.take(talk.now);
    talk.carry(talk.page, talk.app);
    expect(talk.app.ticks).toBe(1);
    talk.settle();
    expect([talk.app.payloads, talk.page.payloads]).toEqual([[new Uint8Array(300_000)], [new Uint8Array(300_000)]]);
  });

  it("end with a carrier that ends anywhere in a message, without that message", () => {
    const writer = new Conversation({ mode }).settle();
    writer.page.connection.send(SEND, tuple(atom("first"), 1));
    writer.page.connection.send(SEND, tuple(atom("second"), new Uint8Array(140_000)));
    const bytes = writer.page.connection.takeOutbound() ?? new Uint8Array();
    for (const length of [0, 3, 20, 50, 70_000, 131_500, bytes.length - 1]) {
      const { app } = new Conversation({ mode }).settle();
      app.connection.receive(bytes.subarray(0, length));
      app.connection.receiveEnd();
      app.take(0);
      expect(app.last).toMatchObject({ type: "closed", error: { code: "closed" } });
      expect(app.signals.length).toBeLessThan(2);
    }
  });

  it("refuse what cannot be said, and go on", () => {
    const talk = new Conversation({ mode }).settle();
    for (const start of [atom("new"), new Uint8Array(100_000)]) {
      expect(() => talk.page.connection.send(SEND, tuple(start, Number.NaN))).toThrow(EncodeError);
    }
    talk.page.connection.send(SEND, atom("new"));
    talk.settle();
    expect(talk.app.payloads.at(-1)).toEqual(atom("new"));
  });

  it("tell a native record only to a node that knows them", () => {
    const record = new NativeRecord(atom("m"), atom("r"), true, [atom("x")], [1]);
    const knowing = new Conversation({ mode }).settle();
    knowing.page.connection.send(SEND, record);
    knowing.settle();
    expect(knowing.app.payloads).toEqual([record]);
    const old = new Conversation({ mode: { ...mode, flags: mode.flags & ~DFLAG.NATIVE_RECORDS } }).settle();
    const before = old.page.connection.outboundBytes;
    expect(() => old.page.connection.send(SEND, [1, tuple(record)])).toThrow(
      expect.objectContaining({ name: "EncodeError", code: "unsupported_by_peer", path: "[1].elements[0]" }),
    );
    expect(old.page.connection.outboundBytes).toBe(before);
    old.page.connection.send(SEND, atom("r"));
    old.settle();
    expect(old.app.payloads).toEqual([atom("r")]);
  });

  it("send no priority signal to a node that knows none, but the signal", () => {
    const talk = new Conversation({ mode: { ...mode, flags: mode.flags & ~DFLAG.ALTACT_SIG } }).settle();
    const { page } = talk;
    page.connection.send({ type: "ALTACT_SIG_SEND", flags: 5, fromPid: pagePid, to: aliasOfApp }, 1);
    page.connection.send({ type: "ALTACT_SIG_SEND", flags: 9, fromPid: pagePid, to: "srv" }, 2);
    page.connection.send({ type: "ALTACT_SIG_SEND", flags: 1, fromPid: pagePid, to: appPid, traceToken: 7 }, 3);
    page.connection.send({ type: "ALTACT_SIG_SEND", flags: 17, fromPid: pagePid, to: appPid }, 4);
    page.connection.send({ type: "ALTACT_SIG_SEND", flags: 20, fromPid: pagePid, to: aliasOfApp }, 5);
    talk.settle();
    expect(talk.app.signals.map(({ type }) => type)).toEqual(["ALIAS_SEND", "REG_SEND", "SEND_SENDER", "PAYLOAD_EXIT2"]);
    expect(talk.app.signals[2]?.traceToken).toBe(7);
  });

  it("tick when they have nothing to say, also after a large message", () => {
    const talk = new Conversation({ mode }).settle();
    talk.page.connection.send(SEND, new Uint8Array(300_000));
    talk.app.connection.send(ANSWER, new Uint8Array(300_000));
    talk.settle();
    talk.advance(3 * TICK_TIME_MS);
    for (const { connection, ticks } of [talk.page, talk.app]) {
      expect(connection.state).toBe("up");
      expect(ticks).toBeGreaterThanOrEqual(11);
      expect(ticks).toBeLessThanOrEqual(24);
    }
  });
});

/** Fires a side's timers until it gives up. */
function silence(side: Side, now: number): void {
  for (let at = side.connection.nextTimeout(); at !== undefined; at = side.connection.nextTimeout()) {
    side.connection.handleTimeout(Math.max(at, now));
    side.take(Math.max(at, now));
    side.connection.takeOutbound();
  }
}
