// The scenario in a page, which has no name of its own: the Erlang node gives it one.
import { ErlangNode } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { scenario } from "../../packages/core/test/scenario.ts";

declare global {
  interface Window {
    play(bridgeUrl: string, peer: string, cookie: string): Promise<string[]>;
  }
}

window.play = async (bridgeUrl, peer, cookie) => {
  const node = await ErlangNode.start({ cookie, connect: bridge(bridgeUrl) });
  try {
    return await scenario(node, peer);
  } finally {
    await node.stop();
  }
};
