/** A transform that cuts what passes into chunks of `size` bytes: what a network may do at its worst. */
export function splitting(size: number): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      for (let start = 0; start < chunk.length; start += size) controller.enqueue(chunk.subarray(start, start + size));
    },
  });
}
