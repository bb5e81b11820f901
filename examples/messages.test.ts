import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Epmd, type ErlNode, startEpmd, startErl } from "../test/support/otp.ts";

let epmd: Epmd;
let erl: ErlNode;

beforeAll(async () => {
  epmd = await startEpmd();
  erl = await startErl({ epmd });
});

afterAll(async () => {
  await erl.stop();
  await epmd.stop();
});

const children = new Set<ChildProcessWithoutNullStreams>();

afterEach(() => {
  // Those of a test that failed; the others have ended.
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

/** Runs an example as a user does. */
function run(example: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const env = { ...process.env, ERL_EPMD_PORT: String(epmd.portNo) };
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", `examples/${example}.ts`, ...args], { env });
  children.add(child);
  return child;
}

async function outcome(child: ChildProcessWithoutNullStreams): Promise<{ code: number | null; output: string }> {
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

it("send-msg sends a message to a registered process", async () => {
  const received = erl.eval("register(inbox, self()), receive M -> M after 20000 -> nothing end");
  const { code, output } = await outcome(run("send-msg", erl.name, "inbox", '{hello, "world"}', "--cookie", "secret"));
  expect(output).toMatch(/^[0-9A-Z]+@127\.0\.0\.1 sent \{hello,"world"\} to inbox on /);
  expect(code).toBe(0);
  expect(await received).toBe('{hello,"world"}');
});

it("send-msg says in words what went wrong", async () => {
  const wrongCookie = await outcome(run("send-msg", erl.name, "inbox", "hello", "--cookie", "other"));
  expect(wrongCookie).toMatchObject({ code: 1, output: expect.stringContaining("refused the cookie") as string });
  const unknown = await outcome(run("send-msg", "nobody@127.0.0.1", "inbox", "hello", "--cookie", "secret"));
  expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining("nobody") as string });
  expect(await outcome(run("send-msg", "nobody@127.0.0.1"))).toMatchObject({ code: 2 });
});

it("recv-msg prints what Erlang sends to it", async () => {
  const name = `recv${process.pid}@127.0.0.1`;
  const child = run("recv-msg", name, "inbox", "--cookie", "secret", "--count", "2");
  const done = outcome(child);
  // Its first line says that it listens.
  await once(createInterface({ input: child.stdout }), "line");
  await erl.eval(`{inbox, '${name}'} ! {hello, "world"}, {inbox, '${name}'} ! [1, 2.0, <<"three">>]`);
  const { code, output } = await done;
  const lines = [`${name} waits for messages to inbox`, `${erl.name} connected`, '{hello,"world"}', '[1,2.0,<<"three">>]'];
  expect(output.split("\n").slice(0, 4)).toEqual(lines);
  expect(code).toBe(0);
});
