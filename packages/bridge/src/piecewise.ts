// ws gives out a message when all of it is there. Nobody here needs a message whole: its bytes are a part of a stream. And a message of
// 64 KiB never comes in one read, so ws copies nearly all of them to put them together: two fifths of what it cost the bridge to pass
// them on (`npm run bench:bridge -- --measures up-64K`). Here each piece of a frame goes on as it is, as soon as it has come; a message
// of several frames is still put together, for only at its end it is known not to break a limit.
//
// ws has no setting for that, so this tells its receiver, by names that are not public, that each piece is a fragment of the message:
// masks, limits and errors stay its own. package.json names one release of ws for that reason, and piecewise.test.ts says if another
// one has to be looked at; where the names are gone, messages are whole as before.
import type { WebSocket } from "ws";

/** As much of ws' Receiver as this touches (its lib/receiver.js). */
interface Receiver {
  getData(callback: (error?: Error) => void): void;
  emit(event: "message", data: Buffer, isBinary: boolean): void;
  /** What has come and was not looked at. */
  readonly _buffers: readonly Buffer[];
  /** Of the frame that is being read. */
  _payloadLength: number;
  _mask: Uint8Array | undefined;
  _fin: boolean;
  readonly _opcode: number;
  readonly _compressed: boolean;
  /** The message has more frames than this one: its opcode. Else 0. */
  readonly _fragmented: number;
  _fragments: Buffer[];
  _numFragments: number;
  /** What it reads next; in getData(), the payload. */
  _state: number;
}

/** From now on a binary message in one frame is as many "message" events as it takes reads. */
export function givePieces(socket: WebSocket): void {
  // Not in the types, being nobody's business.
  const receiver = (socket as unknown as { readonly _receiver?: Receiver })._receiver;
  if (receiver === undefined || NAMES.some((name) => !(name in receiver))) return;
  const getData = receiver.getData.bind(receiver);
  receiver.getData = (callback) => {
    if (receiver._opcode === BINARY && receiver._fin && receiver._fragmented === 0 && !receiver._compressed) {
      let piece = receiver._buffers[0]?.length ?? 0;
      for (; piece > 0 && piece < receiver._payloadLength; piece = receiver._buffers[0]?.length ?? 0) {
        const { _state: state, _payloadLength: left, _mask: mask } = receiver;
        receiver._payloadLength = piece;
        receiver._fin = false;
        getData(callback);
        const [data] = receiver._fragments;
        receiver._fragments = [];
        receiver._numFragments = 0;
        receiver._fin = true;
        receiver._state = state;
        receiver._payloadLength = left - piece;
        receiver._mask = mask && rotate(mask, piece);
        if (data !== undefined) receiver.emit("message", data, true);
      }
    }
    // The last piece, or nothing: then it waits.
    getData(callback);
  };
}

const BINARY = 2;
const NAMES = [
  "getData",
  "_buffers",
  "_payloadLength",
  "_mask",
  "_fin",
  "_opcode",
  "_compressed",
  "_fragmented",
  "_fragments",
  "_numFragments",
  "_state",
] as const satisfies readonly (keyof Receiver)[];

/** The mask for what comes `bytes` later (RFC 6455, section 5.3). A copy: the other is a view that would keep a whole read. */
function rotate(mask: Uint8Array, bytes: number): Uint8Array {
  return Uint8Array.from(mask, (_, index) => mask[(index + bytes) % mask.length] ?? 0);
}
