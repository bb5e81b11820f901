// The next version of the Worker, for what becomes of the node when its code is replaced.
import { atom, type ErlangNode } from "@erl-dist/core";
import worker, { ErlangNodeObject as Present } from "./index.ts";

export { EdgeBridgeObject, Erlang } from "./index.ts";

export class ErlangNodeObject extends Present {
  override started(node: ErlangNode): void {
    super.started(node);
    node.expose("version", { get: () => atom("next") });
  }
}

export default worker;
