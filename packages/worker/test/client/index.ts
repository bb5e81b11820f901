// Another Worker of the same account: does by RPC what the test asks for, and says what came of it.
import type { Erlang, SubscribeRequest } from "../../src/index.ts";
import { readEvents } from "../../src/read-events.ts";

interface ClientEnv {
  readonly ERLANG: Service<typeof Erlang>;
}

type Method = "nodes" | "ping" | "call" | "cast" | "send" | "erpc";
type Call = readonly [method: Method, ...args: unknown[]];

export default {
  async fetch(request: Request, env: ClientEnv): Promise<Response> {
    const { method, args } = (await request.json()) as { method: Method | "firstEvents" | "times"; args: readonly unknown[] };
    try {
      if (method === "firstEvents") return Response.json(await firstEvents(env, args as [SubscribeRequest, number]));
      if (method === "times") return Response.json(await times(env, args as [number, Call[]]));
      return Response.json({ result: (await perform(env, [method, ...args])) ?? null });
    } catch (error) {
      const { name, message, code, status, retryable, exception } = error as Error & Record<string, unknown>;
      return Response.json({ error: { name, message, code, status, retryable, exception } });
    }
  },
};

function perform({ ERLANG }: ClientEnv, [method, ...args]: Call): Promise<unknown> {
  // The test knows what the method takes.
  return (ERLANG[method] as unknown as (...args: readonly unknown[]) => Promise<unknown>)(...args);
}

/** All calls so many times at once; their results, which must be the same each time. */
async function times(env: ClientEnv, [count, calls]: [number, Call[]]): Promise<unknown> {
  const rounds = await Promise.all(Array.from({ length: count }, () => Promise.all(calls.map((call) => perform(env, call)))));
  const different = new Set(rounds.map((round) => JSON.stringify(round)));
  if (different.size > 1) throw new Error(`different results: ${[...different].join(" ")}`);
  return { result: rounds[0] };
}

async function firstEvents({ ERLANG }: ClientEnv, [request, count]: [SubscribeRequest, number]): Promise<unknown> {
  const events = [];
  for await (const event of readEvents(await ERLANG.subscribe(request))) {
    events.push(event);
    if (events.length === count) break;
  }
  return { result: events };
}
