// The least that a Worker and an object of its own can do with TCP: connect(), and wait for the first bytes. What the other numbers
// are compared with, and made up of.
import { DurableObject } from "cloudflare:workers";
import { connect } from "cloudflare:sockets";

interface BareEnv {
  readonly BARE: DurableObjectNamespace<BareObject>;
}

/** What an object does before it connects. */
export type Before = "nothing" | "write" | "alarm";

export class BareObject extends DurableObject<BareEnv> {
  answer(): string {
    return "here";
  }

  async read(to: string, before: Before): Promise<string> {
    if (before !== "nothing") this.ctx.storage.kv.put("count", (this.ctx.storage.kv.get<number>("count") ?? 0) + 1);
    if (before === "alarm") await this.ctx.storage.setAlarm(Date.now() + 30_000);
    return read(to);
  }

  override alarm(): void {
    // There has to be one.
  }

  crash(): void {
    this.ctx.abort("put away");
  }
}

export default {
  async fetch(request: Request, { BARE }: BareEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const to = searchParams.get("to") ?? "";
    const object = BARE.getByName("bare");
    switch (pathname) {
      case "/crash":
        await Promise.resolve(object.crash()).catch(() => undefined);
        return new Response();
      case "/object":
        return new Response(await object.answer());
      case "/read":
        // The bench knows them.
        return new Response(await object.read(to, searchParams.get("before") as Before));
      default:
        return new Response(await read(to));
    }
  },
};

async function read(to: string): Promise<string> {
  const socket = connect(to);
  const { value } = await socket.readable.getReader().read();
  await socket.close();
  return String(value?.length);
}
