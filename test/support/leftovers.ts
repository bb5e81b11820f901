// What a test run may not leave behind: processes, files in the temporary folder, sockets. As a global set-up of vitest it
// marks the environment, which every process the run starts inherits, Erlang nodes in a chroot included, and looks for the mark
// when all is closed. A process that has gone takes its sockets along; a test file's own are watched in open-handles.ts.
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

const MARK = "ERL_DIST_TEST_RUN";
// Chromium and workerd end within this after they were told to.
const GRACE_MS = 5_000;

export interface TestRun {
  /** For each process of the run: the mark, and a temporary folder of its own. */
  readonly environment: { readonly [MARK]: string; readonly TMPDIR: string };
  /** Waits for what is ending; then removes the temporary folder and gives a line for each thing that stayed. */
  leftovers(graceMs?: number): Promise<string[]>;
}

export function startTestRun(): TestRun {
  const id = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // A run that is broken off asks for no leftovers.
  process.once("exit", remove);
  return {
    environment: { [MARK]: id, TMPDIR: folder },
    async leftovers(graceMs = GRACE_MS) {
      const deadline = Date.now() + graceMs;
      while (markedProcesses(id).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      const files = readdirSync(folder).map((name) => `file ${name} in TMPDIR`);
      process.off("exit", remove);
      remove();
      return [...markedProcesses(id), ...files];
    },
  };
}

/** For `globalSetup`: fails the run when something stayed. */
export default function setup({ vitest }: TestProject): void {
  const run = startTestRun();
  Object.assign(process.env, run.environment);
  if (!existsSync("/proc/self/environ"))
    vitest.logger.warn("Processes left behind are not looked for: this system has no /proc.");
  vitest.onClose(async () => {
    const left = await run.leftovers();
    if (left.length > 0) throw new Error(`the tests left behind:\n  ${left.join("\n  ")}`);
  });
}

// The environment as a process was started with; so the one that set the mark for its children is not among them.
function markedProcesses(id: string): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readProcess(pid, "environ").includes(`${MARK}=${id}`))
    .map((pid) => `process ${pid}: ${readProcess(pid, "cmdline").replaceAll("\0", " ").slice(0, 120)}`);
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended since the listing, or is another user's: neither can be a leftover of ours.
    return "";
  }
}
