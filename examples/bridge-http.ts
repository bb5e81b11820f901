// The bridge in a server of one's own: it hands tickets to those who are signed in, and the bridge lets them in with those.
//
//   COOKIE=secret node -C @erl-dist/source examples/bridge-http.ts app@127.0.0.1 --port 8080
//
// Here everybody who asks is signed in as "guest"; a real server knows better. In the page, which this server would serve as well:
//
//   const getTicket = async () => (await fetch("/ticket", { method: "POST" })).json();
//   const node = await ErlangNode.start(withTickets("/", getTicket, { target: "app" }));
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { createBridge, mintTicket } from "@erl-dist/bridge";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "8080" }, "node-port": { type: "string" } },
});
const [name] = positionals;
const cookie = process.env["COOKIE"];
if (name === undefined || cookie === undefined) {
  console.error("usage: COOKIE=… bridge-http.ts NODE [--port NUMBER] [--node-port NUMBER]");
  process.exit(2);
}

// Tickets and bridge are of one process here, so nobody else has to know it.
const key = randomBytes(32).toString("hex");
const server = createServer((request, response) => {
  void answer(request.method, request.url).then(({ status, body }) => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
  });
});
await once(server.listen(Number(values.port), "127.0.0.1"), "listening");
const address = server.address();
const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : values.port}`;

const bridge = createBridge({
  key,
  cookie,
  auth: { type: "jwt" },
  origins: [origin],
  targets: { app: { node: name, portNo: values["node-port"] === undefined ? undefined : Number(values["node-port"]) } },
  log: (record) => console.log(`${record.subject ?? "somebody"} left: ${record.reason}`),
});
server.on("upgrade", (request, socket, head) => bridge.handleUpgrade(request, socket, head));
console.log(`listening at ${origin}`);

process.once("SIGTERM", () => {
  void bridge.close().then(() => server.close());
});

async function answer(method: string | undefined, url: string | undefined): Promise<{ status: number; body: object }> {
  if (method !== "POST" || url !== "/ticket") return { status: 404, body: { error: "there is POST /ticket" } };
  return { status: 200, body: await mintTicket({ key, subject: "guest", target: "app", session: 3600 }) };
}
