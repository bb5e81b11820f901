// The node for other Workers of the same account, by a service binding: they call Erlang and know no cookie. Who is bound is the
// account's own decision; what may be called, the variable ALLOW's, as for everybody.
import { WorkerEntrypoint } from "cloudflare:workers";
import {
  type CallRequest,
  type CastRequest,
  type ErpcRequest,
  Gateway,
  type SendRequest,
  type SubscribeRequest,
} from "./gateway.ts";
import type { JsonTerm } from "./json-term.ts";
import type { NodeStatus, PingResult } from "./node-object.ts";

/** Methods reject with a CallError: `code`, `status`, `retryable` and `exception` are there on the caller's side, too. */
export class Erlang extends WorkerEntrypoint<Env> {
  nodes(): Promise<NodeStatus> {
    return this.#gateway().nodes();
  }

  /** `net_adm:ping/1` */
  ping(node: string): Promise<PingResult> {
    return this.#gateway().ping(node);
  }

  /** `gen_server:call/3` */
  call(request: CallRequest): Promise<JsonTerm> {
    return this.#gateway().call(request);
  }

  /** `gen_server:cast/2`, once there is a connection. */
  cast(request: CastRequest): Promise<void> {
    return this.#gateway().cast(request);
  }

  /** `To ! Message`, once there is a connection. */
  send(request: SendRequest): Promise<void> {
    return this.#gateway().send(request);
  }

  /** `erpc:call/5` */
  erpc(request: ErpcRequest): Promise<JsonTerm> {
    return this.#gateway().erpc(request);
  }

  /** Messages as a stream of JSON lines; `readEvents` of this package makes an iterable of it. */
  subscribe(request: SubscribeRequest): Promise<ReadableStream<Uint8Array>> {
    return this.#gateway().subscribe(request);
  }

  #gateway(): Gateway {
    return new Gateway(this.env, "a bound Worker");
  }
}
