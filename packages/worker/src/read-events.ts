import type { SubscriptionEvent } from "./subscriptions.ts";

/** The events of a subscription as they come. Leaving the loop ends the subscription. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<SubscriptionEvent, void, undefined> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = `${rest}${decoder.decode(value, { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      // It is the object that writes them.
      for (const line of lines) yield JSON.parse(line) as SubscriptionEvent;
    }
  } finally {
    await reader.cancel();
  }
}
