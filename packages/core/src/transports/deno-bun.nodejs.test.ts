import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startErl } from "../../../../test/support/otp.ts";
import { selfSigned } from "../../test/support/certificate.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const PROGRAM = join(ROOT, "packages/core/test/support/runtime-smoke.ts");
const run = promisify(execFile);

it.each([
  ["deno", ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual", "--conditions", "@erl-dist/source"]],
  ["bun", ["--conditions", "@erl-dist/source"]],
])("carries nodes in %s: to a real node, and between two of its own over TCP and TLS", async (carrier, args) => {
  await using erl = await startErl();
  const { cert, key } = selfSigned();
  const command = join(ROOT, "node_modules/.bin", carrier);
  // What they keep of compiled sources stays in the repository's folder for such things, or is not kept.
  const env = { ...process.env, DENO_DIR: join(ROOT, "node_modules/.cache/deno"), BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
  const words = [...args, PROGRAM, carrier, erl.name, String(erl.portNo), cert, key];
  const { stdout } = await run(command, words, { cwd: ROOT, env });
  expect(stdout).toBe("erlang: true\ntcp: true\ntls: true\nstopped\n");
});
