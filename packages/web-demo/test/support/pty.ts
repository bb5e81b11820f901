// A program in a real pseudo-terminal, for comparing with what a terminal of ours shows. The pseudo-terminal is opened by `script`
// of util-linux, which every Debian has; so nothing has to be compiled.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { once } from "node:events";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Pty {
  write(keys: string): void;
  /** As a terminal's window does, with the signal that tells the program. Resolves when the program has got that. */
  resize(size: Size): Promise<void>;
  /** Ends the program at once. */
  stop(): Promise<void>;
}

const SIGWINCH = 28n;

/** Whether the program has still to be given a signal that was sent to it (proc(5), ShdPnd). */
function isPending(pid: number, signal: bigint): boolean {
  const pending = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "0";
  return ((BigInt(`0x${pending}`) >> (signal - 1n)) & 1n) === 1n;
}

/** Starts a program; gives what it writes, from its first character, to `show`. */
export async function openPty(
  command: readonly string[],
  size: Size,
  env: Readonly<Record<string, string>>,
  show: (text: string) => void,
): Promise<Pty> {
  // The shell becomes the program, so this is the program's pid.
  const prelude = `stty cols ${size.columns} rows ${size.rows}; echo "@$$ $(tty)@"; exec "$@"`;
  const quoted = ["sh", "-c", prelude, "sh", ...command].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", quoted, "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color", LC_ALL: "C.UTF-8", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  child.stdin.on("error", () => {
    // It has ended: whoever waits for its output finds none.
  });
  let head = "";
  const found = await new Promise<{ pid: number; device: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${command.join(" ")} ended (${code}): ${head}`)));
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", function first(chunk: string) {
      head += chunk;
      const match = /@(\d+) (\S+)@\r?\n/.exec(head);
      if (match === null) return;
      child.stdout.off("data", first);
      child.stdout.on("data", show);
      show(head.slice(match.index + match[0].length));
      resolve({ pid: Number(match[1]), device: match[2] ?? "" });
    });
  });
  return {
    write: (keys) => void child.stdin.write(keys),
    async resize({ columns, rows }) {
      execFileSync("stty", ["-F", found.device, "cols", String(columns), "rows", String(rows)]);
      while (isPending(found.pid, SIGWINCH)) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        process.kill(found.pid, "SIGKILL");
        await exited;
      }
    },
  };
}
