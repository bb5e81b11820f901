// What a page has to load to connect and send; `npm run size` weighs it. e2e/light.spec.ts runs it.
import { tuple } from "@erl-dist/core";
import { LightNode } from "@erl-dist/core/light";
import { bridge } from "@erl-dist/core/transports/websocket";

export async function connectAndSend(bridgeUrl: string, peer: string, cookie: string): Promise<LightNode> {
  const node = await LightNode.connect(peer, { cookie, connect: bridge(bridgeUrl) });
  node.send({ name: "echo", node: peer }, tuple(node.pid, "hello"));
  return node;
}
