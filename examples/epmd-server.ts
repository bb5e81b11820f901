// An EPMD where Erlang's is not installed: node -C @erl-dist/source examples/epmd-server.ts [--host HOST] [--port PORT]
import { parseArgs } from "node:util";
import { serveEpmd } from "@erl-dist/core/transports/nodejs";

const { values } = parseArgs({
  options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "4369" } },
});

try {
  const epmd = await serveEpmd({ host: values.host, portNo: Number(values.port), killable: true });
  console.log(`EPMD listens on ${values.host}:${epmd.portNo}; nodes register with -start_epmd false. Ctrl-C ends it.`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void epmd.close());
  await epmd.closed;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
