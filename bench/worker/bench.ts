// `npm run bench:worker`: how large the Worker is, and how long a caller waits for the first answer from a real Erlang node, beside a
// bare connect() with one read in the same workerd. Prints medians and their ratio; times of one machine say little by themselves.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import { startErl } from "../../test/support/otp.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/worker");
// Before wrangler is loaded, which reads some of it at once.
process.loadEnvFile(join(PACKAGE, "wrangler.env"));
process.env["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] = "false";
const { createTestHarness } = await import("wrangler");

const NODE_NAME = "worker@edge";
const CALLER_KEY = "a-key-for-callers-of-more-than-32-characters";
/** Starts of workerd, and calls within each. */
const STARTS = Number(process.argv[2] ?? 3);
const ROUNDS = Number(process.argv[3] ?? 20);

size();
await times();

function size(): void {
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-bench-"));
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  execFileSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], { cwd: PACKAGE, stdio: "pipe" });
  const bundle = readFileSync(join(folder, "index.js"));
  rmSync(folder, { recursive: true });
  console.log(`bundle                         ${kib(bundle.length)}, gzipped ${kib(gzipSync(bundle).length)}`);
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

async function times(): Promise<void> {
  await using erl = await startErl();
  // Says something to whoever connects, as the bare Worker expects.
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end("hello");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  const to = `127.0.0.1:${address.port}`;
  const authorization = `Bearer ${await new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("bench")
    .setAudience(NODE_NAME)
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(CALLER_KEY))}`;
  const samples = {
    first: [] as number[],
    bareFirst: [] as number[],
    restarted: [] as number[],
    linked: [] as number[],
    bare: [] as number[],
  };
  for (let start = 0; start < STARTS; start++) {
    const harness = createTestHarness({
      root: ROOT,
      workers: [
        {
          config: {
            ...(JSON.parse(readFileSync(join(PACKAGE, "wrangler.jsonc"), "utf8").replace(/^\s*\/\/.*$/gm, "")) as object),
            main: "packages/worker/test/worker/index.ts",
            connect: [],
            secrets: { required: [] },
            vars: {
              NODE_NAME,
              NODES: `${erl.name}=${erl.portNo}`,
              ERL_EPMD_PORT: "4369",
              ALLOW: { erpc: ["erlang:node/0"] },
              IDLE_SECONDS: "300",
              KEEP_ALIVE_SECONDS: "30",
              BRIDGE: {},
              ACCESS_TEAM: "",
              ACCESS_AUDIENCE: "",
              ERLANG_COOKIE: erl.cookie,
              CALLER_KEY,
            },
          },
        },
        { config: { name: "bare", main: "bench/worker/bare.ts", compatibility_date: "2026-10-01" } },
      ],
    });
    await harness.listen();
    const body = JSON.stringify({ node: erl.name, module: "erlang", function: "node", args: [] });
    const headers = { authorization, "content-type": "application/json" };
    const call = async (): Promise<void> => expectOk(await harness.fetch("/erpc", { method: "POST", headers, body }));
    const bare = async (): Promise<void> => expectOk(await harness.getWorker("bare").fetch(`/?to=${to}`));
    // Each is the first of its isolate.
    samples.bareFirst.push(await timed(bare));
    samples.first.push(await timed(call));
    for (let round = 0; round < ROUNDS; round++) {
      samples.linked.push(await timed(call));
      await harness.fetch("/crash");
      samples.restarted.push(await timed(call));
      samples.bare.push(await timed(bare));
    }
    await harness.close();
  }
  server.close();
  await once(server, "close");
  report("first request of a Worker", samples.first, samples.bareFirst);
  report("first call of a new object", samples.restarted, samples.bare);
  report("call over a link that is up", samples.linked, samples.bare);
}

async function expectOk(response: { readonly status: number; text(): Promise<string> }): Promise<void> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

function report(what: string, ours: readonly number[], bare: readonly number[]): void {
  const [median, other] = [medianOf(ours), medianOf(bare)];
  const ratio = (median / other).toFixed(2);
  console.log(
    `${what.padEnd(30)} ${median.toFixed(1)} ms, bare connect() and read ${other.toFixed(1)} ms: ratio ${ratio} (n = ${ours.length})`,
  );
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
