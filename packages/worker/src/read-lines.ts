/** The lines of a stream as they come. Who leaves the loop ends the stream. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = `${rest}${decoder.decode(value, { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    // Rejects where the stream has failed, which the reader knows by then.
    await reader.cancel().catch(() => undefined);
  }
}
