// The bridge in an application of express, which hands out the tickets:
//
//   npm install && COOKIE=secret node -C @erl-dist/source express.mjs app@127.0.0.1
//
// Here everybody who asks is signed in as "guest"; a real application knows better. A page uses it as examples/bridge-http.ts says.
import { randomBytes } from "node:crypto";
import { createBridge, mintTicket } from "@erl-dist/bridge";
import express from "express";

const [node, nodePortNo] = process.argv.slice(2);
const key = randomBytes(32).toString("hex");

const app = express();
app.post("/ticket", async (_request, response) => {
  response.json(await mintTicket({ key, subject: "guest", target: "app" }));
});

const server = app.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const bridge = createBridge({
    key,
    cookie: process.env.COOKIE,
    auth: { type: "jwt" },
    origins: [origin],
    targets: { app: { node, portNo: nodePortNo && Number(nodePortNo) } },
  });
  server.on("upgrade", (request, socket, head) => bridge.handleUpgrade(request, socket, head));
  process.once("SIGTERM", () => {
    void bridge.close().then(() => server.close());
  });
  console.log(`listening at ${origin}`);
});
