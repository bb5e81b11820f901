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
import { ConnectionError, DecodeError, EncodeError, ProtocolError } from "../errors.ts";
import { atom, tuple } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";

const LINK: ControlMessage = { type: "LINK", fromPid: pagePid, toPid: appPid };
const SEND: ControlMessage = { type: "SEND_SENDER", fromPid: pagePid, toPid: appPid };
const ANSWER: ControlMessage = { type: "SEND_SENDER", fromPid: appPid, toPid: pagePid };

describe("a connection", () => {
  it.each([
    ["whole", whole],
    ["split at every byte", eachByte],
    ["in threes", inThrees],
  ])("shakes hands and carries signals both ways, bytes %s", (_, split) => {
    const talk = new Conversation({ split }).settle();
    expect([talk.page.connection.state, talk.app.connection.state]).toEqual(["up", "up"]);
    expect(talk.page.connection.result).toMatchObject({
      name: "page@browser",
      peer: "app@host",
      peerCreation: 88_888,
      hidden: true,
    });
    expect(talk.app.connection.result).toMatchObject({ name: "app@host", peer: "page@browser", peerCreation: 77_777 });
    talk.page.connection.send(LINK);
    talk.page.connection.send(SEND, tuple(atom("hello"), [1, 2, 3]));
    talk.app.connection.send(ANSWER, 2n ** 70n);
    talk.settle();
    expect(talk.app.events.slice(-2)).toEqual([
      { type: "signal", control: LINK },
      { type: "signal", control: SEND, payload: tuple(atom("hello"), [1, 2, 3]) },
    ]);
    expect(talk.page.last).toEqual({ type: "signal", control: ANSWER, payload: 2n ** 70n });
  });

  it("reads packets that come in one chunk with the last message of the handshake", () => {
    const talk = new Conversation();
    // The acceptor is up and sends as soon as it has the answer to its challenge; its ack is not written yet.
    const toApp = (): void => {
      const bytes = talk.page.connection.takeOutbound();
      if (bytes !== undefined) talk.app.connection.receive(bytes);
      talk.app.take(0);
    };
    toApp();
    talk.page.connection.receive(talk.app.connection.takeOutbound() ?? new Uint8Array());
    talk.page.take(0);
    toApp();
    expect(talk.app.connection.state).toBe("up");
    talk.app.connection.send(ANSWER, 1);
    talk.app.connection.send(ANSWER, 2);
    const ackAndMore = talk.app.connection.takeOutbound() ?? new Uint8Array();
    talk.page.connection.receive(ackAndMore);
    talk.page.take(0);
    expect(talk.page.connection.state).toBe("up");
    expect(talk.page.signals).toEqual([ANSWER, ANSWER]);
  });

  it("gives all that is to be written as one chunk, once", () => {
    const { connection } = new Conversation().settle().page;
    for (let count = 0; count < 3; count++) connection.send(SEND, count);
    const size = connection.outboundBytes;
    expect(connection.takeOutbound()).toHaveLength(size);
    expect(connection.takeOutbound()).toBeUndefined();
    expect(connection.outboundBytes).toBe(0);
  });

  it("leaves nothing of a message that cannot be encoded", () => {
    const talk = new Conversation().settle();
    talk.page.connection.send(SEND, 1);
    expect(() => talk.page.connection.send(SEND, tuple(1, Number.NaN))).toThrow(EncodeError);
    talk.page.connection.send(SEND, 2);
    talk.settle();
    expect(talk.app.events.slice(-2)).toMatchObject([{ payload: 1 }, { payload: 2 }]);
  });

  it("sends nothing before the handshake is over", () => {
    expect(() => new Conversation().page.connection.send(LINK)).toThrow(ConnectionError);
  });
});

describe("ticks", () => {
  it("keep an idle connection for three tick times, a few each quarter", () => {
    const talk = new Conversation().settle();
    talk.advance(3 * TICK_TIME_MS);
    expect([talk.page.connection.state, talk.app.connection.state]).toEqual(["up", "up"]);
    for (const { signals, ticks } of [talk.page, talk.app]) {
      expect(signals).toEqual([]);
      expect(ticks).toBeGreaterThanOrEqual(11);
      expect(ticks).toBeLessThanOrEqual(24);
    }
  });

  it("are sent only where nothing else was written", () => {
    const talk = new Conversation().settle();
    for (let minute = 0; minute < 12; minute++) {
      talk.page.connection.send(SEND, minute);
      talk.settle();
      talk.advance(TICK_TIME_MS / 4);
    }
    expect(talk.app.ticks).toBe(0);
  });

  it("are answered with ticks, so that a side whose timers do not fire stays connected", () => {
    const talk = new Conversation().settle();
    talk.page.hasTimers = false;
    talk.advance(10 * TICK_TIME_MS);
    expect(talk.app.connection.state).toBe("up");
    expect(talk.app.ticks).toBeGreaterThanOrEqual(20);
  });

  it("are answered with ticks, so that a peer with a much shorter tick time stays connected", () => {
    const talk = new Conversation({ appTickTimeMs: TICK_TIME_MS / 20 }).settle();
    talk.advance(3 * TICK_TIME_MS);
    expect([talk.page.connection.state, talk.app.connection.state]).toEqual(["up", "up"]);
  });

  it("come to rest, also when ticks and packets cross on their way", () => {
    const talk = new Conversation().settle();
    // Each side writes before it has read what the other wrote.
    const crossing = [talk.page, talk.app].map(({ connection }, index) => {
      connection.handleTimeout(TICK_TIME_MS / 4);
      connection.send(index === 0 ? SEND : ANSWER, 1);
      return connection.takeOutbound() ?? new Uint8Array();
    });
    talk.app.connection.receive(crossing[0] ?? new Uint8Array());
    talk.page.connection.receive(crossing[1] ?? new Uint8Array());
    // Ends: a storm of ticks would keep this from settling.
    talk.settle();
    expect(talk.page.ticks + talk.app.ticks).toBeLessThanOrEqual(6);
  });

  it("that do not come for five quarters mean that the peer is lost", () => {
    const talk = new Conversation().settle();
    const { page } = talk;
    for (
      let at = page.connection.nextTimeout();
      at !== undefined && at <= 1.25 * TICK_TIME_MS;
      at = page.connection.nextTimeout()
    ) {
      page.connection.handleTimeout(at);
      page.take(at);
      page.connection.takeOutbound();
    }
    expect(page.last).toMatchObject({ type: "closed", error: { code: "net_tick_timeout", peer: "app@host" } });
    expect(page.connection.state).toBe("closed");
    expect(page.connection.nextTimeout()).toBeUndefined();
  });

  it("follow another tick time from the moment on in which it is set", () => {
    const talk = new Conversation().settle();
    const { page, app } = talk;
    talk.advance(1_000);
    page.connection.setTickTime(4_000, talk.now);
    talk.advance(8_000);
    expect(app.ticks).toBeGreaterThanOrEqual(7);
    app.hasTimers = false;
    // Whatever is written from now on is lost.
    for (let now = talk.now; now <= talk.now + 6_000; now += 500) {
      page.connection.handleTimeout(now);
      page.connection.takeOutbound();
    }
    page.take(talk.now + 6_000);
    expect(page.last).toMatchObject({ type: "closed", error: { code: "net_tick_timeout" } });
    expect(page.last).toHaveProperty("error.message", expect.stringMatching(/not been heard of for 5\d\d\d ms/));
  });

  it("are still sent, and not missed, while nothing is read", () => {
    const { page } = new Conversation().settle();
    page.connection.setReading(false, 0);
    let ticks = 0;
    for (let now = 0; now <= 3 * TICK_TIME_MS; now += 1_000) {
      page.connection.handleTimeout(now);
      ticks += (page.connection.takeOutbound()?.length ?? 0) / 4;
    }
    expect(page.connection.state).toBe("up");
    expect(ticks).toBeGreaterThanOrEqual(11);
    page.connection.setReading(true, 3 * TICK_TIME_MS);
    expect(page.connection.nextTimeout()).toBeGreaterThan(3 * TICK_TIME_MS);
  });

  it("count with any bytes: a large packet that trickles in is a sign of life", () => {
    const talk = new Conversation().settle();
    const { page } = talk;
    page.connection.receive(Uint8Array.of(0, 1, 0, 0));
    for (let now = 0; now <= 3 * TICK_TIME_MS; now += TICK_TIME_MS / 2) {
      page.connection.receive(Uint8Array.of(112));
      page.take(now);
      page.connection.handleTimeout(now);
      page.take(now);
    }
    expect(page.connection.state).toBe("up");
  });

  it.each([
    ["ticks once a second, whether or not its timers fire", false, 10],
    ["has no need to tick when it writes anyway", true, 0],
  ])("keep who receives one large packet for long: it %s", (_, writes, expected) => {
    const { page } = new Conversation().settle();
    page.connection.receive(Uint8Array.of(0, 1, 0, 0));
    let ticks = 0;
    for (let now = 0; now <= 10_000; now += 100) {
      page.connection.receive(Uint8Array.of(112));
      page.take(now);
      ticks += (page.connection.takeOutbound()?.length ?? 0) / 4;
      if (!writes) continue;
      page.connection.send(SEND, now);
      page.connection.takeOutbound();
    }
    expect(ticks).toBe(expected);
  });
});

describe("a peer that breaks the protocol", () => {
  it.each<[string, number[], unknown]>([
    ["a packet in another form", [0, 0, 0, 2, 131, 68], ProtocolError],
    ["a packet of one byte", [0, 0, 0, 1, 112], DecodeError],
    ["no term", [0, 0, 0, 3, 112, 131, 200], DecodeError],
    ["no control message", [0, 0, 0, 4, 112, 131, 97, 1], ProtocolError],
    ["one that nobody knows", [0, 0, 0, 6, 112, 131, 104, 1, 97, 9], ProtocolError],
  ])("is told apart: %s", (_, bytes, error) => {
    expect(after(bytes).last).toEqual({ type: "closed", error: expect.any(error) });
  });

  it("[C55] is told in words when its control message is unknown", () => {
    expect(after([0, 0, 0, 6, 112, 131, 104, 1, 97, 38]).last).toMatchObject({
      type: "closed",
      error: { name: "ProtocolError", code: "unknown_control_message", message: /38/ },
    });
  });

  it("ends with what it sent before", () => {
    const talk = new Conversation().settle();
    talk.app.connection.send(ANSWER, 1);
    const good = talk.app.connection.takeOutbound() ?? new Uint8Array();
    talk.page.connection.receive(Uint8Array.of(...good, 0, 0, 0, 1, 112, ...good));
    talk.page.take(0);
    expect(talk.page.signals).toEqual([ANSWER]);
    expect(talk.page.last?.type).toBe("closed");
  });

  it("is not waited for when it announces more than is allowed", () => {
    expect(after([0xff, 0xff, 0xff, 0xff]).last).toMatchObject({ type: "closed", error: { code: "packet_too_large" } });
    expect(after([0, 0, 0, 100], 100).connection.state).toBe("up");
    expect(after([0, 0, 0, 101], 100).last).toMatchObject({ error: { code: "packet_too_large" } });
  });

  it("leaves a connection that takes nothing more and wants nothing more", () => {
    const { connection } = after([0, 0, 0, 1, 112]);
    connection.receive(Uint8Array.of(0, 0, 0, 0));
    expect(connection.nextEvent(1)).toBeUndefined();
    expect(connection.nextTimeout()).toBeUndefined();
    connection.handleTimeout(1e9);
    connection.receiveEnd();
    expect(connection.nextEvent(2)).toBeUndefined();
    expect(() => connection.send(LINK)).toThrow(ConnectionError);
  });

  it("never makes it throw, whatever byte of a conversation is another", () => {
    const bytes = (() => {
      const { app } = new Conversation().settle();
      app.connection.send(ANSWER, tuple(atom("ok"), [1, 2, 3], "text"));
      return app.connection.takeOutbound() ?? new Uint8Array();
    })();
    for (let index = 0; index < bytes.length; index++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, (bytes[index] ?? 0) ^ 1]) {
        const side = after(bytes.with(index, value), 10_000);
        const last = side.last;
        if (last?.type !== "closed") continue;
        expect(last.error instanceof DecodeError || last.error instanceof ProtocolError).toBe(true);
      }
    }
  });
});

describe("the end of the carrier", () => {
  it("comes after the packets that came before it", () => {
    const talk = new Conversation().settle();
    talk.app.connection.send(ANSWER, 1);
    talk.page.connection.receive(talk.app.connection.takeOutbound() ?? new Uint8Array());
    talk.page.connection.receiveEnd();
    talk.page.take(0);
    expect(talk.page.events.slice(-2)).toMatchObject([
      { type: "signal", payload: 1 },
      { type: "closed", error: { code: "closed" } },
    ]);
  });

  it("gives the carrier's own reason where it has one, during the handshake too", () => {
    const lost = new ConnectionError("bridge_refused", "the node is down");
    for (const talk of [new Conversation(), new Conversation().settle()]) {
      talk.page.connection.receiveEnd(lost);
      talk.page.take(0);
      expect(talk.page.last).toEqual({ type: "closed", error: lost });
    }
  });

  it("is a failure of the handshake when it comes plainly in the middle of it", () => {
    const talk = new Conversation();
    talk.page.connection.takeOutbound();
    talk.page.connection.receiveEnd();
    talk.page.take(0);
    expect(talk.page.last).toMatchObject({ type: "failed", error: { name: "HandshakeError", peer: "app@host" } });
  });

  it("has no error when we close, and what was sent before can still be written", () => {
    const talk = new Conversation().settle();
    talk.page.connection.send(SEND, 1);
    talk.page.connection.close();
    talk.page.take(0);
    expect(talk.page.last).toEqual({ type: "closed" });
    talk.app.connection.receive(talk.page.connection.takeOutbound() ?? new Uint8Array());
    talk.app.take(0);
    expect(talk.app.last).toMatchObject({ payload: 1 });
  });
});

/** A side that was sent these bytes after the handshake. */
function after(bytes: Iterable<number>, packetBytes?: number): Side {
  const { page } = new Conversation(packetBytes === undefined ? {} : { limits: { packetBytes } }).settle();
  page.connection.receive(Uint8Array.from(bytes));
  page.take(0);
  return page;
}
