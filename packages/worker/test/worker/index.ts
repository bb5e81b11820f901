// The Worker as one would extend it: a node that has functions for Erlang. And as no one would: it can be told to crash.
import { atom, type ErlangNode, type Term } from "@erl-dist/core";
import worker, { EdgeBridgeObject as BaseBridge, ErlangNodeObject as BaseNode } from "../../src/index.ts";

export { Erlang } from "../../src/index.ts";

export class ErlangNodeObject extends BaseNode {
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

export class EdgeBridgeObject extends BaseBridge {
  crash(): void {
    this.ctx.abort("put away");
  }

  /** Its memory of used tickets fails from now on, or is there again. */
  break(isBroken: boolean): void {
    const [from, to] = isBroken ? ["spent", "away"] : ["away", "spent"];
    this.ctx.storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
  }

  /** Lets the alarm go off now; answers how many used tickets are remembered, and whether it goes off again. */
  async wake(): Promise<{ readonly tickets: number; readonly isSet: boolean }> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
    const { tickets } = this.ctx.storage.sql.exec<{ tickets: number }>("SELECT count(*) AS tickets FROM spent").one();
    return { tickets, isSet: (await this.ctx.storage.getAlarm()) !== null };
  }
}

const extended: ExportedHandler<Env> = {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const target = searchParams.get("target");
    // The bindings' types are those of the classes that wrangler.jsonc names.
    const node = env.ERLANG_NODE.getByName(env.NODE_NAME) as unknown as DurableObjectStub<ErlangNodeObject>;
    const bridge = env.EDGE_BRIDGE.getByName(target ?? "") as unknown as DurableObjectStub<EdgeBridgeObject>;
    switch (pathname) {
      case "/crash":
        await Promise.resolve((target === null ? node : bridge).crash()).catch(() => undefined);
        return new Response();
      case "/break":
        await bridge.break(searchParams.get("is") === "true");
        return new Response();
      case "/wake":
        return Response.json(await bridge.wake());
      default:
        return (await worker.fetch?.(request, env, ctx)) ?? Response.error();
    }
  },
};

export default extended;
