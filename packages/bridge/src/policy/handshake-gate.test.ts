// A page and a node of the core's own machines with the gate between them: what each side sees, and what does not get through.
import {
  Acceptor,
  DFLAG,
  decodeChallenge,
  decodeName,
  decodeReply,
  digest,
  encodeAck,
  encodeAliveAnswer,
  encodeChallenge,
  encodeName,
  encodeReply,
  encodeStatus,
  HEADER_FLAGS,
  Initiator,
  type InitiatorOptions,
  PASS_THROUGH_FLAGS,
  type Status,
} from "@erl-dist/core/handshake";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HandshakeCutter } from "./handshake-cutter.ts";
import { type GateOptions, HandshakeGate } from "./handshake-gate.ts";

const NODE = "app@127.0.0.1";
const COOKIE = "the cookie of the cluster";
const SECRET = "secret-of-this-session";
const STEP = { now: 0, stepTimeMs: 7000, handshakeBytes: 4096 };
const FIXED = { type: "fixed", name: "web1@bridge", owned: true } as const;
const DYNAMIC = { type: "dynamic", host: "web" } as const;
const TERMINATE = { toPage: 0xffff_fff1, toNode: 7 };

function gateOf(options: Partial<GateOptions> = {}): HandshakeGate {
  const { now, handshakeBytes } = STEP;
  const own = {
    node: NODE,
    nodePacketBytes: 2,
    name: FIXED,
    creation: 4711,
    now,
    handshakeBytes,
    handshakeTimeMs: 7000,
  } as const;
  return new HandshakeGate({ ...own, ...options });
}

function pageOf(options: Partial<InitiatorOptions> = {}): Initiator {
  const own = {
    name: "web1@bridge",
    creation: 99,
    peer: NODE,
    cookie: SECRET,
    flags: HEADER_FLAGS,
    challenge: 1234,
    packetBytes: 2,
  };
  return new Initiator({ ...STEP, ...own, packetBytes: 2, ...options });
}

/** Plays a whole handshake; the node answers a name with that status. */
function play(
  gate: HandshakeGate,
  page: Initiator,
  { status = "ok" as Status, cookie = COOKIE, packetBytes = 2 as 2 | 4, split = 0 },
) {
  const node = new Acceptor({ ...STEP, name: NODE, creation: 5, flags: HEADER_FLAGS, challenge: 4321, packetBytes });
  const seen = { page: [] as number[], node: [] as number[] };
  const events: string[] = [];
  const results: Record<string, unknown> = {};
  const names: unknown[] = [];
  const give = (to: "page" | "node", bytes: Uint8Array): void => {
    const machine = to === "page" ? page : node;
    machine.receive(bytes);
    for (let event = machine.nextEvent(0); event !== undefined; event = machine.nextEvent(0)) {
      events.push(`${to} ${event.type}`);
      if (event.type === "connected") results[to] = event.result;
      if (event.type === "failed") results[to] = event.error.code;
      if (event.type === "name") {
        names.push({ name: event.name, flags: event.flags, creation: event.creation });
        if (status === "nok" || status === "not_allowed") node.answer({ status });
        else node.answer({ status, cookie });
      }
    }
  };
  const send = (from: "page" | "node", bytes: Uint8Array): void => {
    const size = split === 0 ? bytes.length : split;
    for (let at = 0; at < bytes.length; at += size) gate.receive(from, bytes.slice(at, at + size));
  };
  for (let moved = true; moved; ) {
    moved = false;
    for (const from of ["page", "node"] as const) {
      const out = (from === "page" ? page : node).takeOutbound();
      if (out !== undefined) {
        moved = true;
        send(from, out);
      }
      const to = from === "page" ? "node" : "page";
      for (const side of [to, from] as const) {
        for (let chunk = gate.takeOutbound(side); chunk !== undefined; chunk = gate.takeOutbound(side)) {
          moved = true;
          seen[side].push(...chunk);
          give(side, chunk);
        }
      }
    }
  }
  return { gate, page, node, seen, events, results, names };
}

const hex = (bytes: Iterable<number>): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

describe.each([
  ["gated", undefined, COOKIE],
  ["custody", { cookie: COOKIE, secret: SECRET }, SECRET],
  ["custody that terminates", { cookie: COOKIE, secret: SECRET, challenges: TERMINATE }, SECRET],
] as const)("%s", (_, custody, pageCookie) => {
  it.each([0, 1, 3])("connects the two under the page's name, in pieces of %i bytes", (split) => {
    const { results, gate } = play(gateOf({ custody }), pageOf({ cookie: pageCookie }), { split });
    expect(results["page"]).toMatchObject({ name: "web1@bridge", creation: 99, peer: NODE, peerCreation: 5, hidden: true });
    expect(results["node"]).toMatchObject({ name: NODE, peer: "web1@bridge", peerCreation: 99, hidden: true });
    expect(gate.connected).toEqual({ name: "web1@bridge", flags: PASS_THROUGH_FLAGS });
    expect(gate.nextTimeout()).toBeUndefined();
  });

  it("frames the node's side with 4 bytes where that uses TLS", () => {
    const { results } = play(gateOf({ custody, nodePacketBytes: 4 }), pageOf({ cookie: pageCookie }), {
      packetBytes: 4,
      split: 1,
    });
    expect(results["node"]).toMatchObject({ peer: "web1@bridge" });
  });

  it("gives a page that asks for a name one of the bridge's, and the node never hears of asking", () => {
    const { results, names } = play(
      gateOf({ custody }),
      pageOf({ name: "127.0.0.1", dynamicName: true, cookie: pageCookie }),
      {},
    );
    expect(names).toEqual([{ name: "web1@bridge", flags: PASS_THROUGH_FLAGS, creation: 4711 }]);
    expect(results["page"]).toMatchObject({ name: "web1@bridge", creation: 4711 });
    expect(results["node"]).toMatchObject({ peer: "web1@bridge", peerCreation: 4711 });
  });

  it("passes on the name that the node gives, but asks with a host of its own", () => {
    const status = { named: "2SSEA379LVGSM@web", creation: 6 };
    const page = pageOf({ name: "evil.example", dynamicName: true, cookie: pageCookie });
    const { results, names, gate } = play(gateOf({ custody, name: DYNAMIC }), page, { status });
    expect(names).toEqual([{ name: "web", flags: PASS_THROUGH_FLAGS | DFLAG.NAME_ME, creation: 0 }]);
    expect(results["page"]).toMatchObject({ name: "2SSEA379LVGSM@web", creation: 6 });
    expect(gate.connected).toMatchObject({ name: "2SSEA379LVGSM@web" });
  });

  it("masks flags for both sides, so that neither uses what the other was not offered", () => {
    const { results, names } = play(
      gateOf({ custody }),
      pageOf({ cookie: pageCookie, flags: HEADER_FLAGS | DFLAG.PUBLISHED }),
      {},
    );
    expect(names).toEqual([{ name: "web1@bridge", flags: PASS_THROUGH_FLAGS, creation: 99 }]);
    expect(results["page"]).toMatchObject({ flags: PASS_THROUGH_FLAGS, hidden: true });
  });

  it("puts an owner in the place of its old connection, whether it asks for its name or has it", () => {
    for (const options of [{}, { name: "h", dynamicName: true }]) {
      const { results } = play(gateOf({ custody }), pageOf({ cookie: pageCookie, ...options }), { status: "alive" });
      expect(results["node"]).toMatchObject({ peer: "web1@bridge" });
      expect(results["page"]).toMatchObject({ name: "web1@bridge" });
    }
  });

  it("lets nobody else take the place of a connection, whatever the page says", () => {
    const name = { ...FIXED, owned: false };
    const { gate, events, results } = play(gateOf({ custody, name }), pageOf({ cookie: pageCookie, answerAlive: true }), {
      status: "alive",
    });
    expect(gate.refusal).toMatchObject({ close: "nameInUse" });
    expect(events).toEqual(["node name", "node failed"]);
    expect(results["node"]).toBe("name_in_use");
  });

  it.each(["nok", "not_allowed"] as const)("tells the page of %s in the protocol's own words", (status) => {
    const { results } = play(gateOf({ custody }), pageOf({ cookie: pageCookie }), { status });
    expect(results["page"]).toBe(status === "nok" ? "simultaneous_refused" : "not_allowed");
  });

  it("sends the page's first packets and the node's own as they are", () => {
    const { gate } = play(gateOf({ custody }), pageOf({ cookie: pageCookie }), {});
    const packet = Uint8Array.of(0, 0, 0, 1, 112);
    gate.receive("page", packet);
    gate.receive("node", packet);
    expect(gate.takeOutbound("node")).toBe(packet);
    expect(gate.takeOutbound("page")).toBe(packet);
  });
});

describe("custody", () => {
  const custody = { cookie: COOKIE, secret: SECRET };

  it("shows the page no byte that was made from the cookie", () => {
    const { seen, results } = play(gateOf({ custody }), pageOf(), {});
    expect(results["page"]).toMatchObject({ peer: NODE });
    for (const challenge of [1234, 4321]) expect(hex(seen.page)).not.toContain(hex(digest(COOKIE, challenge)));
    expect(hex(seen.page)).not.toContain(hex(new TextEncoder().encode(COOKIE)));
    expect(hex(seen.page)).toContain(hex(digest(SECRET, 1234)));
    expect(hex(seen.node)).toContain(hex(digest(COOKIE, 4321)));
    expect(hex(seen.node)).not.toContain(hex(digest(SECRET, 4321)));
  });

  it("shows each side a challenge of the bridge's own where it terminates", () => {
    const { seen } = play(gateOf({ custody: { ...custody, challenges: TERMINATE } }), pageOf(), {});
    expect(hex(seen.page)).toContain(hex(Uint8Array.of(0xff, 0xff, 0xff, 0xf1)));
    expect(hex(seen.page)).not.toContain(hex(Uint8Array.of(0, 0, 0x10, 0xe1)));
    expect(hex(seen.node)).toContain(hex(digest(COOKIE, 4321)));
    expect(hex(seen.node)).not.toContain(hex(Uint8Array.of(0x04, 0xd2)));
  });

  it.each([undefined, TERMINATE])("refuses a page with another secret before the node hears its reply", (challenges) => {
    const { gate, seen, events } = play(gateOf({ custody: { ...custody, challenges } }), pageOf({ cookie: "other" }), {});
    expect(gate.refusal).toMatchObject({ close: "wrongSecret" });
    expect(events).toEqual(["node name", "page status"]);
    expect(seen.node).toHaveLength(2 + 26);
  });

  it("refuses the cookie itself: the page is not to use it", () => {
    expect(play(gateOf({ custody }), pageOf({ cookie: COOKIE }), {}).gate.refusal).toMatchObject({ close: "wrongSecret" });
  });

  it("says that the bridge's cookie is wrong when the node just closes", () => {
    const { gate, results } = play(gateOf({ custody }), pageOf(), { cookie: "another" });
    expect(results["node"]).toBe("wrong_cookie");
    expect(gate.explainEnd("node")).toMatchObject({ close: "wrongCookie" });
    expect(gate.explainEnd("page")).toBeUndefined();
  });

  it("has no words of its own for an end elsewhere", () => {
    expect(gateOf({ custody }).explainEnd("node")).toBeUndefined();
    expect(gateOf().explainEnd("node")).toBeUndefined();
  });
});

describe("step by step", () => {
  const custody = { cookie: COOKIE, secret: SECRET };
  const frame = (message: Uint8Array): Uint8Array => new HandshakeCutter(2).frame(message);
  const NAME = encodeName({ flags: PASS_THROUGH_FLAGS, creation: 99, name: "web1@bridge" });
  const CHALLENGE = encodeChallenge({ flags: PASS_THROUGH_FLAGS, challenge: 4321, creation: 5, name: NODE });
  const REPLY = encodeReply({ challenge: 1234, digest: digest(SECRET, 4321) });
  const DIALOGUE = [
    ["page", NAME],
    ["node", encodeStatus("ok")],
    ["node", CHALLENGE],
    ["page", REPLY],
    ["node", encodeAck(digest(COOKIE, 1234))],
  ] as const;

  /** A gate that has heard so many messages of the dialogue. */
  function after(messages: number, options: Partial<GateOptions> = {}): HandshakeGate {
    const gate = gateOf({ custody, ...options });
    for (const [from, message] of DIALOGUE.slice(0, messages)) gate.receive(from, frame(message));
    return gate;
  }

  it("goes through", () => {
    expect(after(5).connected).toEqual({ name: "web1@bridge", flags: PASS_THROUGH_FLAGS });
  });

  it.each<[string, number, "page" | "node", Uint8Array, string]>([
    ["a page that speaks HTTP", 0, "page", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "badHandshake"],
    ["a page that announces 64 KiB", 0, "page", Uint8Array.of(0xff, 0xff), "badHandshake"],
    ["an empty name message", 0, "page", Uint8Array.of(0, 0), "badHandshake"],
    ["a reply in place of the name", 0, "page", frame(REPLY), "badHandshake"],
    ["version 5 of the handshake", 0, "page", frame(Uint8Array.of(110, 0, 5, 0, 0, 0, 0, 97, 64, 98)), "badHandshake"],
    ["bytes behind the name", 0, "page", Uint8Array.of(...frame(NAME), 0), "badHandshake"],
    ["a page that does not wait for the status", 1, "page", Uint8Array.of(0), "badHandshake"],
    ["a page that does not wait for the challenge", 2, "page", frame(REPLY), "badHandshake"],
    ["an answer to `alive` that nobody asked for", 3, "page", frame(encodeAliveAnswer(true)), "badHandshake"],
    ["a digest that is too short", 3, "page", frame(REPLY.subarray(0, 20)), "badHandshake"],
    ["a packet before the acknowledgement", 3, "page", Uint8Array.of(...frame(REPLY), 0, 0, 0, 0), "badHandshake"],
    ["a packet while the acknowledgement is on its way", 4, "page", Uint8Array.of(0, 0, 0, 0), "badHandshake"],
    [
      "a digest made from the challenge of another node",
      3,
      "page",
      frame(encodeReply({ challenge: 1, digest: digest(SECRET, 4322) })),
      "wrongSecret",
    ],
    [
      "the node's challenge sent back with a digest of zeros",
      3,
      "page",
      frame(encodeReply({ challenge: 4321, digest: new Uint8Array(16) })),
      "wrongSecret",
    ],
    [
      "another node's name in the challenge",
      2,
      "node",
      frame(encodeChallenge({ flags: 0n, challenge: 1, creation: 1, name: "b@127.0.0.1" })),
      "badNode",
    ],
    ["an unknown status", 1, "node", frame(Uint8Array.from("sfoo", (letter) => letter.charCodeAt(0))), "badNode"],
    ["a name that nobody asked for", 1, "node", frame(encodeStatus({ named: "x@y", creation: 4 })), "badNode"],
    ["a node that speaks TLS", 1, "node", Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40), "badNode"],
    ["a node that acknowledges with another cookie", 4, "node", frame(encodeAck(digest("other", 1234))), "wrongCookie"],
    ["a node that sends the page's digest back", 4, "node", frame(encodeAck(digest(SECRET, 1234))), "wrongCookie"],
  ])("refuses %s", (_, messages, from, bytes, close) => {
    const gate = after(messages);
    expect(gate.refusal).toBeUndefined();
    gate.receive(from, bytes);
    expect(gate.refusal).toMatchObject({ close });
    expect(gate.connected).toBeUndefined();
    gate.receive("page", NAME);
    expect(gate.nextTimeout()).toBeUndefined();
  });

  it("refuses a name that is not the page's, and one where the node gives the names", () => {
    const other = frame(encodeName({ flags: PASS_THROUGH_FLAGS, creation: 9, name: "web2@bridge" }));
    const gate = after(0);
    gate.receive("page", other);
    expect(gate.refusal).toMatchObject({ close: "notAllowed", reason: "the page has another name than it was given" });
    expect(gate.takeOutbound("node")).toBeUndefined();
    const dynamic = after(0, { name: DYNAMIC });
    dynamic.receive("page", other);
    expect(dynamic.refusal).toMatchObject({ close: "notAllowed" });
    expect(dynamic.takeOutbound("node")).toBeUndefined();
  });

  it("does not let a node without dynamic names connect a page that has none", () => {
    const gate = after(0, { name: DYNAMIC });
    gate.receive("page", frame(encodeName({ flags: PASS_THROUGH_FLAGS | DFLAG.NAME_ME, creation: 0, name: "h" })));
    gate.receive("node", frame(encodeStatus("ok")));
    expect(gate.refusal).toMatchObject({ close: "badNode" });
  });

  it("keeps what the node sends behind its acknowledgement, wherever the chunk is cut", () => {
    const packets = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 112);
    const ack = frame(encodeAck(digest(COOKIE, 1234)));
    const both = Uint8Array.of(...ack, ...packets);
    for (let cut = 0; cut <= both.length; cut++) {
      const gate = after(4);
      while (gate.takeOutbound("page") !== undefined);
      gate.receive("node", both.slice(0, cut));
      gate.receive("node", both.slice(cut));
      const seen: number[] = [];
      for (let chunk = gate.takeOutbound("page"); chunk !== undefined; chunk = gate.takeOutbound("page")) seen.push(...chunk);
      expect(hex(seen)).toBe(hex([...frame(encodeAck(digest(SECRET, 1234))), ...packets]));
    }
  });

  it("takes nothing from a node that speaks before it is asked but what it may keep", () => {
    const gate = after(0);
    gate.receive("node", new Uint8Array(4096));
    expect(gate.refusal).toBeUndefined();
    gate.receive("node", new Uint8Array(1));
    expect(gate.refusal).toMatchObject({ close: "badNode" });
  });

  it("gives the page so long for its name, and both so long for the rest from when the node was reached", () => {
    const gate = after(0);
    expect(gate.nextTimeout()).toBe(7000);
    gate.receive("page", frame(NAME));
    expect(gate.nextTimeout()).toBeUndefined();
    gate.nodeReached(5000);
    expect(gate.nextTimeout()).toBe(12_000);
    gate.receive("node", frame(encodeStatus("ok")));
    gate.handleTimeout(11_999);
    expect(gate.refusal).toBeUndefined();
    gate.handleTimeout(12_000);
    expect(gate.refusal).toMatchObject({ close: "handshakeTimeout", detail: "the node's challenge did not come within 7000 ms" });
  });

  it("does not wait for a page that sends its reply byte by byte", () => {
    const gate = after(3);
    gate.nodeReached(0);
    gate.receive("page", frame(REPLY).subarray(0, 22));
    gate.handleTimeout(7000);
    expect(gate.refusal).toMatchObject({
      close: "handshakeTimeout",
      detail: "the page's reply to the challenge did not come within 7000 ms",
    });
  });

  it("puts 16 bytes in the place of 16, and leaves the rest as it was", () => {
    const gate = after(4);
    const sent: Uint8Array[] = [];
    for (let chunk = gate.takeOutbound("node"); chunk !== undefined; chunk = gate.takeOutbound("node")) sent.push(chunk);
    const [name = new Uint8Array(), reply = new Uint8Array()] = sent.map((packet) => packet.subarray(2));
    expect(decodeName(name)).toEqual(decodeName(NAME));
    expect(decodeReply(reply)).toEqual({ challenge: 1234, digest: digest(COOKIE, 4321) });
    gate.takeOutbound("page");
    expect(decodeChallenge((gate.takeOutbound("page") ?? new Uint8Array()).subarray(2))).toEqual(decodeChallenge(CHALLENGE));
  });

  it("takes anything from both sides: it goes through whole, or ends, and says which", () => {
    const mutation = fc.record({ message: fc.nat(4), at: fc.nat(40), byte: fc.nat(255), splits: fc.array(fc.nat(40)) });
    fc.assert(
      fc.property(
        fc.array(mutation, { maxLength: 3 }),
        fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 3 }),
        (changes, noise) => {
          const gate = gateOf({ custody });
          const messages = DIALOGUE.map(([from, message]) => ({ from, bytes: frame(message) }));
          for (const { message, at, byte } of changes) {
            const bytes = messages[message]?.bytes;
            if (bytes !== undefined && at < bytes.length) bytes[at] = byte;
          }
          for (const [index, bytes] of noise.entries())
            messages.splice(index * 2, 0, { from: index % 2 === 0 ? "page" : "node", bytes });
          for (const { from, bytes } of messages) {
            const cut = Math.min(bytes.length, changes[0]?.splits[0] ?? bytes.length);
            gate.receive(from, bytes.subarray(0, cut));
            gate.receive(from, bytes.subarray(cut));
          }
          if (gate.connected !== undefined) return;
          // Whoever is not connected was shown no acknowledgement, and is not waited for without end.
          const toPage: number[] = [];
          for (let chunk = gate.takeOutbound("page"); chunk !== undefined; chunk = gate.takeOutbound("page"))
            toPage.push(...chunk);
          expect(hex(toPage)).not.toContain(hex(digest(SECRET, 1234)));
          gate.nodeReached(0);
          gate.handleTimeout(Infinity);
          expect(gate.refusal).toBeDefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never says in a refusal what was shown to prove something", () => {
    for (const cookie of ["wrong", COOKIE]) {
      const text = JSON.stringify(play(gateOf({ custody }), pageOf({ cookie }), {}).gate.refusal);
      expect(text).not.toContain(COOKIE);
      expect(text).not.toContain(SECRET);
    }
  });
});
