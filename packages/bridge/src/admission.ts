// The opening request of a WebSocket, as Node.js gives it: for the policy, which decides, and for the log. A browser does not show a
// page the HTTP status of a refused WebSocket, so a refusal is an ending for an accepted one.
import type { IncomingMessage } from "node:http";
import type { BlockList } from "node:net";
import { type Ending, endingOf } from "./link-record.ts";
import { type Opening, type Refusal, readOpening } from "./policy/index.ts";
import { realIp } from "./real-ip.ts";

/** What the request said, for the log: clipped, and without query and subprotocols, which may hold secrets. */
export interface Asked {
  readonly ip: string;
  readonly origin: string | undefined;
  /** Target id; undefined if the path has none. */
  readonly target: string | undefined;
  /** Who it turned out to be; undefined if it did not. */
  readonly subject?: string | undefined;
}

export function openingOf(request: IncomingMessage, proxies: BlockList): Opening {
  return readOpening({
    ...realIp(request, proxies),
    url: request.url ?? "",
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  });
}

export function askedOf({ ip, origin, target }: Opening, subject: string | undefined): Asked {
  return { ip, origin: clip(origin), target: clip(target), subject: clip(subject) };
}

/** What a refusal is to a link. */
export function refusalEnding({ close, reason, detail }: Refusal, by: Ending["by"] = "bridge"): Ending {
  const general = endingOf(close);
  return { by, code: general.code, reason: reason ?? general.reason, detail };
}

function clip(text: string | undefined): string | undefined {
  return text?.slice(0, 255);
}
