// The scenario in Node.js, Deno and Bun, over TCP. In Chromium: e2e/scenario.spec.ts; in workerd: packages/worker/test/scenario.test.ts.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { releases, startErl } from "../../../test/support/otp.ts";
import { ACT_NAMES } from "./scenario.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PROGRAM = join(import.meta.dirname, "support/scenario-program.ts");
const CONDITIONS = ["--conditions", "@erl-dist/source"];
const run = promisify(execFile);

describe.each(releases())("with OTP $otp", (release) => {
  it.each([
    ["Node.js", "node", "nodejs", CONDITIONS],
    ["Deno", "deno", "deno", ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual", ...CONDITIONS]],
    ["Bun", "bun", "bun", CONDITIONS],
  ])("plays every act in %s", async (_, command, carrier, args) => {
    await using erl = await startErl({ release });
    // What they keep of compiled sources stays in the repository's folder for such things, or is not kept.
    const env = { ...process.env, DENO_DIR: join(ROOT, "node_modules/.cache/deno"), BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
    const words = [...args, PROGRAM, carrier, erl.name, String(erl.portNo), erl.cookie];
    const { stdout } = await run(join(ROOT, "node_modules/.bin", command), words, { cwd: ROOT, env });
    expect(JSON.parse(stdout)).toEqual(ACT_NAMES);
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
  });
});
