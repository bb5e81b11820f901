// A subscription as Server-Sent Events (HTML, section 9.2): what `EventSource` of a page reads.
import { readLines } from "./read-lines.ts";
import type { SubscriptionEvent } from "./subscriptions.ts";

/** From the object's JSON lines. */
export function eventStream(stream: ReadableStream<Uint8Array>): Response {
  const lines = readLines(stream);
  const encoder = new TextEncoder();
  const events = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next().catch(() => ({ done: false, value: OBJECT_GONE }) as const);
      if (done !== true) controller.enqueue(encoder.encode(eventOf(value)));
      if (done === true || value === OBJECT_GONE) controller.close();
    },
    async cancel() {
      await lines.return();
    },
  });
  return new Response(events, { headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" } });
}

/** The object was put away or replaced; an EventSource comes back by itself. */
const OBJECT_GONE = JSON.stringify({
  type: "end",
  code: "object_reset",
  message: "the object that is the node was restarted; subscribe again",
} satisfies SubscriptionEvent);

function eventOf(line: string): string {
  // It is the object that writes them.
  const { type } = JSON.parse(line) as SubscriptionEvent;
  // A comment keeps what stands between from taking the connection for a dead one.
  return type === "idle" ? ": idle\n\n" : `event: ${type}\ndata: ${line}\n\n`;
}
