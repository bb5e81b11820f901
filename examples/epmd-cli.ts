// Asks EPMD: node -C @erl-dist/source examples/epmd-cli.ts names | lookup NAME | register NAME PORT | dump | kill
import { parseArgs } from "node:util";
import { dump, kill, lookup, names, register } from "@erl-dist/core/epmd";
import { connectTcp } from "@erl-dist/core/transports/nodejs";

const USAGE = `usage: epmd-cli [--host HOST] [--port PORT] COMMAND
  names               the nodes that run there
  lookup NAME         all that EPMD knows of one
  register NAME PORT  registers a node until Ctrl-C
  dump                the same with the nodes that have gone (asked on EPMD's own host)
  kill                ends EPMD (asked on its own host)`;

async function run(args: string[]): Promise<void> {
  const options = { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "4369" } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [command, name, portNo] = positionals;
  const stream = await connectTcp(values.host, Number(values.port));
  switch (command) {
    case "names":
      for (const node of await names(stream)) console.log(`${node.name} at port ${node.portNo}`);
      return;
    case "lookup": {
      const node = await lookup(stream, name ?? "");
      if (node === undefined) throw new Error(`EPMD knows no node named ${name}`);
      console.log(node);
      return;
    }
    case "register": {
      const registered = await register(stream, { name: name ?? "", portNo: Number(portNo) });
      process.once("SIGINT", () => void registered.close());
      console.log(`registered ${name} with creation ${registered.creation}; Ctrl-C gives the name back`);
      return registered.closed;
    }
    case "dump":
      for (const node of await dump(stream)) console.log(`${node.state} ${node.name} at port ${node.portNo}`);
      return;
    case "kill":
      await kill(stream);
      console.log("EPMD has ended");
      return;
    default:
      await stream.close();
      throw new Error(USAGE);
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
