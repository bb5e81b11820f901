// npm run demo: an Erlang node with a sample application, the bridge in front of it, and the page. Ctrl-C ends all of it.
// Without Erlang the core itself stands in for the node.
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { startEmbeddedPeer } from "./demo/embedded-peer.ts";
import { hasErlang, startErlangPeer } from "./demo/erlang-peer.ts";
import { startPageServer } from "./demo/page-server.ts";
import type { DemoPeer } from "./demo/peer.ts";

const USAGE = `npm run demo [-- --port NUMBER]

  --port NUMBER   serve the page there, 0 for any free port (default: 5173)
  --help          print this
`;

const { values } = parseArgs({
  options: { port: { type: "string", default: "5173" }, help: { type: "boolean", default: false } },
});
if (values.help) process.stdout.write(USAGE);
else await run(Number(values.port));

async function run(portNo: number): Promise<void> {
  const cookie = randomBytes(24).toString("hex");
  const peer = hasErlang() ? await startErlangPeer(cookie) : await startEmbeddedPeer(cookie);
  const page = await startPageServer(peer, portNo);
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= Promise.all([page.close(), peer.stop()]).then(() => process.exit());
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  print(peer.description);
  print(`The page: ${page.url}`);
  if (peer.eval === undefined) print("Ctrl-C ends all of it.");
  else await evaluateInput(peer.name, peer.eval, stop);
}

/** What is typed in the terminal is evaluated on the node, so that messages can start there as well. */
async function evaluateInput(name: string, evaluate: NonNullable<DemoPeer["eval"]>, stop: () => void): Promise<void> {
  print(`Erlang typed here is evaluated on ${name}. Ctrl-C ends all of it.`);
  const terminal = process.stdin.isTTY;
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal, prompt: terminal ? `${name}> ` : "" });
  input.on("SIGINT", stop);
  input.prompt();
  for await (const line of input) {
    const answer = line.trim() === "" ? "" : await evaluate(line);
    if (answer === undefined) {
      print("The Erlang node has ended, and the demo with it.");
      stop();
      return;
    }
    if (answer !== "") print(answer);
    input.prompt();
  }
  // Ctrl-D at a terminal; elsewhere standard input may just be closed from the start.
  if (terminal) stop();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
