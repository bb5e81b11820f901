// The README's example; `npm run size` weighs what a page has to load for it.
import { ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";

export async function echo(bridgeUrl: string, peer: string, cookie: string): Promise<void> {
  const node = await ErlangNode.start({ cookie, connect: bridge(bridgeUrl) });
  const self = node.spawn();
  node.send({ name: "echo", node: peer }, tuple(self.pid, "hello"));
  console.log(await self.receive());
  await node.stop();
}
