// The Worker in workerd, as wrangler builds it, against real Erlang nodes.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ErlNode, freePortNo, releases, startEpmd, startErl } from "../../../test/support/otp.ts";

const PACKAGE = join(import.meta.dirname, "..");
// Before wrangler is loaded, which reads some of it at once.
process.loadEnvFile(join(PACKAGE, "wrangler.env"));
// No variables from whatever environment the tests run in.
process.env["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] = "false";
const { createTestHarness } = await import("wrangler");

const COOKIE = "a-cookie-that-no-answer-may-hold";
const server = createTestHarness();

// Ends what was started, also when not everything started.
const started = new AsyncDisposableStack();
let registered: ErlNode;
let stranger: ErlNode;
let byRelease: readonly ErlNode[];

beforeAll(async () => {
  const epmd = await startEpmd();
  started.defer(() => epmd.stop());
  registered = started.use(await startErl({ epmd, cookie: COOKIE }));
  stranger = started.use(await startErl({ cookie: "another" }));
  byRelease = await Promise.all(releases().map(async (release) => started.use(await startErl({ release, cookie: COOKIE }))));
  const nodes = [
    registered.name,
    ...[stranger, ...byRelease].map(({ name, portNo }) => `${name}=${portNo}`),
    `down@127.0.0.1=${await freePortNo()}`,
    "unknown@127.0.0.1",
    // epmd listens at 127.0.0.1 only.
    "app@127.0.0.2",
  ];
  await server.update({ workers: [worker({ NODES: nodes.join(", "), ERL_EPMD_PORT: String(epmd.portNo) }, COOKIE)] });
  started.defer(() => server.close());
  await server.listen();
});

afterAll(() => started.disposeAsync());

beforeEach(({ onTestFailed }) => {
  server.clearLogs();
  // After an "internal" error the Worker's log says more.
  onTestFailed(() => server.debug());
});

interface WorkerInput {
  readonly configPath: string;
  readonly vars: Record<string, string>;
  readonly secrets: Record<string, string>;
}

function worker(vars: Record<string, string>, cookie: string): WorkerInput {
  return { configPath: join(PACKAGE, "wrangler.jsonc"), vars, secrets: { ERLANG_COOKIE: cookie } };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function get(path: string, query: Record<string, string> = {}, from = server): Promise<Answer> {
  const response = await from.fetch(`${path}?${new URLSearchParams(query).toString()}`);
  const text = await response.text();
  expect(text + JSON.stringify([...response.headers]) + JSON.stringify(from.getLogs())).not.toContain(COOKIE);
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
}

it("says what it can do", async () => {
  const { status, body } = await get("/");
  expect(status).toBe(200);
  expect(Object.keys(body["routes"] as object)).toHaveLength(2);
});

it("connects to a node of every release and pings it", async () => {
  for (const erl of byRelease) {
    const { status, body } = await get("/ping", { node: erl.name });
    expect({ status, body }).toMatchObject({ status: 200, body: { peer: { name: erl.name }, ping: "pong" } });
  }
});

it("finds the port by EPMD", async () => {
  expect(await get("/ping", { node: registered.name })).toMatchObject({ status: 200, body: { ping: "pong" } });
});

const ECHO_AND_PING_BACK = `register(echo, spawn(fun() ->
  receive {From, Text} -> From ! <<Text/binary, " ", (atom_to_binary(net_adm:ping(node(From))))/binary>> end
end))`;

it("sends to a registered process, receives its answer, and is pinged by the node meanwhile", async () => {
  for (const erl of byRelease) {
    await erl.eval(ECHO_AND_PING_BACK);
    const { status, body } = await get("/echo", { node: erl.name, text: "grüß dich" });
    expect({ status, body }).toMatchObject({ status: 200, body: { sent: "grüß dich", received: "grüß dich pong" } });
  }
});

it("answers several requests at once", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => get("/ping", { node: registered.name })));
  for (const { status, body } of answers) expect({ status, body }).toMatchObject({ status: 200, body: { ping: "pong" } });
});

it("leaves the node when the request ends", async () => {
  await registered.eval("net_kernel:monitor_nodes(true, [{node_type, all}])");
  const { body } = await get("/ping", { node: registered.name });
  const seen =
    "receive {nodeup, N, _} -> receive {nodedown, N, _} -> {came_and_went, N} after 5000 -> {stayed, N} end after 5000 -> none end";
  expect(await registered.eval(seen)).toBe(`{came_and_went,${quoted(body["node"])}}`);
  await registered.eval("net_kernel:monitor_nodes(false, [{node_type, all}])");
});

function quoted(name: unknown): string {
  return `'${String(name)}'`;
}

it("tells a wrong cookie, an unknown node, a refused port and an unreachable EPMD apart, each in under a second", async () => {
  const cases = [
    { node: stranger.name, status: 502, code: "wrong_cookie", words: /cookie/ },
    { node: "unknown@127.0.0.1", status: 404, code: "no_such_node", words: /unknown/ },
    { node: "down@127.0.0.1", status: 502, code: "refused", words: /cannot connect/ },
    { node: "app@127.0.0.2", status: 502, code: "epmd_unreachable", words: /EPMD/ },
  ];
  for (const { node, status, code, words } of cases) {
    const started = performance.now();
    const answer = await get("/ping", { node });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(answer).toEqual({ status, body: { error: { code, message: expect.stringMatching(words) as string } } });
  }
});

it("dials no node that NODES does not name, and no address in its place", async () => {
  for (const node of [
    "other@127.0.0.1",
    `${registered.name}.example.org`,
    `${registered.name}=80`,
    registered.name.toUpperCase(),
  ]) {
    expect(await get("/ping", { node })).toMatchObject({ status: 403, body: { error: { code: "node_not_allowed" } } });
  }
});

it.each(["", "app", "@host", "app@", "a@b@c", "ap p@host"])("refuses %j as a node name", async (node) => {
  expect(await get("/ping", { node })).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
});

it("refuses a query without a node, an unknown route and another method", async () => {
  expect(await get("/ping")).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
  expect(await get("/pong")).toMatchObject({ status: 404, body: { error: { code: "no_such_route" } } });
  const response = await server.fetch("/ping", { method: "POST" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET");
});

it("says that nobody answers, instead of waiting for ever", async () => {
  expect(await get("/echo", { node: registered.name })).toMatchObject({ status: 504, body: { error: { code: "no_answer" } } });
});

it.each([
  ["NODES", { NODES: "app@127.0.0.1=http" }, COOKIE],
  ["ERL_EPMD_PORT", { ERL_EPMD_PORT: "0" }, COOKIE],
  ["ERLANG_COOKIE", {}, ""],
])("says what is wrong with %s", async (setting, vars, cookie) => {
  const broken = createTestHarness({ workers: [worker(vars, cookie)] });
  try {
    await broken.listen();
    const message = expect.stringContaining(setting) as string;
    const answer = await get("/ping", { node: "app@127.0.0.1" }, broken);
    expect(answer).toEqual({ status: 500, body: { error: { code: "bad_settings", message } } });
  } finally {
    await broken.close();
  }
});

it("has types that are those of its configuration", () => {
  const wrangler = join(PACKAGE, "../../node_modules/wrangler/bin/wrangler.js");
  expect(() => execFileSync(process.execPath, [wrangler, "types", "--check"], { cwd: PACKAGE, stdio: "pipe" })).not.toThrow();
});
