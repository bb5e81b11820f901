// Another Worker of the same account: does by RPC what the test asks for, and says what came of it.
import { type Erlang, readEvents, type SubscribeRequest } from "../../src/index.ts";

interface ClientEnv {
  readonly ERLANG: Service<typeof Erlang>;
}

type Method = "nodes" | "ping" | "call" | "cast" | "send" | "erpc";

export default {
  async fetch(request: Request, env: ClientEnv): Promise<Response> {
    const { method, args } = (await request.json()) as { method: Method | "firstEvents"; args: readonly unknown[] };
    try {
      if (method === "firstEvents") return Response.json(await firstEvents(env, args as [SubscribeRequest, number]));
      // The test knows what the method takes.
      const call = env.ERLANG[method] as unknown as (...args: readonly unknown[]) => Promise<unknown>;
      return Response.json({ result: (await call(...args)) ?? null });
    } catch (error) {
      const { name, message, code, status, retryable, exception } = error as Error & Record<string, unknown>;
      return Response.json({ error: { name, message, code, status, retryable, exception } });
    }
  },
};

async function firstEvents({ ERLANG }: ClientEnv, [request, count]: [SubscribeRequest, number]): Promise<unknown> {
  const events = [];
  for await (const event of readEvents(await ERLANG.subscribe(request))) {
    events.push(event);
    if (events.length === count) break;
  }
  return { result: events };
}
