// Listens as a node, registers a process and prints what is sent to it. Then, on an Erlang node with the same cookie:
//   {inbox, 'js@127.0.0.1'} ! {hello, "world"}.
//
//   node -C @erl-dist/source examples/recv-msg.ts js@127.0.0.1 inbox --cookie secret
import { parseArgs } from "node:util";
import { ErlangNode, format } from "@erl-dist/core";
import { listenTcp } from "@erl-dist/core/transports/nodejs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cookie: { type: "string" },
    // End after so many messages.
    count: { type: "string", default: "Infinity" },
    // Do not register in EPMD (ERL_EPMD_PORT); peers have to know the port.
    "no-epmd": { type: "boolean", default: false },
    port: { type: "string", default: "0" },
  },
});
const [name, inbox] = positionals;
if (name === undefined || inbox === undefined || values.cookie === undefined) {
  console.error("usage: recv-msg.ts OWN_NODE NAME --cookie COOKIE [--count N] [--port PORT] [--no-epmd]");
  process.exit(2);
}

try {
  await using node = await ErlangNode.start({
    name,
    cookie: values.cookie,
    listen: listenTcp({ portNo: Number(values.port), ...(values["no-epmd"] ? { epmd: false } : {}) }),
  });
  node.addEventListener("nodeup", ({ peer }) => console.log(`${peer} connected`));
  node.addEventListener("nodedown", ({ peer, reason }) => console.log(`${peer} is gone: ${reason}`));
  const self = node.spawn();
  self.register(inbox);
  process.once("SIGINT", () => void node.stop());
  console.log(`${node.name} waits for messages to ${inbox}`);
  let left = Number(values.count);
  for await (const message of self) {
    console.log(format(message));
    if (--left === 0) break;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
