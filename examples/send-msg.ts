// Sends one message to a registered process of an Erlang node. This side has no name: the node gives it one.
//
//   node -C @erl-dist/source examples/send-msg.ts app@127.0.0.1 shell_logger '{hello, "world"}' --cookie secret
import { parseArgs } from "node:util";
import { ErlangNode, format, parse } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cookie: { type: "string" },
    // Of the node itself, where it listens on a known port; otherwise EPMD is asked (ERL_EPMD_PORT).
    port: { type: "string" },
  },
});
const [peer, name, text] = positionals;
if (peer === undefined || name === undefined || text === undefined || values.cookie === undefined) {
  console.error("usage: send-msg.ts NODE NAME MESSAGE --cookie COOKIE [--port PORT]");
  process.exit(2);
}

try {
  await using node = await ErlangNode.start({
    cookie: values.cookie,
    connect: tcp(values.port === undefined ? {} : { portNo: Number(values.port) }),
  });
  await node.connect(peer);
  const message = parse(text);
  node.send({ name, node: peer }, message);
  console.log(`${node.name} sent ${format(message)} to ${name} on ${peer}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
