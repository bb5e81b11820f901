// A Cloudflare Worker that is an Erlang node: the routes for whoever has a token, the entrypoint `Erlang` for Workers that are
// bound to this one, the object that is the node, and the bridge for pages that are nodes themselves.
import { answer } from "./routes.ts";
import { readSettings } from "./settings.ts";

export { type AllowRules } from "./allow-list.ts";
export { CallError, type CallErrorCode, type ErlangException, isCallError } from "./call-error.ts";
export { EdgeBridgeObject } from "./edge-bridge-object.ts";
export { Erlang } from "./erlang.ts";
export type { CallRequest, CastRequest, ErpcRequest, SendRequest, SubscribeRequest, ToProcess } from "./gateway.ts";
export { type JsonTerm, JsonTermError, type JsonTermInput, jsonOfTerm, termOfJson } from "./json-term.ts";
export { ErlangNodeObject, type NodeStatus, type PingResult } from "./node-object.ts";
export { readEvents } from "./read-events.ts";
export type { NodeSettings } from "./settings.ts";
export type { SubscriptionEvent } from "./subscriptions.ts";

const worker: ExportedHandler<Env> = {
  fetch: (request, env) => answer(request, env),

  /** A node connects: its bytes are the object's. */
  async connect(socket, env) {
    const { nodeName } = readSettings(env);
    const object = env.ERLANG_NODE.getByName(nodeName).connect(`${nodeName.replace("@", ".")}:1`);
    // Each ends when the other does; how is told by the object.
    await Promise.allSettled([socket.readable.pipeTo(object.writable), object.readable.pipeTo(socket.writable)]);
  },
};

export default worker;
