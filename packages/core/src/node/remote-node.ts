// A node whose connections are made and kept elsewhere: in a worker, so that ticks are answered while the page has no time. The one
// side is `startNode(options, remoteControllers(worker, way))`, the other `serveControllers(self, connectorOf)`.
import { PASS_THROUGH_FLAGS } from "../handshake/index.ts";
import { BareNode } from "./bare-node.ts";
import { type NodeOptions, resolveOptions } from "./node-options.ts";
import type { RemoteControllers } from "./remote-controller.ts";

export type { BareNode } from "./bare-node.ts";
export type { ControllerPort } from "./controller-messages.ts";
export { type RemoteControllers, remoteControllers } from "./remote-controller.ts";

export type RemoteNodeOptions = Omit<NodeOptions, "connect" | "listen" | "allow" | "distribution">;

/** As `ErlangNode.start`, for a node whose connections are at the other end of a port. */
export async function startNode(options: RemoteNodeOptions, { open }: Pick<RemoteControllers, "open">): Promise<BareNode> {
  return BareNode.startWith(options, resolveOptions(options, { flags: PASS_THROUGH_FLAGS, usesAtomCache: false }), { open });
}
