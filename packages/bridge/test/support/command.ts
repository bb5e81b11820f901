// The command erl-bridge as it is typed, in a process of its own that ends with the test.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

export type Child = ChildProcessByStdio<null, Readable, Readable>;

export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function finished(child: Child): Promise<Finished> {
  const text = (stream: Readable): Promise<string> => stream.toArray().then((chunks) => Buffer.concat(chunks).toString());
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: status as number | null, stdout, stderr };
}

export interface Serving {
  readonly child: Child;
  readonly url: string;
  /** The first line of its standard output, and those after it. */
  readonly line: object;
  readonly lines: { readonly next: () => Promise<object> };
  /** All of its standard error so far. */
  readonly errors: () => string;
}

/** Starts the command on a free port and waits until it listens. */
export async function serve(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Serving> {
  const child = start([...args, "--port", "0"], env);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const reader = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<object> => {
    const { value, done } = await reader.next();
    if (done) throw new Error(`erl-bridge ended: ${errors}`);
    return JSON.parse(value);
  };
  const line = await next();
  // Both are written in one go, but the pipes are two.
  while (!/can run any code|: level \w+/.test(errors)) await once(child.stderr, "data");
  return { child, line, lines: { next }, errors: () => errors, url: (line as { url: string }).url };
}
