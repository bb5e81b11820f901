// Any pair of web streams as a carrier.
import type { ByteStream } from "./byte-stream.ts";
import { PipeWire } from "./pipe-wire.ts";

/**
 * Makes a carrier of what is read and what is written. It locks both. The end or failure of one ends the other;
 * `closed`, where given, tells of a failure by rejecting.
 */
export function pipe(
  readable: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  closed?: Promise<unknown>,
): ByteStream {
  return new PipeWire(readable, writable, { closed }).stream;
}
