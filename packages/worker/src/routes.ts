// HTTP: which path and method does what.
import { errorAnswer, jsonAnswer } from "./answers.ts";
import { authenticate, type Caller } from "./authentication.ts";
import { mintTicket, readOpening } from "@erl-dist/bridge/policy";
import { DIST_PATH } from "@erl-dist/core/transports/bridge-protocol";
import { bridgeKey, readBridge } from "./bridge-settings.ts";
import { CallError } from "./call-error.ts";
import { eventStream } from "./event-stream.ts";
import { Gateway } from "./gateway.ts";
import { readSettings } from "./settings.ts";

/** Somebody who may call asks for something. */
interface Asked {
  readonly gateway: Gateway;
  readonly caller: Caller;
  readonly env: Env;
  readonly query: URLSearchParams;
  /** The JSON that was posted. */
  readonly body: unknown;
}

interface Route {
  readonly about: string;
  readonly answer: (asked: Asked) => Promise<Response>;
}

const ROUTES: Readonly<Record<string, Readonly<Partial<Record<"GET" | "POST", Route>>>>> = {
  "/nodes": {
    GET: {
      about: "what the Worker's own node is, and which nodes it may reach",
      answer: async ({ gateway }) => jsonAnswer(await gateway.nodes()),
    },
  },
  "/ping": {
    GET: {
      about: "?node=app@127.0.0.1 connects to the node and pings it",
      answer: async ({ gateway, query }) => jsonAnswer(await gateway.ping(query.get("node"))),
    },
  },
  "/call": {
    POST: {
      about: "{node, name, request} calls a gen_server",
      answer: async ({ gateway, body }) => jsonAnswer({ result: await gateway.call(body) }),
    },
  },
  "/cast": {
    POST: {
      about: "{node, name, request} casts to a gen_server",
      answer: async ({ gateway, body }) => accepted(gateway.cast(body)),
    },
  },
  "/send": {
    POST: {
      about: "{node, name, message} sends to a process",
      answer: async ({ gateway, body }) => accepted(gateway.send(body)),
    },
  },
  "/erpc": {
    POST: {
      about: "{node, module, function, args} calls a function",
      answer: async ({ gateway, body }) => jsonAnswer({ result: await gateway.erpc(body) }),
    },
  },
  "/subscribe": {
    GET: {
      about: "?node=app@127.0.0.1&name=inbox streams messages as Server-Sent Events",
      answer: async ({ gateway, query }) => {
        const name = query.get("name") ?? undefined;
        return eventStream(await gateway.subscribe({ nodes: query.getAll("node"), name }));
      },
    },
    POST: {
      about: "{nodes, name, monitor} streams messages as Server-Sent Events",
      answer: async ({ gateway, body }) => eventStream(await gateway.subscribe(body)),
    },
  },
  "/ticket": {
    POST: { about: "{target} gives what a page needs to be a node itself, through the bridge at /dist/<target>", answer: ticket },
  },
};

/** What a page needs to be a node through the bridge: for one WebSocket, within a minute. */
async function ticket({ caller, env, body }: Asked): Promise<Response> {
  const settings = readSettings(env);
  const bridge = readBridge(env, settings);
  const { target } = Object(body) as { readonly target?: unknown };
  if (bridge === undefined || typeof target !== "string" || !bridge.targets.has(target)) {
    throw new CallError("not_allowed", `the variable BRIDGE has no target ${JSON.stringify(target)}`);
  }
  const key = await bridgeKey(env);
  const { token, secret } = await mintTicket({ key, subject: caller.name, target, audience: settings.nodeName });
  return jsonAnswer({
    path: `${DIST_PATH}${encodeURIComponent(target)}`,
    token,
    ...(bridge.level === "custody" ? { secret } : {}),
  });
}

export async function answer(request: Request, env: Env): Promise<Response> {
  try {
    const { pathname, searchParams: query } = new URL(request.url);
    if (pathname === "/") return help();
    if (pathname.startsWith(DIST_PATH)) return await openBridge(request, env);
    const route = routeOf(pathname, request.method);
    if (route instanceof Response) return route;
    const caller = await authenticate(request, env);
    const body = request.method === "POST" ? await jsonOf(request) : undefined;
    return await route.answer({ gateway: new Gateway(env, caller.name), caller, env, query, body });
  } catch (error) {
    return errorAnswer(error);
  }
}

/** A page opens a WebSocket; who it is, its token says, which the bridge's object looks at. */
async function openBridge(request: Request, env: Env): Promise<Response> {
  const bridge = readBridge(env, readSettings(env));
  if (bridge === undefined) throw new CallError("no_such_route", "the variable BRIDGE has no targets");
  // By the id and not as the path spells it, since there is one object for each target; and one for all that are none.
  const { target = "" } = readOpening({ ip: "", url: request.url, header: () => undefined });
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new CallError("upgrade_required", `${DIST_PATH}${encodeURIComponent(target)} is for WebSockets`);
  }
  return env.EDGE_BRIDGE.getByName(bridge.targets.has(target) ? target : "").fetch(request);
}

function routeOf(path: string, method: string): Route | Response {
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (methods === undefined) throw new CallError("no_such_route", `there is no ${path}; / lists the routes`);
  const route = method === "GET" || method === "POST" ? methods[method] : undefined;
  if (route !== undefined) return route;
  const allow = Object.keys(methods).join(", ");
  const refusal = errorAnswer(new CallError("method_not_allowed", `${path} answers ${allow}, and not ${method}`));
  refusal.headers.set("allow", allow);
  return refusal;
}

function help(): Response {
  const routes = Object.entries(ROUTES).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { about }]): [string, string] => [`${method} ${path}`, about]),
  );
  return jsonAnswer({ about: "an Erlang node; callers show a token", routes: Object.fromEntries(routes) });
}

async function accepted(done: Promise<void>): Promise<Response> {
  await done;
  return jsonAnswer({ accepted: true }, 202);
}

/** What one request may hold; the isolate has 128 MB for all of them. */
const BODY_BYTES = 1024 * 1024;

/** A form of another site could post text, but not JSON: a page there has to ask first, and gets no answer. */
async function jsonOf(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json(?:;|$)/i.test(type)) {
    throw new CallError("not_json", `the body has to be application/json, and not "${type.slice(0, 60)}"`);
  }
  const text = await textOf(request);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CallError("bad_request", `the body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function textOf({ body }: Request): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of (body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES) throw new CallError("too_large", `the body has more than ${BODY_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
