export type RequestErrorCode =
  | "bad_request"
  | "node_not_allowed"
  | "no_such_route"
  | "method_not_allowed"
  | "no_answer"
  | "bad_settings";

/** What the Worker itself has against a request; the core's errors say what stood between it and a node. */
export class RequestError extends Error {
  override readonly name: string = "RequestError";
  readonly code: RequestErrorCode;

  constructor(code: RequestErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
