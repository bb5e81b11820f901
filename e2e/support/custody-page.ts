// The scenario in a page that has a token and a secret, and no cookie.
import { ErlangNode } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { scenario } from "../../packages/core/test/scenario.ts";

/** What `erl-bridge mint` prints. */
export interface Ticket {
  readonly token: string;
  readonly secret: string;
}

declare global {
  interface Window {
    playWithTicket(bridgeUrl: string, peer: string, ticket: Ticket): Promise<string[]>;
  }
}

window.playWithTicket = async (bridgeUrl, peer, { token, secret }) => {
  const node = await ErlangNode.start({ cookie: secret, connect: bridge(bridgeUrl, { target: "shop", token }) });
  try {
    return await scenario(node, peer);
  } finally {
    await node.stop();
  }
};
