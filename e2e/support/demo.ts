// The demo program as a person starts it: a process of its own, whose terminal is a pair of pipes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Demo {
  readonly url: string;
  /** What it printed before it was ready. */
  readonly greeting: string;
  /** Types a line of Erlang into its terminal and gives the line that comes back. */
  type(erlang: string): Promise<string>;
  /** Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
}

export interface DemoOptions {
  /** Where programs such as `erl` are looked for. */
  readonly path?: string;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const args = ["-C", "@erl-dist/source", "scripts/demo.ts", "--port", "0"];
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...(options.path === undefined ? {} : { PATH: options.path }) },
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the demo ended: ${errors}`);
    return value;
  };
  let greeting = "";
  while (!greeting.includes("Ctrl-C")) greeting += `${await nextLine()}\n`;
  const url = /The page: (\S+)/.exec(greeting)?.[1];
  if (url === undefined) throw new Error(`the demo printed no address: ${greeting}`);
  return {
    url,
    greeting,
    type(erlang) {
      child.stdin.write(`${erlang}\n`);
      return nextLine();
    },
    async stop() {
      child.kill("SIGINT");
      const [code] = await exited;
      return code;
    },
  };
}
