import { type Term, text, TimeoutError, tuple } from "@erl-dist/core";
import { checkNodeName, flagNames } from "@erl-dist/core/handshake";
import { errorAnswer, jsonAnswer } from "./answers.ts";
import { RequestError } from "./request-error.ts";
import { withNode } from "./session.ts";

type Route = (query: URLSearchParams, env: Env) => Response | Promise<Response>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/", help],
  ["/ping", ping],
  ["/echo", echo],
]);

export async function answer(request: Request, env: Env): Promise<Response> {
  try {
    const { pathname, searchParams } = new URL(request.url);
    const route = ROUTES.get(pathname);
    if (route === undefined) throw new RequestError("no_such_route", `there is no ${pathname}; / lists the routes`);
    if (request.method !== "GET") throw new RequestError("method_not_allowed", `${pathname} answers GET only`);
    return await route(searchParams, env);
  } catch (error) {
    return errorAnswer(error);
  }
}

function help(): Response {
  return jsonAnswer({
    about: "An Erlang node in a Cloudflare Worker. It dials the nodes of the variable NODES, and no others.",
    routes: {
      "/ping?node=app@127.0.0.1": "connects to the node, pings it, and says what it is",
      "/echo?node=app@127.0.0.1&text=hello": `sends {self(), <<"hello">>} to the node's process \`echo\`, and shows the text that it sends back`,
    },
  });
}

async function ping(query: URLSearchParams, env: Env): Promise<Response> {
  const started = Date.now();
  const peer = readPeer(query);
  return withNode(peer, env, async (node, { name, creation, flags }) => {
    const isAlive = await node.ping(peer);
    const body = {
      node: node.name,
      peer: { name, creation, flags: flagNames(flags) },
      ping: isAlive ? "pong" : "pang",
      ms: Date.now() - started,
    };
    return jsonAnswer(body, isAlive ? 200 : 502);
  });
}

/** How long the process `echo` may take. */
const ECHO_TIME_MS = 2_000;

async function echo(query: URLSearchParams, env: Env): Promise<Response> {
  const started = Date.now();
  const peer = readPeer(query);
  const sent = query.get("text") ?? "hello";
  return withNode(peer, env, async (node) => {
    const process = node.spawn();
    process.send({ name: "echo", node: peer }, tuple(process.pid, sent));
    try {
      // A binary is all that the process is asked for.
      const isBinary = (message: Term): boolean => message instanceof Uint8Array;
      const received = text(await process.receive(isBinary, { timeoutMs: ECHO_TIME_MS }));
      return jsonAnswer({ node: node.name, sent, received, ms: Date.now() - started });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw new RequestError("no_answer", `no process "echo" of ${peer} sent a text back within ${ECHO_TIME_MS} ms`);
    }
  });
}

function readPeer(query: URLSearchParams): string {
  const name = query.get("node");
  if (name === null) throw new RequestError("bad_request", "the query has no node; for example ?node=app@127.0.0.1");
  try {
    checkNodeName(name);
  } catch (error) {
    throw new RequestError("bad_request", `node: ${error instanceof Error ? error.message : String(error)}`);
  }
  return name;
}
