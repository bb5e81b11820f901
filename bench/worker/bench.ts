// `npm run bench:worker`: how large the Worker is, and how long a caller waits for the first answer from a real Erlang node, beside a
// bare connect() with one read in the same workerd. Prints medians and their ratio; times of one machine say little by themselves.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { newToken, NODE_NAME, startHarness } from "../../packages/worker/test/support/harness.ts";
import { startErl } from "../../test/support/otp.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/worker");
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
  const authorization = `Bearer ${await newToken()}`;
  const samples = new Map<string, number[]>();
  for (let start = 0; start < STARTS; start++) {
    const { harness } = await startHarness({
      nodes: `${erl.name}=${erl.portNo}`,
      allow: { erpc: ["erlang:node/0"] },
      cookie: erl.cookie,
      beside: [
        {
          config: {
            name: "bare",
            main: "../../bench/worker/bare.ts",
            compatibility_date: "2026-10-01",
            durable_objects: { bindings: [{ name: "BARE", class_name: "BareObject" }] },
            migrations: [{ tag: "v1", new_sqlite_classes: ["BareObject"] }],
          },
        },
      ],
    });
    const body = JSON.stringify({ node: erl.name, module: "erlang", function: "node", args: [] });
    const headers = { authorization, "content-type": "application/json" };
    const call = (): Promise<void> => expectOk(harness.fetch("/erpc", { method: "POST", headers, body }));
    const bare = (path = "/"): Promise<void> =>
      expectOk(harness.getWorker("bare").fetch(`${path}${path.includes("?") ? "&" : "?"}to=${to}`));
    const measure = async (what: string, run: () => Promise<void>): Promise<void> => {
      const started = performance.now();
      await run();
      samples.set(what, [...(samples.get(what) ?? []), performance.now() - started]);
    };
    // Each is the first of its isolate.
    await measure("bare, first", bare);
    await measure("call, first", call);
    for (let round = 0; round < ROUNDS; round++) {
      await measure("bare", bare);
      await measure("object", () => bare("/object"));
      for (const before of ["nothing", "write", "alarm"]) {
        await bare("/crash");
        await measure(`read after ${before}`, () => bare(`/read?before=${before}`));
      }
      await measure("asked", () => expectOk(harness.fetch("/nodes", { headers })));
      await measure("linked", call);
      await erl.eval(`erlang:disconnect_node('${NODE_NAME}')`);
      await measure("relinked", call);
      await harness.fetch("/crash");
      await measure("call", call);
    }
    await harness.close();
  }
  server.close();
  await once(server, "close");
  const median = (what: string): number => medianOf(samples.get(what) ?? []);
  const report = (what: string, ours: string, against: string): void => {
    const ratio = (median(ours) / median(against)).toFixed(2);
    console.log(`${what.padEnd(36)} ${ms(median(ours))}, bare connect() and read ${ms(median(against))}: ratio ${ratio}`);
  };
  report("first request of a Worker", "call, first", "bare, first");
  report("first call of a new object", "call", "bare");
  report("call over a link that is up", "linked", "bare");
  console.log(
    `\nWhat a first call of a new object is made of (medians of ${STARTS * ROUNDS}, each with all that stands above it):`,
  );
  for (const [what, sample] of [
    ["a plain Worker: connect() and read", "bare"],
    ["an object that is there: an answer", "object"],
    ["a new object: connect() and read", "read after nothing"],
    ["  and before that a write to storage", "read after write"],
    ["  and an alarm that is waited for", "read after alarm"],
    ["the Worker: a caller's token, an answer", "asked"],
    ["  a call over a link that is up", "linked"],
    ["  a call that makes the link: handshake", "relinked"],
    ["  a new object's first call", "call"],
  ] as const) {
    console.log(`${what.padEnd(40)} ${ms(median(sample))}`);
  }
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`;
}

async function expectOk(answer: Promise<{ readonly status: number; text(): Promise<string> }>): Promise<void> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
