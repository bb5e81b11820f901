// The scenario in workerd: plays it with the node that the request names, and answers with the acts.
import { ErlangNode } from "@erl-dist/core";
import { cloudflare } from "@erl-dist/core/transports/cloudflare";
import { scenario } from "../../../core/test/scenario.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { peer, portNo, cookie } = (await request.json()) as { peer: string; portNo: number; cookie: string };
    const node = await ErlangNode.start({ name: `worker-${peer}`, cookie, connect: cloudflare({ portNo }) });
    try {
      return Response.json(await scenario(node, peer));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    } finally {
      await node.stop();
    }
  },
};
