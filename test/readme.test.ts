import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createBridge } from "@erl-dist/bridge";
import { expect, it } from "vitest";
import { startErl } from "./support/otp.ts";
import { readText } from "./support/sources.ts";

const ROOT = join(import.meta.dirname, "..");

it("shows an example that works: this very text, through a bridge, with a real Erlang node", async () => {
  const { stdout } = await withEcho((url) => runInNode(example("ts").replace("ws://127.0.0.1:4370", url)));
  expect(stdout).toMatch(/^\{echo,<<104,101,108,108,111>>\}$/m);
});

it("shows what the size check weighs as a full node: the same imports, the same calls", () => {
  const parts = /^import .*;$|\b(?:node|self|ErlangNode)\.\w+\(/gm;
  const shown = example("ts").match(parts);
  expect(shown).toHaveLength(7);
  expect(readText("test/size/full-node.ts").match(parts)).toEqual(shown);
});

/** Runs what the README says of the Erlang side, with a bridge in front. */
async function withEcho<T>(run: (url: string) => Promise<T>): Promise<T> {
  await using erl = await startErl({ alive: "app", cookie: "secret" });
  await erl.eval(example("erlang"));
  await using bridge = createBridge({ dev: true, targets: { [erl.name]: { node: erl.name, portNo: erl.portNo } }, portNo: 0 });
  return await run((await bridge.listen()).url);
}

function example(language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms").exec(readText("README.md"));
  if (block?.[1] === undefined) throw new Error(`the README has no block of ${language}`);
  return block[1];
}

async function runInNode(code: string): Promise<{ stdout: string; stderr: string }> {
  const options = ["--conditions=@erl-dist/source", "--input-type=module-typescript", "--eval", code];
  return promisify(execFile)(process.execPath, options, { cwd: ROOT, timeout: 20_000 });
}
