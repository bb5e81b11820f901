// Every answer is JSON, and an error is `{ "error": { "code", "message", … } }` with the HTTP status that fits it.
import { CallError, isCallError } from "./call-error.ts";

export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

export function errorAnswer(error: unknown): Response {
  if (!isCallError(error)) {
    console.error(error);
    return errorAnswer(new CallError("internal", "the Worker failed; its log says why"));
  }
  const { code, message, retryable, exception, status } = error;
  return jsonAnswer(
    { error: { code, message, retryable, exception } },
    status,
    status === 401 ? { "www-authenticate": "Bearer" } : {},
  );
}
