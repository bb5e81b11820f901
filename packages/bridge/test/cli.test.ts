// The command as it is typed, and with it the whole way: a node of ours through the bridge to a real one.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { atom, ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { releases, startEpmd, startErl } from "../../../test/support/otp.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

it.each(["--help", "--version"])("prints %s and ends", async (option) => {
  const { status, stdout, stderr } = await finished(start([option]));
  expect(stdout).toMatch(option === "--help" ? /--dev NODE@HOST/ : /^erl-bridge \d+\.\d+\.\d+\n$/);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

it("ends with 2 and one line where an option is wrong", async () => {
  const result = await finished(start(["--dev", "app@127.0.0.1", "--port", "http"]));
  expect(result).toEqual({ status: 2, stdout: "", stderr: 'erl-bridge: --port: "http" is not a port\n' });
});

it("ends with 1 and one line where the port is taken", async () => {
  const { url } = await serve(["--dev", "app@127.0.0.1"]);
  const { status, stdout, stderr } = await finished(start(["--dev", "app@127.0.0.1", "--port", new URL(url).port]));
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^erl-bridge: cannot listen: .*EADDRINUSE.*\n$/);
});

it("says to people what it does and what that means, and to programs where it listens", async () => {
  const { url, greeting, line } = await serve(["--dev", "app@127.0.0.1", "--target", "second=b@127.0.0.1:4001"]);
  expect(line).toMatchObject({
    event: "listening",
    targets: [
      { id: "second", node: "b@127.0.0.1" },
      { id: "app@127.0.0.1", node: "app@127.0.0.1" },
    ],
  });
  expect(greeting).toContain(`bridge("${url}", { target: "second" })`);
  expect(greeting).toContain("/dist/app%40127.0.0.1 is app@127.0.0.1");
  expect(greeting).toContain("whoever is connected to a node can run any code on it");
});

describe.each(releases())("with Erlang/OTP $otp", (release) => {
  it("takes a node of ours to a real one, found by EPMD, and writes who did what", async () => {
    const epmd = await startEpmd();
    onTestFinished(() => epmd.stop());
    const erl = await startErl({ release, epmd });
    onTestFinished(() => erl.stop());
    const { url, child, lines } = await serve(["--dev", erl.name, "--epmd-port", String(epmd.portNo)]);
    const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect: bridge(url) });
    onTestFinished(() => node.stop());
    expect(await node.ping(erl.name)).toBe(true);
    expect(await erl.eval("net_adm:ping('page@browser')")).toBe("pong");

    const inbox = node.spawn();
    inbox.register("inbox");
    await erl.eval("register(echo, spawn(fun F() -> receive {From, Term} -> From ! {echo, Term}, F() end end))");
    node.send({ name: "echo", node: erl.name }, tuple(inbox.pid, atom("hello")));
    expect(await inbox.receive()).toEqual(tuple(atom("echo"), atom("hello")));
    // Many times what the bridge keeps, there and back.
    const large = new Uint8Array(8 * 1024 * 1024).map((_, index) => index * 31);
    node.send({ name: "echo", node: erl.name }, tuple(inbox.pid, large));
    const [, echoed] = (await inbox.receive()) as unknown as [unknown, Uint8Array];
    expect(Buffer.compare(echoed, large)).toBe(0);

    await node.stop();
    const record = await lines.next();
    expect(record).toMatchObject({ event: "linkclose", by: "page", code: 1000, ip: "127.0.0.1", node: erl.name });
    expect(record).toHaveProperty("toNodeBytes", expect.any(Number));
    expect(JSON.stringify(record)).not.toContain(erl.cookie);
    child.kill("SIGTERM");
    expect(await lines.next()).toMatchObject({ event: "closed" });
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});

it("tells a node of ours in words that EPMD does not know its peer, in less than a second", async () => {
  const epmd = await startEpmd();
  onTestFinished(() => epmd.stop());
  const { url } = await serve(["--dev", "absent@127.0.0.1", "--epmd-port", String(epmd.portNo)]);
  const node = await ErlangNode.start({ name: "page@browser", cookie: "secret", connect: bridge(url) });
  onTestFinished(() => node.stop());
  await expect(node.connect("absent@127.0.0.1", { signal: AbortSignal.timeout(1_000) })).rejects.toMatchObject({
    code: "no_such_node",
    message: expect.stringContaining("EPMD on that host knows no node of that name"),
  });
});

it("[T11] shows the page a node that dies", async () => {
  const erl = await startErl();
  onTestFinished(() => erl.stop());
  const { url, lines } = await serve(["--dev", `${erl.name}:${erl.portNo}`]);
  const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect: bridge(url) });
  onTestFinished(() => node.stop());
  await node.connect(erl.name);
  const down = once(node, "nodedown");
  await erl.kill();
  await down;
  expect(await lines.next()).toMatchObject({ event: "linkclose", by: "node" });
});

it("[T11] shows the node a bridge that is killed", async () => {
  const erl = await startErl();
  onTestFinished(() => erl.stop());
  const { url, child } = await serve(["--dev", `${erl.name}:${erl.portNo}`]);
  const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect: bridge(url) });
  onTestFinished(() => node.stop());
  await node.connect(erl.name);
  await erl.eval("spawn(fun() -> erlang:monitor_node('page@browser', true), register(waits, self()), receive _ -> ok end end)");
  child.kill("SIGKILL");
  while ((await erl.eval("whereis(waits)")) !== "undefined");
  expect(await erl.eval("nodes(hidden)")).toBe("[]");
});

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(args: readonly string[]): Child {
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

async function finished(child: Child) {
  const text = (stream: Readable): Promise<string> => stream.toArray().then((chunks) => Buffer.concat(chunks).toString());
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status, stdout, stderr };
}

/** Starts the command on a free port and waits until it listens. */
async function serve(args: readonly string[]) {
  const child = start([...args, "--port", "0"]);
  let greeting = "";
  child.stderr.on("data", (chunk: Buffer) => {
    greeting += chunk.toString();
  });
  const reader = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lines = {
    async next(): Promise<object> {
      const { value, done } = await reader.next();
      if (done) throw new Error(`erl-bridge ended: ${greeting}`);
      return JSON.parse(value);
    },
  };
  const line = await lines.next();
  // Both are written in one go, but the pipes are two.
  while (!greeting.includes("can run any code")) await once(child.stderr, "data");
  return { child, line, lines, greeting, url: (line as { url: string }).url };
}
