import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { BridgeConfig, LinkRecord } from "../../src/index.ts";

const MAIN = fileURLToPath(new URL("bridge-main.ts", import.meta.url));

export interface BridgeProcess {
  readonly url: string;
  readonly pid: number;
  /** The next record. */
  record(): Promise<LinkRecord>;
  /** Keeps its event loop from everything else for so long. */
  busy(ms: number): void;
  signal(name: NodeJS.Signals): void;
  /** Resident memory, in MiB. */
  rssMiB(): number;
  /** Open files and sockets. */
  fds(): number;
}

/** Starts bridge-main.ts; it ends with the test. `files`: how many it may have open. */
export async function startBridgeProcess(
  config: BridgeConfig,
  { files }: { readonly files?: number } = {},
): Promise<BridgeProcess> {
  const limit = files === undefined ? "" : `ulimit -n ${files}; `;
  const node = [process.execPath, "-C", "@erl-dist/source", MAIN, JSON.stringify(config)];
  const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...node], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGCONT");
    child.stdin.end();
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the bridge's process has ended");
    return JSON.parse(value);
  };
  const { url } = (await next()) as { readonly url: string };
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    record: async () => (await next()) as LinkRecord,
    busy: (ms) => void child.stdin.write(`busy ${ms}\n`),
    signal: (name) => void child.kill(name),
    rssMiB: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
    fds: () => readdirSync(`/proc/${pid}/fd`).length,
  };
}
