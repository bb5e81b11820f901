// Peers that do no more than the handshake, or less: with flags, cookies and silences of the test's choice.
import { decode, decodeTerm, encode, type Term, type Tuple } from "@erl-dist/core";
import { Acceptor, type HandshakeOptions, Initiator, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { connectTcp, listenTcp } from "@erl-dist/core/transports/nodejs";
import { onTestFinished } from "vitest";
import { type Shaken, shake } from "../../../packages/core/test/support/handshake-run.ts";

const LOOPBACK = "127.0.0.1";

export interface FakePeerOptions {
  readonly name: string;
  readonly flags?: bigint;
  readonly cookie?: string;
  readonly takeOver?: boolean;
}

/** Dials a node. Resolves when the two have shaken hands; rejects with the HandshakeError. */
export async function dialAs(
  { name, flags, cookie = "secret", takeOver = false }: FakePeerOptions,
  peer: string,
  portNo: number,
): Promise<Shaken> {
  const own = { ...common(flags), name, creation: 4711, peer, cookie, answerAlive: takeOver };
  const shaken = await shake(await connectTcp(LOOPBACK, portNo), new Initiator(own));
  onTestFinished(() => shaken.close());
  return shaken;
}

/** Listens as a node that takes everybody; `shaken` is what became of the first who came. */
export async function listenAs({
  name,
  flags,
  cookie = "secret",
}: FakePeerOptions): Promise<{ readonly portNo: number; readonly shaken: Promise<Shaken> }> {
  let settle!: (shaken: Promise<Shaken>) => void;
  const shaken = new Promise<Shaken>((resolve) => {
    settle = resolve;
  });
  shaken.catch(() => undefined);
  const listening = await listenTcp({ host: LOOPBACK, epmd: false })({
    name,
    hidden: true,
    accept: (stream) =>
      settle(shake(stream, new Acceptor({ ...common(flags), name, creation: 4711 }), { answer: { status: "ok", cookie } })),
  });
  onTestFinished(() => listening.close());
  return { portNo: listening.portNo ?? 0, shaken };
}

/** A packet of the pass-through form, whose message may be bytes that no encoder of ours writes. */
export function passThrough(control: Tuple, message?: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.of(112), encode(control), message ?? new Uint8Array(0)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** The whole packets of that form that a peer has been sent, ticks left out. */
export function packetsOf(bytes: Uint8Array): { readonly control: Tuple; readonly message?: Term }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packets = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) break;
    if (end > at + 4) {
      // 112, 131 and the control message; then 131 and the message.
      const control = decodeTerm(bytes, at + 6);
      const message = control.end < end ? { message: decode(bytes.subarray(control.end, end)) } : {};
      packets.push({ control: control.term as Tuple, ...message });
    }
    at = end;
  }
  return packets;
}

function common(flags = PASS_THROUGH_FLAGS): HandshakeOptions {
  const [challenge = 0] = crypto.getRandomValues(new Uint32Array(1));
  return { flags, challenge, packetBytes: 2, now: performance.now(), stepTimeMs: 7_000, handshakeBytes: 4096 };
}
