// A page that is no WebSocket client but a socket after the opening handshake (RFC 6455, section 4.1): for what no client would do.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { onTestFinished } from "vitest";
import type { BridgeConfig } from "../../src/index.ts";
import { startBridge, startStandIn } from "./bridge.ts";

/** Opens a WebSocket by hand to the target "app". What comes after the answer stays unread in the socket, which is paused. */
export async function openRawPage(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const request = [
    "GET /dist/app HTTP/1.1",
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions: permessage-deflate",
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
  ];
  socket.write(`${request.join("\r\n")}\r\n\r\n`);
  let head = Buffer.alloc(0);
  while (!head.includes("\r\n\r\n")) {
    await once(socket, "readable");
    head = Buffer.concat([head, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
  }
  const end = head.indexOf("\r\n\r\n") + 4;
  if (!head.subarray(0, end).toString().startsWith("HTTP/1.1 101 ")) throw new Error(head.toString());
  if (end < head.length) socket.unshift(head.subarray(end));
  return socket;
}

/** Bridge, page by hand and stand-in, connected. */
export async function rawConnected(config: Omit<BridgeConfig, "targets"> = {}) {
  const standIn = await startStandIn();
  const running = await startBridge({ ...config, targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const [link1, raw, node] = await Promise.all([running.link(), openRawPage(running.url), standIn.accept()]);
  return { ...running, link1, raw, node };
}

export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly masked?: boolean;
  /** The bit of a compressed message (RFC 7692). */
  readonly rsv1?: boolean;
}

/** A frame of a page: masked with zeros, so that its payload stands there as it is. */
export function frame(payload: Buffer, { opcode = 2, fin = true, masked = true, rsv1 = false }: FrameOptions = {}): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  const mask = masked ? 0x80 : 0;
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = first;
  if (head.length === 2) head[1] = mask | payload.length;
  else if (head.length === 4) {
    head[1] = mask | 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), payload]);
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames of a server in what it sent. */
export function serverFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + head > bytes.length) break;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    if (at + head + length > bytes.length) break;
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(at + head, at + head + length) });
    at += head + length;
  }
  return frames;
}

/** The close frame in what a server sent: its code and reason. */
export function closeOf(bytes: Buffer): { readonly code: number; readonly reason: string } | undefined {
  const close = serverFrames(bytes).find(({ opcode }) => opcode === 8);
  if (close === undefined || close.payload.length < 2) return undefined;
  return { code: close.payload.readUInt16BE(0), reason: close.payload.subarray(2).toString() };
}
