// Runs a program of the folder examples/ as a user does.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface RunningExample {
  readonly child: ChildProcess;
  /** Exit code and all output, when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  /** Resolves with all output so far, as soon as that holds the text; rejects if the program ends before. */
  readonly printed: (text: string) => Promise<string>;
}

export function startExample(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningExample {
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", `examples/${name}.ts`, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const arrived = new EventTarget();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      arrived.dispatchEvent(new Event("output"));
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.includes(text)) resolve(output);
        };
        arrived.addEventListener("output", look);
        void ended.then(() => reject(new Error(`ended before it printed ${text}: ${output}`)));
        look();
      }),
  };
}

export function runExample(
  name: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return startExample(name, args, env).ended;
}
