// The bridge in an application of fastify, which hands out the tickets:
//
//   npm install && COOKIE=secret node -C @erl-dist/source fastify.mjs app@127.0.0.1
//
// Here everybody who asks is signed in as "guest"; a real application knows better. A page uses it as examples/bridge-http.ts says.
import { randomBytes } from "node:crypto";
import { createBridge, mintTicket } from "@erl-dist/bridge";
import fastify from "fastify";

const [node, nodePortNo] = process.argv.slice(2);
const key = randomBytes(32).toString("hex");

const app = fastify();
app.post("/ticket", () => mintTicket({ key, subject: "guest", target: "app" }));
let bridge;
app.addHook("preClose", () => bridge.close());

const origin = await app.listen({ port: Number(process.env.PORT ?? 8080), host: "127.0.0.1" });
bridge = createBridge({
  key,
  cookie: process.env.COOKIE,
  auth: { type: "jwt" },
  origins: [origin],
  targets: { app: { node, portNo: nodePortNo && Number(nodePortNo) } },
});
app.server.on("upgrade", (request, socket, head) => bridge.handleUpgrade(request, socket, head));
process.once("SIGTERM", () => {
  void app.close();
});
console.log(`listening at ${origin}`);
