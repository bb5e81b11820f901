// What real nodes never do in the handshake: old versions, missing flags, silence. A peer that knows no more plays it.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { atom, encode, type ErlangNode, Pid, tuple } from "@erl-dist/core";
import { DFLAG, digest, flagNames, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { listenTcp, tcp } from "@erl-dist/core/transports/nodejs";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePortNo } from "../support/otp.ts";
import { dialAs, listenAs } from "./support/fake-peer.ts";
import { freshName, nextEvent, startNode } from "./support/node.ts";

const LOOPBACK = "127.0.0.1";
const NO_EPMD = 1;

/** A node that listens without EPMD, and where. */
async function startListening(handshakeTimeMs = 7_000): Promise<{ readonly node: ErlangNode; readonly portNo: number }> {
  const portNo = await freePortNo();
  const listen = listenTcp({ host: LOOPBACK, epmd: false, portNo });
  return { node: await startNode(NO_EPMD, { listen, limits: { handshakeTimeMs } }), portNo };
}

describe("a peer that lacks a mandatory flag", () => {
  const incomplete = flagNames(MANDATORY_FLAGS).map((flag) => ({
    flag,
    flags: PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG[flag],
  }));

  it("[C13] is not allowed to connect to us", async () => {
    const { node, portNo } = await startListening();
    for (const { flag, flags } of incomplete) {
      const failed = nextEvent(node, "connecterror");
      await expect(dialAs({ name: freshName(), flags }, node.name, portNo)).rejects.toMatchObject({ code: "not_allowed" });
      expect(await failed).toMatchObject({
        incoming: true,
        error: { code: "missing_flags", message: expect.stringContaining(flag) },
      });
    }
    expect(node.nodes()).toEqual([]);
  });

  it("[C13] is hung up on when we dialled it", async () => {
    for (const { flag, flags } of incomplete) {
      const name = freshName();
      const { portNo, shaken } = await listenAs({ name, flags });
      const node = await startNode(NO_EPMD, { connect: tcp({ portNo }) });
      await expect(node.connect(name)).rejects.toMatchObject({
        code: "missing_flags",
        message: expect.stringContaining(flag),
      });
      await expect(shaken).rejects.toMatchObject({ code: "closed" });
    }
  });
});

it("[C11] hears nothing when its cookie is another than ours", async () => {
  const { node, portNo } = await startListening();
  // "wrong_cookie" is what a close in place of the acknowledgement means.
  await expect(dialAs({ name: freshName(), cookie: "other" }, node.name, portNo)).rejects.toMatchObject({
    code: "wrong_cookie",
    message: expect.stringContaining("refused the cookie"),
  });
});

it("[C16] decides whether it takes over its old connection with us", async () => {
  const { node, portNo } = await startListening();
  const name = freshName();
  const old = await dialAs({ name }, node.name, portNo);
  await expect(dialAs({ name }, node.name, portNo)).rejects.toMatchObject({ code: "name_in_use" });
  expect(node.nodes()).toEqual([name]);
  const down = nextEvent(node, "nodedown");
  await dialAs({ name, takeOver: true }, node.name, portNo);
  await old.closed;
  expect(await down).toMatchObject({ peer: name });
  expect(node.nodes()).toEqual([name]);
});

describe("a node of an old release that does not know which version we speak", () => {
  const name = "old@127.0.0.1";

  it("[C18] is accepted in version 5, and sends its complement", async () => {
    const { node, portNo } = await startListening();
    const self = node.spawn();
    self.register("here");
    const peer = await RawPeer.dial(portNo);
    peer.send(nameV5(name, PASS_THROUGH_FLAGS));
    expect((await peer.message()).toString()).toBe("sok");
    const challenge = await peer.message();
    expect(String.fromCharCode(challenge[0] ?? 0)).toBe("N");
    peer.send(complement(PASS_THROUGH_FLAGS, 4711));
    peer.send(reply(challenge));
    expect((await peer.message())[0]).toBe("a".charCodeAt(0));
    await expect.poll(() => node.nodes()).toEqual([name]);
    // REG_SEND.
    const from = new Pid(atom(name), 1, 0, 4711);
    peer.sendPacket(encode(tuple(6, from, atom(""), atom("here"))), encode(from));
    const received = (await self.receive()) as Pid;
    expect([received.node, received.creation]).toEqual([atom(name), 4711]);
  });

  it("[C18] is refused when the upper half of its flags is not enough", async () => {
    const { node, portNo } = await startListening();
    const failed = nextEvent(node, "connecterror");
    const peer = await RawPeer.dial(portNo);
    peer.send(nameV5(name, PASS_THROUGH_FLAGS));
    await peer.message();
    await peer.message();
    peer.send(complement(PASS_THROUGH_FLAGS & ~DFLAG.V4_NC, 4711));
    expect((await peer.message()).toString()).toBe("snot_allowed");
    await peer.closed;
    expect(await failed).toMatchObject({ error: { code: "missing_flags", message: expect.stringContaining("V4_NC") } });
  });
});

describe("a peer that falls silent", () => {
  const STEP_MS = 150;
  const name = "silent@127.0.0.1";

  it.each([
    ["before its status", [], /its answer to our name did not come within 150 ms/],
    ["before its challenge", ["sok"], /its challenge did not come/],
    ["before its acknowledgement", ["sok", challengeOf(name)], /its acknowledgement did not come/],
  ])("[C20] is given up when we dialled it: %s", async (_, says, message) => {
    const peer = RawPeer.listen(says);
    const node = await startNode(NO_EPMD, {
      connect: tcp({ portNo: await peer.portNo }),
      limits: { handshakeTimeMs: STEP_MS },
    });
    await expect(node.connect(name)).rejects.toMatchObject({ name: "HandshakeError", code: "timeout", message });
    await (await peer.accepted).closed;
    expect(node.nodes()).toEqual([]);
  });

  it.each([
    ["before its name", [], 0, /its name did not come within 150 ms/],
    ["before its reply", [nameV6(name, PASS_THROUGH_FLAGS)], 2, /its reply to our challenge did not come/],
    ["before its complement", [nameV5(name, PASS_THROUGH_FLAGS)], 2, /the second half of its flags did not come/],
  ] as const)("[C20] is given up when it dialled us: %s", async (_, says, answers, message) => {
    const { node, portNo } = await startListening(STEP_MS);
    const failed = nextEvent(node, "connecterror");
    const peer = await RawPeer.dial(portNo);
    for (const each of says) peer.send(each);
    for (let count = 0; count < answers; count++) await peer.message();
    await peer.closed;
    expect(await failed).toMatchObject({ incoming: true, error: { code: "timeout", message } });
  });

  it("[C20] is given up when it does not say whether it takes over; its connection stays", async () => {
    const { node, portNo } = await startListening(STEP_MS);
    await dialAs({ name }, node.name, portNo);
    const failed = nextEvent(node, "connecterror");
    const peer = await RawPeer.dial(portNo);
    peer.send(nameV6(name, PASS_THROUGH_FLAGS));
    expect((await peer.message()).toString()).toBe("salive");
    await peer.closed;
    expect(await failed).toMatchObject({ error: { code: "timeout", message: /whether it takes the place/ } });
    expect(node.nodes()).toEqual([name]);
  });
});

// erl_dist_protocol, "send_name" in both versions, "send_challenge", "send_complement", "send_challenge_reply".

function nameV5(name: string, flags: bigint): Buffer {
  const head = Buffer.from("n\0\x05....", "latin1");
  head.writeUInt32BE(Number(flags & 0xffff_ffffn), 3);
  return Buffer.concat([head, Buffer.from(name)]);
}

function nameV6(name: string, flags: bigint): Buffer {
  const head = Buffer.alloc(15, "N");
  head.writeBigUInt64BE(flags, 1);
  head.writeUInt32BE(4711, 9);
  head.writeUInt16BE(name.length, 13);
  return Buffer.concat([head, Buffer.from(name)]);
}

function challengeOf(name: string): Buffer {
  const head = Buffer.alloc(19, "N");
  head.writeBigUInt64BE(PASS_THROUGH_FLAGS, 1);
  head.writeUInt32BE(1, 9);
  head.writeUInt32BE(4711, 13);
  head.writeUInt16BE(name.length, 17);
  return Buffer.concat([head, Buffer.from(name)]);
}

function complement(flags: bigint, creation: number): Buffer {
  const message = Buffer.alloc(9, "c");
  message.writeUInt32BE(Number(flags >> 32n), 1);
  message.writeUInt32BE(creation, 5);
  return message;
}

function reply(challenge: Buffer): Buffer {
  return Buffer.concat([Buffer.from("r\0\0\0\x01", "latin1"), digest("secret", challenge.readUInt32BE(9))]);
}

/** A peer of which each byte is the test's. */
class RawPeer {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    this.closed = once(socket, "close");
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    onTestFinished(() => void socket.destroy());
  }

  static async dial(portNo: number): Promise<RawPeer> {
    const socket = connect(portNo, LOOPBACK);
    await once(socket, "connect");
    return new RawPeer(socket);
  }

  /** Says these messages to whoever comes first. */
  static listen(says: readonly (string | Buffer)[]): { readonly portNo: Promise<number>; readonly accepted: Promise<RawPeer> } {
    const server = createServer();
    onTestFinished(() => void server.close());
    const accepted = once(server, "connection").then(([socket]) => {
      const peer = new RawPeer(socket as Socket);
      for (const each of says) peer.send(each);
      return peer;
    });
    const portNo = once(server.listen(0, LOOPBACK), "listening").then(() => (server.address() as { port: number }).port);
    return { portNo, accepted };
  }

  /** A message of the handshake. */
  send(message: string | Buffer): void {
    const body = Buffer.from(message);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(body.length);
    this.#socket.write(Buffer.concat([length, body]));
  }

  /** A packet of the connection, without a distribution header: PASS_THROUGH, then the terms. */
  sendPacket(...terms: readonly Uint8Array[]): void {
    const body = Buffer.concat([Buffer.of(112), ...terms]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    this.#socket.write(Buffer.concat([length, body]));
  }

  /** The next message of the handshake. */
  async message(): Promise<Buffer> {
    for (;;) {
      const length = this.#received.length < 2 ? Infinity : this.#received.readUInt16BE() + 2;
      if (this.#received.length >= length) {
        const message = this.#received.subarray(2, length);
        this.#received = this.#received.subarray(length);
        return message;
      }
      await once(this.#socket, "data");
    }
  }
}
