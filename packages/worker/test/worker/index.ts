// The Worker as one would extend it: a node that has functions for Erlang. And as no one would: it can be told to crash.
import { atom, type ErlangNode, type Term } from "@erl-dist/core";
import worker, { ErlangNodeObject as BaseObject } from "../../src/index.ts";

export { EdgeBridgeObject, Erlang } from "../../src/index.ts";

export class ErlangNodeObject extends BaseObject {
  override started(node: ErlangNode): void {
    node.expose("edge", {
      double: (value: Term) => Number(value) * 2,
      fail: () => {
        throw new Error("as asked");
      },
    });
    node.genServer("counter", { handleCall: () => atom("counted") });
  }

  /** What the platform does to an object that it puts away: the memory is gone, and so are the sockets. */
  crash(): void {
    this.ctx.abort("put away");
  }
}

const extended: ExportedHandler<Env> = {
  ...worker,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/crash") return (await worker.fetch?.(request, env, ctx)) ?? Response.error();
    // The binding's type is that of the class that wrangler.jsonc names.
    const object = env.ERLANG_NODE.getByName(env.NODE_NAME) as unknown as DurableObjectStub<ErlangNodeObject>;
    await Promise.resolve(object.crash()).catch(() => undefined);
    return new Response();
  },
};

export default extended;
