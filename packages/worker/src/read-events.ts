import { readLines } from "./read-lines.ts";
import type { SubscriptionEvent } from "./subscriptions.ts";

/** The events of a subscription as they come. Leaving the loop ends the subscription. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<SubscriptionEvent, void, undefined> {
  // It is the object that writes them.
  for await (const line of readLines(stream)) yield JSON.parse(line) as SubscriptionEvent;
}
