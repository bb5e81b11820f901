// What a page needs to know of the protocol between the WebSocket carrier and the bridge; bridge-protocol.ts has the rest, which
// only the bridge needs: the names of the close codes, and their words, which it sends along.
import type { ConnectionErrorCode } from "../errors.ts";

/** Offered by the page, echoed by the bridge. */
export const SUBPROTOCOL = "erldist.v1";

/**
 * Offered beside it by a page that holds a token: this, then the token's UTF-8 bytes in base64url without padding.
 * The bridge never echoes it. (A page cannot set headers on a WebSocket, and an address is written to logs.)
 */
export const TOKEN_PREFIX = "erldist.token.";

/**
 * Offered by a page that sends text messages of at most ECHO_CHARS back as they came. Since messages keep their order, and nobody can
 * guess what such a text says, its return shows what was read. A bridge that cannot see what waits for a page sends them; no page
 * that has not offered it gets any.
 */
export const ECHO_PROTOCOL = "erldist.echo";
export const ECHO_CHARS = 64;

/** Path below the bridge's address; the target's id follows, percent-encoded. */
export const DIST_PATH = "/dist/";

/** Close code of a connection that the node ended: for the page's stream an end like any other, and no error. */
export const NODE_ENDED = 4501;

/** Close codes that the page itself uses. */
export const BAD_REQUEST = 4400;
export const TOO_SLOW = 4408;

/** What the page's connection fails with, by the close codes of the bridge. */
const CLOSE_ERRORS: readonly (readonly [ConnectionErrorCode, ...number[]])[] = [
  ["bridge_refused", 1012, 4400, 4401, 4403, 4404, 4406, 4407, 4409, 4429, 4514, 4515, 4518],
  ["closed", 4408, 4410, 4411, 4412, 4413, 4500, 4502, 4503, 4505],
  ["timeout", 4405, 4504],
  ["refused", 4510],
  ["epmd_unreachable", 4511],
  ["no_such_node", 4512],
  ["unreachable", 4513, 4516],
  ["tls_failed", 4517],
];

/** Undefined for a code that is not one of the bridge's, and for the end of a connection that is no error. */
export function closeErrorCode(code: number): ConnectionErrorCode | undefined {
  return CLOSE_ERRORS.find(([, ...codes]) => codes.includes(code))?.[0];
}
