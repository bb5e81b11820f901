// Every answer is JSON, and an error is `{ "error": { "code", "message" } }` with the HTTP status that fits its code.
import { ConnectionError, type ConnectionErrorCode, HandshakeError, type HandshakeErrorCode } from "@erl-dist/core";
import { RequestError, type RequestErrorCode } from "./request-error.ts";

const REQUEST_STATUS: Readonly<Record<RequestErrorCode, number>> = {
  bad_request: 400,
  node_not_allowed: 403,
  no_such_route: 404,
  method_not_allowed: 405,
  bad_settings: 500,
  no_answer: 504,
};

// What stands between the Worker and a node is a bad gateway, 502, where nothing fits better. So is a wrong cookie: it is
// the Worker's and not the caller's.
const NODE_STATUS: Readonly<Partial<Record<ConnectionErrorCode | HandshakeErrorCode, number>>> = {
  no_such_node: 404,
  name_in_use: 503,
  simultaneous_refused: 503,
  aborted: 504,
  net_tick_timeout: 504,
  timeout: 504,
};

export function jsonAnswer(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(value, bigintAsText, 2)}\n`, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

export function errorAnswer(error: unknown): Response {
  if (error instanceof RequestError) {
    return describe(error, REQUEST_STATUS[error.code], error.code === "method_not_allowed" ? { allow: "GET" } : {});
  }
  if (error instanceof ConnectionError || error instanceof HandshakeError) {
    return describe(error, NODE_STATUS[error.code] ?? 502);
  }
  console.error(error);
  return describe({ code: "internal", message: "the Worker failed; its log says why" }, 500);
}

function describe(
  { code, message }: { readonly code: string; readonly message: string },
  status: number,
  headers?: Record<string, string>,
): Response {
  return jsonAnswer({ error: { code, message } }, status, headers);
}
