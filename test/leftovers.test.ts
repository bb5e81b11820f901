import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startTestRun } from "./support/leftovers.ts";

it("finds a process and a file that a run left, waits for one that is ending, and clears its folder", async () => {
  const run = startTestRun();
  const env = { ...process.env, ...run.environment };
  const ending = spawn("sleep", ["0.2"], { env });
  const staying = spawn("sleep", ["60"], { env });
  writeFileSync(join(run.environment.TMPDIR, "forgotten"), "");
  try {
    await Promise.all([once(ending, "spawn"), once(staying, "spawn")]);
    expect(await run.leftovers(1_000)).toEqual([`process ${staying.pid}: sleep 60 `, "file forgotten in TMPDIR"]);
    expect(existsSync(run.environment.TMPDIR)).toBe(false);
  } finally {
    staying.kill();
    await once(staying, "exit");
  }
});

it("finds nothing after a run that left nothing", async () => {
  expect(await startTestRun().leftovers()).toEqual([]);
});
