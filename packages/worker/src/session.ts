import { ErlangNode, type PeerInfo } from "@erl-dist/core";
import { cloudflare } from "@erl-dist/core/transports/cloudflare";
import { RequestError } from "./request-error.ts";
import { readSettings } from "./settings.ts";

/**
 * Runs `use` with a node of our own that is connected to `peer`, and stops the node whatever happens: a socket belongs to
 * the request that opened it, and must not be found by another.
 */
export async function withNode<T>(peer: string, env: Env, use: (node: ErlangNode, info: PeerInfo) => Promise<T>): Promise<T> {
  const { nodes, epmdPortNo, cookie } = readSettings(env);
  if (!nodes.has(peer)) throw new RequestError("node_not_allowed", `the variable NODES does not name ${peer}`);
  const portNo = nodes.get(peer);
  const connect = cloudflare(portNo === undefined ? { epmdPortNo } : { portNo });
  const node = await ErlangNode.start({ cookie, connect });
  try {
    return await use(node, await node.connect(peer));
  } finally {
    await node.stop();
  }
}
