// Messages in all kinds of frames and cuts, through a receiver of ws that gives out pieces. If this fails with a new release of ws, look
// at its lib/receiver.js first.
import fc from "fast-check";
import { expect, it } from "vitest";
import * as ws from "ws";
import type { WebSocket } from "ws";
import { givePieces } from "./piecewise.ts";

interface Options {
  readonly isServer: boolean;
  readonly maxPayload?: number;
  readonly maxFragments?: number;
}
interface Receiver {
  on(event: string, listener: (...said: never[]) => void): void;
  write(chunk: Uint8Array): void;
}
// Its type declarations leave it out.
const { Receiver: RealReceiver } = ws as unknown as { readonly Receiver: new (options: Options) => Receiver };

it("gives out what has come of a message before the rest of it is there", () => {
  const { said, write } = receiving();
  const bytes = frame({ payload: Buffer.from("hello world") });
  write(bytes.subarray(0, bytes.length - 6));
  expect(said).toEqual(["hello"]);
  write(bytes.subarray(bytes.length - 6));
  expect(said).toEqual(["hello", " world"]);
  write(bytes);
  expect(said.slice(2)).toEqual(["hello world"]);
});

it("loses and changes nothing, whatever the frames are and wherever they are cut", () => {
  const piece = fc.record({ payload: fc.uint8Array({ maxLength: 300 }), ping: fc.boolean() });
  const messages = fc.array(fc.array(piece, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (all, steps) => {
      const frames = all.flatMap((message) =>
        message.flatMap(({ payload, ping }, index) => {
          const isLast = index === message.length - 1;
          const data = frame({ payload, opcode: index === 0 ? 2 : 0, isLast });
          return ping ? [data, frame({ payload: Buffer.from("ping"), opcode: 9 })] : [data];
        }),
      );
      const stream = Buffer.concat(frames);
      const { pieces, pings, errors, write } = receiving();
      for (let at = 0, step = 0; at < stream.length; at += steps[step++ % steps.length] ?? 1)
        write(stream.subarray(at, at + (steps[step % steps.length] ?? 1)));
      expect(errors).toEqual([]);
      expect(pings).toEqual(all.flat().flatMap(({ ping }) => (ping ? ["ping"] : [])));
      expect(Buffer.concat(pieces)).toEqual(Buffer.concat(all.flat().map(({ payload }) => payload)));
    }),
  );
});

it("gives out text whole", () => {
  const { said, write } = receiving();
  const bytes = Buffer.concat([
    frame({ payload: Buffer.from("hello "), opcode: 1, isLast: false }),
    frame({ payload: Buffer.from("world"), opcode: 0 }),
  ]);
  for (const byte of bytes) write(Buffer.of(byte));
  expect(said).toEqual(["text: hello world"]);
});

it("gives out nothing of a frame that is too long, nor of a message in frames before its end", async () => {
  const one = receiving({ isServer: true, maxPayload: 10 });
  one.write(frame({ payload: Buffer.from("1234567890!") }).subarray(0, 12));
  await turn();
  expect(one).toMatchObject({ said: [], errors: ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"] });
  const { said, errors, write } = receiving({ isServer: true, maxPayload: 10 });
  write(frame({ payload: Buffer.from("12345"), isLast: false }));
  write(frame({ payload: Buffer.from("67890!"), opcode: 0 }));
  await turn();
  expect(said).toEqual([]);
  expect(errors).toEqual(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"]);
});

it("counts frames against their limit, and no pieces", async () => {
  const { said, errors, write } = receiving({ isServer: true, maxFragments: 3 });
  const send = (bytes: Buffer): void => {
    for (const byte of bytes) write(Buffer.of(byte));
  };
  for (let round = 0; round < 3; round++) {
    send(frame({ payload: Buffer.from("a long one") }));
    send(frame({ payload: Buffer.from("hello"), opcode: 2, isLast: false }));
    send(frame({ payload: Buffer.from("hello"), opcode: 0, isLast: false }));
    send(frame({ payload: Buffer.from("hello"), opcode: 0 }));
    expect(said.splice(0).join("")).toBe("a long onehellohellohello");
    expect(errors).toEqual([]);
  }
  for (const opcode of [2, 0, 0, 0]) send(frame({ payload: Buffer.from("hello"), opcode, isLast: false }));
  await turn();
  expect(errors).toEqual(["WS_ERR_TOO_MANY_BUFFERED_PARTS"]);
  expect(said).toEqual([]);
});

it("leaves a receiver alone that is another than the one it knows", () => {
  const unknown = { _receiver: { getData: () => undefined, _buffers: [] } };
  const before = { ...unknown._receiver };
  givePieces(unknown as unknown as WebSocket);
  expect(unknown._receiver).toEqual(before);
});

function receiving(options: Options = { isServer: true }) {
  const receiver = new RealReceiver(options);
  const said: string[] = [];
  const pieces: Buffer[] = [];
  const pings: string[] = [];
  const errors: string[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) => {
    // Its bytes may not change any more.
    pieces.push(data);
    said.push((isBinary ? "" : "text: ") + String(data));
  });
  receiver.on("ping", (data: Buffer) => pings.push(String(data)));
  receiver.on("error", ({ code }: NodeJS.ErrnoException) => errors.push(String(code)));
  // All that is asked of a WebSocket.
  givePieces({ _receiver: receiver } as unknown as WebSocket);
  return { said, pieces, pings, errors, write };

  function write(chunk: Uint8Array): void {
    // A copy, for a receiver takes masks off in place.
    receiver.write(Buffer.from(chunk));
  }
}

/** Errors come late. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Frame {
  readonly payload: Uint8Array;
  readonly opcode?: number;
  readonly isLast?: boolean;
}

/** As a page sends it (RFC 6455, section 5.2). */
function frame({ payload, opcode = 2, isLast = true }: Frame): Buffer {
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  const { length } = payload;
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255];
  return Buffer.from([
    (isLast ? 0x80 : 0) | opcode,
    ...head,
    ...mask,
    ...payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)),
  ]);
}
