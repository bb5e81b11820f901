// A subscription as Server-Sent Events (HTML, section 9.2): what `EventSource` of a page reads.
import type { SubscriptionEvent } from "./subscriptions.ts";

/** From the object's JSON lines. */
export function eventStream(lines: ReadableStream<Uint8Array>): Response {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  const events = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const complete = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
      rest = complete.pop() ?? "";
      for (const line of complete) controller.enqueue(encoder.encode(eventOf(line)));
    },
  });
  return new Response(lines.pipeThrough(events), {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

function eventOf(line: string): string {
  // It is the object that writes them.
  const { type } = JSON.parse(line) as SubscriptionEvent;
  // A comment keeps what stands between from taking the connection for a dead one.
  return type === "idle" ? ": idle\n\n" : `event: ${type}\ndata: ${line}\n\n`;
}
