// The command erl-bridge, in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const BRIDGE_COMMAND = "packages/bridge/src/cli.ts";

export interface BridgeCommand {
  readonly url: string;
  /** Ctrl-C: it ends its links at once. */
  stop(): Promise<void>;
}

export async function startBridge(args: readonly string[]): Promise<BridgeCommand> {
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", BRIDGE_COMMAND, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done === true) throw new Error(`the bridge ended: ${errors}`);
  // Its first line says where it listens.
  const { url } = JSON.parse(value) as { url: string };
  return {
    url,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}
