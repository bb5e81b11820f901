// The command as it is typed, and with it the whole way: a node of ours through the bridge to a real one.
import { once } from "node:events";
import { atom, ErlangNode, tuple } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { releases, startEpmd, startErl } from "../../../test/support/otp.ts";
import { fastestMs } from "../../core/test/support/fastest.ts";
import type { Ticket } from "../src/index.ts";
import { finished, serve, start } from "./support/command.ts";

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
  const { url, errors, line } = await serve(["--dev", "app@127.0.0.1", "--target", "second=b@127.0.0.1:4001"]);
  expect(line).toMatchObject({
    event: "listening",
    targets: [
      { id: "second", node: "b@127.0.0.1" },
      { id: "app@127.0.0.1", node: "app@127.0.0.1" },
    ],
  });
  // One that needs no option, for the first steps.
  expect(errors()).toContain(`connect: bridge("${url}") })`);
  expect(errors()).toContain('/dist/second is b@127.0.0.1, for pages that give { target: "second" }\n');
  expect(errors()).toContain("/dist/app%40127.0.0.1 is app@127.0.0.1");
  expect(errors()).toContain("whoever is connected to a node can run any code on it");
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

it.each([
  ["as it is", [], {}],
  [
    "with a ticket, under custody",
    ["--level", "custody"],
    { ERL_BRIDGE_KEY: "only for tests, and long enough to be a key", ERL_BRIDGE_COOKIE: "secret" },
  ],
])("prints with --dev an address that works %s", async (_, level, env) => {
  const erl = await startErl({ cookie: "secret" });
  onTestFinished(() => erl.stop());
  const { errors, line } = await serve(["--dev", `${erl.name}:${erl.portNo}`, ...level], env);
  // What a person sees and copies, and nothing else.
  const said = errors();
  const [, url = ""] = /^erl-bridge listens at (\S+)$/m.exec(said) ?? [];
  const [, peer = ""] = /node\.ping\("(.+)"\)/.exec(said) ?? [];
  expect({ url, peer }).toEqual({ url: (line as { url: string }).url, peer: erl.name });
  const [, command] = /as "erl-bridge (mint .+)" prints/.exec(said) ?? [];
  expect(command === undefined).toBe(level.length === 0);
  const ticket = command === undefined ? undefined : await finished(start(command.split(" "), env));
  const { token, secret } = JSON.parse(ticket?.stdout ?? '{"secret":"secret"}') as Partial<Ticket>;
  const node = await ErlangNode.start({ cookie: secret ?? "", connect: bridge(url, { token }) });
  onTestFinished(() => node.stop());
  expect(await node.ping(peer)).toBe(true);
});

it("tells a node of ours in words that EPMD does not know its peer, in less than a second", async () => {
  const epmd = await startEpmd();
  onTestFinished(() => epmd.stop());
  const { url } = await serve(["--dev", "absent@127.0.0.1", "--epmd-port", String(epmd.portNo)]);
  const node = await ErlangNode.start({ name: "page@browser", cookie: "secret", connect: bridge(url) });
  onTestFinished(() => node.stop());
  const refused = (): Promise<void> =>
    expect(node.connect("absent@127.0.0.1")).rejects.toMatchObject({
      code: "no_such_node",
      message: expect.stringContaining("EPMD on that host knows no node of that name"),
    });
  expect(await fastestMs(refused)).toBeLessThan(1_000);
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
