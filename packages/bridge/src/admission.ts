// Who may connect to what, decided by the opening request alone. A browser does not show a page the HTTP status of a refused
// WebSocket, so a refusal is an ending for an accepted one. Order: who asks, then for what.
import type { IncomingMessage } from "node:http";
import { BRIDGE_CLOSE, type BridgeCloseName, DIST_PATH, SUBPROTOCOL } from "@erl-dist/core/transports/bridge-protocol";
import { isLoopback, parseUrl, type Settings } from "./config.ts";
import type { Ending } from "./link-record.ts";
import { findTarget, type Target } from "./target.ts";

/** What the request said, for the log: clipped, and without query and subprotocols, which may hold secrets. */
export interface Asked {
  readonly ip: string;
  readonly origin: string | undefined;
  /** Target id; undefined if the path has none. */
  readonly target: string | undefined;
}

export type Admission =
  | { readonly asked: Asked; readonly target: Target; readonly refusal?: undefined }
  | { readonly asked: Asked; readonly target?: undefined; readonly refusal: Ending };

export type AdmissionRules = Pick<Settings, "targets" | "origins" | "hostNames">;

export function admit(request: IncomingMessage, rules: AdmissionRules): Admission {
  const { origin } = request.headers;
  const id = targetId(request.url ?? "");
  const asked = { ip: request.socket.remoteAddress ?? "", origin: clip(origin), target: clip(id) };
  const refuse = (close: BridgeCloseName, reason: string, detail?: string): Admission => ({
    asked,
    refusal: { by: "bridge", code: BRIDGE_CLOSE[close].code, reason, detail },
  });
  if (!isLoopback(asked.ip)) return refuse("notAllowed", "this bridge serves its own machine only");
  const host = parseUrl(`http://${request.headers.host ?? ""}`)?.hostname;
  // A name that an attacker makes point to this machine (DNS rebinding) is in Host, and in the page's origin as well.
  if (host === undefined || !(isLoopback(host) || rules.hostNames.has(host))) {
    return refuse("notAllowed", "the bridge does not go by this host name", `Host: ${clip(request.headers.host)}`);
  }
  if (!originAllowed(origin, host, rules)) {
    return refuse("notAllowed", "pages of this origin may not use the bridge; its --origin option adds one");
  }
  if (!offersSubprotocol(request)) return refuse("badRequest", `the subprotocol ${SUBPROTOCOL} must be offered`);
  if (id === undefined) return refuse("badRequest", `the path must be ${DIST_PATH}<target>`);
  const target = findTarget(rules.targets, id);
  return target === undefined ? refuse("unknownTarget", BRIDGE_CLOSE.unknownTarget.meaning) : { asked, target };
}

/** Only browsers send Origin, and a page cannot change it; what is no browser could connect to the node without us. */
function originAllowed(origin: string | undefined, host: string, { origins }: AdmissionRules): boolean {
  if (origin === undefined) return true;
  if (origins !== undefined) return origins.has(origin);
  const page = parseUrl(origin);
  if (page === undefined || !/^https?:$/.test(page.protocol)) return false;
  return isLoopback(page.hostname) || page.hostname === host;
}

function offersSubprotocol(request: IncomingMessage): boolean {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some((entry) => entry.trim() === SUBPROTOCOL);
}

function targetId(url: string): string | undefined {
  const path = url.replace(/[?#].*$/s, "");
  if (!path.startsWith(DIST_PATH) || path.length === DIST_PATH.length) return undefined;
  try {
    return decodeURIComponent(path.slice(DIST_PATH.length));
  } catch {
    // A percent sign with no byte behind it: no id could be meant.
    return undefined;
  }
}

function clip(text: string | undefined): string | undefined {
  return text?.slice(0, 255);
}
