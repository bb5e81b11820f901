// The request that opens a WebSocket, as any runtime can give it, and what it may say: under which name it found the bridge, from
// whose page it comes, and for which target. Nothing here is secret but the token.
import { DIST_PATH, SUBPROTOCOL, TOKEN_PREFIX } from "@erl-dist/core/transports/bridge-protocol";
import type { Refusal } from "./stage.ts";

export interface Opening {
  /** Of the page's side; where a proxy stands before us, what that says. */
  readonly ip: string;
  /** It came through a proxy that is trusted, so headers which only that sets can be believed. */
  readonly isFromProxy: boolean;
  /** Target id; undefined where the path has none. */
  readonly target: string | undefined;
  readonly origin: string | undefined;
  /** Host header, with port. */
  readonly host: string | undefined;
  /** The subprotocol `erldist.v1` was offered. */
  readonly isDist: boolean;
  /** What the subprotocol entry `erldist.token.…` holds; undefined without one. */
  readonly token: string | undefined;
  /** Value of another header, by its lower-case name. */
  readonly header: (name: string) => string | undefined;
}

export interface OpeningSource {
  readonly ip: string;
  readonly isFromProxy?: boolean | undefined;
  /** Path and query, or a whole URL. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
}

export function readOpening({ ip, isFromProxy = false, url, header }: OpeningSource): Opening {
  const offered = (header("sec-websocket-protocol") ?? "").split(",").map((entry) => entry.trim());
  return {
    ip,
    isFromProxy,
    target: targetId(url.replace(/^https?:\/\/[^/]*/, "")),
    origin: header("origin"),
    host: header("host"),
    isDist: offered.includes(SUBPROTOCOL),
    token: tokenOf(offered),
    header,
  };
}

export interface OpeningRules {
  /** Origins of pages that may connect; without any, those of this machine. */
  readonly origins: ReadonlySet<string> | undefined;
  /** Names, besides those of loopback, under which pages reach the bridge: lower case, without port. */
  readonly hostNames: ReadonlySet<string>;
  readonly targets: { get(id: string): object | undefined };
}

/** What is wrong with an opening whoever it is from; `id` is its target. Order: who asks, then for what. */
export function checkOpening(opening: Opening, rules: OpeningRules): Refusal | { readonly id: string } {
  const { origin, target } = opening;
  const host = hostNameOf(opening.host);
  // A name that an attacker makes point to this machine (DNS rebinding) is in Host, and in the page's origin as well.
  if (host === undefined || !goesBy(host, rules.hostNames)) {
    return {
      close: "notAllowed",
      reason: "the bridge does not go by this host name",
      detail: `Host: ${opening.host?.slice(0, 255)}`,
    };
  }
  if (!originAllowed(origin, host, rules)) {
    return { close: "notAllowed", reason: "pages of this origin may not use the bridge; its --origin option adds one" };
  }
  if (!opening.isDist) return { close: "badRequest", reason: `the subprotocol ${SUBPROTOCOL} must be offered` };
  if (target === undefined) return { close: "badRequest", reason: `the path must be ${DIST_PATH}<target>` };
  if (rules.targets.get(target) === undefined) return { close: "unknownTarget" };
  return { id: target };
}

/** The name in a Host header, without port; undefined if it is none. */
export function hostNameOf(header: string | undefined): string | undefined {
  return parseUrl(`http://${header ?? ""}`)?.hostname;
}

/** Whether the bridge goes by that name: one of loopback, or a listed one. */
export function goesBy(host: string, hostNames: ReadonlySet<string>): boolean {
  return isLoopback(host) || hostNames.has(host);
}

/** Whether a host, as a URL or a command line writes it, can only mean this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|[^.]+\.localhost|127(?:\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(?:\.\d{1,3}){3})$/i.test(host);
}

export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Only browsers send Origin, and a page cannot change it; what is no browser could connect to the node without us. */
function originAllowed(origin: string | undefined, host: string, { origins }: OpeningRules): boolean {
  if (origin === undefined) return true;
  if (origins !== undefined) return origins.has(origin);
  const page = parseUrl(origin);
  if (page === undefined || !/^https?:$/.test(page.protocol)) return false;
  return isLoopback(page.hostname) || page.hostname === host;
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

function tokenOf(offered: readonly string[]): string | undefined {
  const entry = offered.find((each) => each.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
  // A last group of one character would be six bits of a byte.
  if (entry === undefined || !/^[\w-]+$/.test(entry) || entry.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(entry.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
