// The page of `npm run bench:page`: connects, calls once, and says when it was where.
import { atom, ErlangNode, equals, format } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";

/** Milliseconds since the node was asked to connect. */
export interface FirstCall {
  readonly openedMs: number;
  readonly connectedMs: number;
  readonly answeredMs: number;
}

declare global {
  interface Window {
    firstCall(bridgeUrl: string, peer: string, cookie: string): Promise<FirstCall>;
  }
}

window.firstCall = async (bridgeUrl, peer, cookie) => {
  const open = bridge(bridgeUrl);
  let openedMs = Number.NaN;
  const startMs = performance.now();
  const node = await ErlangNode.start({
    cookie,
    connect: async (...to) => {
      const stream = await open(...to);
      openedMs = performance.now() - startMs;
      return stream;
    },
  });
  await node.connect(peer);
  const connectedMs = performance.now() - startMs;
  const answer = await node.erpc(peer, "erlang", "node", []);
  const answeredMs = performance.now() - startMs;
  await node.stop();
  if (!equals(answer, atom(peer))) throw new Error(`the call was answered with ${format(answer)}`);
  return { openedMs, connectedMs, answeredMs };
};
